"""Gain by treatment information, cross-validated: with it, without it, and with it permuted.

    .venv/bin/islesedu data make build/experiment --scale 0.4 --jobs 2
    .venv/bin/python -m benchmarks.clinical build/experiment build/runs/clinical --jobs 2 \
      --without data/compare

Each arm is `islesedu compare --losses combined` with the same folds, seeds and steps as the
recorded comparison without treatment. Permuted: each patient has the TICI, TSS and TTT of another
one; a gain that is left then does not come from the treatment. One permutation is one example of
chance; the rank among many is in `benchmarks/positive_control.py`. It goes on where it stopped, and
writes data/results/clinical.csv.
"""

import argparse
import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.held_out import describe, with_interval
from islesedu.common.files import write_text
from islesedu.isles import INPUTS
from islesedu.isles.clinical_table import column
from islesedu.isles.text_table import read_rows

ARMS = {
    "FiLM": {"fusion": "film"},
    "FiLM, permuted": {"fusion": "film", "permuted": True},
    "concatenation": {"fusion": "concat"},
}
FILE = Path(__file__).resolve().parents[1] / "data" / "results" / "clinical.csv"


def derangement(count: int, rng: np.random.Generator) -> np.ndarray:
    """Return an order in which nobody keeps their place."""
    while True:
        order = rng.permutation(count)
        if (order != np.arange(count)).all():
            return order


def permute_table(content: bytes, seed: int = 2017) -> str:
    """Return a clinical table in which each patient has the inputs of another one."""
    heading, *kept = [row.cells for row in read_rows(content, "the table")]
    inputs = [place for place, name in enumerate(heading) if place and column(name) in INPUTS]
    order = derangement(len(kept), np.random.default_rng(seed))
    before = [[row[place] for place in inputs] for row in kept]
    for row, other in zip(kept, order, strict=True):
        for place, value in zip(inputs, before[other], strict=True):
            row[place] = value
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([heading, *kept])
    return text.getvalue()


def permuted_cohort(cohort: Path, place: Path) -> Path:
    """Return a folder with the training patients of a cohort and a permuted table."""
    place.mkdir(parents=True, exist_ok=True)
    link = place / "training"
    if not link.is_symlink():
        link.symlink_to((cohort / "training").resolve())
    table = "ISLES2017_Training.csv"
    write_text(place / table, permute_table((cohort / table).read_bytes()))
    return place


def summary(cases: pd.DataFrame) -> str:
    """Return a table in Markdown: mean Dice of each arm, and how it differs from "none"."""
    wide = cases.pivot(index="case", columns="arm", values="dice")
    lines = [
        "| clinical variables | Dice | difference to none (95 % interval) | better, worse |",
        "|---|---:|---:|---:|",
    ]
    for arm in cases["arm"].unique():
        gain = wide[arm] - wide["none"]
        other = f"{with_interval(gain)} | {(gain > 0).sum()}, {(gain < 0).sum()}"
        lines.append(f"| {arm} | {describe(wide[arm])} | {'| ' if arm == 'none' else other} |")
    return "\n".join(lines)


def main() -> None:
    """Cross-validate what is missing, write the table of cases, print the summary."""
    from islesedu.comparison import compare, read_comparison

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cohort", type=Path)
    parser.add_argument("runs", type=Path)
    parser.add_argument("--without", type=Path, required=True, help="comparison without treatment")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--only", nargs="+", default=list(ARMS), metavar="ARM")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--csv", type=Path, default=FILE)
    options = parser.parse_args()
    tables = {"none": read_comparison(options.without).of("combined")}
    for name in options.only:
        how = dict(ARMS[name])
        source = options.cohort
        if how.pop("permuted", False):
            source = permuted_cohort(options.cohort, options.runs / "permuted_cohort")
        place = options.runs / name.replace(", ", "_")
        result = compare(
            source / "training",
            place,
            losses=["combined"],
            clinical=list(INPUTS),
            steps=options.steps,
            jobs=options.jobs,
            report=False,
            **how,
        )
        tables[name] = result.of("combined")
    cases = pd.concat([table.assign(arm=name) for name, table in tables.items()])
    cases = cases[["arm", "fold", "case", "dice", "predicted_ml", "true_ml"]].reset_index(drop=True)
    write_text(options.csv, cases.round(5).to_csv(index=False))
    print(summary(cases))


if __name__ == "__main__":
    main()
