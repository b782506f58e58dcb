"""The words and tables of a comparison's report, the published one beside ours; as Markdown."""

import numpy as np
import pandas as pd

from islesedu.comparison.results import NEARLY_ALL, Comparison
from islesedu.comparison.search import TUNED
from islesedu.metrics.statistics import holm

SLIDE = pd.DataFrame(
    {
        "DC": ["0.357 ± 0.216", "0.179 ± 0.204", "0.000 ± 0.000"],
        "HD (voxels)": ["30.823 ± 18.512", "54.383 ± 61.122", "190.512 ± 42.516"],
        "ASSD (voxels)": ["4.426 ± 3.546", "35.265 ± 67.517", "190.512 ± 42.516"],
    },
    index=pd.Index(["combined", "cross_entropy", "soft_dice"], name="loss"),
)
"""The published table of the original: second talk, 43 cases of ISLES 2017, 5 folds."""
SLIDE_TITLE = "The published slide, not this run"
_SLIDE_NOTE = (
    "Copied from the talk of the original system (43 real cases of ISLES 2017, 5 folds, 16 "
    "filters); nothing in it was measured here. Dice alone has the same HD and ASSD because it "
    "predicted nothing in all cases, and an empty prediction scored the longest edge of its "
    "volume: the mean of those edges is 190.512, their standard deviation 42.516."
)
_VOXELS_NOTE = (
    "Mean ± standard deviation over all cases. As on the slide: distances in voxels, the standard "
    "deviation that of the population, ASSD the mean of the two directed means, and an empty "
    "prediction scores the longest edge of its volume."
)
_MM_NOTE = (
    "As in the challenge: distances in mm. A case with an empty prediction has no distance; HD and "
    "ASSD are means over the measured cases, the others are counted beside. DC is over all cases."
)
_PAIRS_NOTE = (
    "The difference is the mean over the cases of first minus second: above 0 the first is better "
    "in DC, and worse in HD and ASSD. The interval holds 95 % of the means of 10,000 bootstrap "
    "samples of the cases. p: Wilcoxon's signed-rank test, two-sided; its unit is the case. "
    "p, folds: t test of the means of the folds, corrected for the training cases that folds share "
    "(Nadeau and Bengio 2003); its unit is the training. Holm: corrected for the number of tests "
    "in the table. The first p is about these networks on new cases, the second about new "
    "trainings."
)


def sections(comparison: Comparison) -> list[tuple[str, pd.DataFrame, str]]:
    """Return title, table and note of each part of the report that is a table."""
    parts = [
        ("Scores in voxels", comparison.table("voxels"), _VOXELS_NOTE),
        (SLIDE_TITLE, SLIDE, _SLIDE_NOTE),
        ("Scores in mm", comparison.table("mm"), _MM_NOTE),
    ]
    if len(comparison.losses) > 1:
        for unit, note in (("voxels", ""), ("mm", _PAIRS_NOTE)):
            title = f"Differences between losses, in {unit}"
            parts.append((title, pair_table(comparison, unit), note))
    if comparison.settings.get("search"):
        groups = comparison.cases.groupby(["loss", "fold"], sort=False)[list(TUNED)]
        chosen = groups.first().reset_index().set_index("loss").astype(object)
        parts.append(("What the search chose", chosen, ""))
    return parts


def pair_table(comparison: Comparison, unit: str) -> pd.DataFrame:
    """Return the paired tests between losses as text; `unit` is "voxels" or "mm"."""
    rows, pairs = [], comparison.pairs(unit)
    for pair in pairs.itertuples():
        measure, digits = ("DC", 3) if pair.measure == "DC" else (f"{pair.measure} ({unit})", 1)
        mean, low, high = (f"{x:+.{digits}f}" for x in (pair.difference, pair.low, pair.high))
        interval = f"{low} to {high}" if pair.cases > 1 else "no interval of one case"
        difference = f"{mean} ({interval})" if pair.cases else "none"
        rows.append([measure, f"{pair.first} − {pair.second}", pair.cases, difference])
    columns = ["measure", "first − second", "cases", "difference (95 % interval)"]
    table = pd.DataFrame(rows, columns=columns)
    for name, column in (("p", "p"), ("p, folds", "p_folds")):
        table[name] = pairs[column].map(p_in_words)
        table[f"{name}, Holm"] = [p_in_words(p) for p in holm(pairs[column])]
    return table.set_index("measure")


def p_in_words(p: float) -> str:
    """Return a p-value with three digits.

    Examples
    --------
    >>> p_in_words(0.0421), p_in_words(0.00001), p_in_words(float("nan"))
    ('0.042', '< 0.001', 'none')
    """
    return "none" if np.isnan(p) else "< 0.001" if p < 0.001 else f"{p:.3f}"


def introduction(comparison: Comparison) -> list[str]:
    """Return what was done, in sentences."""
    settings, cases = comparison.settings, comparison.cases
    sentences = [
        f"{cases['case'].nunique()} cases, each predicted once under each of "
        f"{len(comparison.losses)} losses ({', '.join(comparison.losses)}) by a network that had "
        "never seen it."
    ]
    if settings:
        versions = settings["versions"]
        sentences.append(
            f"{settings['folds']} folds, seed {settings['seed']}"
            f"{', stratified by lesion volume' if settings['stratify'] else ''}; "
            f"{settings['filters']} filters, {settings['steps']} steps, {settings['optimizer']} at "
            f"{settings['learning_rate']:g}; threshold {settings['threshold']:g}, components "
            f"below {settings['component_share']:g} of the largest dropped"
            f"{' (unless searched, see below)' if settings['search'] else ''}."
        )
        sentences.append(
            f"islesedu {versions['islesedu']}, Keras {versions['keras']} on {versions['backend']}, "
            f"Python {versions['python']}."
        )
    if comparison.missing:
        sentences.append(f"NOT COMPLETE: results are missing of {', '.join(comparison.missing)}.")
    return sentences


def collapse_note(comparison: Comparison) -> str:
    """Return what collapse means, or that there was none."""
    return (
        "The scores of a network that has collapsed say nothing about its loss at its best: look "
        "at the learning curves."
        if comparison.collapsed()
        else "No loss has collapsed: none predicted nothing, or more than "
        f"{NEARLY_ALL:.0%} of the volume, in all cases of a fold."
    )


def as_markdown(comparison: Comparison) -> str:
    """Return the report's words and tables as Markdown."""
    collapsed = [f"- **{sentence}**" for sentence in comparison.collapsed()]
    parts = ["# Comparison of losses", *introduction(comparison), "\n".join(collapsed)]
    parts.append(collapse_note(comparison))
    for title, table, note in sections(comparison):
        parts += [f"## {title}", markdown_table(table), note]
    return "\n\n".join(filter(None, parts)) + "\n"


def cells(table: pd.DataFrame) -> list[list]:
    """Return the rows of a table, the first of them its headings.

    Examples
    --------
    >>> cells(pd.DataFrame({"DC": ["0.5"]}, index=pd.Index(["a"], name="loss")))
    [['loss', 'DC'], ['a', '0.5']]
    """
    return [[table.index.name, *table.columns], *table.reset_index().values.tolist()]


def markdown_table(table: pd.DataFrame) -> str:
    """Return a table in Markdown.

    Examples
    --------
    >>> print(markdown_table(pd.DataFrame({"DC": ["0.5"]}, index=pd.Index(["a"], name="loss"))))
    | loss | DC |
    |---|---:|
    | a | 0.5 |
    """
    head, *rows = (f"| {' | '.join(map(str, row))} |" for row in cells(table))
    return "\n".join([head, "|---|" + "---:|" * len(table.columns), *rows])
