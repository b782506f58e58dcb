"""Two small masks on a pixel grid, so that pixels can be counted and distances measured by eye."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from islesedu.figures.style import PREDICTION, TRUTH, Style
from islesedu.metrics.masks import as_masks


def pixel_masks(
    truth: np.ndarray, prediction: np.ndarray, ax: Axes, *, legend: bool = True
) -> Axes:
    """Draw two masks (H, W) along the sides of their pixels, with the numbers of rows and columns.

    Nothing is counted in the picture: that is left to whoever looks at it.

    Caption: "Filled squares are the ground truth; dots are the prediction."

    Parameters
    ----------
    truth, prediction : array-like, (H, W)
        Masks; row 0 is above, as in the printed array.
    legend : bool
        Say which mask is which.

    Raises
    ------
    ValueError
        What is no mask, masks of different shape, or of other than two axes.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> figure, ax = plt.subplots()
    >>> len(pixel_masks([[1, 1], [0, 0]], [[0, 1], [0, 0]], ax).collections)
    2
    >>> plt.close(figure)
    """
    prediction, truth = as_masks(prediction, truth)
    if truth.ndim != 2:
        raise ValueError(f"truth has {truth.ndim} axes; give a mask of rows and columns")
    rows, columns = truth.shape
    ax.imshow(np.where(truth, 1.0, np.nan), cmap="Oranges", vmin=0, vmax=2.5)
    ax.set_xticks(range(columns))
    ax.set_yticks(range(rows))
    ax.tick_params(length=0, labelsize="small")
    for n in range(1, max(rows, columns)):
        ax.plot([n - 0.5] * 2, [-0.5, rows - 0.5], color="0.85", lw=0.7, zorder=1)
        ax.plot([-0.5, columns - 0.5], [n - 0.5] * 2, color="0.85", lw=0.7, zorder=1)
    ax.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5), xlabel="column", ylabel="row")
    y, x = np.nonzero(prediction)
    ax.plot(x, y, "o", color="black", ms=4)
    for mask, style in ((truth, TRUTH), (prediction, PREDICTION)):
        line = {"colors": style.color, "linestyles": style.linestyle, "linewidths": 2.5}
        ax.add_collection(LineCollection(pixel_sides(mask), zorder=3, **line))
    if legend:
        handles = [_entry(TRUTH, ""), _entry(PREDICTION, "o")]
        ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1, 1), fontsize="small")
    return ax


def _entry(style: Style, marker: str) -> Line2D:
    """Return the entry of a mask in the legend."""
    dots = {"marker": marker, "markerfacecolor": "black", "markeredgecolor": "black", "ms": 4}
    line = {"color": style.color, "linestyle": style.linestyle, "linewidth": 2.5}
    return Line2D([], [], label=style.label, **line, **dots)


def pixel_sides(mask: np.ndarray) -> np.ndarray:
    """Return the pixel sides between a mask (H, W) and its outside as lines (N, 2, 2) of x and y.

    Examples
    --------
    >>> len(pixel_sides(np.array([[True, True, False]])))  # a row of two pixels
    6
    """
    padded = np.pad(mask, 1)
    row, column = np.nonzero(padded[1:, 1:-1] != padded[:-1, 1:-1])  # between two rows
    flat = [((c - 0.5, r - 0.5), (c + 0.5, r - 0.5)) for r, c in zip(row, column, strict=True)]
    row, column = np.nonzero(padded[1:-1, 1:] != padded[1:-1, :-1])  # between two columns
    steep = [((c - 0.5, r - 0.5), (c - 0.5, r + 0.5)) for r, c in zip(row, column, strict=True)]
    return np.array(flat + steep).reshape(-1, 2, 2)
