"""Distances between the surfaces of two masks, and the metrics that are made of them.

Arguments as in `islesedu.metrics.overlap`, where `empty` is explained.
"""

from typing import Literal

import numpy as np
from scipy import ndimage

from islesedu.metrics.masks import Empty, Mask, Spacing, as_masks, voxel_size


def _both_ways(
    prediction: Mask, truth: Mask, spacing: Spacing, empty: str
) -> tuple[tuple[np.ndarray, np.ndarray] | None, float]:
    """Return the distances both ways; or None, and what distance metrics are without a surface."""
    prediction, truth = as_masks(prediction, truth, empty)
    sizes = voxel_size(truth.shape, spacing)
    if prediction.any() and truth.any():
        box = bounding_box(prediction | truth)
        prediction, truth = prediction[box], truth[box]
        there = surface_distances(prediction, truth, sizes)
        back = surface_distances(truth, prediction, sizes)
        return (there, back), 0.0
    if empty == "nan":
        return None, np.nan
    if not prediction.any() and not truth.any():
        return None, 0.0
    return None, float(max(n * size for n, size in zip(truth.shape, sizes, strict=True)))


def hausdorff(
    prediction: Mask, truth: Mask, spacing: Spacing = None, empty: Empty = "nan"
) -> float:
    """Return the largest distance from one surface to the other: the single worst voxel.

    Examples
    --------
    >>> hausdorff(np.array([1, 0, 0, 1]), np.array([1, 0, 0, 0]))
    3.0
    """
    distances, instead = _both_ways(prediction, truth, spacing, empty)
    return float(max(d.max() for d in distances)) if distances else instead


def hausdorff95(
    prediction: Mask, truth: Mask, spacing: Spacing = None, empty: Empty = "nan"
) -> float:
    """Return the distance that 95 % of all surface voxels, of both masks, keep.

    Examples
    --------
    >>> round(hausdorff95(np.array([1, 0, 0, 1]), np.array([1, 0, 0, 0])), 1)  # of 0, 3 and 0
    2.7
    """
    distances, instead = _both_ways(prediction, truth, spacing, empty)
    return float(np.percentile(np.concatenate(distances), 95)) if distances else instead


def assd(
    prediction: Mask,
    truth: Mask,
    spacing: Spacing = None,
    empty: Empty = "nan",
    convention: Literal["pooled", "directed_means"] = "pooled",
) -> float:
    """Return the average symmetric surface distance.

    Parameters
    ----------
    prediction, truth, spacing, empty
        See `islesedu.metrics.overlap`.
    convention : {"pooled", "directed_means"}
        "pooled" averages over the voxels of both surfaces together, as medpy does since 0.4;
        "directed_means" averages the two means, from prediction to truth and back, as medpy did
        in 2017: the table of the talk and the challenge's figures are of this kind.

    Examples
    --------
    >>> both = np.array([1, 1, 0, 1]), np.array([1, 1, 0, 0])
    >>> assd(*both), assd(*both, convention="directed_means")  # distances 0 0 2 and 0 0
    (0.4, 0.3333333333333333)
    """
    if convention not in ("pooled", "directed_means"):
        raise ValueError(f"convention is {convention!r}; choose 'pooled' or 'directed_means'")
    distances, instead = _both_ways(prediction, truth, spacing, empty)
    if not distances:
        return instead
    if convention == "pooled":
        return float(np.concatenate(distances).mean())
    return float(np.mean([d.mean() for d in distances]))


def surface_dice(
    prediction: Mask,
    truth: Mask,
    spacing: Spacing = None,
    empty: Empty = "nan",
    tolerance: float = 1.0,
) -> float:
    """Return the share of both surfaces that lies within `tolerance` of the other one.

    Counts surface voxels; Nikolov et al. 2018 (arXiv 1809.04430), who proposed the measure, weight
    each by its area, so that their numbers differ somewhat.

    Parameters
    ----------
    prediction, truth, spacing, empty
        See `islesedu.metrics.overlap`. Under the penalty a failed case scores 0.
    tolerance : float
        Distance that still counts as right, in mm with `spacing`, in voxels without.

    Examples
    --------
    >>> surface_dice(np.array([1, 0, 0, 1]), np.array([1, 0, 0, 0]))  # of 0, 3 and 0
    0.6666666666666666
    """
    distances, instead = _both_ways(prediction, truth, spacing, empty)
    if distances:
        return float((np.concatenate(distances) <= tolerance).mean())
    if np.isnan(instead):
        return instead
    return 1.0 if instead == 0 else 0.0


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

    Examples
    --------
    >>> mask, other = np.array([1, 0, 0, 1], bool), np.array([1, 0, 0, 0], bool)
    >>> surface_distances(mask, other, (1.0,)).tolist()
    [0.0, 3.0]
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
