"""How much of a lesion is covered, and how large it is: Dice, precision, recall, volume.

Every metric of this room takes ``(prediction, truth, spacing=None, empty="nan")``; `empty` says
what a mask without lesion means:

=============  ====================  ==========================================
policy         both masks empty      one of them empty
=============  ====================  ==========================================
nan            Dice 1, the rest nan  Dice 0, distances nan: count failures apart
max_dimension  Dice 1, distances 0   Dice 0, distances the volume's longest edge
=============  ====================  ==========================================

The second is the challenge entry's penalty. On the 43 training grids of ISLES 2017, 43 empty
predictions give the slide's 190.512 +- 42.516. Where medpy 0.5.2 gives a number, these give the
same.
"""

import numpy as np

from islesedu.metrics.masks import (
    Empty,
    Mask,
    Spacing,
    _document,
    as_mask,
    as_masks,
    ratio,
    voxel_size,
)


def dice(prediction: Mask, truth: Mask, spacing: Spacing = None, empty: Empty = "nan") -> float:
    """Return the Dice coefficient ``2 |P and T| / (|P| + |T|)``, 0 (apart) to 1 (equal).

    Two empty masks are equal. Dice 1945 (doi.org/10.2307/1932409).

    Examples
    --------
    >>> dice([1, 1, 0], [0, 1, 0])  # 2 x 1 / (2 + 1)
    0.6666666666666666
    """
    prediction, truth = as_masks(prediction, truth, empty)
    size = prediction.sum() + truth.sum()
    return float(2 * (prediction & truth).sum() / size) if size else 1.0


def precision(
    prediction: Mask, truth: Mask, spacing: Spacing = None, empty: Empty = "nan"
) -> float:
    """Return TP / (TP + FP), the fraction of the predicted voxels that are lesion.

    An empty prediction has none: nan, or 0 under the penalty.

    Examples
    --------
    >>> precision([1, 1, 1, 1, 0], [0, 0, 0, 1, 1])
    0.25
    """
    prediction, truth = as_masks(prediction, truth, empty)
    return ratio((prediction & truth).sum(), prediction.sum(), empty)


def recall(prediction: Mask, truth: Mask, spacing: Spacing = None, empty: Empty = "nan") -> float:
    """Return TP / (TP + FN), the fraction of the lesion's voxels that were predicted: sensitivity.

    An empty truth has none: nan, or 0 under the penalty.

    Examples
    --------
    >>> recall([1, 1, 1, 1, 0], [0, 0, 0, 1, 1])
    0.5
    """
    prediction, truth = as_masks(prediction, truth, empty)
    return ratio((prediction & truth).sum(), truth.sum(), empty)


def volume_ml(mask: Mask, spacing: Spacing = None) -> float:
    """Return the volume of one mask in millilitres (1 ml = 1000 mm³).

    Parameters
    ----------
    mask : array_like, (X, Y, Z)
        Mask, see `islesedu.metrics.as_mask`.
    spacing : sequence of float, optional
        Voxel size in mm, one number an axis; 1 mm without it.

    Raises
    ------
    ValueError
        What is no mask, or a wrong spacing.

    Examples
    --------
    >>> volume_ml(np.ones((10, 10, 4), bool), spacing=(1, 1, 5))
    2.0
    """
    mask = as_mask("mask", mask)
    return float(mask.sum() * np.prod(voxel_size(mask.shape, spacing)) / 1000)


def volume_error_ml(
    prediction: Mask, truth: Mask, spacing: Spacing = None, empty: Empty = "nan"
) -> float:
    """Return predicted minus true volume in ml: above 0 is over-segmentation.

    Examples
    --------
    >>> volume_error_ml([1, 1, 1], [0, 1, 0], spacing=[500])
    1.0
    """
    prediction, truth = as_masks(prediction, truth, empty)
    return volume_ml(prediction, spacing) - volume_ml(truth, spacing)


def volume_error_relative(
    prediction: Mask, truth: Mask, spacing: Spacing = None, empty: Empty = "nan"
) -> float:
    """Return predicted minus true volume, divided by the true one: 0.5 is half too much.

    -1 means that nothing was predicted. An empty truth has no such error: nan. Under the penalty
    it is 0 if nothing was predicted, else 1: all of it is too much.

    Examples
    --------
    >>> volume_error_relative([1, 1, 1], [0, 1, 1])  # (3 - 2) / 2
    0.5
    """
    prediction, truth = as_masks(prediction, truth, empty)
    if not truth.any():
        return np.nan if empty == "nan" else float(prediction.any())
    return float(prediction.sum() / truth.sum() - 1)


_document(dice, precision, recall, volume_error_ml, volume_error_relative)
