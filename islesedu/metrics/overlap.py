"""How good a segmentation is: overlap, distance, volume, lesions found.

Every function takes ``(prediction, truth, spacing=None, empty="nan")``:

prediction, truth : ndarray, (X, Y, Z) or any other number of axes
    Masks on one grid: bool, or numbers that are all 0 or 1. Anything else, probabilities above all,
    is a ValueError: 0.3 would silently count as lesion.
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

Where medpy 0.5.2 gives a number, these give the same. Lesions are counted in
`islesedu.metrics.lesionwise`, which states the rule of matching; probabilities are scored in
`islesedu.metrics.probability`.
"""

from typing import Literal

import numpy as np

from islesedu.metrics.lesionwise import lesion_f1, lesion_precision, lesion_recall
from islesedu.metrics.masks import Empty, Spacing, as_masks, edges, ratio
from islesedu.metrics.surface_distance import bounding_box, surface_distances


def dice(prediction, truth, spacing: Spacing = None, empty: Empty = "nan") -> float:
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


def precision(prediction, truth, spacing: Spacing = None, empty: Empty = "nan") -> float:
    """Return the share of the predicted voxels that are lesion, TP / (TP + FP).

    An empty prediction has none: nan, or 0 under the penalty.
    """
    prediction, truth = as_masks(prediction, truth, empty)
    return ratio((prediction & truth).sum(), prediction.sum(), empty)


def recall(prediction, truth, spacing: Spacing = None, empty: Empty = "nan") -> float:
    """Return the share of the lesion's voxels that were predicted, TP / (TP + FN).

    An empty truth has none: nan, or 0 under the penalty.
    """
    prediction, truth = as_masks(prediction, truth, empty)
    return ratio((prediction & truth).sum(), truth.sum(), empty)


def both_ways(prediction, truth, spacing: Spacing, empty: str):
    """Return the distances from prediction to truth and back, or the one number that stands in.

    Returns
    -------
    distances : tuple of two ndarray, or None if a mask is empty
    instead : float
        What the distance metrics are then.
    """
    prediction, truth = as_masks(prediction, truth, empty)
    sizes = edges(truth.shape, spacing)
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


def hausdorff(prediction, truth, spacing: Spacing = None, empty: Empty = "nan") -> float:
    """Return the largest distance from one surface to the other: the single worst voxel.

    Examples
    --------
    >>> hausdorff(np.array([1, 0, 0, 1]), np.array([1, 0, 0, 0]))
    3.0
    """
    distances, instead = both_ways(prediction, truth, spacing, empty)
    return float(max(d.max() for d in distances)) if distances else instead


def hausdorff95(prediction, truth, spacing: Spacing = None, empty: Empty = "nan") -> float:
    """Return the distance that 95 % of all surface voxels, of both masks, keep."""
    distances, instead = both_ways(prediction, truth, spacing, empty)
    return float(np.percentile(np.concatenate(distances), 95)) if distances else instead


def assd(
    prediction,
    truth,
    spacing: Spacing = None,
    empty: Empty = "nan",
    convention: Literal["pooled", "directed_means"] = "pooled",
) -> float:
    """Return the average symmetric surface distance.

    Parameters
    ----------
    prediction, truth, spacing, empty
        See the module's text.
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
    distances, instead = both_ways(prediction, truth, spacing, empty)
    if not distances:
        return instead
    if convention == "pooled":
        return float(np.concatenate(distances).mean())
    return float(np.mean([d.mean() for d in distances]))


def surface_dice(
    prediction, truth, spacing: Spacing = None, empty: Empty = "nan", tolerance: float = 1.0
) -> float:
    """Return the share of both surfaces that lies within `tolerance` of the other one.

    Counts surface voxels; Nikolov et al. 2018 (arXiv 1809.04430), who proposed the measure, weight
    each by its area, so that their numbers differ somewhat.

    Parameters
    ----------
    prediction, truth, spacing, empty
        See the module's text. Under the penalty a failed case scores 0.
    tolerance : float
        Distance that still counts as right, in mm with `spacing`, in voxels without.
    """
    distances, instead = both_ways(prediction, truth, spacing, empty)
    if distances:
        return float((np.concatenate(distances) <= tolerance).mean())
    if np.isnan(instead):
        return instead
    return 1.0 if instead == 0 else 0.0


def volume_ml(mask, spacing: Spacing = None) -> float:
    """Return the volume of one mask in millilitres (1 ml = 1000 mm³).

    Examples
    --------
    >>> volume_ml(np.ones((10, 10, 4), bool), spacing=(1, 1, 5))
    2.0
    """
    mask, _ = as_masks(mask, mask)
    return float(mask.sum() * np.prod(edges(mask.shape, spacing)) / 1000)


def volume_error_ml(prediction, truth, spacing: Spacing = None, empty: Empty = "nan") -> float:
    """Return predicted minus true volume in ml: above 0 where too much was predicted."""
    prediction, truth = as_masks(prediction, truth, empty)
    return volume_ml(prediction, spacing) - volume_ml(truth, spacing)


def volume_error_relative(
    prediction, truth, spacing: Spacing = None, empty: Empty = "nan"
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


def score(prediction, truth, spacing: Spacing = None, empty: Empty = "nan") -> dict[str, float]:
    """Return every measure of this module by its name.

    Examples
    --------
    >>> mask = np.ones((2, 2, 2), bool)
    >>> score(mask, mask)["dice"]
    1.0
    """
    measures = (
        dice,
        precision,
        recall,
        hausdorff,
        hausdorff95,
        assd,
        volume_error_ml,
        volume_error_relative,
        surface_dice,
        lesion_precision,
        lesion_recall,
        lesion_f1,
    )
    scores = {f.__name__: f(prediction, truth, spacing, empty) for f in measures}
    return scores | {"volume_ml": volume_ml(prediction, spacing)}
