"""Nested cross-validation of a hyperparameter search, and what a search that is not nested reports.

    .venv/bin/islesedu data make build/search_cohort --scale 0.2 --test 0
    .venv/bin/python -m benchmarks.nested_search build/search_cohort/training build/runs/nested \
      --jobs 2 --csv data/results/nested_search.csv

Outer folds 1 to K; inside the training patients of each, J inner folds. Every rate is trained on
each inner training set and scored on its inner validation patients (`inner` 1 to J), and trained on
the whole outer training set and scored on the outer test patients (`inner` 0). Steps and thresholds
cost no trainings: the decay of the learning rate does not depend on the last step, so a training
of 200 steps passes step 100. A network is built once a process and set back to its start, which
spares the minutes of compiling; a finished training leaves a CSV and is not repeated.

`islesedu compare --search ... --inner-folds J` chooses in the same way, and trains only the winner
on the outer training set. Here all are, to know what the search without nesting would report.
"""

import argparse
import itertools
import json
import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from islesedu.common.files import write_text
from islesedu.metrics import nested_choice, nested_optimism

THRESHOLDS = (0.2, 0.35, 0.5)
CHOSEN = ["rate", "steps", "threshold"]


def tasks_of(names: Sequence[str], options: argparse.Namespace) -> list[dict[str, Any]]:
    """Return every training: its folds, its rate, the patients it learns from and is scored on."""
    from islesedu.comparison import make_folds

    tasks = []
    for outer in make_folds(names, options.folds, options.seed):
        splits = [(0, outer.training, outer.held_out)]
        inner = make_folds(outer.training, options.inner, options.seed)
        splits += [(fold.number, fold.training, fold.held_out) for fold in inner]
        for (number, training, scored), rate in itertools.product(splits, options.rates):
            place = {"outer": outer.number, "inner": number, "rate": rate}
            tasks.append(place | {"training": training, "scored": scored})
    return tasks


def file_of(runs: Path, task: dict[str, Any]) -> Path:
    """Return where the scores of a training lie."""
    return runs / f"outer_{task['outer']}-inner_{task['inner']}-rate_{task['rate']:g}.csv"


def work(tasks: list[dict[str, Any]], options: argparse.Namespace) -> None:
    """Do some trainings one after the other, each unless it has been done, with one network."""
    os.environ |= {"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1"}
    os.environ |= {"TF_NUM_INTEROP_THREADS": "1"}
    from islesedu.networks import backend

    backend.import_keras()
    import keras

    from islesedu.isles import read_case
    from islesedu.networks import losses
    from islesedu.training import TrainingConfig, cases_with_lesion
    from islesedu.training.plan import build_network
    from islesedu.training.preprocess import prepare

    network = {"kernel_size": 3, "convolutions": [1, 1, 2], "bottom_convolutions": 2}
    config = TrainingConfig(filters=options.filters, network=network)
    arrays = {}
    for case in cases_with_lesion(options.folder):
        patient = read_case(case, config.channels)
        arrays[case.name] = prepare(patient, config), patient.lesion[None, ..., None]
    keras.utils.set_random_seed(options.seed)
    model = build_network(config.to_json())
    model.compile(keras.optimizers.Adagrad(0.01), losses.combined, jit_compile=False)
    model.optimizer.build(model.trainable_variables)
    fresh = [np.array(value) for value in model.optimizer.variables]
    for task in tasks:
        if not (file := file_of(options.runs, task)).exists():
            start = time.perf_counter()
            keras.utils.set_random_seed(options.seed + task["outer"])
            model.set_weights(build_network(config.to_json()).get_weights())
            for variable, value in zip(model.optimizer.variables, fresh, strict=True):
                variable.assign(value)
            rows = train_and_score(model, arrays, task, options)
            write_text(file, pd.DataFrame(rows).to_csv(index=False, float_format="%.4f"))
            print(f"{file.stem}: {time.perf_counter() - start:.0f} s", flush=True)


def train_and_score(
    model: Any, arrays: dict[str, tuple], task: dict[str, Any], options: argparse.Namespace
) -> list[dict[str, Any]]:
    """Train to the largest number of steps; score at each of the numbers of steps asked for."""
    from islesedu.metrics import dice
    from islesedu.training.dataset import case_of_step
    from islesedu.training.plan import make_schedule

    schedule, rows = make_schedule(task["rate"]), []
    where = {name: task[name] for name in ("outer", "inner", "rate")}
    for step in range(max(options.steps)):
        name = case_of_step(task["training"], step, options.seed + task["outer"])
        model.optimizer.learning_rate.assign(schedule(step))
        model.train_on_batch(*arrays[name])
        if step + 1 not in options.steps:
            continue
        for case in task["scored"]:
            image, lesion = arrays[case]
            probability = np.asarray(model(image, training=False))[0, ..., 0]
            scores = {f"{at:g}": dice(probability > at, lesion[0, ..., 0]) for at in THRESHOLDS}
            rows.append(where | {"steps": step + 1, "case": case} | scores)
    return rows


def check_options(options: argparse.Namespace) -> None:
    """Keep the options that decide a training's scores; end if the folder was begun with others."""
    own = {name: getattr(options, name) for name in ("folds", "inner", "steps", "filters", "seed")}
    file = options.runs / "options.json"
    if not file.exists():
        write_text(file, json.dumps(own) + "\n")
    elif (kept := json.loads(file.read_text())) != own:
        raise SystemExit(f"{options.runs} was begun with {kept}, not {own}; give another folder")


def score_tables(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the mean Dice on inner and on outer patients, (outer folds, settings), of the CSV."""
    names = [f"{at:g}" for at in THRESHOLDS]
    index = ["outer", "inner", "rate", "steps", "case"]
    long = table.melt(index, names, "threshold", "dice").astype({"threshold": float})
    inner, outer = long[long["inner"] > 0], long[long["inner"] == 0]
    return inner.pivot_table("dice", "outer", CHOSEN), outer.pivot_table("dice", "outer", CHOSEN)


def summary(table: pd.DataFrame) -> str:
    """Return in Markdown what each fold chose, and what the search reports with and without it."""
    inner, outer = score_tables(table)
    chosen = nested_choice(inner, outer)
    lines = [
        "| outer fold | rate | steps | threshold | inner score | outer score |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    for fold, row in chosen.iterrows():
        setting = " | ".join(f"{value:g}" for value in row["setting"])
        lines.append(
            f"| {fold} | {setting} | {row['inner score']:.3f} | {row['outer score']:.3f} |"
        )
    gap, low, high = nested_optimism(inner, outer)
    best = outer.mean().idxmax()
    words = ", ".join(f"{name} {value:g}" for name, value in zip(CHOSEN, best, strict=True))
    estimate = chosen["outer score"]
    lines += [
        "",
        f"- Nested estimate: {estimate.mean():.3f} (standard deviation over the folds "
        f"{estimate.std():.3f}).",
        f"- Without nesting, the best of {outer.shape[1]} settings on the same patients ({words}): "
        f"{outer.mean().max():.3f}.",
        f"- Optimism: {gap:+.3f} (95 % interval {low:+.3f} to {high:+.3f}, corrected for "
        f"overlapping training sets).",
        f"- {len(chosen['setting'].unique())} distinct setting(s) chosen in {len(chosen)} folds.",
    ]
    return "\n".join(lines)


def main() -> None:
    """Train what is missing, write the table of scores, print the summary."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("runs", type=Path)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--inner", type=int, default=3)
    parser.add_argument("--rates", type=float, nargs="+", default=[0.01, 0.03, 0.1])
    parser.add_argument("--steps", type=int, nargs="+", default=[50, 100, 200])
    parser.add_argument("--filters", type=int, default=4)
    parser.add_argument("--seed", type=int, default=2017)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--csv", type=Path, required=True)
    options = parser.parse_args()
    from islesedu.training import cases_with_lesion

    check_options(options)
    tasks = tasks_of([case.name for case in cases_with_lesion(options.folder)], options)
    context = get_context("spawn")  # TensorFlow does not survive a fork
    with ProcessPoolExecutor(options.jobs, mp_context=context) as pool:
        parts = [tasks[number :: options.jobs] for number in range(options.jobs)]
        list(pool.map(work, parts, [options] * options.jobs))
    table = pd.concat([pd.read_csv(file_of(options.runs, task)) for task in tasks])
    write_text(options.csv, table.to_csv(index=False))
    print(summary(table))


if __name__ == "__main__":
    main()
