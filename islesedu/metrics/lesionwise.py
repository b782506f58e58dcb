"""How many lesions were found, whatever their size: one score a lesion, not one a voxel.

A **lesion** is a connected component: voxels that touch at least by a corner. The **matching
rule**, as in the evaluation of ISLES 2022, asks for no more than contact:

- *found*, true positive (TP): a true lesion of which more than `overlap` was predicted;
- *missed*, false negative (FN): any other true lesion;
- *false positive* (FP): a predicted lesion of which no more than `overlap` is true.

With the default ``overlap=0`` one common voxel is enough, so that a single large blob "finds" all
lesions that it covers and counts no false positive: 0.5 asks for more than half instead.

`panoptic_quality` matches by intersection over union (IoU) instead: one true with one predicted
lesion, so that merged and split lesions are punished.
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


def panoptic_quality(
    prediction: Mask,
    truth: Mask,
    spacing: Spacing = None,
    empty: Empty = "nan",
    threshold: float = 0.5,
) -> float:
    """Return the sum of the IoU of matched lesions, divided by TP + FP / 2 + FN / 2.

    A true and a predicted lesion match (TP) if their intersection over union exceeds `threshold`.
    From 0.5 on no lesion can match twice. The measure is the F1 of lesions times the mean IoU of
    the matched ones. Kirillov et al. 2019 (arXiv 1801.00868). Neither mask has a lesion: nan, or 0
    under the penalty.

    Parameters
    ----------
    threshold : float
        From 0.5 to below 1.

    Examples
    --------
    >>> panoptic_quality([1, 1, 1, 0, 0, 1], [1, 1, 1, 1, 0, 0])  # IoU 3 / 4, one false positive
    0.5
    """
    prediction, truth = as_masks(prediction, truth, empty)
    if not 0.5 <= threshold < 1:
        raise ValueError(f"threshold is {threshold}; give an IoU from 0.5 to below 1")
    (labels, predicted), (true_labels, true) = _components(prediction), _components(truth)
    pairs = labels.ravel().astype(np.int64) * (true + 1) + true_labels.ravel()
    common = np.bincount(pairs, minlength=(predicted + 1) * (true + 1))
    common = common.reshape(predicted + 1, true + 1)
    sizes = common.sum(axis=1, keepdims=True) + common.sum(axis=0, keepdims=True)
    iou = (common / np.maximum(sizes - common, 1))[1:, 1:]  # without what is no lesion
    matched = iou[iou > threshold]
    return ratio(float(matched.sum()), (predicted + true) / 2, empty)


def _components(mask: np.ndarray) -> tuple[np.ndarray, int]:
    """Label connected components, which touch at least by a corner, and count them."""
    return ndimage.label(mask, np.ones((3,) * mask.ndim, bool))


def _covered_fractions(mask: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return for each connected component of `mask` the fraction of its voxels inside `other`.

    Examples
    --------
    >>> _covered_fractions(np.array([1, 1, 0, 1], bool), np.array([1, 0, 0, 0], bool)).tolist()
    [0.5, 0.0]
    """
    labels, count = _components(mask)
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
    >>> lesion_f1([1, 0, 0, 0, 1], [1, 0, 1, 0, 0])  # one found, one missed, one false positive
    0.5
    """
    check_empty_policy(empty)
    found, missed, false = count_lesions(prediction, truth, overlap)
    return ratio(2 * found, 2 * found + missed + false, empty)


_document(lesion_precision, lesion_recall, lesion_f1, panoptic_quality)
