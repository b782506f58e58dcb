"""The stepper's picture where no script runs: in an executed notebook, on paper."""

import io
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from islesedu.convolution.shapes import pad
from islesedu.figures.style import BLUE, ORANGE
from islesedu.widgets.standalone import show


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
    widths = [padded.shape[1], kernel.shape[1], output.shape[1]]
    height = 0.42 * max(channels * padded.shape[0], output.shape[0]) + 0.9
    figure = Picture(figsize=(0.42 * sum(widths) + 2, height), layout="constrained")
    grid = figure.add_gridspec(
        channels, 5, width_ratios=[widths[0], 0.8, widths[1], 0.8, widths[2]]
    )
    window = np.array(list(np.ndindex(kernel.shape[:2]))) * state["dilation"]
    window += np.multiply(position, state["stride"])
    for channel in range(channels):
        of = f", channel {channel + 1}" if channels > 1 else ""
        ax = figure.add_subplot(grid[channel, 0])
        _cells(padded[:, :, channel], ax, f"image{of}", window, BLUE)
        _sign(figure.add_subplot(grid[channel, 1]), "*")
        ax = figure.add_subplot(grid[channel, 2])
        _cells(kernel[:, :, channel, number], ax, f"kernel{of}", [], BLUE)
    order = np.arange(output[..., 0].size).reshape(output.shape[:2])
    shown = np.where(order <= order[position], output[..., number], np.nan)
    of = f", filter {number + 1}" if output.shape[2] > 1 else ""
    _sign(figure.add_subplot(grid[:, 3]), "=")
    _cells(shown, figure.add_subplot(grid[:, 4]), f"output{of}", [position], ORANGE)
    return figure


def _sign(ax: Axes, sign: str) -> None:
    """Write the sign between two grids."""
    ax.text(0.5, 0.5, sign, ha="center", va="center", fontsize=18)
    ax.axis("off")


def _cells(
    numbers: np.ndarray, ax: Axes, title: str, marked: Iterable[Sequence[int]], color: str
) -> None:
    """Draw numbers on squared paper with some cells marked; NaN stays empty."""
    height, width = numbers.shape
    for (row, column), number in np.ndenumerate(numbers):
        ax.add_patch(Rectangle((column, row), 1, 1, fill=False, ec="#999999", lw=0.8))
        if not np.isnan(number):
            ax.text(column + 0.5, row + 0.5, show(number), ha="center", va="center", fontsize=9)
    for row, column in marked:
        ax.add_patch(Rectangle((column, row), 1, 1, fc=color, alpha=0.2))
        ax.add_patch(Rectangle((column, row), 1, 1, fill=False, ec=color, lw=2))
    ax.set(xlim=(-0.05, width + 0.05), ylim=(height + 0.05, -0.05), aspect="equal")
    ax.set_title(title, fontsize=10)
    ax.axis("off")
