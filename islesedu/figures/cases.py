"""How a training went, and how its cases fared."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from islesedu.figures.style import BLUE, CURVES, ORANGE

MEASURES = {
    "dice": "Dice (0 to 1)",
    "precision": "precision (0 to 1)",
    "recall": "recall (0 to 1)",
    "surface_dice": "surface Dice (0 to 1)",
    "lesion_precision": "precision of lesions (0 to 1)",
    "lesion_recall": "recall of lesions (0 to 1)",
    "lesion_f1": "F1 of lesions (0 to 1)",
    "hausdorff_mm": "Hausdorff distance (mm)",
    "assd_mm": "ASSD (mm)",
    "hausdorff_voxels": "Hausdorff distance (voxels)",
    "assd_voxels": "ASSD (voxels)",
    "assd_2017_mm": "ASSD of 2017 (mm)",
    "assd_2017_voxels": "ASSD of 2017 (voxels)",
    "predicted_ml": "predicted volume (ml)",
    "true_ml": "true volume (ml)",
    "volume_error_ml": "volume error (ml)",
    "volume_error_relative": "volume error (share of the true volume)",
}
"""Columns of the tables of scores in words, with units."""
SHARES = (
    *("dice", "precision", "recall", "surface_dice"),
    *("lesion_precision", "lesion_recall", "lesion_f1"),
)


def learning_curves(history: pd.DataFrame, ax: Axes) -> Axes:
    """Draw loss and Dice against the step.

    Caption: "Loss (it should fall) and Dice (it should rise) while the network learns."

    Parameters
    ----------
    history : DataFrame
        Columns step, loss, dice, perhaps val_loss, val_dice; what is missing is left out.
    ax : Axes
        Where to.

    Returns
    -------
    Axes
    """
    lines = {
        "loss": ("loss", ORANGE, "solid"),
        "val_loss": ("loss, held out", ORANGE, "dotted"),
        "dice": ("Dice", BLUE, "dashed"),
        "val_dice": ("Dice, held out", BLUE, "dashdot"),
    }
    for column, (label, color, style) in lines.items():
        if column in history:
            marker = "o" if len(history) < 3 else None
            ax.plot(
                history["step"], history[column], color=color, ls=style, label=label, marker=marker
            )
    ax.set(xlabel="step", ylabel="loss, Dice (no unit)", title="Learning curves")
    ax.axhline(0, color="gray", lw=0.5)
    ax.legend()
    return ax


def case_metrics(table: pd.DataFrame, ax: Axes, column: str = "dice") -> Axes:
    """Draw one measure of each case, largest first.

    Caption: "Each bar is a case; the dashed line is the mean. Hatched: one of the masks is empty."

    Parameters
    ----------
    table : DataFrame
        Of `islesedu.training.evaluation.evaluate`: columns case, the measure, perhaps failed.
    ax : Axes
        Where to.
    column : str
        Which measure; cases without a number come last and say so.

    Returns
    -------
    Axes
    """
    ordered = table.sort_values(column, ascending=False)  # nan last
    bars = ax.bar(range(len(ordered)), ordered[column], color=BLUE)
    failed = ordered["failed"] if "failed" in ordered else pd.Series(False, ordered.index)
    for bar, fails, value in zip(bars, failed, ordered[column], strict=True):
        if fails:
            bar.set(hatch="//", edgecolor="black")
        if fails or np.isnan(value):
            word = "failed" if fails else "no number"
            x = bar.get_x() + bar.get_width() / 2
            ax.annotate(
                word, (x, 0), (0, 3), textcoords="offset points", rotation=90, ha="center",
                va="bottom", fontsize="small",
            )  # fmt: skip
    mean, counted = ordered[column].mean(), int(ordered[column].notna().sum())
    if counted:
        of = "" if counted == len(table) else f" of {counted} cases:"
        ax.axhline(mean, color=ORANGE, ls="dashed", label=f"mean{of} {mean:.2f}")
        ax.legend()
    name = MEASURES.get(column, column)
    ax.set(ylabel=name, title=f"{name.split(' (')[0]} of {len(table)} cases")
    small = "small" if len(table) <= 20 else "x-small"
    ax.set_xticks(range(len(ordered)), ordered["case"], rotation=90, fontsize=small)
    ax.set_xlim(-0.7, len(ordered) - 0.3)  # a place also for those without a bar
    if column in SHARES:
        ax.set_ylim(0, 1.05)
    return ax


def compare_cases(
    table: pd.DataFrame,
    ax: Axes,
    columns: Sequence[str] | None = None,
    *,
    measure: str = "Dice (0 to 1)",
) -> Axes:
    """Draw one measure of the same cases under several models: a column of signs for each case.

    Caption: "Each column is a case, each sign a model; the line between them is the difference."

    Parameters
    ----------
    table : DataFrame
        One row a case (the index is its name), one column a model.
    ax : Axes
        Where to.
    columns : sequence of str, optional
        Which models, at most 4; all if None. Cases are ordered by the first.
    measure : str
        What the numbers are, with their unit.

    Returns
    -------
    Axes
        The legend has each model's mean.

    Raises
    ------
    ValueError
        No model, or more than can be told apart.
    """
    columns = list(table.columns if columns is None else columns)
    if not 1 <= len(columns) <= len(CURVES):
        raise ValueError(f"columns are {columns}; choose 1 to {len(CURVES)} models")
    ordered = table[columns].sort_values(columns[0], ascending=False)
    places = np.arange(len(ordered))
    ax.vlines(places, ordered.min(axis=1), ordered.max(axis=1), color="gray", lw=1, zorder=1)
    for column, look in zip(columns, CURVES, strict=False):
        label = f"{column}, mean {ordered[column].mean():.2f}"
        ax.scatter(places, ordered[column], marker=look.sign, color=look.color, label=label)
    small = "small" if len(ordered) <= 20 else "x-small"
    ax.set_xticks(places, ordered.index, rotation=90, fontsize=small)
    ax.set(ylabel=measure, title=f"{measure.split(' (')[0]} of {len(ordered)} cases")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize="small")
    return ax
