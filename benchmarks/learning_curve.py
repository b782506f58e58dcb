"""Would more patients help? Held-out Dice against the number of training patients.

    .venv/bin/islesedu data make build/many --training 200 --test 32 --scale 0.4 --jobs 2
    .venv/bin/python -m benchmarks.learning_curve build/many build/runs/learning_curve --jobs 2 \
      --csv data/results/learning_curve.csv

Every network gets the same number of steps, so a patient among 200 is seen 5 times, one among 10
a hundred times. It goes on where it stopped.
"""

import argparse
from pathlib import Path

import pandas as pd

from benchmarks.held_out import differences_table, score_run, side_by_side, train_run
from islesedu.common.files import write_text
from islesedu.training import cases_with_lesion


def main() -> None:
    """Train what is missing, score it, write the table of cases, print the summary."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cohort", type=Path)
    parser.add_argument("runs", type=Path)
    parser.add_argument("--patients", type=int, nargs="+", default=[10, 20, 43, 100, 200])
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=2017)
    parser.add_argument("--recipe", default="original")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--csv", type=Path, required=True)
    options = parser.parse_args()
    names = [case.name for case in cases_with_lesion(options.cohort / "training")]
    fixed = {"steps": options.steps, "seed": options.seed, "recipe": options.recipe}
    places = {count: options.runs / f"patients-{count}" for count in options.patients}
    calls = [
        (options.cohort / "training", place, fixed | {"cases": names[:count]})
        for count, place in places.items()
    ]
    side_by_side(train_run, calls, options.jobs)
    calls = [
        (place, options.cohort, options.runs / "scores" / place.name, {})
        for place in places.values()
    ]
    tables = side_by_side(score_run, calls, options.jobs)
    parts = [t.assign(patients=count) for count, t in zip(places, tables, strict=True)]
    cases = pd.concat(parts, ignore_index=True)
    columns = ["patients", *[name for name in cases.columns if name != "patients"]]
    write_text(options.csv, cases[columns].to_csv(index=False, float_format="%.6g"))
    print(summary(cases))


def summary(cases: pd.DataFrame) -> str:
    """Return the table in Markdown: mean Dice, and the gain over the line above, case by case."""
    by_count = cases.pivot(index="case", columns="patients", values="dice")
    counts = list(by_count)
    before = [None, *(by_count[count] for count in counts[:-1])]
    steps = {str(n): (by_count[n], other) for n, other in zip(counts, before, strict=True)}
    return differences_table("training patients", "the line above", steps)


if __name__ == "__main__":
    main()
