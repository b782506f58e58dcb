"""How good a segmentation is: overlap, surface distance, volume, lesions, probabilities, ranks.

Lessons 09, 13 and 16 to 20. Open `overlap` first. Every metric of two masks takes ``(prediction,
truth, spacing=None, empty="nan")``; `masks` says what a mask is and what an empty one means.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "challenge_ranking": [
            "aggregate_then_rank",
            "bootstrap_places",
            "case_ranks",
            "rank_then_aggregate",
        ],
        "discrimination": ["auc", "average_precision", "precision_recall_points", "roc_points"],
        "empty_predictions": [
            "mean_with_penalty",
            "number_of_empty_predictions",
            "std_with_penalty",
        ],
        "fold_statistics": ["corrected_t_interval", "corrected_t_test"],
        "lesionwise": [
            "LesionCounts",
            "count_lesions",
            "lesion_f1",
            "lesion_precision",
            "lesion_recall",
            "panoptic_quality",
        ],
        "masks": ["Empty", "Spacing", "as_mask", "as_masks"],
        "overlap": [
            "dice",
            "precision",
            "recall",
            "volume_error_ml",
            "volume_error_relative",
            "volume_ml",
        ],
        "probability": [
            "CalibrationCurve",
            "best_dice_threshold",
            "brier_score",
            "calibration_curve",
            "equal_mass_bins",
            "expected_calibration_error",
            "probability_dice",
            "score_probability",
        ],
        "scores": ["score", "score_case"],
        "selection_bias": ["choose_on_other_folds", "nested_choice", "nested_optimism", "optimism"],
        "ties": ["merge_ties"],
        "statistics": ["bootstrap_interval", "compare_pairs", "holm", "wilcoxon_p"],
        "surface_distance": [
            "assd",
            "bounding_box",
            "hausdorff",
            "hausdorff95",
            "surface",
            "surface_dice",
            "surface_distances",
        ],
        "treatment_effect": ["patients_needed", "permutation_p", "saved_dice"],
    },
)
