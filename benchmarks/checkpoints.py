"""How much does the best of many checkpoints flatter? One training, judged again and again.

    .venv/bin/islesedu data make build/experiment --scale 0.4 --jobs 2
    .venv/bin/python -m benchmarks.checkpoints build/experiment build/runs/recipes/original-2017 \
      --csv data/results/checkpoints.csv

The original's protocol, 4 filters, combined loss; after every 50 steps the Dice of each test
patient. Lesson 13 draws "folds" out of these patients. The run is the plain one of
benchmarks.recipes, which takes it up if it is there.
"""

import argparse
from pathlib import Path

import pandas as pd

from benchmarks.held_out import EVERY, masks, test_patients
from islesedu.common.files import write_text
from islesedu.networks import backend


def main() -> None:
    """Train in parts of `EVERY` steps, score after each, write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cohort", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--csv", type=Path, required=True)
    options = parser.parse_args()
    backend.import_keras()
    from islesedu.metrics.overlap import dice
    from islesedu.training.fitting import train

    patients = test_patients(options.cohort)
    rows = []
    for steps in range(EVERY, options.steps + 1, EVERY):
        run = train(
            options.cohort / "training",
            options.run,
            steps=steps,
            checkpoint_every=EVERY,
            resume=True,
            progress=False,
        )
        for name, mask, truth in masks(run.load_model(), patients):
            rows.append({"step": steps, "case": name, "dice": dice(mask, truth)})
        print(f"step {steps}", flush=True)
    write_text(options.csv, pd.DataFrame(rows).to_csv(index=False, float_format="%.6g"))


if __name__ == "__main__":
    main()
