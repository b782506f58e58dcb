"""One slice: its values, and outlines on it.

Slices come as NumPy cuts them, such as ``volume[:, :, z]``, and are drawn upright. Without a `view`
the axes run to the patient's right and front (RAS), as in the synthetic cohort, and voxels are as
high as wide. For other data pass ``view=view(patient.affine)``: it turns the slice, gives its
voxels their shape, and has the patient's sides written onto the picture.
"""

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.image import AxesImage

from islesedu.figures.style import ORANGE, PREDICTION, TRUTH
from islesedu.isles.orientation import AXIAL as AXIAL  # offered by this room, too
from islesedu.isles.orientation import View as View
from islesedu.isles.orientation import best_slice as best_slice
from islesedu.isles.orientation import upright as upright
from islesedu.isles.orientation import view as view
from islesedu.metrics.masks import as_mask


def show_slice(
    slice_xy: np.ndarray,
    ax: Axes,
    *,
    title: str = "",
    unit: str = "",
    cmap: str = "gray",
    vmin: float | None = None,
    vmax: float | None = None,
    colorbar: bool = True,
    aspect: float | None = None,
    view: View | None = None,
) -> Axes:
    """Draw one slice (X, Y) with its scale.

    Caption: "One slice of the map, seen from below: the patient's right is on the left."

    Parameters
    ----------
    slice_xy : ndarray, (X, Y)
        Numbers or a mask.
    title, unit : str
        Written above, and beside the scale.
    cmap : str
        Colour map.
    vmin, vmax : float, optional
        Ends of the scale.
    colorbar : bool
        Draw the scale.
    aspect : float, optional
        Height of a voxel divided by its width; otherwise the view's.
    view : View, optional
        How the slice lies in the patient; RAS, axial, if None. See the module's text.
    """
    turned = view or AXIAL
    aspect = turned.aspect if aspect is None else aspect
    picture = turned.turn(np.asarray(slice_xy, float))
    picture = ax.imshow(picture, cmap=cmap, vmin=vmin, vmax=vmax, aspect=aspect)
    ax.set_title(title)
    ax.set_xticks([])
    ax.set_yticks([])
    if view is not None:
        mark_sides(ax, view)
    if colorbar:
        add_scale(picture, ax, unit)
    return ax


def add_scale(picture: AxesImage, ax: Axes, label: str) -> None:
    """Draw the scale of a picture beside it, about as high as the picture."""
    height, width = picture.get_array().shape[:2]
    aspect = ax.get_aspect()
    ratio = height * (1.0 if isinstance(aspect, str) else aspect) / width
    ax.figure.colorbar(picture, ax=ax, shrink=0.75 * min(1, max(ratio, 0.5)), label=label)


def outline(
    mask_xy: np.ndarray,
    ax: Axes,
    *,
    color: str = ORANGE,
    linestyle: str = "solid",
    label: str = "",
    view: View | None = None,
) -> Axes:
    """Draw the outline of a mask (X, Y) onto a slice; an empty mask leaves the slice alone.

    Caption: "The line is the border of the lesion."

    Parameters
    ----------
    mask_xy : array-like, (X, Y)
        See `islesedu.metrics.as_mask`.
    ax : Axes
        With the slice.
    color, linestyle, label : str
        Style of the line, and its word in the legend.
    view : View, optional
        As for `show_slice`.
    """
    mask = (view or AXIAL).turn(as_mask("mask", mask_xy)).astype(float)
    if 0 < mask.mean() < 1:
        around = np.pad(mask, 1)  # the line also closes where the lesion meets the edge
        rows, columns = (np.arange(-1, n + 1).clip(-0.5, n - 0.5) for n in mask.shape)
        line = {"colors": color, "linestyles": linestyle, "linewidths": 1.8}
        lines = ax.contour(columns, rows, around, [0.5], **line)
        lines.set_path_effects([patheffects.withStroke(linewidth=2.8, foreground="black")])
    if label:
        ax.plot([], [], color=color, linestyle=linestyle, linewidth=1.8, label=label)
    return ax


def overlay(
    slice_xy: np.ndarray,
    truth_xy: np.ndarray,
    prediction_xy: np.ndarray,
    ax: Axes,
    *,
    title: str = "",
    legend: bool = True,
    vmin: float | None = None,
    vmax: float | None = None,
    aspect: float | None = None,
    view: View | None = None,
) -> Axes:
    """Draw a slice with the true lesion (solid) and the predicted one (dashed), all (X, Y).

    Caption: "The lesion (solid line) and what the network predicts (dashed line)."

    Parameters
    ----------
    slice_xy : ndarray, (X, Y)
        Values of a map.
    truth_xy, prediction_xy : ndarray, (X, Y)
        Masks.
    title : str
        Written above.
    legend : bool
        Say which line is which.
    vmin, vmax, aspect, view
        As for `show_slice`.
    """
    scale = {"vmin": vmin, "vmax": vmax, "colorbar": False, "aspect": aspect}
    show_slice(slice_xy, ax, title=title, view=view, **scale)
    for mask, style in ((truth_xy, TRUTH), (prediction_xy, PREDICTION)):
        line = {"color": style.color, "linestyle": style.linestyle, "label": style.label}
        outline(mask, ax, view=view, **line)
    if legend:
        ax.legend(loc="lower right", fontsize="small", framealpha=0.8)
    return ax


def mark_sides(ax: Axes, view: View = AXIAL) -> Axes:
    """Write the patient's sides onto a picture: R and L, or A and P on a sagittal one.

    Parameters
    ----------
    ax : Axes
        With a slice drawn upright.
    view : View
        How it was turned.
    """
    box = {"fc": "black", "ec": "none", "alpha": 0.6, "pad": 1.5}  # readable on light and dark
    font = {"color": "white", "fontsize": "small", "fontweight": "bold", "bbox": box}
    for letter, x, side in zip(view.sides, (0.02, 0.98), ("left", "right"), strict=True):
        if letter:  # unknown where no file says where the patient lies
            ax.text(x, 0.5, letter, transform=ax.transAxes, ha=side, va="center", **font)
    return ax
