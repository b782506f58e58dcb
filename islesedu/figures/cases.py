"""How a training went, how its cases fared, and how several models compare on the same cases."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from islesedu.figures.style import BLUE, CURVES, ORANGE
from islesedu.metrics.statistics import bootstrap_interval

_MEASURES = {
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


def loss_and_dice(
    history: pd.DataFrame, axes: Sequence[Axes], *, best: int | None = None
) -> Sequence[Axes]:
    """Draw loss and Dice against the epoch, each as a training and a validation curve.

    Caption: "The training curves keep improving; where the validation curves do not, the network
    is overfitting."

    Parameters
    ----------
    history : DataFrame
        The index holds the epochs; columns loss, dice, val_loss and val_dice.
    axes : two Axes
        The first is for the loss, the second for the Dice.
    best : int, optional
        Epoch with the highest validation Dice, for a vertical line.
    """
    for ax, name, unit in zip(axes, ("loss", "dice"), ("combined", "0 to 1"), strict=True):
        ax.plot(history[name], "o-", color=BLUE, ms=3, label="training")
        ax.plot(history[f"val_{name}"], "s--", color=ORANGE, ms=3, label="validation")
        if best is not None:
            ax.axvline(best, color="gray", ls=":", label="highest validation Dice")
        ax.set(xlabel="epoch", ylabel=f"{name.capitalize()} ({unit})")
    axes[1].legend(loc="upper left", bbox_to_anchor=(1, 1))
    return axes


def compare_cases(
    table: pd.DataFrame,
    ax: Axes,
    columns: Sequence[str] | None = None,
    *,
    measure: str = "Dice (0 to 1)",
) -> Axes:
    """Draw one measure of the same cases under several models: a column of markers for each case.

    Caption: "Each column is a case, each sign a model; the line between them is the difference."

    Parameters
    ----------
    table : DataFrame
        One row a case (the index is its name), one column a model.
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
    for column, style in zip(columns, CURVES, strict=False):
        label = f"{column}, mean {ordered[column].mean():.2f}"
        ax.scatter(places, ordered[column], marker=style.marker, color=style.color, label=label)
    small = "small" if len(ordered) <= 20 else "x-small"
    ax.set_xticks(places, ordered.index, rotation=90, fontsize=small)
    ax.set(ylabel=measure, title=f"{measure.split(' (')[0]} of {len(ordered)} cases")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize="small")
    return ax


def score_boxes(table: pd.DataFrame, ax: Axes, column: str = "dice", by: str = "loss") -> Axes:
    """Draw a box plot of one measure for each model, with a marker for each case.

    Caption: "Half of the cases lie in the box, the line in it is the median, the diamond the mean;
    whiskers reach to the last case within 1.5 box lengths. Each sign is a case."

    Parameters
    ----------
    table : DataFrame
        A row a case and model.
    column : str
        Which measure; cases without a number are left out and counted below the box.
    by : str
        Column that names the model.
    """
    models = list(table[by].unique())
    rng = np.random.default_rng(0)  # jitter, the same in every run
    labels = []
    for place, model in enumerate(models):
        own = table.loc[table[by] == model, column]
        values, style = own.dropna().to_numpy(), CURVES[place % len(CURVES)]
        labels.append(f"{model}\n{len(values)} of {len(own)} cases")
        if not values.size:
            continue
        mean = {"marker": "D", "markerfacecolor": "white", "markeredgecolor": "black"}
        how = {"widths": 0.6, "showfliers": False, "showmeans": True, "zorder": 3}
        median = {"color": "black"}
        ax.boxplot(values, positions=[place], medianprops=median, meanprops=mean, **how)
        aside = place + rng.uniform(-0.2, 0.2, len(values))
        ax.scatter(aside, values, marker=style.marker, color=style.color, s=18, alpha=0.7, zorder=2)
    name = _MEASURES.get(column, column)
    ax.set(ylabel=name, title=f"{name.split(' (')[0]} of each case", xlim=(-0.6, len(models) - 0.4))
    ax.set_xticks(range(len(models)), labels)
    if "(0 to 1)" in name:
        ax.set_ylim(-0.03, 1.03)
    return ax


def paired_differences(
    table: pd.DataFrame, ax: Axes, *, against: str, column: str = "dice", by: str = "arm"
) -> Axes:
    """Draw each case's difference between a model and a reference model.

    Caption: "Each sign is a case: right of the line it is better off. Diamond: mean; bar: its 95 %
    interval (bootstrap over the cases)."

    Parameters
    ----------
    table : DataFrame
        A row a case and model, with the column ``case``.
    against : str
        The reference model.
    column : str
        Which measure; cases without a number under one of the two are left out.
    by : str
        Column that names the model.

    Raises
    ------
    ValueError
        No row is of the model `against`.
    """
    models = list(table[by].unique())
    if against not in models:
        raise ValueError(f"{by} has no {against!r}; it has {', '.join(map(str, models))}")
    wide = table.pivot(index="case", columns=by, values=column)
    others = [model for model in models if model != against]
    rng = np.random.default_rng(0)  # jitter, the same in every run
    for place, model in enumerate(others):
        values = (wide[model] - wide[against]).dropna().to_numpy()
        aside = place + rng.uniform(-0.2, 0.2, len(values))
        ax.scatter(values, aside, facecolors="none", edgecolors=BLUE, s=24, zorder=2)
        ax.plot(bootstrap_interval(values), (place, place), color=ORANGE, lw=3, zorder=3)
        ax.plot(values.mean(), place, "D", color=ORANGE, mec="black", ms=8, zorder=4)
    ax.axvline(0, color="gray", lw=0.8, zorder=1)
    ax.set_yticks(range(len(others)), others)
    ax.set_ylim(len(others) - 0.5, -0.5)
    name = _MEASURES.get(column, column).split(" (")[0]
    ax.set_xlabel(f"{name} minus {name} of “{against}”, same case")
    return ax
