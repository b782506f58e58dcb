"""Oracle: the Dice of the simulation that made the lesions, with and without the treatment.

    .venv/bin/islesedu data make build/experiment --scale 0.4 --jobs 2
    .venv/bin/python -m benchmarks.clinical_oracle build/experiment

For each training patient of the cohort the simulation (`islesedu.phantom.infarct`) predicts, from
the true flow, which voxels die. It knows, or does not know, the treatment (TICI, and the time to
it), and it knows, or does not know, what no image and no table shows: the tissue's tolerance of
ischemia, and which parts of the region are reopened first. What it does not know it draws `DRAWS`
times from its distribution, and predicts lesion where a voxel dies in at least half of the draws.
The prediction is compared with the manual outline of day 90, which has shrunk and shifted.

Writes data/results/clinical_oracle.csv.
"""

import argparse
import itertools
import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.held_out import with_interval
from islesedu import metrics
from islesedu.common.files import write_text
from islesedu.isles import read_case
from islesedu.phantom import (
    QUANTILES,
    Stroke,
    SyntheticPatient,
    TissueFate,
    make_patient,
    read_truth,
)
from islesedu.training import cases_with_lesion

DRAWS = 40
LARGE_PENUMBRA = 0.3
"""Least penumbra / (core + penumbra) of the patients that are summarized apart."""
FILE = Path(__file__).resolve().parents[1] / "data" / "results" / "clinical_oracle.csv"


def other_treatment(stroke: Stroke, rng: np.random.Generator) -> Stroke:
    """Return the stroke with another treatment, drawn from the cohort's distribution."""
    drawn = Stroke.of({name: rng.uniform(0.001, 0.999) for name in QUANTILES})
    return replace(stroke, tici=drawn.tici, treatment=drawn.treatment)


def other_tissue(patient: SyntheticPatient, rng: np.random.Generator) -> TissueFate:
    """Return what decides about each voxel; all that no image shows is drawn again."""
    drawn = Stroke.of({name: rng.uniform(0.001, 0.999) for name in QUANTILES})
    stroke = replace(patient.stroke, resilience=drawn.resilience)
    return TissueFate.draw(patient.tissue, patient.blood, stroke, patient.spacing, rng)


def predict(patient: SyntheticPatient, treatment: bool, tissue: bool, draws: int) -> np.ndarray:
    """Return the voxels (X, Y, Z) that die in at least half of the draws of what is not known."""
    if treatment and tissue:
        return patient.fate.dead(patient.stroke)
    rng = np.random.default_rng(2017)
    died = np.zeros(patient.fate.tissue.shape)
    for _ in range(draws):
        stroke = patient.stroke if treatment else other_treatment(patient.stroke, rng)
        fate = patient.fate if tissue else other_tissue(patient, rng)
        died += fate.dead(stroke)
    return died >= draws / 2


def rows_of(
    name: str, lesion: np.ndarray, volumes: dict, seed: int, scale: float, draws: int
) -> list[dict]:
    """Return the Dice of one patient, a row for each of the four states of knowledge."""
    part, number = name.split("_")
    patient = make_patient(seed, part, int(number), scale)
    if not np.array_equal(patient.maps["lesion"], lesion):
        raise ValueError(f"{name} is another patient than in the cohort; make the cohort anew")
    rows = []
    for treatment, tissue in itertools.product((True, False), repeat=2):
        mask = predict(patient, treatment, tissue, draws)
        scores = {"dice": metrics.dice(mask, lesion), "tici": patient.stroke.tici}
        scores |= {f"{state}_ml": volumes[state] for state in ("core", "penumbra")}
        rows.append({"case": name, "treatment": treatment, "tissue": tissue} | scores)
    return rows


def penumbra_fraction(table: pd.DataFrame) -> pd.Series:
    """Return, by case, which share of core and penumbra is penumbra, alive at the scan."""
    one = table.groupby("case")[["core_ml", "penumbra_ml"]].first()
    return one["penumbra_ml"] / one.sum(axis=1)


def summary(table: pd.DataFrame) -> str:
    """Return the means as a table in Markdown, with the gain by the treatment."""
    heading = "the oracle knows the tissue's tolerance | without TICI and TTT | with them"
    lines = [f"| patients | {heading} | difference (95 % interval) |", "|---|---|---:|---:|---:|"]
    many = penumbra_fraction(table) >= LARGE_PENUMBRA
    groups = {
        f"all {len(many)}": many.index,
        f"the {many.sum()} with a penumbra of 30 % or more": many[many].index,
    }
    for (who, names), tissue in itertools.product(groups.items(), (False, True)):
        rows = table[(table.tissue == tissue) & table.case.isin(names)]
        wide = rows.pivot(index="case", columns="treatment", values="dice")
        lines.append(
            f"| {who} | {'yes' if tissue else 'no'} | {wide[False].mean():.3f} "
            f"| {wide[True].mean():.3f} | {with_interval(wide[True] - wide[False])} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Predict each training patient; write the table, print the summary."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cohort", type=Path)
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--csv", type=Path, default=FILE)
    options = parser.parse_args()
    made = json.loads((options.cohort / "cohort.json").read_text())
    cases = cases_with_lesion(options.cohort / "training")
    lesions = [read_case(case, (case.reference,)).lesion for case in cases]
    names = [case.name for case in cases]
    volumes = [read_truth(options.cohort, name)["volumes_ml"] for name in names]
    how = (itertools.repeat(made[key]) for key in ("seed", "scale"))
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
        found = pool.map(rows_of, names, lesions, volumes, *how, itertools.repeat(options.draws))
        table = pd.DataFrame([row for rows in found for row in rows])
    write_text(options.csv, table.round(5).to_csv(index=False))
    print(summary(table))


if __name__ == "__main__":
    main()
