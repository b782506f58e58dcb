"""What Dice the true rule reaches that made the lesions, when it knows the treatment and when not.

    .venv/bin/islesedu data make build/experiment --scale 0.4 --jobs 2
    .venv/bin/python -m benchmarks.clinical_ceiling build/experiment

For each training patient of the cohort the rule of `islesedu.phantom.infarct` forecasts, from the
true flow, which voxels die. It knows, or does not know, the treatment (TICI, and the time to it),
and it knows, or does not know, what no image and no table shows: how long this tissue holds out,
and which parts of the region are reopened first. What it does not know it draws `DRAWS` times from
how that is spread, and calls a voxel lesion that dies in at least half of the draws. The forecast
is held against the lesion as it was drawn on day 90: shrunken, shifted, with a blunt pen.

Writes data/results/clinical_ceiling.csv.
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

from islesedu import metrics
from islesedu.common.files import write_text
from islesedu.isles import read_case
from islesedu.metrics import bootstrap_interval
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
STAKE = 0.3
"""Much is at stake where this share of the doomed tissue, or more, is alive at the scan."""
FILE = Path(__file__).resolve().parents[1] / "data" / "results" / "clinical_ceiling.csv"


def other_treatment(stroke: Stroke, rng: np.random.Generator) -> Stroke:
    """Return the stroke with a treatment drawn anew, as treatments are spread in a cohort."""
    drawn = Stroke.of({name: rng.uniform(0.001, 0.999) for name in QUANTILES})
    return replace(stroke, tici=drawn.tici, treatment=drawn.treatment)


def other_tissue(patient: SyntheticPatient, rng: np.random.Generator) -> TissueFate:
    """Return what decides about each voxel, with all that no image shows drawn anew."""
    drawn = Stroke.of({name: rng.uniform(0.001, 0.999) for name in QUANTILES})
    stroke = replace(patient.stroke, resilience=drawn.resilience)
    return TissueFate.draw(patient.tissue, patient.blood, stroke, patient.spacing, rng)


def forecast(patient: SyntheticPatient, treatment: bool, tissue: bool, draws: int) -> np.ndarray:
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
        mask = forecast(patient, treatment, tissue, draws)
        scores = {"dice": metrics.dice(mask, lesion), "tici": patient.stroke.tici}
        scores |= {f"{state}_ml": volumes[state] for state in ("core", "penumbra")}
        rows.append({"case": name, "treatment": treatment, "tissue": tissue} | scores)
    return rows


def at_stake(table: pd.DataFrame) -> pd.Series:
    """Return, by case, how much of the tissue doomed without treatment is alive at the scan."""
    one = table.groupby("case")[["core_ml", "penumbra_ml"]].first()
    return one["penumbra_ml"] / one.sum(axis=1)


def summary(table: pd.DataFrame) -> str:
    """Return the means as a table in Markdown, with what knowing the treatment brings."""
    heading = "the rule knows how this tissue bears it | does not know TICI and TTT | knows them"
    lines = [f"| patients | {heading} | difference (95 % interval) |", "|---|---|---:|---:|---:|"]
    many = at_stake(table) >= STAKE
    groups = {
        f"all {len(many)}": many.index,
        f"the {many.sum()} with much at stake": many[many].index,
    }
    for (who, names), tissue in itertools.product(groups.items(), (False, True)):
        rows = table[(table.tissue == tissue) & table.case.isin(names)]
        wide = rows.pivot(index="case", columns="treatment", values="dice")
        gain = wide[True] - wide[False]
        low, high = bootstrap_interval(gain)
        lines.append(
            f"| {who} | {'yes' if tissue else 'no'} | {wide[False].mean():.3f} "
            f"| {wide[True].mean():.3f} | {gain.mean():+.3f} ({low:+.3f} to {high:+.3f}) |"
        )
    return "\n".join(lines)


def main() -> None:
    """Ask the rule about each training patient; write and print."""
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
