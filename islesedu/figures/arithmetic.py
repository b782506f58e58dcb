"""Squared paper for the arithmetic of convolution: where a kernel stands, and what it spans."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from islesedu.figures.style import BLUE, ORANGE

_GRAY = "#999999"


def sliding_window(
    ax: Axes, size: int, kernel: int = 3, stride: int = 1, padding: int = 0, dilation: int = 1
) -> Axes:
    r"""Draw a square image with the first two positions of a kernel in a row.

    Caption: "Filled: the pixels under the first position. Outlined: those under the second. Dashed
    cells are padding."

    Parameters
    ----------
    ax : Axes
        Where to draw.
    size : int
        Pixels along each axis of the image.
    kernel : int
        Weights along each axis of the kernel.
    stride, padding, dilation : int
        As in `islesedu.convolution`. Zeros of the padding are dashed cells.

    Returns
    -------
    Axes
        Filled cells are the pixels under the first position, outlined ones under the second.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> sliding_window(plt.figure().add_subplot(), 6, stride=2).get_title()
    'stride 2, padding 0, dilation 1\n6 x 6 → 2 x 2'
    """
    edge = size + 2 * padding
    for row, column in np.ndindex(edge, edge):
        inside = all(padding <= n < padding + size for n in (row, column))
        style = {"ec": _GRAY, "lw": 1.0} if inside else {"ec": _GRAY, "lw": 0.7, "ls": "--"}
        ax.add_patch(Rectangle((column, row), 1, 1, fill=False, **style))
    taps = np.array(list(np.ndindex(kernel, kernel))) * dilation
    for row, column in taps:
        ax.add_patch(Rectangle((column, row), 1, 1, fc=BLUE, alpha=0.35))
    out = (edge - dilation * (kernel - 1) - 1) // stride + 1
    for row, column in taps if out > 1 else ():
        place = (column + stride + 0.12, row + 0.12)
        ax.add_patch(Rectangle(place, 0.76, 0.76, fill=False, ec=ORANGE, lw=1.8))
    ax.set(xlim=(-0.1, edge + 0.1), ylim=(edge + 0.1, -0.1), aspect="equal")
    ax.set_title(
        f"stride {stride}, padding {padding}, dilation {dilation}\n{size} x {size} → {out} x {out}",
        fontsize=10,
    )
    ax.axis("off")
    return ax
