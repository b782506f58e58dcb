"""How much of a lesion is covered, and how large it is: Dice, precision, recall, volume.

Every metric of this room takes ``(prediction, truth, spacing=None, empty="nan")``:

prediction, truth : array-like, (X, Y, Z) or any other number of axes
    Masks on one grid, by the one rule of `islesedu.metrics.as_mask`. Anything else, probabilities
    above all, is a ValueError: 0.3 would silently count as lesion.
spacing : sequence of float, optional
    Voxel size in mm, one number an axis. With it distances are in mm; without it in voxels, as in
    the second talk's table. Volumes without it take a voxel for 1 mm³.
empty : {"nan", "max_dimension"}
    What a mask without lesion means.

    =============  ====================  ==========================================
    policy         both masks empty      one of them empty
    =============  ====================  ==========================================
    nan            Dice 1, the rest nan  Dice 0, distances nan: count failures apart
    max_dimension  Dice 1, distances 0   Dice 0, distances the volume's longest edge
    =============  ====================  ==========================================

    The second is the challenge entry's penalty. On the 43 training grids of ISLES 2017, 43 empty
    predictions give the slide's 190.512 +- 42.516.

Where medpy 0.5.2 gives a number, these give the same.
"""

import numpy as np

from islesedu.metrics.masks import Empty, Mask, Spacing, as_mask, as_masks, ratio, voxel_size


def dice(prediction: Mask, truth: Mask, spacing: Spacing = None, empty: Empty = "nan") -> float:
    """Return the Dice coefficient 2 |P and T| / (|P| + |T|), 0 (apart) to 1 (equal).

    See the module's text for the arguments; two empty masks are equal.

    Examples
    --------
    >>> dice(np.array([1, 1, 0]), np.array([0, 1, 0]))  # 2 x 1 / (2 + 1)
    0.6666666666666666
    """
    prediction, truth = as_masks(prediction, truth, empty)
    size = prediction.sum() + truth.sum()
    return float(2 * (prediction & truth).sum() / size) if size else 1.0


def precision(
    prediction: Mask, truth: Mask, spacing: Spacing = None, empty: Empty = "nan"
) -> float:
    """Return the share of the predicted voxels that are lesion, TP / (TP + FP).

    An empty prediction has none: nan, or 0 under the penalty.

    Examples
    --------
    >>> precision(np.array([1, 1, 0]), np.array([0, 1, 1]))
    0.5
    """
    prediction, truth = as_masks(prediction, truth, empty)
    return ratio((prediction & truth).sum(), prediction.sum(), empty)


def recall(prediction: Mask, truth: Mask, spacing: Spacing = None, empty: Empty = "nan") -> float:
    """Return the share of the lesion's voxels that were predicted, TP / (TP + FN).

    An empty truth has none: nan, or 0 under the penalty.

    Examples
    --------
    >>> recall(np.array([0, 1, 0, 0]), np.array([1, 1, 1, 1]))
    0.25
    """
    prediction, truth = as_masks(prediction, truth, empty)
    return ratio((prediction & truth).sum(), truth.sum(), empty)


def volume_ml(mask: Mask, spacing: Spacing = None) -> float:
    """Return the volume of one mask in millilitres (1 ml = 1000 mm³).

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
    """Return predicted minus true volume in ml: above 0 where too much was predicted.

    Examples
    --------
    >>> volume_error_ml(np.ones(3000), np.arange(3000) < 1000)
    2.0
    """
    prediction, truth = as_masks(prediction, truth, empty)
    return volume_ml(prediction, spacing) - volume_ml(truth, spacing)


def volume_error_relative(
    prediction: Mask, truth: Mask, spacing: Spacing = None, empty: Empty = "nan"
) -> float:
    """Return predicted minus true volume, divided by the true one: 0.5 is half too much.

    -1 says that nothing was predicted. No voxel size enters. An empty truth has no such error:
    nan. Under the penalty it is 0 if nothing was predicted, else 1: all of it is too much.

    Examples
    --------
    >>> volume_error_relative(np.array([1, 1, 1]), np.array([0, 1, 1]))  # (3 - 2) / 2
    0.5
    """
    prediction, truth = as_masks(prediction, truth, empty)
    if not truth.any():
        return np.nan if empty == "nan" else float(prediction.any())
    return float(prediction.sum() / truth.sum() - 1)
