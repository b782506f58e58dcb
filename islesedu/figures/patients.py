"""A whole patient: all maps of one slice, with lesion and prediction."""

from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes

from islesedu.figures.slices import outline, show_slice
from islesedu.figures.style import PREDICTION, TRUTH, Style, gray_scale
from islesedu.isles.case import Patient
from islesedu.isles.orientation import View, best_slice, view
from islesedu.metrics.masks import Mask, as_mask


def montage(
    patient: Patient,
    axes: Iterable[Axes],
    z: int | None = None,
    lesion: bool = True,
    *,
    plane: str = "axial",
    prediction: Mask | None = None,
) -> list[Axes]:
    """Draw one slice of each of a patient's maps, with the outline of the lesion.

    Caption: "The maps of one slice. Solid line: the lesion; dashed line: the prediction. The
    patient's right (R) is on the left."

    Parameters
    ----------
    patient : Patient
        Maps (X, Y, Z, C) in any orientation; the affine says which.
    axes : iterable of Axes
        One for each map, such as ``axes.flat``.
    z : int, optional
        Number of the slice along the plane's axis; the one with the most lesion if None.
    lesion : bool
        Draw the true lesion, if there is one.
    plane : {"axial", "coronal", "sagittal"}
        Which plane.
    prediction : array-like, (X, Y, Z), optional
        Predicted lesion, see `islesedu.metrics.as_mask`.

    Raises
    ------
    ValueError
        As many axes as maps are needed; the prediction must lie on the patient's grid.
    """
    axes = list(axes)
    if len(axes) != len(patient.channels):
        found = f"{len(axes)} axes for the {len(patient.channels)} maps of {patient.name}"
        raise ValueError(f"{found}; give one for each of {', '.join(patient.channels)}")
    prediction = None if prediction is None else as_mask("prediction", prediction)
    masks = _masks_to_draw(patient, lesion, prediction)
    how = view(patient.affine, plane, patient.placed)
    number = z if z is not None else best_slice(_target(patient, prediction), how.axis)
    limits = _limits(patient.brain, how)
    for channel, (name, ax) in enumerate(zip(patient.channels, axes, strict=True)):
        values = patient.image[..., channel]
        vmin, vmax, unit = gray_scale(name, values)
        one = how.cut(values, number)
        show_slice(one, ax, title=name, unit=unit, vmin=vmin, vmax=vmax, view=how)
        ax.set(**limits)
        for mask, style in masks:
            line = {"color": style.color, "linestyle": style.linestyle}
            outline(how.cut(mask, number), ax, view=how, **line)
    return axes


def _limits(brain: np.ndarray, how: View) -> dict[str, tuple[float, float]]:
    """Return the limits of a picture that leave out most of the air, the same for all slices."""
    seen = how.turn(brain.any(axis=how.axis))  # -> (H, W)
    limits = {}
    for name, line in (("xlim", seen.any(axis=0)), ("ylim", seen.any(axis=1))):
        inside = np.flatnonzero(line) if line.any() else np.arange(line.size)
        room = 0.08 * line.size
        first, last = max(inside[0] - room, 0), min(inside[-1] + room, line.size - 1)
        limits[name] = (float(first) - 0.5, float(last) + 0.5)
    return {"xlim": limits["xlim"], "ylim": limits["ylim"][::-1]}


def _masks_to_draw(
    patient: Patient, lesion: bool, prediction: np.ndarray | None
) -> list[tuple[np.ndarray, Style]]:
    """Return the masks (X, Y, Z) to draw, each with its style."""
    if prediction is not None and np.shape(prediction) != patient.image.shape[:3]:
        raise ValueError(
            f"prediction has the grid {np.shape(prediction)}, but {patient.name} has "
            f"{patient.image.shape[:3]}; put it onto the patient's grid"
        )
    masks = [(patient.lesion, TRUTH)] if lesion and patient.lesion is not None else []
    return masks + ([(prediction, PREDICTION)] if prediction is not None else [])


def _target(patient: Patient, prediction: np.ndarray | None) -> np.ndarray:
    """Return the mask (X, Y, Z) to show: lesion, else prediction, else brain."""
    for mask in (patient.lesion, prediction):
        if mask is not None and np.any(mask):
            return mask
    return patient.brain
