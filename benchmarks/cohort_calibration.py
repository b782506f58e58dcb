"""How like the real ISLES 2017 a cohort is: the figures one can compare, and what is accepted.

The real values are those of the 43 training cases, as published or measured by others; the kit
never ships real data. Who has it can make the same table of it:

    python -m benchmarks.cohort_calibration FOLDER [FOLDER ...]
"""

import argparse
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from islesedu import CHANNELS
from islesedu.isles import Patient, read_case
from islesedu.metrics import auc, dice
from islesedu.training import Threshold, cases_with_lesion, evaluate, threshold_scores

LOW_IN_LESION = ("ADC", "CBV", "CBF")
"""Maps that fall in a lesion; the others rise."""


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes
    ----------
    what : str
        The quantity.
    real : str
        Value in ISLES 2017.
    found : float
        Value in the cohort.
    low, high : float
        What is accepted.
    detail : str
        What the value was computed from, or which threshold it belongs to.
    is_baseline : bool
        Whether it is the Dice of the threshold baseline, which a network has to beat.
    """

    what: str
    real: str
    found: float
    low: float
    high: float
    detail: str = ""
    is_baseline: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the value lies in the accepted range."""
        return bool(self.low <= self.found <= self.high)

    @property
    def cell(self) -> str:
        """The value with its detail, in bold if it is not accepted."""
        words = f"{_short(self.found)} ({self.detail})" if self.detail else _short(self.found)
        return words if self.accepted else f"**{words}**"


def _short(value: float) -> str:
    """Return a number with three digits that count.

    Examples
    --------
    >>> _short(0.05749), _short(2866.0), _short(30.0)
    ('0.0575', '2870', '30')
    """
    return f"{float(f'{value:.3g}'):g}"


def table(cohorts: Mapping[str, Sequence[Row]]) -> str:
    """Return a Markdown table of the rows of one or more cohorts, side by side.

    Examples
    --------
    >>> print(table({"a": [Row("x", "5", 4, 3, 7)], "b": [Row("x", "5", 8, 3, 7, "odd")]}))
    | quantity | real ISLES 2017 | a | b | accepted | inside |
    |---|---|---|---|---|---|
    | x | 5 | 4 | **8 (odd)** | 3 to 7 | NO |
    """
    lines = [["quantity", "real ISLES 2017", *cohorts, "accepted", "inside"]]
    lines.append(["---"] * len(lines[0]))
    for rows in zip(*cohorts.values(), strict=True):
        first = rows[0]
        verdict = "yes" if all(row.accepted for row in rows) else "NO"
        wanted = f"{_short(first.low)} to {_short(first.high)}"
        lines.append([first.what, first.real, *(row.cell for row in rows), wanted, verdict])
    heads = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return heads.replace(" --- ", "---").replace("||", "|")


def calibrate(folder: str | os.PathLike[str]) -> list[Row]:
    """Compare a cohort with the real one.

    Parameters
    ----------
    folder : path-like
        ISLES 2017 folder with lesions.

    Returns
    -------
    list of Row
        Lesion sizes, how well single maps show the lesion, medians of the brain, and the Dice of
        the threshold baseline.
    """
    patients = [read_case(case) for case in cases_with_lesion(folder)]
    tables = (sizes, voxels, separations, medians, baselines)
    return [row for table in tables for row in table(patients)]


def sizes(patients: Sequence[Patient]) -> Iterable[Row]:
    """Yield the lesion's share of the brain, in per cent, at five quantiles."""
    shares = [100 * patient.lesion.sum() / patient.brain.sum() for patient in patients]
    for percent, real in {5: 0.04, 25: 0.40, 50: 1.25, 75: 4.6, 95: 10.3}.items():
        found = float(np.percentile(shares, percent))
        what = f"lesion share of the brain (%), {percent} % quantile"
        yield Row(what, f"{real:g}", found, real / 1.6, real * 1.6)


def separations(patients: Sequence[Patient]) -> Iterable[Row]:
    """Yield how well each map alone separates lesion voxels (AUC), pooled and by patient."""
    real = {"CBF": 0.75, "MTT": 0.64, "CBV": 0.59}
    spread = {"CBF": (0.58, 0.88), "MTT": (0.49, 0.93), "CBV": (0.43, 0.71)}
    for channel in CHANNELS:
        values, wanted = [], []
        for patient in patients:
            inside = patient.brain
            column = patient.image[..., patient.channels.index(channel)][inside]
            values.append(-column if channel in LOW_IN_LESION else column)
            wanted.append(patient.lesion[inside])
        pooled = auc(np.concatenate(values), np.concatenate(wanted))
        middle = real.get(channel)
        low, high = (middle - 0.06, middle + 0.06) if middle else (0.0, 0.88)
        yield Row(f"AUC of {channel}, all voxels", f"{middle or '-'}", pooled, low, high)
        if channel in spread:
            each = [auc(v, w) for v, w in zip(values, wanted, strict=True) if w.any()]
            ends = tuple(np.percentile(each, [5, 95]))
            what = f"AUC of {channel} by patient, 5-95 %: overlap of the ranges"
            shown, own = ("{:.2f}-{:.2f}".format(*pair) for pair in (spread[channel], ends))
            yield Row(what, shown, overlap(ends, spread[channel]), 2 / 3, 1.0, own)


def overlap(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the length two ranges share, by that of the longer.

    Examples
    --------
    >>> round(overlap((0.0, 2.0), (1.0, 2.0)), 2)
    0.5
    """
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return max(shared, 0.0) / max(one[1] - one[0], other[1] - other[0])


def medians(patients: Sequence[Patient]) -> Iterable[Row]:
    """Yield the median over patients of the brain's median of three maps, and how far they spread.

    The spread is the part of the real range, on a logarithmic scale, that lies between the least
    and the largest median of the cohort.
    """
    real = {"CBF": (4.9, 19.0, 46.0), "CBV": (0.45, 1.4, 3.2), "MTT": (2.6, 5.0, 10.3)}
    for channel, (least, middle, most) in real.items():
        each = [np.median(p.image[..., p.channels.index(channel)][p.brain]) for p in patients]
        found = float(np.median(each))
        yield Row(f"brain median of {channel}", f"{middle:g}", found, 0.75 * middle, 1.25 * middle)
        low, high = max(least, min(each)), min(most, max(each))
        covered = max(0.0, float(np.log(high / low) / np.log(most / least)))
        what = f"brain median of {channel}: share of the real range covered"
        own = f"{min(each):.3g}-{max(each):.3g}"
        yield Row(what, f"{least:g}-{most:g}", covered, 0.8, 1.0, own)


def voxels(patients: Sequence[Patient]) -> Iterable[Row]:
    """Yield least, middle and largest number of lesion voxels, if the grids are the real ones."""
    if max(patient.lesion.shape[0] for patient in patients) < 128:
        return
    counts = [int(patient.lesion.sum()) for patient in patients]
    found = {"least": min(counts), "median": float(np.median(counts)), "most": max(counts)}
    for (word, number), real in zip(found.items(), (23, 2100, 23961), strict=True):
        yield Row(f"lesion voxels, {word}", f"{real}", number, real / 2, real * 2)


def baselines(patients: Sequence[Patient]) -> Iterable[Row]:
    """Yield the mean Dice of the best threshold on one map, and that of Tmax > 6 s."""
    best = threshold_scores(patients)[0]
    what = "mean Dice of the threshold baseline"
    yield Row(what, "0.2-0.3", best.dice, 0.15, 0.35, str(best), is_baseline=True)
    clinic = Threshold("Tmax", above=True, value=6.0, dice=float("nan"))
    scores = [dice(clinic(patient), patient.lesion) for patient in patients]
    yield Row("mean Dice of Tmax > 6 s", "0.2-0.3", float(np.mean(scores)), 0.15, 0.35)


def network(masks: str | os.PathLike[str], truth: str | os.PathLike[str], baseline: float) -> Row:
    """Return how well a network's masks of held-out patients agree with their lesions.

    Parameters
    ----------
    masks : path-like
        What ``islesedu predict`` wrote.
    truth : path-like
        ISLES folder with the lesions.
    baseline : float
        Dice of the threshold baseline; a network has to be better.
    """
    found = float(evaluate(masks, truth)["dice"].mean())
    return Row("mean Dice of the V-Net, held out", "0.30-0.36", found, max(0.28, baseline), 0.48)


def main() -> None:
    """Print the table of one or more folders; exit status 1 if a row is not accepted."""
    command = argparse.ArgumentParser(
        prog="python -m benchmarks.cohort_calibration", description=main.__doc__
    )
    command.add_argument(
        "folders", metavar="FOLDER", nargs="+", help="ISLES 2017 folder with lesions"
    )
    command.add_argument(
        "--network",
        nargs=2,
        metavar=("MASKS", "TRUTH"),
        help="folder that `islesedu predict` wrote, and the folder with the lesions; for one "
        "FOLDER only",
    )
    options = command.parse_args()
    if options.network and len(options.folders) > 1:
        command.error("--network goes with one FOLDER, the one the network was trained on")
    try:
        cohorts = {folder: calibrate(folder) for folder in options.folders}
        rows = cohorts[options.folders[0]]
        if options.network:
            baseline = next(row.found for row in rows if row.is_baseline)
            rows.append(network(*options.network, baseline))
    except (ValueError, OSError) as error:
        sys.exit(f"islesedu: {error}")
    print(table(cohorts))
    sys.exit(int(not all(row.accepted for rows in cohorts.values() for row in rows)))


if __name__ == "__main__":
    main()
