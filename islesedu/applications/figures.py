"""Pictures of the other applications: label maps, boxes, displacement fields, contrast."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from islesedu.applications.pulse_sequence import LIMITS, TissueParameters, contrast
from islesedu.figures.slices import show_slice
from islesedu.figures.style import CURVES, ORANGE, SKY, YELLOW, Style
from islesedu.isles.orientation import AXIAL

SHADES = ("black", SKY, ORANGE, YELLOW)
"""Of background and three classes: as far apart in brightness as in colour."""


def label_map(
    labels_xy: np.ndarray, ax: Axes, classes: Sequence[str], *, title: str = "", legend: bool = True
) -> Axes:
    """Draw the class of each pixel (X, Y) of a slice.

    Caption: "The class of each pixel."

    Parameters
    ----------
    labels_xy : ndarray of int, (X, Y)
        Numbers of classes, 0 for the background.
    classes : sequence of str
        Their words, at most four.
    title : str
        Written above.
    legend : bool
        Say below which colour is which; for many panels see `label_legend`.
    """
    shades = SHADES[: len(classes)]
    show_slice(labels_xy, ax, title=title, cmap=ListedColormap(shades), colorbar=False)
    ax.images[-1].set_norm(BoundaryNorm(np.arange(len(classes) + 1) - 0.5, len(classes)))
    if legend:
        place = {"loc": "upper center", "bbox_to_anchor": (0.5, 0)}
        ax.legend(handles=_class_patches(classes), fontsize="small", ncols=3, **place)
    return ax


def label_legend(figure: Figure, classes: Sequence[str]) -> None:
    """Say once below a figure of `label_map` panels which colour is which class.

    Parameters
    ----------
    figure : Figure
        With a constrained layout.
    classes : sequence of str
        As for `label_map`.
    """
    figure.legend(handles=_class_patches(classes), loc="outside lower center", ncols=3)


def _class_patches(classes: Sequence[str]) -> list[Patch]:
    """Return the entries of a legend: colours and words of all classes but the background."""
    shades = zip(SHADES, classes, strict=False)
    return [Patch(fc=shade, ec="gray", label=word) for shade, word in shades][1:]


def frame(box: Sequence[float], ax: Axes, look: Style, *, label: str = "") -> Axes:
    """Draw a box onto a picture (H, W) that is shown as it is.

    Caption: "The solid box is the true one, the dashed one was found."

    Parameters
    ----------
    box : sequence of float
        Top, left, bottom and right in pixels, see `islesedu.applications.detection`.
    ax : Axes
        With the picture.
    look : Style
        Colour and line, such as `figures.TRUTH`.
    label : str
        Word in the legend.
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
    """
    _, columns, rows = shift_xy.shape
    x, y = np.indices((columns, rows)) + shift_xy / np.reshape(spacing[:2], (2, 1, 1))
    for values, step in ((x, every), (y, every)):
        ax.contour(
            AXIAL.turn(values), np.arange(0, max(columns, rows), step), colors=color, linewidths=0.7
        )
    return ax


def contrast_landscape(
    one: TissueParameters,
    other: TissueParameters,
    ax: Axes,
    paths: Mapping[str, np.ndarray] | None = None,
) -> Axes:
    """Draw the contrast of two tissues by noise over TR and TE, and paths that climb on it.

    Caption: "Brighter is more contrast. Each line is a gradient ascent, from the open sign to the
    full one."

    Parameters
    ----------
    one, other : TissueParameters
        To be told apart.
    paths : mapping of str to ndarray, (steps, 2), optional
        TR and TE in ms on the way, see `islesedu.applications.pulse_sequence.choose_times`, by
        their words.
    """
    tr, te = (np.geomspace(*ends, 120) for ends in LIMITS.values())
    height = np.abs(contrast(tr[None], te[:, None], one, other))  # (TE, TR)
    drawn = ax.contourf(tr, te, height, 16, cmap="gray")
    ax.figure.colorbar(drawn, ax=ax, label="|contrast| by noise (no unit)", shrink=0.8)
    for look, (word, path) in zip(CURVES, (paths or {}).items(), strict=False):
        line = {"color": look.color, "ls": look.linestyle, "lw": 2.5}
        ax.plot(*path.T, **line, label=f"{word}: TR {path[-1, 0]:.0f}, TE {path[-1, 1]:.0f}")
        ends = {"marker": look.marker, "mec": look.color, "ms": 8, "ls": "none"}
        ends |= {"clip_on": False, "zorder": 5}  # whole where a limit has stopped the climb
        ax.plot(*path[0], mfc="white", **ends)
        ax.plot(*path[-1], mfc=look.color, **ends)
    ax.set(xscale="log", yscale="log", xlabel="TR (ms)", ylabel="TE (ms)")
    ticks = {"x": [300, 600, 1200, 2500, 6000], "y": [10, 20, 40, 80, 150]}
    ax.set_xticks(ticks["x"], [str(n) for n in ticks["x"]], minor=False)
    ax.set_yticks(ticks["y"], [str(n) for n in ticks["y"]], minor=False)
    ax.minorticks_off()
    if paths:
        ax.legend(fontsize="small", loc="upper center", bbox_to_anchor=(0.5, -0.16))
    return ax
