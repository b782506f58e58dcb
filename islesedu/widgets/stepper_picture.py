"""The stepper's picture where no script runs: in an executed notebook, on paper."""

import io
import warnings
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from islesedu.convolution.shapes import pad
from islesedu.figures.style import BLUE, ORANGE
from islesedu.widgets.standalone import show

_CELL, _TITLE, _TITLE_WIDTH, _SIGN = 0.42, 1.1, 3.2, 1.2
"""Inches of a cell; in cells: height and width of a title, and room for a sign between grids."""


class Picture(Figure):
    """A figure that shows itself in a notebook, although pyplot knows nothing of it."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        with warnings.catch_warnings():  # a name may hold what the font lacks: it becomes a box
            warnings.filterwarnings("ignore", "Glyph")
            self.savefig(buffer, format="png", dpi=80, pil_kwargs={"compress_level": 3})
        return buffer.getvalue()


def draw(state: Mapping[str, Any], output: np.ndarray) -> Picture:
    """Draw each channel with its kernel, and the output filled in up to a position.

    Parameters
    ----------
    state : mapping
        The traits of `ConvolutionStepper` by name.
    output : ndarray, (H', W', K)
        The whole result.
    """
    padded, kernel = pad(state["image"], state["padding"]), state["kernel"]
    position, number, channels = tuple(state["position"]), state["filter"], kernel.shape[2]
    window = np.array(list(np.ndindex(kernel.shape[:2]))) * state["dilation"]
    window += np.multiply(position, state["stride"])
    order = np.arange(output[..., 0].size).reshape(output.shape[:2])
    shown = np.where(order <= order[position], output[..., number], np.nan)
    outside = np.ones(padded.shape[:2], bool)  # the padding
    (up, left), (height, width) = state["padding"], state["image"].shape[:2]
    outside[up : up + height, left : left + width] = False
    tall = max(padded.shape[0], kernel.shape[0]) + _TITLE
    rows = max(channels * tall, output.shape[0] + _TITLE)
    slots = [max(array.shape[1], _TITLE_WIDTH) for array in (padded, kernel, output)]
    columns = sum(slots) + 2 * _SIGN
    figure = Picture(figsize=(_CELL * columns, _CELL * rows))
    place = partial(_axes, figure, rows=rows, columns=columns)
    at_kernel = slots[0] + _SIGN + slots[1] / 2
    at_output = columns - slots[2] / 2
    for channel in range(channels):
        of = f", channel {channel + 1}" if channels > 1 else ""
        middle = (channel + 0.5) * tall
        ax = place(slots[0] / 2, middle, padded.shape[:2])
        _cells(padded[:, :, channel], ax, f"image{of}", window, BLUE, outside)
        _sign(place(slots[0] + _SIGN / 2, middle, (1, _SIGN)), "*")
        ax = place(at_kernel, middle, kernel.shape[:2])
        _cells(kernel[:, :, channel, number], ax, f"kernel{of}", [], BLUE)
    of = f", filter {number + 1}" if output.shape[2] > 1 else ""
    _sign(place(columns - slots[2] - _SIGN / 2, rows / 2, (1, _SIGN)), "=")
    ax = place(at_output, rows / 2, output.shape[:2])
    _cells(shown, ax, f"output{of}", [position], ORANGE)
    return figure


def _axes(
    figure: Figure, x: float, y: float, shape: Sequence[float], rows: float, columns: float
) -> Axes:
    """Add axes for a grid of cells around a point; all cells of the figure have one size."""
    height, width = shape[:2]
    bottom = rows - y - (height + _TITLE) / 2 + 0.1
    left = x - width / 2
    return figure.add_axes((left / columns, bottom / rows, width / columns, height / rows))


def _sign(ax: Axes, sign: str) -> None:
    """Write the sign between two grids."""
    ax.text(0.5, 0.5, sign, ha="center", va="center", fontsize=18)
    ax.axis("off")


def _cells(
    numbers: np.ndarray,
    ax: Axes,
    title: str,
    marked: Iterable[Sequence[int]],
    color: str,
    outside: np.ndarray | None = None,
) -> None:
    """Draw numbers on squared paper with some cells marked; NaN stays empty, padding is dotted."""
    height, width = numbers.shape
    dotted = np.zeros(numbers.shape, bool) if outside is None else outside
    for kind, style in ((~dotted, "-"), (dotted, ":")):
        corners = np.argwhere(kind)[:, None, ::-1] + [(0, 0), (1, 0), (1, 1), (0, 1)]
        paper = {"facecolors": "none", "edgecolors": "#999999", "linewidths": 0.8}
        ax.add_collection(PolyCollection(corners, **paper, linestyles=style), autolim=False)
    for (row, column), number in np.ndenumerate(numbers):
        if not np.isnan(number):
            font = {"ha": "center", "va": "center", "fontsize": 9}
            font["color"] = "#666666" if dotted[row, column] else "black"
            ax.text(column + 0.5, row + 0.5, show(number), **font)
    for row, column in marked:
        ax.add_patch(Rectangle((column, row), 1, 1, fc=color, alpha=0.2))
        ax.add_patch(Rectangle((column, row), 1, 1, fill=False, ec=color, lw=2))
    ax.set(xlim=(-0.05, width + 0.05), ylim=(height + 0.05, -0.05), aspect="equal")
    ax.set_title(title, fontsize=10)
    ax.axis("off")
