"""Count how often each rule of lesson 21's atlas is right, on the patients of its network.

    .venv/bin/python -m benchmarks.territory_rules

For each pair of limits of Tmax and ADC: of how many of the 200 training patients of
`benchmarks.train_applications territories` the atlas finds the side, the artery, and both, at 0.4
of the in-plane resolution (the lesson's). Writes data/territories/rules.csv, from which the lesson
chooses: its own patients take no part in the choice.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from islesedu.applications import territories
from islesedu.phantom import case_numbers, make_patient

FILE = Path(__file__).resolve().parents[1] / "data" / "territories" / "rules.csv"
SEED = 21_000
"""Of the synthetic patients on which the atlas and the network are developed."""
TRAINING = 200
"""Patients that train; what comes after them, the network's training only watches."""


def true_location(stroke) -> territories.Location:
    """Return side and artery of a synthetic patient's stroke."""
    side = "right" if stroke.side > 0 else "left"
    return territories.Location(side, territories.artery(stroke.territory))


def count(patients: int, scale: float) -> pd.DataFrame:
    """Return a row a rule: its limits and in how many patients side, artery and both are right."""
    right = np.zeros((len(territories.RULES), 3), int)
    for number in tqdm(case_numbers("training", patients), unit="patient"):
        made = make_patient(SEED, "training", number, scale)
        one, true = made.as_patient("one"), true_location(made.stroke)
        for row, rule in zip(right, territories.RULES, strict=True):
            found = territories.locate(one, territories.suspicious(one, *rule))
            row += found.side == true.side, found.artery == true.artery, found == true
    limits = pd.DataFrame(territories.RULES, columns=["tmax", "adc"])
    table = limits.join(pd.DataFrame(right, columns=["side", "artery", "both"]))
    return table.assign(patients=patients)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=TRAINING)
    parser.add_argument("--scale", type=float, default=0.4)
    parser.add_argument("--csv", type=Path, default=FILE)
    options = parser.parse_args()
    found = count(options.patients, options.scale)
    found.to_csv(options.csv, index=False)
    print(found.to_string(index=False))
