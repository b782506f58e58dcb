"""True positives, false negatives and false positives of one slice, pixel by pixel."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch

from islesedu.figures.slices import mark_sides
from islesedu.figures.style import FALSE_NEGATIVE, FALSE_POSITIVE, TRUE_POSITIVE, Style
from islesedu.isles.orientation import AXIAL, View
from islesedu.metrics.masks import as_masks

_MOST_MARKERS = 40
"""Pixels along an edge above which markers run into one another, and hatches take their place."""


def outcome_map(
    truth_xy: np.ndarray,
    prediction_xy: np.ndarray,
    ax: Axes,
    *,
    aspect: float | None = None,
    view: View | None = None,
) -> Axes:
    """Draw which pixels (X, Y) are true positive, false negative and false positive.

    Caption: "True positive (TP), false negative (FN) and false positive (FP) pixels of one slice."

    Parameters
    ----------
    truth_xy, prediction_xy : ndarray, (X, Y)
        Masks.
    aspect, view
        As for `islesedu.figures.slices.show_slice`.

    Returns
    -------
    Axes
        Each pixel carries a marker, or areas a hatch where there are too many; the legend below
        counts the pixels.
    """
    turned = view or AXIAL
    prediction, truth = (turned.turn(mask) for mask in as_masks(prediction_xy, truth_xy))
    kinds = (
        (truth & prediction, TRUE_POSITIVE),
        (truth & ~prediction, FALSE_NEGATIVE),
        (~truth & prediction, FALSE_POSITIVE),
    )
    picture = np.ones((*truth.shape, 3))
    for mask, style in kinds:
        picture[mask] = to_rgb(style.color)
    ax.imshow(picture, aspect=turned.aspect if aspect is None else aspect)
    markers = max(truth.shape) <= _MOST_MARKERS
    handles = [_draw_outcome(mask, style, ax, markers) for mask, style in kinds]
    ax.set_xticks([])
    ax.set_yticks([])
    if view is not None:
        mark_sides(ax, view)
    place = {"loc": "upper center", "bbox_to_anchor": (0.5, 0), "frameon": False}
    narrow = {"handlelength": 1, "handletextpad": 0.3, "columnspacing": 0.8}
    ax.legend(handles=handles, fontsize="small", ncols=3, **place, **narrow)
    return ax


def _draw_outcome(mask: np.ndarray, style: Style, ax: Axes, markers: bool) -> Patch:
    """Tell one outcome's pixels (H, W) apart without colour; return its entry of the legend."""
    count = np.count_nonzero(mask)
    short = "".join(word[0] for word in style.label.upper().split())  # TP, FN, FP
    if markers:
        rows, columns = np.nonzero(mask)
        ring = {"edgecolors": "black", "facecolors": "none"}  # a full disc would hide the colour
        color = ring if style.marker == "o" else {"c": "black"}
        ax.scatter(columns, rows, marker=style.marker, s=14, linewidths=0.8, **color)
        return Patch(fc=style.color, label=f"{style.marker} {short} {count}")
    if count:
        ax.contourf(mask.astype(float), [0.5, 1.5], colors="none", hatches=[style.hatch])
    return Patch(fc=style.color, hatch=style.hatch, label=f"{short} {count}")
