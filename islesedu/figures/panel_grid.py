"""Figures that can be read on a phone: few panels in a row, and letters that are large enough."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.text import Text

WIDTH = 6.0
"""Inches. On a page of 400 px it is shown at about 59 px an inch."""
WIDEST = 7.0
"""Inches up to which `readable` enlarges letters; in a wider figure they would overlap."""
_POINTS_PER_INCH = 1.75
"""Letters of 1.75 points for each inch of width are 9 px high where a page is 400 px wide."""


def panels(
    count: int, *, columns: int | None = None, ratio: float = 1.0, **options: object
) -> tuple[Figure, np.ndarray]:
    """Return a figure of panels that can be read on a narrow page, and its axes in reading order.

    Parameters
    ----------
    count : int
        How many panels.
    columns : int, optional
        How many in a row. If None: one or two stand alone or side by side, four two by two, others
        three in a row. Panels with numbers at their axes want one or two.
    ratio : float
        Height of a panel divided by its width.
    **options
        Of `matplotlib.pyplot.subplots`, such as ``sharey=True``.

    Returns
    -------
    Figure
        As wide as all figures made here, 6 inches.
    ndarray of Axes, (count,)
        Without those that the last row leaves over.

    Raises
    ------
    ValueError
        There is no panel, or no column.

    Examples
    --------
    >>> figure, axes = panels(5)
    >>> len(axes), [ax.get_subplotspec().rowspan.start for ax in axes]
    (5, [0, 0, 0, 1, 1])
    >>> plt.close(figure)
    """
    columns = _columns(count) if columns is None else columns
    if count < 1 or columns < 1:
        raise ValueError(f"count is {count} and columns {columns}; both must be at least 1")
    rows = -(-count // columns)
    size = (WIDTH, rows * ratio * WIDTH / columns)
    options = {"figsize": size, "layout": "constrained", "squeeze": False} | options
    figure, axes = plt.subplots(rows, columns, **options)
    for ax in axes.flat[count:]:
        ax.remove()
    return figure, axes.ravel()[:count]


def _columns(count: int) -> int:
    """Return how many of `count` panels stand in a row.

    Examples
    --------
    >>> [_columns(count) for count in (1, 2, 3, 4, 5, 6, 12)]
    [1, 2, 3, 2, 3, 3, 3]
    """
    return min(count, 2 if count in (2, 4) else 3)


def readable(figure: Figure) -> None:
    """Enlarge letters that would be too small to read on a page of 400 px.

    Figures wider than 7 inches are left as they are. `islesedu.figures.show` calls this.

    Examples
    --------
    >>> figure, (ax,) = panels(1)
    >>> small = ax.set_title("title", fontsize=6)
    >>> readable(figure)
    >>> small.get_fontsize()
    10.5
    >>> plt.close(figure)
    """
    width = figure.get_size_inches()[0]
    if width > WIDEST:
        return
    least = _POINTS_PER_INCH * width
    for ax in figure.get_axes():
        for axis in (ax.xaxis, ax.yaxis):  # ticks are made when the figure is drawn
            size = axis.get_tick_params().get("labelsize")
            if size is None or Text(size=size).get_fontsize() < least:
                axis.set_tick_params(labelsize=least)
    for text in figure.findobj(Text):
        if text.get_fontsize() < least:
            text.set_fontsize(least)
