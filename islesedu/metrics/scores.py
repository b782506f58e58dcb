"""All metrics of one case at once: by name, and as the row of a table of results."""

import numpy as np

from islesedu.metrics.lesionwise import lesion_f1, lesion_precision, lesion_recall
from islesedu.metrics.masks import Empty, Mask, Spacing, _document, as_masks
from islesedu.metrics.overlap import (
    dice,
    precision,
    recall,
    volume_error_ml,
    volume_error_relative,
    volume_ml,
)
from islesedu.metrics.surface_distance import assd, hausdorff, hausdorff95, surface_dice

_MEASURES = (dice, precision, recall, hausdorff, hausdorff95, assd, volume_error_ml)
_MEASURES += (volume_error_relative, surface_dice, lesion_precision, lesion_recall, lesion_f1)


def score(
    prediction: Mask, truth: Mask, spacing: Spacing = None, empty: Empty = "nan"
) -> dict[str, float]:
    """Return every metric of masks by its name, and ``volume_ml``, the predicted volume.

    Examples
    --------
    >>> mask = np.ones((2, 2, 2), bool)
    >>> score(mask, mask)["dice"]
    1.0
    """
    prediction, truth = as_masks(prediction, truth, empty)
    scores = {f.__name__: f(prediction, truth, spacing, empty) for f in _MEASURES}
    return scores | {"volume_ml": volume_ml(prediction, spacing)}


def score_case(prediction: Mask, truth: Mask, spacing: Spacing) -> dict[str, float]:
    """Score a case as the slide does (voxels, penalty) and as the challenge does (mm, no penalty).

    The row of `islesedu.training.evaluate`'s table and of a comparison's.

    Parameters
    ----------
    prediction, truth : array_like, (X, Y, Z)
        Masks on one grid.
    spacing : sequence of float
        Voxel size in mm.

    Returns
    -------
    dict
        Overlaps; distances in mm (nan if one mask is empty) and in voxels (then the volume's
        longest edge); volumes in ml; ``failed`` where exactly one mask is empty; ``assd_2017``,
        the mean of the two directed means, which slide and challenge had; ``predicted_share`` of
        all voxels, 0 to 1.

    Raises
    ------
    ValueError
        What is no mask, masks on two grids, or a wrong spacing.

    Examples
    --------
    >>> row = score_case([0, 1, 1, 0], [0, 1, 0, 0], spacing=[2])
    >>> row["hausdorff_voxels"], row["hausdorff_mm"], row["predicted_share"]
    (1.0, 2.0, 0.5)
    """
    masks = prediction, truth = as_masks(prediction, truth)
    return {
        "dice": dice(*masks),
        "precision": precision(*masks),
        "recall": recall(*masks),
        "hausdorff_mm": hausdorff(*masks, spacing),
        "assd_mm": assd(*masks, spacing),
        "hausdorff_voxels": hausdorff(*masks, empty="max_dimension"),
        "assd_voxels": assd(*masks, empty="max_dimension"),
        "predicted_ml": volume_ml(prediction, spacing),
        "true_ml": volume_ml(truth, spacing),
        "failed": bool(prediction.any() != truth.any()),
        "assd_2017_voxels": assd(*masks, None, "max_dimension", "directed_means"),
        "assd_2017_mm": assd(*masks, spacing, convention="directed_means"),
        "predicted_share": float(np.mean(prediction)),
    }


_document(score)
