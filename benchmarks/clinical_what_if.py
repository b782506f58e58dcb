"""What networks that are told the treatment say to "what if", and what the true rule says.

    .venv/bin/islesedu data make build/experiment --scale 0.4 --jobs 2
    .venv/bin/python -m benchmarks.clinical_what_if build/experiment build/runs/clinical

Each test patient is asked about twice: TICI 0 after three hours, TICI 3 after one. By how many ml
the forecast changes from the first to the second: for the five networks of each arm of
`benchmarks/clinical.py` that is told something, and for the rule, which knows the patient's tissue.

Writes data/results/clinical_what_if.csv.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from islesedu.common.files import write_text

LATE, EARLY = {"TICI": "0", "TTT": 180}, {"TICI": "3", "TTT": 60}
FILE = Path(__file__).resolve().parents[1] / "data" / "results" / "clinical_what_if.csv"


def rule_change(name: str, seed: int, scale: float) -> float:
    """Return by how many ml the rule's lesion changes from late and shut to early and open."""
    from islesedu.phantom.patient import make_patient

    part, number = name.split("_")
    made = make_patient(seed, part, int(number), scale)
    late, early = (
        made.fate.dead(made.stroke, tici=how["TICI"], treatment=how["TTT"]).sum()
        for how in (LATE, EARLY)
    )
    return float(early - late) * float(np.prod(made.spacing)) / 1000


def main() -> None:
    """Ask all networks and the rule; write the table, print the means."""

    from islesedu.networks import backend

    backend.import_keras()
    from islesedu.isles.find import find_cases
    from islesedu.isles.read import read_case
    from islesedu.training.prediction import predict_mean
    from islesedu.training.run_folder import find_runs

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cohort", type=Path)
    parser.add_argument("runs", type=Path)
    parser.add_argument("--csv", type=Path, default=FILE)
    options = parser.parse_args()
    made = json.loads((options.cohort / "cohort.json").read_text())
    patients = [read_case(case) for case in find_cases(options.cohort / "test")]
    rows = [
        {"arm": "rule", "fold": 0, "case": one.name}
        | {"change_ml": rule_change(one.name, made["seed"], made["scale"])}
        for one in patients
    ]
    for folder in sorted(options.runs.glob("*/combined")):
        for fold, run in enumerate(find_runs(folder), start=1):
            model, columns = run.load_model(), run.config.clinical
            for one in patients:
                late, early = (
                    predict_mean(
                        [model], replace(one, clinical=one.clinical | how), clinical=columns
                    )
                    for how in (LATE, EARLY)
                )
                voxels = float((early > 0.5).sum() - (late > 0.5).sum())
                change = voxels * float(np.prod(one.spacing)) / 1000
                arm = folder.parent.name.replace("_", ", ")
                rows.append({"arm": arm, "fold": fold, "case": one.name, "change_ml": change})
            print(arm, fold, flush=True)
    table = pd.DataFrame(rows)
    write_text(options.csv, table.round(4).to_csv(index=False))
    print(summary(table))


def summary(table: pd.DataFrame) -> str:
    """Return a table in Markdown: mean change by arm, and its rank correlation with the rule's."""
    lines = [
        "| asked | mean change (ml) | of the five networks, lowest to highest "
        "| rank correlation with the rule |",
        "|---|---:|---:|---:|",
    ]
    wide = table.pivot_table(index="case", columns="arm", values="change_ml", sort=False)
    for arm in wide:
        means = table[table.arm == arm].groupby("fold")["change_ml"].mean()
        spread = "" if arm == "rule" else f"{means.min():+.1f} to {means.max():+.1f}"
        alike = "" if arm == "rule" else f"{wide[arm].corr(wide['rule'], method='spearman'):+.2f}"
        lines.append(f"| {arm} | {wide[arm].mean():+.1f} | {spread} | {alike} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
