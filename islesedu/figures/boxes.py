"""How the scores of several models are spread over the cases."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from islesedu.figures.cases import MEASURES, SHARES
from islesedu.figures.style import CURVES


def score_boxes(table: pd.DataFrame, ax: Axes, column: str = "dice", by: str = "loss") -> Axes:
    """Draw a box plot of one measure for each model, with a sign for each case.

    Caption: "Half of the cases lie in the box, the line in it is the median, the diamond the mean;
    whiskers reach to the last case within 1.5 box lengths. Each sign is a case."

    Parameters
    ----------
    table : DataFrame
        A row a case and model.
    ax : Axes
        Where to.
    column : str
        Which measure; cases without a number are left out and counted below the box.
    by : str
        Column that names the model.

    Returns
    -------
    Axes
    """
    models = list(table[by].unique())
    rng = np.random.default_rng(0)  # signs side by side, at the same places in every run
    labels = []
    for place, model in enumerate(models):
        own = table.loc[table[by] == model, column]
        values, look = own.dropna().to_numpy(), CURVES[place % len(CURVES)]
        labels.append(f"{model}\n{len(values)} of {len(own)} cases")
        if not values.size:
            continue
        ax.boxplot(
            values,
            positions=[place],
            widths=0.6,
            showfliers=False,
            showmeans=True,
            medianprops={"color": "black"},
            meanprops={"marker": "D", "markerfacecolor": "white", "markeredgecolor": "black"},
            zorder=3,
        )
        aside = place + rng.uniform(-0.2, 0.2, len(values))
        ax.scatter(aside, values, marker=look.sign, color=look.color, s=18, alpha=0.7, zorder=2)
    name = MEASURES.get(column, column)
    ax.set(ylabel=name, title=f"{name.split(' (')[0]} of each case", xlim=(-0.6, len(models) - 0.4))
    ax.set_xticks(range(len(models)), labels)
    if column in SHARES:
        ax.set_ylim(-0.03, 1.03)
    return ax
