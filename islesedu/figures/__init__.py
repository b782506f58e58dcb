"""Pictures of the lessons. Each function draws into the `ax` it is given and returns it.

All lessons. Open `style` first, the one home of colours, lines and gray scales: the truth is solid,
the prediction dashed. Slices are drawn as radiologists look at them: the front of the head up, the
patient's right on the viewer's left. Where an array's axes run is read from its affine by `view`;
without a view they run to the patient's right and front (RAS), as in the synthetic cohort.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "agreement": ["Limits", "bland_altman", "limits_of_agreement"],
        "arithmetic": ["sliding_window"],
        "blocks": ["convolution_blocks"],
        "cases": ["compare_cases", "loss_and_dice", "paired_differences", "score_boxes"],
        "curves": [
            "calibration_diagram",
            "confusion_matrix",
            "precision_recall_curve",
            "roc_curve",
        ],
        "graph": ["computational_graph"],
        "layer_blocks": ["feature_maps"],
        "nested_folds": ["fold_scheme"],
        "network_diagram": ["architecture"],
        "outcomes": ["outcome_map"],
        "panel_grid": ["panels"],
        "patients": ["montage"],
        "pixel_grid": ["pixel_masks"],
        "showing": ["show"],
        "slices": [
            "AXIAL",
            "View",
            "best_slice",
            "mark_sides",
            "outline",
            "overlay",
            "show_slice",
            "upright",
            "view",
        ],
        "style": [
            "BLUE",
            "CURVES",
            "FALSE_NEGATIVE",
            "FALSE_POSITIVE",
            "GREEN",
            "ORANGE",
            "PINK",
            "PREDICTION",
            "RANGES",
            "SKY",
            "TRUE_POSITIVE",
            "TRUTH",
            "YELLOW",
            "Scale",
            "Style",
            "gray_scale",
        ],
    },
)
