"""What was said of a slice: the class of each pixel, and boxes around what was found."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.patches import Patch, Rectangle

from islesedu.figures.slices import show_slice
from islesedu.figures.style import ORANGE, SKY, YELLOW, Look
from islesedu.isles.orientation import AXIAL

SHADES = ("black", SKY, ORANGE, YELLOW)
"""Of background and three classes: as far apart in brightness as in colour."""


def label_map(
    labels_xy: np.ndarray, ax: Axes, classes: Sequence[str], *, title: str = "", legend: bool = True
) -> Axes:
    """Draw the class of each pixel (X, Y) of a slice.

    Caption: "The class of each pixel; darker to brighter: background, fluid, gray and white
    matter."

    Parameters
    ----------
    labels_xy : ndarray of int, (X, Y)
        Numbers of classes, 0 for the background.
    ax : Axes
        Where to.
    classes : sequence of str
        Their words, at most four.
    title : str
        Written above.
    legend : bool
        Say below which shade is which.

    Returns
    -------
    Axes
    """
    shades = SHADES[: len(classes)]
    show_slice(labels_xy, ax, title=title, cmap=ListedColormap(shades), colorbar=False)
    ax.images[-1].set_norm(BoundaryNorm(np.arange(len(classes) + 1) - 0.5, len(classes)))
    if legend:
        handles = [Patch(fc=c, ec="gray", label=w) for c, w in zip(shades, classes, strict=True)]
        place = {"loc": "upper center", "bbox_to_anchor": (0.5, 0)}
        ax.legend(handles=handles[1:], fontsize="small", ncols=3, handlelength=1, **place)
    return ax


def frame(box: Sequence[float], ax: Axes, look: Look, *, label: str = "") -> Axes:
    """Draw a box onto a picture (H, W) that is shown as it is.

    Caption: "The solid box is the true one, the dashed one was found."

    Parameters
    ----------
    box : sequence of float
        Top, left, bottom and right in pixels, see `islesedu.applications.detection`.
    ax : Axes
        With the picture.
    look : Look
        Colour and line, such as `figures.TRUTH`.
    label : str
        Word in the legend.

    Returns
    -------
    Axes
    """
    top, left, bottom, right = box
    corner = (left - 0.5, top - 0.5)  # the first pixel's middle is at 0
    style = {"fill": False, "ec": look.color, "ls": look.linestyle, "lw": 2, "label": label}
    ax.add_patch(Rectangle(corner, right - left, bottom - top, **style))
    return ax


def warp_grid(
    shift_xy: np.ndarray, ax: Axes, spacing: Sequence[float], *, every: int = 4, color: str = SKY
) -> Axes:
    """Draw where the lines of a grid on a slice come from.

    Caption: "The grid shows how the moving image was bent: lines that were straight in it."

    Parameters
    ----------
    shift_xy : ndarray, (2, X, Y)
        Displacement along X and Y in mm.
    ax : Axes
        With a slice drawn upright.
    spacing : sequence of float
        Pixel size in mm along X and Y.
    every : int
        Pixels between two lines.
    color : str
        Of the lines.

    Returns
    -------
    Axes
    """
    _, columns, rows = shift_xy.shape
    x, y = np.indices((columns, rows)) + shift_xy / np.reshape(spacing[:2], (2, 1, 1))
    for values, step in ((x, every), (y, every)):
        ax.contour(
            AXIAL.turn(values), np.arange(0, max(columns, rows), step), colors=color, linewidths=0.7
        )
    return ax
