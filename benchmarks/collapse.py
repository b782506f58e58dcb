"""Why does a network trained with soft Dice alone collapse, or not? A factorial.

    .venv/bin/islesedu data make build/small --scale 0.25 --jobs 2
    .venv/bin/python -m benchmarks.collapse build/small build/runs/collapse --jobs 2 \
      --csv data/results/collapse.csv

Two starts of the biases, optimisers and rates, whole volumes or boxes around the lesion, one seed
or more, with cross-entropy and the combined loss as controls under the original's setting. Of each
network: size of the gradient before the first step, what it predicts before and after, and the
Dice of patients it has not seen. It goes on where it stopped.
"""

import argparse
import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.held_out import masks, side_by_side, test_patients
from islesedu.common.files import write_text
from islesedu.training import case_dataset, case_stream, cases_with_lesion

OPTIMIZERS = {
    "Adagrad 0.01": ("adagrad", 0.01, 0.1),
    "Adagrad 0.1": ("adagrad", 0.1, 0.1),
    "Adagrad 0.01, accumulator from 0": ("adagrad", 0.01, 0.0),
    "Adam 0.001": ("adam", 0.001, None),
}
"""Optimiser, initial rate, and what Adagrad's sum of squared gradients starts at."""
INPUTS = {"whole volume": None, "box around the lesion": "patch=16x16x9;lesion_share=1"}
BIASES = (1.0, 0.0)
PATIENTS = 16
"""Test patients to score, the first of them."""
ORIGINAL = (1.0, "Adagrad 0.01", "whole volume")


def make_optimizer(name: str):
    """Return an optimiser of `OPTIMIZERS`; its rate falls in stairs, as when the table was made."""
    import keras

    from islesedu.training.plan import make_schedule

    kind, rate, start = OPTIMIZERS[name]
    schedule = make_schedule(rate, "stairs")
    if kind == "adam":
        return keras.optimizers.Adam(schedule)
    return keras.optimizers.Adagrad(schedule, initial_accumulator_value=start)


def gradient_norm(model, loss, batch) -> float:
    """Return the length of the loss's gradient over all weights."""
    import tensorflow as tf

    image, lesion = batch
    with tf.GradientTape() as tape:
        value = loss(lesion, model(image))
    return float(tf.linalg.global_norm(tape.gradient(value, model.trainable_variables)))


def measure(cohort: Path, place: Path, loss: str, setting: tuple, seed: int, steps: int) -> dict:
    """Train one network, once, and return what became of it."""
    bias, optimizer, shown = setting
    words = (loss, f"bias {bias:g}", optimizer, shown, f"seed {seed}")
    file = place / ("-".join(words).replace(" ", "_") + ".json")
    if file.exists():
        return json.loads(file.read_text(encoding="utf-8"))
    from islesedu.networks import backend

    backend.import_keras()
    import keras

    from islesedu import losses, metrics
    from islesedu.networks.vnet import build_vnet

    cases = cases_with_lesion(cohort / "training")
    keras.utils.set_random_seed(seed)
    model = build_vnet(filters=4, initial_bias=bias)
    model.compile(
        optimizer=make_optimizer(optimizer), loss=getattr(losses, loss), jit_compile=False
    )
    batch = next(case_stream(cases, seed=seed, recipe=INPUTS[shown]))
    row = {"loss": loss, "bias": bias, "optimizer": optimizer, "input": shown, "seed": seed}
    row["lesion_share"] = float(batch[1].mean())
    row["probability_at_start"] = float(np.median(model(batch[0])))
    row["gradient_at_start"] = gradient_norm(model, getattr(losses, loss), batch)
    stream = case_dataset(cases, seed=seed, recipe=INPUTS[shown])
    model.fit(stream, steps_per_epoch=steps, epochs=1, shuffle=False, verbose=0)
    found = list(masks(model, test_patients(cohort)[:PATIENTS]))
    scores = [metrics.dice(mask, truth) for _, mask, truth in found]
    shares = [float(mask.mean()) for _, mask, _ in found]
    row["probability_at_end"] = float(np.median(model(batch[0])))
    row |= {"dice": float(np.mean(scores)), "predicted_share": float(np.mean(shares))}
    row["empty"] = float(np.mean(np.array(shares) == 0))
    write_text(file, json.dumps(row) + "\n")
    print(row, flush=True)
    return row


def main() -> None:
    """Train what is missing, write the table, print the means over the seeds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cohort", type=Path)
    parser.add_argument("runs", type=Path)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--csv", type=Path, required=True)
    options = parser.parse_args()
    settings = [("soft_dice", s) for s in itertools.product(BIASES, OPTIMIZERS, INPUTS)]
    settings += [("cross_entropy", ORIGINAL), ("combined", ORIGINAL)]
    calls = [
        (options.cohort, options.runs, loss, setting, seed, options.steps)
        for seed in options.seeds
        for loss, setting in settings
    ]
    rows = pd.DataFrame(side_by_side(measure, calls, options.jobs))
    write_text(options.csv, rows.to_csv(index=False, float_format="%.6g"))
    print(summary(rows))


def summary(rows: pd.DataFrame) -> str:
    """Return the table in Markdown: a row a setting, the seeds side by side."""
    seeds = sorted(rows["seed"].unique())
    head = ["loss", "bias", "optimizer", "training input", "length of the gradient at the start"]
    head += ["probability at the start", "share of the volume predicted", "Dice"]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for setting, own in rows.groupby(["loss", "bias", "optimizer", "input"], sort=False):
        own = own.set_index("seed").loc[seeds]
        loss, bias, optimizer, shown = setting
        columns = {"gradient_at_start": ".1e", "probability_at_start": ".2g"}
        columns |= {"predicted_share": ".2%", "dice": ".3f"}
        texts = [
            "; ".join(format(value, how) for value in own[name]) for name, how in columns.items()
        ]
        lines.append(f"| {' | '.join([loss, f'{bias:g}', optimizer, shown, *texts])} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
