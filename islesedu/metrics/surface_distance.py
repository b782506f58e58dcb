"""Distances between the surfaces of two masks, which the surface metrics are made of."""

import numpy as np
from scipy import ndimage


def surface_distances(
    mask: np.ndarray, other: np.ndarray, spacing: tuple[float, ...]
) -> np.ndarray:
    """Return how far each surface voxel of `mask` is from the nearest one of `other`.

    Only the joint bounding box is looked at: no voxel outside belongs to either mask, so the
    numbers are those of the whole volume, found much faster for a small lesion
    (benchmarks/surface_distance.py measures by how much).

    Parameters
    ----------
    mask, other : ndarray of bool, (X, Y, Z)
        Neither empty.
    spacing : tuple of float
        Voxel size, in the unit the distances shall have.

    Returns
    -------
    ndarray, (number of surface voxels of `mask`,)
    """
    box = bounding_box(mask | other)
    near, far = surface(mask[box]), surface(other[box])
    # For each voxel: the distance to the nearest zero, that is to the nearest surface voxel.
    return ndimage.distance_transform_edt(~far, sampling=spacing)[near]


def surface(mask: np.ndarray) -> np.ndarray:
    """Return the voxels of a mask that have a face in common with its outside.

    Examples
    --------
    >>> surface(np.array([0, 1, 1, 1, 0], bool)).astype(int).tolist()
    [0, 1, 0, 1, 0]
    """
    return mask & ~ndimage.binary_erosion(mask)


def bounding_box(mask: np.ndarray) -> tuple[slice, ...]:
    """Return the slices of the smallest box around a mask that is not empty.

    Examples
    --------
    >>> bounding_box(np.array([[0, 0, 0], [0, 1, 1]], bool))
    (slice(1, 2, None), slice(1, 3, None))
    """
    box = []
    for axis in range(mask.ndim):
        others = tuple(other for other in range(mask.ndim) if other != axis)
        inside = np.flatnonzero(mask.any(axis=others))
        box.append(slice(int(inside[0]), int(inside[-1]) + 1))
    return tuple(box)
