"""All scores of a predicted mask in one table."""

from islesedu.metrics.lesionwise import lesion_f1, lesion_precision, lesion_recall
from islesedu.metrics.masks import Empty, Mask, Spacing
from islesedu.metrics.overlap import (
    dice,
    precision,
    recall,
    volume_error_ml,
    volume_error_relative,
    volume_ml,
)
from islesedu.metrics.surface_distance import assd, hausdorff, hausdorff95, surface_dice


def score(
    prediction: Mask, truth: Mask, spacing: Spacing = None, empty: Empty = "nan"
) -> dict[str, float]:
    """Return every measure of a mask by its name.

    Examples
    --------
    >>> score([0, 1, 1], [0, 0, 1])["precision"]
    0.5
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
