"""Where the networks of a comparison started, fold by fold, and what came of soft Dice alone.

    .venv/bin/python -m benchmarks.starts build/runs/compare build/experiment/training \
      --csv data/results/starts.csv

All losses of a fold start from the same weights. Of each fold's network before its first step: the
median probability, and the length of each loss's gradient, both the mean of the first patients that
it is trained on.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from islesedu.common.files import write_text
from islesedu.networks import backend

PATIENTS = 4


def start(folder: Path, fold, settings: dict) -> dict[str, float]:
    """Return the median probability and the gradient lengths of a fold before its first step."""
    import keras
    import tensorflow as tf

    from islesedu import losses
    from islesedu.networks.vnet import build_vnet
    from islesedu.training.dataset import case_stream, cases_with_lesion

    seed = settings["seed"] + fold.number
    keras.utils.set_random_seed(seed)
    model = build_vnet(filters=settings["filters"], **settings["network"])
    stream = case_stream(cases_with_lesion(folder, fold.training), seed=seed)
    rows = []
    for _ in range(PATIENTS):
        image, lesion = next(stream)
        row = {}
        for loss in settings["losses"]:
            with tf.GradientTape() as tape:
                probability = model(image)
                value = getattr(losses, loss)(lesion, probability)
            gradient = tape.gradient(value, model.trainable_variables)
            row[f"{loss}_gradient"] = float(tf.linalg.global_norm(gradient))
        rows.append({"probability": float(np.median(probability))} | row)
    return pd.DataFrame(rows).mean().to_dict()


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("comparison", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--csv", type=Path, required=True)
    options = parser.parse_args()
    backend.import_keras()
    from islesedu.comparison.cross_validation import read_comparison

    result = read_comparison(options.comparison)
    folds = {task.fold.number: task.fold for task in result.tasks}
    rows = [{"fold": n} | start(options.folder, fold, result.settings) for n, fold in folds.items()]
    write_text(options.csv, pd.DataFrame(rows).to_csv(index=False, float_format="%.4g"))
    print(summary(pd.DataFrame(rows), result))


def summary(starts: pd.DataFrame, result) -> str:
    """Return the table in Markdown, with what came of soft Dice alone."""
    own = result.of("soft_dice").groupby("fold")
    lines = [
        "| fold | probability at the start | gradient of soft Dice | of cross-entropy | soft Dice "
        "alone then predicts, share of the volume | Dice |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    for row in starts.sort_values("probability").itertuples():
        share, dice = own["predicted_share"].mean()[row.fold], own["dice"].mean()[row.fold]
        lines.append(
            f"| {row.fold:.0f} | {row.probability:.3g} | {row.soft_dice_gradient:.1e} | "
            f"{row.cross_entropy_gradient:.1e} | {share:.2%} | {dice:.3f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
