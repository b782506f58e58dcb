"""More patients than there are: mirror, turn, recolour or cut a case before each training step.

The lesion moves with the image. Nothing here is in the original's protocol;
`islesedu.training.recipe` says how each is asked for, docs/results.md what each brought.
"""

from dataclasses import replace

import numpy as np
from scipy import ndimage

from islesedu.isles.case import Patient, finite
from islesedu.isles.orientation import directions


def side_axis(affine: np.ndarray) -> int:
    """Return the axis of a volume that runs from the patient's one side to the other.

    Examples
    --------
    >>> side_axis(np.eye(4))
    0
    """
    return directions(affine)[0][0]


def mirror(patient: Patient) -> Patient:
    """Swap left and right, in the image and in the lesion; the affine stays.

    A stroke of the other side is as likely, and looks like this one in a mirror. Up and down, front
    and back are not swapped: no brain looks like that.
    """
    axis = side_axis(patient.affine)
    lesion = None if patient.lesion is None else np.flip(patient.lesion, axis)
    return replace(patient, image=np.flip(patient.image, axis), lesion=lesion)


def turn(patient: Patient, degrees: float) -> Patient:
    """Turn the head about the axis from feet to top, around the middle of the volume.

    Parameters
    ----------
    patient : Patient
        Image (X, Y, Z, C) in the maps' own units, where air is 0.
    degrees : float
        Counter-clockwise, as seen along the slices with the first in-plane axis to the right.

    Returns
    -------
    Patient
        Linear interpolation, 0 where nothing was seen; the lesion is where at least half is.
    """
    plane = [axis for axis, _ in directions(patient.affine)[:2]]  # side to side, front to back
    angle = np.deg2rad(degrees)
    turned = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    size = np.asarray(patient.spacing)[plane]
    matrix = np.eye(3)  # from voxels of the result to those of the volume
    matrix[np.ix_(plane, plane)] = turned * size[None, :] / size[:, None]
    centre = (np.array(patient.image.shape[:3]) - 1) / 2
    how = {"matrix": matrix, "offset": centre - matrix @ centre, "order": 1, "cval": 0.0}
    maps = [
        ndimage.affine_transform(finite(patient.image[..., c]), **how)
        for c in range(patient.image.shape[-1])
    ]
    lesion = patient.lesion
    if lesion is not None:
        lesion = ndimage.affine_transform(lesion.astype(np.float32), **how) >= 0.5
    return replace(patient, image=np.stack(maps, axis=-1), lesion=lesion)


def recolour(image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Stretch and shift each map by a little, as another scanner or another fit would.

    Parameters
    ----------
    image : ndarray, (..., C)
        Standardized: mean 0, standard deviation 1.
    strength : float
        Standard deviation of the factor about 1, and of the shift about 0.
    rng : Generator
        Draws one pair a map.

    Returns
    -------
    ndarray, (..., C), float32
    """
    factor = 1 + strength * rng.standard_normal(image.shape[-1])
    shift = strength * rng.standard_normal(image.shape[-1])
    return (image * factor + shift).astype(np.float32)


def patch_slices(
    lesion: np.ndarray, size: tuple[int, int, int], lesion_share: float, rng: np.random.Generator
) -> tuple[slice, ...]:
    """Choose a box to train on: around a voxel of the lesion, or anywhere.

    Parameters
    ----------
    lesion : ndarray of bool, (X, Y, Z)
        Truth.
    size : tuple of int
        Edges in voxels; an axis that has fewer is taken whole.
    lesion_share : float
        Share of the boxes, 0 to 1, that hold a voxel of the lesion for sure (if there is one).
    rng : Generator
        Draws the box; where in the box that voxel lies is drawn, too.

    Returns
    -------
    tuple of slice
        Of X, Y, Z.
    """
    inside = np.argwhere(lesion) if rng.random() < lesion_share else np.empty((0, 3), int)
    chosen = inside[rng.integers(len(inside))] if len(inside) else None
    slices = []
    for axis, (length, edge) in enumerate(zip(lesion.shape, size, strict=True)):
        edge = min(edge, length)
        first, last = 0, length - edge
        if chosen is not None:
            first, last = max(first, chosen[axis] - edge + 1), min(last, chosen[axis])
        start = int(rng.integers(first, last + 1))
        slices.append(slice(start, start + edge))
    return tuple(slices)
