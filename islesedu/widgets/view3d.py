"""Lesion and prediction as surfaces in a transparent brain, with k3d where it is installed."""

from numbers import Real
from types import ModuleType
from typing import Any

import nibabel as nib
import numpy as np
from scipy import ndimage

from islesedu.figures.style import PREDICTION, TRUTH
from islesedu.widgets.browser.browser import SliceBrowser
from islesedu.widgets.browser.compare_sides import make_sides
from islesedu.widgets.browser.inputs import BrowserError, as_volume

FINEST = 96
"""Samples of the brain's surface along an axis, at most."""
_GRAY = "#9A9A9A"


def show_3d(
    patient: Any,
    lesion: Any = None,
    prediction: Any = None,
    probability: Any = None,
    *,
    threshold: float = 0.5,
    opacity: float = 0.15,
    **options: Any,
) -> Any:
    """Show a lesion (solid) and its prediction (wireframe) in a transparent brain.

    Axes are in mm, to the patient's right, front and top. An oblique volume is shown along its own
    axes.

    Parameters
    ----------
    patient : SliceBrowser, Patient, array (X, Y, Z) or (X, Y, Z, C), or path
        A browser hands over what it shows.
    lesion, prediction, probability
        As for `SliceBrowser`.
    threshold : float
        Above which a probability is predicted.
    opacity : float
        Of the brain, 0 to 1.
    **options
        channels, spacing, affine and name, as for `SliceBrowser`.

    Returns
    -------
    k3d.Plot
        Shows itself at the end of a cell.

    Raises
    ------
    ImportError
        k3d is not installed.
    BrowserError
        What was given cannot be shown.
    """
    k3d = _import_k3d()
    for argument, value in {"threshold": threshold, "opacity": opacity}.items():
        if not isinstance(value, Real) or not 0 <= value <= 1:
            raise BrowserError(f"{argument} is {value!r}; give a number from 0 to 1")
    if isinstance(patient, SliceBrowser):
        side, found = patient.sides[0], patient.predicted
    else:
        volume = as_volume(patient, **options)
        (side,) = make_sides(volume, lesion, prediction, probability, None, None)
        found = side.predicted("prediction", threshold)
    plot = k3d.plot(name=side.volume.name or None, camera_auto_fit=True, grid_visible=True)
    ends = ("right", "front", "top") if side.volume.placed else "xyz"
    plot.axes = [f"{end}\\ (mm)" for end in ends]
    for name, mask, color, look in (
        ("brain", side.brain, _GRAY, {"opacity": opacity, "flat_shading": False}),
        ("truth", side.truth, TRUTH.color, {"opacity": 0.9}),
        ("prediction", found, PREDICTION.color, {"wireframe": True}),
    ):
        if mask is not None and mask.any():
            field, bounds = surface_field(mask, side.volume.affine, coarse=name == "brain")
            look |= {"color": int(color[1:], 16), "bounds": bounds, "name": name}
            plot += k3d.marching_cubes(field, level=0.5, **look)
    if not plot.objects:
        raise BrowserError("nothing to show in 3-D: brain, lesion and prediction are empty")
    return plot


def _import_k3d() -> ModuleType:
    try:
        import k3d
    except ImportError as error:
        raise ImportError(
            "show_3d needs the package k3d, which is not installed; run "
            "pip install 'islesedu[view3d]', or look at the slices with SliceBrowser"
        ) from error
    return k3d


def surface_field(
    mask: np.ndarray, affine: np.ndarray, coarse: bool = False
) -> tuple[np.ndarray, list[float]]:
    """Return a mask as a field whose level 0.5 is its surface, and where it lies.

    Parameters
    ----------
    mask : ndarray of bool, (X, Y, Z)
        Not empty.
    affine : ndarray, (4, 4)
        From voxel numbers to mm.
    coarse : bool
        Smooth it, and keep at most `FINEST` samples along an axis.

    Returns
    -------
    field : ndarray, (Z, Y, X), float32
        In the order of k3d, axes along those of the body, with air around it.
    bounds : list of float
        x, y and z of the first and the last sample in mm.
    """
    turn = nib.io_orientation(affine)
    turned = nib.orientations.apply_orientation(mask, turn).astype(np.float32)
    affine = affine @ nib.orientations.inv_ornt_aff(turn, mask.shape)
    sizes, first = nib.affines.voxel_sizes(affine), affine[:3, 3].copy()
    steps = [max(1, -(-n // FINEST)) if coarse else 1 for n in turned.shape]
    field = np.pad(turned, [(step, step) for step in steps])
    if coarse:
        field = ndimage.gaussian_filter(field, steps)[tuple(slice(None, None, s) for s in steps)]
    start = first - np.array(steps) * sizes
    end = start + (np.array(field.shape) - 1) * steps * sizes
    bounds = [float(v) for pair in zip(start, end, strict=True) for v in pair]
    return np.ascontiguousarray(field.transpose(2, 1, 0), np.float32), bounds
