"""The report of a comparison: ``cases.csv``, ``table.md``, and one page, ``index.html``."""

import base64
import html
import io
import os
from pathlib import Path

import numpy as np
import pandas as pd

from islesedu.batches import cases_with_lesion
from islesedu.compare import NEARLY_ALL, Comparison
from islesedu.files import write_text
from islesedu.isles import read_case

SLIDE = pd.DataFrame(
    {
        "DC": ["0.357 ± 0.216", "0.179 ± 0.204", "0.000"],
        "HD (voxels)": ["30.8 ± 18.5", "54.4 ± 61.1", "190.512 ± 42.516"],
        "ASSD (voxels)": ["4.4 ± 3.5", "35.3 ± 67.5", "190.512 ± 42.516"],
    },
    index=pd.Index(["combined", "cross_entropy", "soft_dice"], name="loss"),
)
"""The published table of the original: second talk, 43 cases of ISLES 2017, 5 folds."""
SLIDE_TITLE = "The published slide, not this run"
SLIDE_NOTE = (
    "Copied from the talk of the original system (43 real cases of ISLES 2017, 5 folds, 16 "
    "filters); nothing in it was measured here. Dice alone has the same HD and ASSD because it "
    "predicted nothing in all cases, and an empty prediction scored the longest edge of its "
    "volume: the mean of those edges is 190.512, their standard deviation 42.516."
)
VOXELS_NOTE = (
    "Mean ± standard deviation over all cases. As on the slide: distances in voxels, the standard "
    "deviation that of the population, ASSD the mean of the two directed means, and an empty "
    "prediction scores the longest edge of its volume."
)
MM_NOTE = (
    "As in the challenge: distances in mm. A case with an empty prediction has no distance; HD and "
    "ASSD are means over the measured cases, the others are counted beside. DC is over all cases."
)
PAIRS_NOTE = (
    "The difference is the mean over the cases of first minus second: above 0 the first is better "
    "in DC, and worse in HD and ASSD. The interval holds 95 % of the means of 10,000 bootstrap "
    "samples of the cases. p: Wilcoxon's signed-rank test, two-sided, not corrected for the number "
    "of tests. Folds share training cases, so that both are somewhat too sure."
)
STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 1rem; }
table { border-collapse: collapse; margin: 1rem 0; }
.wide { overflow-x: auto; }
th, td { border: 1px solid; padding: .3rem .7rem; text-align: right; }
th[scope=row], caption { text-align: left; }
caption { font-weight: bold; padding: .3rem 0; }
img { max-width: 100%; height: auto; background: white; }
figure { margin: 1rem 0; }
.warning, .other { border: 2px solid; padding: .1rem 1rem; margin: 1rem 0; }
.other { border-style: dashed; }
"""


def write_report(comparison: Comparison, folder: str | os.PathLike[str] | None = None) -> Path:
    """Write the report of a comparison into its folder.

    Parameters
    ----------
    comparison : Comparison
        Results.
    folder : path-like, optional
        ISLES folder, for pictures of cases; without it, or without predictions, there are none.

    Returns
    -------
    Path
        ``report/index.html``.
    """
    place = comparison.path / "report"
    write_text(place / "cases.csv", comparison.cases.to_csv(index=False))
    write_text(place / "table.md", as_markdown(comparison))
    write_text(place / "index.html", as_html(comparison, folder))
    return place / "index.html"


def sections(comparison: Comparison) -> list[tuple[str, pd.DataFrame, str]]:
    """Return title, table and note of each part that is a table."""
    parts = [
        ("Scores in voxels", comparison.table("voxels"), VOXELS_NOTE),
        (SLIDE_TITLE, SLIDE, SLIDE_NOTE),
        ("Scores in mm", comparison.table("mm"), MM_NOTE),
    ]
    if len(comparison.losses) > 1:
        for unit in ("voxels", "mm"):
            parts.append(
                (f"Differences between losses, in {unit}", pair_table(comparison, unit), "")
            )
        parts[-1] = (*parts[-1][:2], PAIRS_NOTE)
    if comparison.settings.get("search"):
        parts.append(("What the search chose", chosen(comparison), ""))
    return parts


def pair_table(comparison: Comparison, unit: str) -> pd.DataFrame:
    """Return the paired tests as text."""
    pairs = comparison.pairs(unit)
    digits = pairs["measure"].map({"DC": 3}).fillna(1).astype(int)
    numbers = zip(pairs["difference"], pairs["low"], pairs["high"], digits, strict=True)
    table = pd.DataFrame(
        {
            "measure": [m if m == "DC" else f"{m} ({unit})" for m in pairs["measure"]],
            "first − second": pairs["first"] + " − " + pairs["second"],
            "cases": pairs["cases"],
            "difference (95 % interval)": [
                "none" if d != d else f"{d:+.{n}f} ({low:+.{n}f} to {high:+.{n}f})"
                for d, low, high, n in numbers
            ],
            "p": ["none" if p != p else "< 0.001" if p < 0.001 else f"{p:.3f}" for p in pairs["p"]],
        }
    )
    return table.set_index("measure")


def chosen(comparison: Comparison) -> pd.DataFrame:
    """Return the hyper-parameters of each loss and fold."""
    columns = ["filters", "learning_rate", "steps", "threshold", "component_share"]
    first = comparison.cases.groupby(["loss", "fold"], sort=False)[columns].first()
    return first.reset_index().set_index("loss").astype(object)


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
    lines = ["# Comparison of losses", "", "\n\n".join(introduction(comparison)), ""]
    lines += [f"- **{sentence}**" for sentence in comparison.collapsed()] + [""]
    lines += [collapse_note(comparison), ""]
    for title, table, note in sections(comparison):
        lines += [f"## {title}", "", markdown_table(table), ""]
        lines += [note, ""] if note else []
    return "\n".join(lines)


def markdown_table(table: pd.DataFrame) -> str:
    """Return a table in Markdown.

    Examples
    --------
    >>> print(markdown_table(pd.DataFrame({"DC": ["0.5"]}, index=pd.Index(["a"], name="loss"))))
    | loss | DC |
    |---|---:|
    | a | 0.5 |
    """
    rows = [[table.index.name, *table.columns], *table.reset_index().values.tolist()]
    lines = [f"| {' | '.join(map(str, row))} |" for row in rows]
    return "\n".join([lines[0], "|---|" + "---:|" * len(table.columns), *lines[1:]])


def as_html(comparison: Comparison, folder: str | os.PathLike[str] | None) -> str:
    """Return the report as one page that needs nothing else."""
    body = ["<h1>Comparison of losses</h1>"]
    body += [f"<p>{html.escape(sentence)}</p>" for sentence in introduction(comparison)]
    words = [f"<strong>{html.escape(s)}</strong><br>" for s in comparison.collapsed()]
    note = "".join([*words, html.escape(collapse_note(comparison))])
    body.append(f"<p class='warning'>{note}</p>" if words else f"<p>{note}</p>")
    for title, table, remark in sections(comparison):
        kind = " class='other'" if title == SLIDE_TITLE else ""
        body.append(f"<section{kind}><h2>{html.escape(title)}</h2>{html_table(title, table)}")
        body.append(f"<p>{html.escape(remark)}</p></section>" if remark else "</section>")
    body.append("<h2>Spread over the cases</h2>" + boxes(comparison))
    body.append(curves(comparison))
    pictures = [case_pictures(comparison, loss, folder) for loss in comparison.losses if folder]
    if any(pictures):
        body.append("<h2>Median, worst and best case by Dice</h2>" + "".join(pictures))
    inside = "\n".join(body)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Comparison of losses</title><style>{STYLE}</style></head>\n"
        f"<body><main>\n{inside}\n</main></body>\n</html>\n"
    )


def html_table(caption: str, table: pd.DataFrame) -> str:
    """Return a table in HTML, with a caption, and headings that say what they head."""
    names = [table.index.name, *table.columns]
    head = "".join(f'<th scope="col">{html.escape(str(name))}</th>' for name in names)
    rows = "".join(
        f'<tr><th scope="row">{html.escape(str(name))}</th>'
        + "".join(f"<td>{html.escape(str(value))}</td>" for value in row)
        + "</tr>"
        for name, row in zip(table.index, table.values.tolist(), strict=True)
    )
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{html.escape(caption)}">'
        f"<table><caption>{html.escape(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def figure_html(figure, alt: str, caption: str) -> str:
    """Return a matplotlib figure as a picture within the page."""
    picture = io.BytesIO()
    # Without date and version, or two reports of the same results would differ.
    figure.savefig(picture, format="png", dpi=100, metadata={"Software": None})
    data = base64.b64encode(picture.getvalue()).decode()
    return (
        f'<figure><img alt="{html.escape(alt, quote=True)}" src="data:image/png;base64,{data}">'
        f"<figcaption>{html.escape(caption)}</figcaption></figure>"
    )


def new_figure(columns: int, height: float):
    """Return a figure with a row of axes, drawn without a screen."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.6 * columns, height), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(1, columns, squeeze=False)[0]


def boxes(comparison: Comparison) -> str:
    """Return box plots of Dice, and of the distances in both units."""
    from islesedu import figures

    parts = []
    for columns in (
        ("dice", "hausdorff_voxels", "assd_2017_voxels"),
        ("hausdorff_mm", "assd_2017_mm"),
    ):
        figure, axes = new_figure(len(columns), 4)
        for column, ax in zip(columns, axes, strict=True):
            figures.score_boxes(comparison.cases, ax, column)
            ax.tick_params(axis="x", labelsize="small")
        medians = comparison.cases.groupby("loss", sort=False)[list(columns)].median()
        said = "; ".join(
            f"{loss}: " + ", ".join(f"{name} {value:.3g}" for name, value in row.items())
            for loss, row in medians.iterrows()
        )
        caption = (
            "Half of the cases lie in the box, the line in it is the median, the diamond the mean. "
            "Each sign is a case; under the name, how many have a number."
        )
        parts.append(figure_html(figure, f"Box plots. Medians: {said}.", caption))
    return "".join(parts)


def curves(comparison: Comparison) -> str:
    """Return the learning curves of all folds; nothing where the run folders are not."""
    from islesedu.figures.look import CURVES

    figure, (ax,) = new_figure(1, 4)
    figure.set_figwidth(8)
    said = {}
    for task in comparison.tasks:
        history = comparison.history(task.loss, task.fold.number)
        if history.empty:
            continue
        look = CURVES[comparison.losses.index(task.loss) % len(CURVES)]
        label = None if task.loss in said else task.loss
        ax.plot(history["step"], history["dice"], color=look.color, ls=look.linestyle, label=label)
        said.setdefault(task.loss, []).append(history["dice"].iloc[-1])
    if not said:
        return ""
    ax.set(xlabel="step", ylabel="Dice (0 to 1)", title="Dice of the training cases, by round")
    ax.legend()
    ends = "; ".join(f"{loss}: {min(e):.3f} to {max(e):.3f}" for loss, e in said.items())
    caption = "Each line is a fold. Training cases: this is how it learned, not how good it is."
    picture = figure_html(figure, f"Learning curves. Dice of the last round: {ends}.", caption)
    return f"<h2>Learning curves</h2>{picture}"


def shown(mask_xy: np.ndarray) -> str:
    """Return what the outline of a mask cannot show: that there is none, or no end of it."""
    if not mask_xy.any():
        return ": nothing predicted"
    return ": all predicted" if mask_xy.all() else ""


def case_pictures(comparison: Comparison, loss: str, folder: str | os.PathLike[str]) -> str:
    """Return pictures of a loss's median, worst and best case; nothing without predictions."""
    from islesedu import figures

    chosen_cases, rows = comparison.pick(loss), comparison.of(loss).set_index("case")
    figure, axes = new_figure(len(chosen_cases), 4.2)
    said = []
    for (kind, name), ax in zip(chosen_cases.items(), axes, strict=True):
        try:
            mask, _ = comparison.prediction(loss, name)
        except ValueError:
            return ""
        (case,) = cases_with_lesion(folder, [name])
        patient = read_case(case, (case.reference,))
        how = figures.view(patient.affine)
        at = figures.best_slice(patient.lesion if patient.lesion.any() else mask, how.axis)
        background = patient.image[..., 0]
        scale = figures.gray_scale(case.reference, background)
        row = rows.loc[name]
        figures.overlay(
            how.cut(background, at),
            how.cut(patient.lesion, at),
            how.cut(mask, at),
            ax,
            title=f"{kind}: {name}\nDice {row['dice']:.3f}\nslice {at}{shown(how.cut(mask, at))}",
            vmin=scale.vmin,
            vmax=scale.vmax,
            view=how,
        )
        said.append(
            f"{kind}, {name}: Dice {row['dice']:.3f}, predicted {row['predicted_ml']:.1f} ml of "
            f"true {row['true_ml']:.1f} ml"
        )
    caption = (
        f"The slice of {case.reference} with most lesion: the true lesion (solid line) and what "
        f"the network predicts (dashed line). {'; '.join(said)}."
    )
    alt = f"Three slices with outlines of truth and prediction under {loss}: {'; '.join(said)}."
    return f"<h3>{html.escape(loss)}</h3>{figure_html(figure, alt, caption)}"
