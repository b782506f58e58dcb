"""How good a segmentation is: overlap, surface distance, volume, lesions, probabilities, ranks.

Lessons 09, 13 and 16. Open `overlap` first. Every metric takes ``(prediction, truth, spacing=None,
empty="nan")``; `masks` says what a mask is and what an empty one means.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "overlap": [
            "dice",
            "precision",
            "recall",
            "volume_ml",
            "volume_error_ml",
            "volume_error_relative",
            "hausdorff",
            "hausdorff95",
            "assd",
            "surface_dice",
            "score",
        ],
        "surface_distance": ["bounding_box", "surface", "surface_distances"],
        "lesionwise": [
            "LesionCounts",
            "count_lesions",
            "lesion_f1",
            "lesion_precision",
            "lesion_recall",
        ],
        "masks": ["Empty", "Spacing", "as_mask", "as_masks"],
        "probability": [
            "CalibrationCurve",
            "brier_score",
            "calibration_curve",
            "expected_calibration_error",
            "probability_dice",
            "score_probability",
        ],
        "ranking": ["auc", "average_precision", "precision_recall_points", "roc_points"],
        "statistics": ["bootstrap_interval", "compare_pairs", "wilcoxon_p"],
        "empty_predictions": ["empty_forecasts", "mean_with_penalty", "spread_with_penalty"],
        "selection_bias": ["choose_on_other_folds", "flattery"],
        "challenge_ranking": ["case_ranks", "mean_rank", "rank_of_means"],
    },
)
