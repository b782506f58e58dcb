"""How many lesions were found, whatever their size: one score a lesion, not one a voxel.

A **lesion** is a connected component: voxels that touch at least by a corner. The **matching
rule**, as in the evaluation of ISLES 2022, asks for no more than contact:

- *found*, true positive (TP): a true lesion of which more than `overlap` was predicted;
- *missed*, false negative (FN): any other true lesion;
- *false positive* (FP): a predicted lesion of which no more than `overlap` is true.

With the default ``overlap=0`` one common voxel is enough, so that a single large blob "finds" all
lesions that it covers and counts no false positive: 0.5 asks for more than half instead.
"""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from islesedu.metrics.masks import (
    Empty,
    Mask,
    Spacing,
    _document,
    as_masks,
    check_empty_policy,
    ratio,
)


class LesionCounts(NamedTuple):
    """Numbers of lesions: found and missed of the true ones, false of the predicted ones."""

    found: int
    missed: int
    false: int


def count_lesions(prediction: Mask, truth: Mask, overlap: float = 0.0) -> LesionCounts:
    """Match true with predicted lesions by the module's rule, and count.

    Parameters
    ----------
    prediction, truth : array_like, (X, Y, Z) or any other number of axes
        Masks on one grid.
    overlap : float
        Fraction of a lesion, 0 to below 1, that has to be exceeded.

    Returns
    -------
    LesionCounts

    Raises
    ------
    ValueError
        What is no mask, masks on two grids, or an overlap out of range.

    Examples
    --------
    >>> count_lesions([1, 0, 0, 0, 1], [1, 0, 1, 0, 0])
    LesionCounts(found=1, missed=1, false=1)
    """
    prediction, truth = as_masks(prediction, truth)
    if not 0 <= overlap < 1:
        raise ValueError(f"overlap is {overlap}; give a share from 0 to below 1")
    found = _covered_fractions(truth, prediction) > overlap
    right = _covered_fractions(prediction, truth) > overlap
    return LesionCounts(int(found.sum()), int((~found).sum()), int((~right).sum()))


def _covered_fractions(mask: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return for each connected component of `mask` the fraction of its voxels inside `other`.

    Examples
    --------
    >>> _covered_fractions(np.array([1, 1, 0, 1], bool), np.array([1, 0, 0, 0], bool)).tolist()
    [0.5, 0.0]
    """
    labels, count = ndimage.label(mask, np.ones((3,) * mask.ndim, bool))
    sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    inside = np.bincount(labels[other], minlength=count + 1)[1:]
    return inside / sizes


def lesion_precision(
    prediction: Mask,
    truth: Mask,
    spacing: Spacing = None,
    empty: Empty = "nan",
    overlap: float = 0.0,
) -> float:
    """Return TP / (TP + FP), counted in lesions.

    `overlap` as for `count_lesions`. Nothing found and no false positive: nan, or 0 under the
    penalty.

    Examples
    --------
    >>> lesion_precision([1, 0, 0, 0, 1], [1, 1, 0, 0, 0])
    0.5
    """
    check_empty_policy(empty)
    found, _, false = count_lesions(prediction, truth, overlap)
    return ratio(found, found + false, empty)


def lesion_recall(
    prediction: Mask,
    truth: Mask,
    spacing: Spacing = None,
    empty: Empty = "nan",
    overlap: float = 0.0,
) -> float:
    """Return TP / (TP + FN), counted in lesions: the fraction of the true ones that were found.

    `overlap` as for `count_lesions`. No true lesion: nan, or 0 under the penalty.

    Examples
    --------
    >>> lesion_recall([1, 0, 0, 0, 0], [1, 0, 1, 0, 1])
    0.3333333333333333
    """
    check_empty_policy(empty)
    found, missed, _ = count_lesions(prediction, truth, overlap)
    return ratio(found, found + missed, empty)


def lesion_f1(
    prediction: Mask,
    truth: Mask,
    spacing: Spacing = None,
    empty: Empty = "nan",
    overlap: float = 0.0,
) -> float:
    """Return 2 TP / (2 TP + FP + FN), the harmonic mean of the two above: the Dice of lesions.

    `overlap` as for `count_lesions`. Neither mask has a lesion: nan, or 0 under the penalty.

    Examples
    --------
    >>> lesion_f1([1, 0, 0, 0, 1], [1, 0, 1, 0, 0])  # found, missed, false
    0.5
    """
    check_empty_policy(empty)
    found, missed, false = count_lesions(prediction, truth, overlap)
    return ratio(2 * found, 2 * found + missed + false, empty)


_document(lesion_precision, lesion_recall, lesion_f1)
