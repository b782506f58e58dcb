"""A drawing of nested cross-validation: the outer folds, and the inner ones of one of them."""

from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle

from islesedu.figures.style import GREEN, ORANGE, SKY, Style

TRAINING = Style("training", SKY, "solid", "", "s")
VALIDATION = Style("validation: chooses the setting", GREEN, "solid", "//", "s")
TEST = Style("test: scores the choice once", ORANGE, "solid", "xx", "s")
_GAP = 1.6
"""Rows between the outer and the inner loop: the arrow needs room."""


def fold_scheme(ax: Axes, folds: int = 5, inner_folds: int = 3, opened: int = 1) -> Axes:
    """Draw the outer folds as rows, and below them the inner folds of the outer fold `opened`.

    Caption: "Each row is a fold; the marked part is held out. The inner folds choose the setting
    among the training patients of one outer fold, whose test patients they never see."

    Parameters
    ----------
    ax : Axes
        Where to draw.
    folds, inner_folds : int
        How many, 2 or more.
    opened : int
        The outer fold whose inner loop is drawn, from 1 to `folds`.

    Returns
    -------
    Axes
        The same.

    Raises
    ------
    ValueError
        Fewer than two folds, or no such outer fold.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> ax = fold_scheme(plt.figure().subplots(), folds=4, inner_folds=2)
    >>> [text.get_text() for text in ax.get_yticklabels()][-1]
    'inner 2'
    """
    if min(folds, inner_folds) < 2 or not 1 <= opened <= folds:
        raise ValueError(
            f"folds, inner_folds and opened are {folds}, {inner_folds} and {opened}; give two or "
            "more folds of either kind, and the number of an outer fold"
        )
    for row in range(folds):
        for part in range(folds):
            _box(ax, part, row, 1, TEST if part == row else TRAINING)
    start, width = folds + _GAP, (folds - 1) / inner_folds
    left = 0 if opened == folds else 1 if opened == 1 else 0.5
    for row in range(inner_folds):
        for part in range(inner_folds):
            what = VALIDATION if part == row else TRAINING
            _box(ax, left + part * width, start + row, width, what)
    ax.annotate(
        f"the training patients of outer fold {opened}, split again",
        (left + (folds - 1) / 2, start - 0.15),
        (left + (folds - 1) / 2, folds + 0.25),
        ha="center",
        va="center",
        arrowprops={"arrowstyle": "->", "color": "0.3"},
    )
    rows = [row + 0.5 for row in range(folds)] + [start + row + 0.5 for row in range(inner_folds)]
    names = [f"outer {row + 1}" for row in range(folds)]
    names += [f"inner {row + 1}" for row in range(inner_folds)]
    ax.set_yticks(rows, names)
    ax.set(xticks=[], xlim=(-0.05, folds + 0.05), ylim=(start + inner_folds + 0.1, -0.1))
    ax.tick_params(left=False)
    ax.spines[:].set_visible(False)
    handles = [
        Patch(facecolor=style.color, hatch=style.hatch, edgecolor="white", label=style.label)
        for style in (TRAINING, VALIDATION, TEST)
    ]
    ax.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0), ncols=1, frameon=False)
    return ax


def _box(ax: Axes, x: float, y: float, width: float, style: Style) -> None:
    """Draw one part of a row."""
    how = {"facecolor": style.color, "hatch": style.hatch, "edgecolor": "white", "lw": 1.5}
    ax.add_patch(Rectangle((x, y + 0.1), width, 0.8, **how))
