"""Write the tables of docs/results.md out of data/, and draw its pictures.

    .venv/bin/islesedu data make build/experiment --scale 0.4 --jobs 2
    .venv/bin/python -m docs.results build/experiment

Without the cohort only the picture of cases is left as it is.
"""

import re
import sys
from pathlib import Path

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from benchmarks import (
    clinical,
    clinical_oracle,
    collapse,
    learning_curve,
    nested_search,
    positive_control,
    recipes,
    starts,
)
from islesedu import figures
from islesedu.comparison import markdown_table, pair_table, read_comparison
from islesedu.figures import CURVES
from islesedu.isles import read_case
from islesedu.training import cases_with_lesion

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "data" / "results"
PAGE = ROOT / "docs" / "results.md"
KINDS = ("median", "worst", "best")


def tables() -> dict[str, str]:
    """Return every table of the page, in Markdown, by its name there."""
    full = read_comparison(ROOT / "data" / "compare")
    control = pd.read_csv(RESULTS / "positive_control.csv")
    films = pd.read_csv(RESULTS / "positive_control_film.csv")
    folds = full.cases.pivot_table(index="loss", columns="fold", values="dice", sort=False)
    folds = folds.sort_index(axis=1)
    folds.columns = [f"fold {fold}" for fold in folds.columns]
    return {
        "voxels": markdown_table(full.table("voxels")),
        "mm": markdown_table(full.table("mm")),
        "folds": markdown_table(folds.map("{:.3f}".format)),
        "pairs": markdown_table(pair_table(full, "voxels")),
        "collapsed": "\n".join(f"- {sentence}" for sentence in full.collapsed()),
        "starts": starts.summary(pd.read_csv(RESULTS / "starts.csv"), full),
        "collapse": collapse.summary(pd.read_csv(RESULTS / "collapse.csv")),
        "nested_search": nested_search.summary(pd.read_csv(RESULTS / "nested_search.csv")),
        "recipes": recipes.summary(pd.read_csv(RESULTS / "recipes.csv")),
        "learning_curve": learning_curve.summary(pd.read_csv(RESULTS / "learning_curve.csv")),
        "clinical": clinical.summary(pd.read_csv(RESULTS / "clinical.csv")),
        "clinical_oracle": clinical_oracle.summary(pd.read_csv(RESULTS / "clinical_oracle.csv")),
        "positive_control": positive_control.summary(control),
        "positive_control_ranks": positive_control.ranks(control),
        "positive_control_film": positive_control.changes_by_block(films),
    }


def filled(page: str) -> str:
    """Return the page with its tables as data/ has them."""
    for name, table in tables().items():
        start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        found = re.compile(f"{start}.*?{end}", re.DOTALL)
        if len(found.findall(page)) != 1:
            raise ValueError(f"docs/results.md should hold {start} ... {end} once")
        page = found.sub(lambda _, table=table: f"{start}\n\n{table}\n\n{end}", page)  # noqa: B023
    return page


def draw_boxes(full) -> None:
    """Draw Dice, HD and ASSD of each patient."""
    columns = [["dice", "dice"], ["hausdorff_voxels", "assd_2017_voxels"]]
    figure, axes = plt.subplot_mosaic(columns, figsize=(8.5, 8), layout="constrained")
    for column, ax in axes.items():
        figures.score_boxes(full.cases, ax, column)
    figure.savefig(ROOT / "docs" / "results_boxes.png", dpi=80)


def draw_curves(full) -> None:
    """Draw the Dice of the training patients, a line a fold."""
    figure, axes = plt.subplots(1, 3, figsize=(9, 3.6), layout="constrained", sharey=True)
    for ax, loss in zip(axes, full.losses, strict=True):
        for fold, look in enumerate(CURVES[:5], start=1):
            history = full.history(loss, fold)
            line = {"color": look.color, "ls": look.linestyle}
            ax.plot(history["step"], history["dice"], label=f"fold {fold}", **line)
        ax.set(title=loss, xlabel="step")
    axes[0].set_ylabel("Dice of the training patients (0 to 1)")
    axes[0].legend(fontsize="small")
    figure.savefig(ROOT / "docs" / "results_curves.png", dpi=80)


def draw_learning_curve() -> None:
    """Draw held-out Dice against the number of training patients."""
    cases = pd.read_csv(RESULTS / "learning_curve.csv")
    groups = cases.groupby("patients")["dice"]
    mean, error = groups.mean(), groups.std(ddof=0) / np.sqrt(groups.count())
    figure, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
    ax.errorbar(mean.index, mean, yerr=error, marker="o", capsize=4, color="#0072B2")
    ax.set_xscale("log")
    ax.set_xticks(mean.index, [str(count) for count in mean.index])
    ax.minorticks_off()
    ax.set(
        title=f"Held-out Dice of {groups.count().iloc[0]} test patients",
        xlabel="training patients",
        ylabel="mean Dice (0 to 1)",
    )
    figure.savefig(ROOT / "docs" / "results_learning_curve.png", dpi=80)


def draw_clinical() -> None:
    """Draw, patient by patient, what clinical variables changed."""
    cases = pd.read_csv(RESULTS / "clinical.csv")
    figure, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
    figures.paired_differences(cases, ax, against="none")
    figure.savefig(ROOT / "docs" / "results_clinical.png", dpi=80)


def draw_positive_control() -> None:
    """Draw the primary and a secondary endpoint of every training of the positive control."""
    table = pd.read_csv(RESULTS / "positive_control.csv")
    figure, axes = plt.subplots(1, 2, figsize=(8, 3.6), layout="constrained", sharey=True)
    positive_control.draw(table, axes)
    figure.savefig(ROOT / "docs" / "results_positive_control.png", dpi=80)


def draw_cases(full, cohort: Path) -> None:
    """Draw median, worst and best case of each loss: reference and prediction."""
    case_of = {case.name: case for case in cases_with_lesion(cohort / "training")}
    figure, axes = plt.subplots(3, 3, figsize=(9, 10), layout="constrained")
    for row, loss in zip(axes, full.losses, strict=True):
        chosen, dice = full.pick(loss), full.of(loss).set_index("case")["dice"]
        for ax, kind in zip(row, KINDS, strict=True):
            name = chosen[kind]
            patient = read_case(case_of[name])
            mask, _ = full.prediction(loss, name)
            z, how = figures.best_slice(patient.lesion), figures.view(patient.affine)
            one = patient.image[..., z, 5], patient.lesion[..., z], mask[..., z]
            figures.overlay(*one, ax, vmin=0, vmax=12, view=how)
            ax.set_title(f"{loss}, {kind}: {name}\nslice {z}, Dice {dice[name]:.3f}", fontsize=10)
    figure.savefig(ROOT / "docs" / "results_cases.png", dpi=80)


def main() -> None:
    """Write the tables, draw the pictures."""
    full = read_comparison(ROOT / "data" / "compare")
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    draw_boxes(full)
    draw_curves(full)
    draw_learning_curve()
    draw_clinical()
    draw_positive_control()
    if len(sys.argv) > 1:
        draw_cases(full, Path(sys.argv[1]))


if __name__ == "__main__":
    main()
