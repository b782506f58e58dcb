"""What each improvement beyond the original's protocol brings on held-out test patients.

    .venv/bin/islesedu data make build/experiment --scale 0.4 --jobs 2
    .venv/bin/python -m benchmarks.recipes build/experiment build/runs/recipes --jobs 2 \
      --folds build/runs/compare/combined --csv data/results/recipes.csv

Each option is trained alone, with the same seeds, cases and steps as the plain network; averaging
needs no training of its own. It goes on where it stopped.
"""

import argparse
from pathlib import Path

import pandas as pd

from benchmarks.held_out import differences_table, score_run, side_by_side, train_run
from islesedu.common.files import write_text

TRAININGS = {
    "original": None,
    "flip": "flip=0.5",
    "rotate": "rotate=10",
    "jitter": "jitter=0.1",
    "patch": "patch=48x48x19",
    "flip, rotate, jitter": "flip=0.5;rotate=10;jitter=0.1",
}
"""Trainings by name: their recipe."""
PREDICTIONS = {"": {"mirror": False}, " + mirror": {"mirror": True}}
"""What is added to the name, and how the network is asked."""


def main() -> None:
    """Train what is missing, score it, write the table of cases, print the summary."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cohort", type=Path)
    parser.add_argument("runs", type=Path)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[2017])
    parser.add_argument("--only", nargs="+", default=list(TRAININGS), metavar="NAME")
    parser.add_argument("--folds", type=Path, help="folder of run folders to average")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--csv", type=Path, required=True)
    options = parser.parse_args()
    trainings = [(name, seed) for seed in options.seeds for name in options.only]
    places = {key: options.runs / f"{key[0].replace(', ', '-')}-{key[1]}" for key in trainings}
    calls = [
        (
            options.cohort / "training",
            places[name, seed],
            {"recipe": TRAININGS[name], "seed": seed, "steps": options.steps},
        )
        for name, seed in trainings
    ]
    side_by_side(train_run, calls, options.jobs)
    asked = [(name, seed, places[name, seed]) for name, seed in trainings]
    if options.folds:
        asked.append(("five folds averaged", options.seeds[0], options.folds))
    calls = [
        (run, options.cohort, options.runs / "scores" / f"{name}-{seed}{added}", how)
        for name, seed, run in asked
        for added, how in PREDICTIONS.items()
    ]
    labels = [(name + added, seed) for name, seed, _ in asked for added in PREDICTIONS]
    tables = side_by_side(score_run, calls, options.jobs)
    cases = pd.concat(
        [
            table.assign(option=label, seed=seed)
            for (label, seed), table in zip(labels, tables, strict=True)
        ],
        ignore_index=True,
    )
    first = ["option", "seed", "case"]
    columns = first + [name for name in cases.columns if name not in first]
    write_text(options.csv, cases[columns].to_csv(index=False, float_format="%.6g"))
    print(summary(cases))


def summary(cases: pd.DataFrame) -> str:
    """Return the table in Markdown: mean over cases and seeds, difference to the original."""
    mean = cases.groupby(["option", "case"], sort=False)["dice"].mean().unstack("option")
    # Seeds of one patient are averaged first: patients are the sample, seeds are not.
    steps = {
        option: (mean[option], None if option == "original" else mean["original"])
        for option in cases["option"].unique()
    }
    return differences_table("option", "the original", steps)


if __name__ == "__main__":
    main()
