"""Distances between the surfaces of two masks: Hausdorff, ASSD and surface Dice.

A surface voxel has a face in common with the outside of its mask. Distances are taken from each
surface voxel of one mask to the nearest one of the other, and back.
"""

from typing import Literal

import numpy as np
from scipy import ndimage

from islesedu.metrics.masks import (
    Empty,
    Mask,
    Spacing,
    _document,
    as_mask,
    as_masks,
    check_same_grid,
    voxel_size,
)


def hausdorff(
    prediction: Mask, truth: Mask, spacing: Spacing = None, empty: Empty = "nan"
) -> float:
    """Return the Hausdorff distance: the largest of all surface distances, the worst voxel's.

    Examples
    --------
    >>> hausdorff([1, 0, 0, 1], [1, 0, 0, 0])
    3.0
    """
    distances, otherwise = _both_ways(prediction, truth, spacing, empty)
    return float(max(d.max() for d in distances)) if distances else otherwise


def hausdorff95(
    prediction: Mask,
    truth: Mask,
    spacing: Spacing = None,
    empty: Empty = "nan",
    convention: Literal["pooled", "directed_maximum"] = "pooled",
) -> float:
    """Return the 95th percentile of the surface distances, which a few outliers do not decide.

    Parameters
    ----------
    convention : {"pooled", "directed_maximum"}
        "pooled" takes the percentile of the distances of both masks together, as medpy does;
        "directed_maximum" takes one percentile from prediction to truth and one back, and of the
        two the larger, as MONAI and Metrics Reloaded do. The numbers differ: name the convention.

    Examples
    --------
    >>> both = [1, 0, 0, 1], [1, 0, 0, 0]  # distances 0 3 and 0
    >>> round(hausdorff95(*both), 2), round(hausdorff95(*both, convention="directed_maximum"), 2)
    (2.7, 2.85)
    """
    _check_convention(convention, "pooled", "directed_maximum")
    distances, otherwise = _both_ways(prediction, truth, spacing, empty)
    if not distances:
        return otherwise
    if convention == "pooled":
        return float(np.percentile(np.concatenate(distances), 95))
    return float(max(np.percentile(d, 95) for d in distances))


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
    convention : {"pooled", "directed_means"}
        "pooled" averages over the surface voxels of both masks together, as medpy does since 0.4;
        "directed_means" averages the two means, from prediction to truth and back, as medpy did
        in 2017: the table of the talk and the challenge's figures are of this kind.

    Examples
    --------
    >>> both = [1, 1, 0, 1], [1, 1, 0, 0]
    >>> assd(*both), assd(*both, convention="directed_means")  # distances 0 0 2 and 0 0
    (0.4, 0.3333333333333333)
    """
    _check_convention(convention, "pooled", "directed_means")
    distances, otherwise = _both_ways(prediction, truth, spacing, empty)
    if not distances:
        return otherwise
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
    """Return the fraction of both surfaces that lies within `tolerance` of the other one.

    Counts surface voxels; Nikolov et al. 2018 (arXiv 1809.04430), who proposed the measure, weight
    each by its area, so that their numbers differ somewhat. Under the penalty a failed case
    scores 0.

    Parameters
    ----------
    tolerance : float
        Largest distance that counts as agreement, in mm with `spacing`, in voxels without.

    Examples
    --------
    >>> surface_dice([1, 1, 1, 1], [1, 0, 0, 0])  # distances 0 3 and 0
    0.6666666666666666
    """
    distances, otherwise = _both_ways(prediction, truth, spacing, empty)
    if distances:
        return float((np.concatenate(distances) <= tolerance).mean())
    if np.isnan(otherwise):
        return otherwise
    return 1.0 if otherwise == 0 else 0.0


def _check_convention(convention: str, *known: str) -> None:
    """Raise a ValueError if a convention is none of those that are known."""
    if convention not in known:
        choices = " or ".join(map(repr, known))
        raise ValueError(f"convention is {convention!r}; choose {choices}")


def _both_ways(
    prediction: Mask, truth: Mask, spacing: Spacing, empty: Empty
) -> tuple[tuple[np.ndarray, np.ndarray] | None, float]:
    """Return the distances from prediction to truth and back, and what stands in for them.

    Returns
    -------
    distances : tuple of two ndarray, or None if a mask is empty
    otherwise : float
        What the distance metrics are then.
    """
    prediction, truth = as_masks(prediction, truth, empty)
    sizes = voxel_size(truth.shape, spacing)
    if prediction.any() and truth.any():
        box = bounding_box(prediction | truth)
        prediction, truth = prediction[box], truth[box]
        there = surface_distances(prediction, truth, sizes)
        return (there, surface_distances(truth, prediction, sizes)), 0.0
    if empty == "nan":
        return None, np.nan
    if not prediction.any() and not truth.any():
        return None, 0.0
    return None, float(max(n * size for n, size in zip(truth.shape, sizes, strict=True)))


def surface_distances(
    mask: np.ndarray, other: np.ndarray, spacing: tuple[float, ...]
) -> np.ndarray:
    """Return how far each surface voxel of `mask` is from the nearest one of `other`.

    Only the joint bounding box is looked at: no voxel outside belongs to either mask, so the
    numbers are those of the whole volume, found much faster for a small lesion
    (benchmarks/metrics_against_medpy.py measures by how much).

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
    >>> mask, other = np.array([[1, 1, 0, 0, 0], [0, 0, 0, 0, 1]], bool)
    >>> surface_distances(mask, other, (2.0,)).tolist()
    [8.0, 6.0]
    """
    mask, other = as_mask("mask", mask), as_mask("other", other)
    check_same_grid("mask", mask, other)
    box = bounding_box(mask | other)
    near, far = surface(mask[box]), surface(other[box])
    # For each voxel: the distance to the nearest zero, that is to the nearest surface voxel.
    return ndimage.distance_transform_edt(~far, sampling=spacing)[near]


def surface(mask: Mask) -> np.ndarray:
    """Return the voxels of a mask that have a face in common with its outside.

    Examples
    --------
    >>> surface(np.array([0, 1, 1, 1, 0], bool)).astype(int).tolist()
    [0, 1, 0, 1, 0]
    """
    mask = as_mask("mask", mask)
    return mask & ~ndimage.binary_erosion(mask)


def bounding_box(mask: Mask) -> tuple[slice, ...]:
    """Return the slices of the smallest box around a mask that is not empty.

    Examples
    --------
    >>> bounding_box(np.array([[0, 0, 0], [0, 1, 1]], bool))
    (slice(1, 2, None), slice(1, 3, None))
    """
    return ndimage.find_objects(as_mask("mask", mask).view(np.uint8))[0]


_document(hausdorff, hausdorff95, assd, surface_dice)
