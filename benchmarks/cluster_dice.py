"""Held-out Dice of asynchronous against plain training, for equally many updates, three seeds.

    .venv/bin/islesedu data make build/small --scale 0.25 --jobs 2
    .venv/bin/python -m benchmarks.cluster_dice build/small build/runs/cluster_dice

Each seed: one plain training, then one of two asynchronous workers with a parameter server on this
machine, with the same cases, steps and first weights; both scored on the test patients. It goes on
where it stopped, and writes data/results/cluster_dice.csv.
"""

import argparse
from pathlib import Path

import pandas as pd

from benchmarks.held_out import EVERY, describe, of_runs, score_run, side_by_side, train_run
from islesedu.common.files import write_text

FILE = Path(__file__).resolve().parents[1] / "data" / "results" / "cluster_dice.csv"
SEEDS = (2017, 2018, 2019)


def train_cluster(folder: Path, run: Path, options: dict) -> Path:
    """Train by two asynchronous workers, or go on."""
    from islesedu.cluster.local import train_locally

    how = {"workers": 2, "mode": "async", "threads": 1, "checkpoint_every": EVERY}
    train_locally(folder, run, resume=True, progress=False, **how, **options)
    print(f"trained {run}", flush=True)
    return run


TRAIN = {"plain": train_run, "asynchronous": train_cluster}


def staleness(run: Path) -> float:
    """Return the mean staleness of a run's updates; 0 of a plain training."""
    file = run / "updates.csv"
    return float(pd.read_csv(file)["staleness"].mean()) if file.exists() else 0.0


def summary(table: pd.DataFrame) -> str:
    """Return a table in Markdown: mean Dice of both for each seed, and the difference of the runs.

    The unit is the run: patients of one run share its network.
    """
    lines = [
        "| seed | plain | asynchronous | mean staleness | difference |",
        "|---|---:|---:|---:|---:|",
    ]
    wide = table.pivot(index=["seed", "case"], columns="training", values="dice")
    stale = table[table.training == "asynchronous"].groupby("seed")["staleness"].first()
    differences = []
    for seed, part in wide.groupby(level="seed"):
        dice = describe(part["plain"]), describe(part["asynchronous"])
        differences.append(part["asynchronous"].mean() - part["plain"].mean())
        lines.append(
            f"| {seed} | {dice[0]} | {dice[1]} | {stale[seed]:.2f} | {differences[-1]:+.3f} |"
        )
    runs = of_runs(differences)
    return "\n".join([*lines, f"| mean of the runs (95 % interval) | | | | {runs} |"])


def main() -> None:
    """Train what is missing, score it, write the table of cases, print the summary."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cohort", type=Path)
    parser.add_argument("runs", type=Path)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--csv", type=Path, default=FILE)
    options = parser.parse_args()
    tables = []
    for seed in options.seeds:
        for name, train in TRAIN.items():
            run = options.runs / f"{name}-{seed}"
            how = {"steps": options.steps, "seed": seed}
            side_by_side(train, [(options.cohort / "training", run, how)], 1)
            place = options.runs / "scores" / f"{name}-{seed}"
            scored = side_by_side(score_run, [(run, options.cohort, place, {})], 1)[0]
            scored = scored.assign(training=name, seed=seed, staleness=staleness(run))
            tables.append(scored[["training", "seed", "case", "dice", "staleness"]])
    table = pd.concat(tables)
    write_text(options.csv, table.round(5).to_csv(index=False))
    print(summary(table))


if __name__ == "__main__":
    main()
