"""What a change of the model changed, patient by patient."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from islesedu.figures.cases import MEASURES
from islesedu.figures.style import BLUE, ORANGE
from islesedu.metrics.statistics import bootstrap_interval


def paired_differences(
    table: pd.DataFrame, ax: Axes, *, against: str, column: str = "dice", by: str = "arm"
) -> Axes:
    """Draw each case's difference between a model and one that it is held against.

    Caption: "Each sign is a case: right of the line it is better off. Diamond: mean; bar: its 95 %
    interval (bootstrap over the cases)."

    Parameters
    ----------
    table : DataFrame
        A row a case and model, with the column ``case``.
    ax : Axes
        Where to.
    against : str
        The model that the others are held against.
    column : str
        Which measure; cases without a number under one of the two are left out.
    by : str
        Column that names the model.

    Returns
    -------
    Axes

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
    rng = np.random.default_rng(0)  # signs side by side, at the same places in every run
    for place, model in enumerate(others):
        values = (wide[model] - wide[against]).dropna().to_numpy()
        aside = place + rng.uniform(-0.2, 0.2, len(values))
        ax.scatter(values, aside, facecolors="none", edgecolors=BLUE, s=24, zorder=2)
        ax.plot(bootstrap_interval(values), (place, place), color=ORANGE, lw=3, zorder=3)
        ax.plot(values.mean(), place, "D", color=ORANGE, mec="black", ms=8, zorder=4)
    ax.axvline(0, color="gray", lw=0.8, zorder=1)
    ax.set_yticks(range(len(others)), others)
    ax.set_ylim(len(others) - 0.5, -0.5)
    name = MEASURES.get(column, column).split(" (")[0]
    ax.set_xlabel(f"{name} minus {name} of “{against}”, same case")
    return ax
