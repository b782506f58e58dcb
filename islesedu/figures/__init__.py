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
        "boxes": ["score_boxes"],
        "calibration": ["calibration_diagram"],
        "activations": ["activation_gallery", "kernel_gallery"],
        "style": [
            "BLUE",
            "CURVES",
            "FALSE_ALARM",
            "FOUND",
            "GREEN",
            "MISSED",
            "ORANGE",
            "PINK",
            "PREDICTION",
            "RANGES",
            "SKY",
            "TRUTH",
            "YELLOW",
            "Look",
            "Scale",
            "gray_scale",
        ],
        "outcomes": ["outcome_map"],
        "paired": ["paired_differences"],
        "patients": ["anatomy_overview", "montage"],
        "network_diagram": ["architecture"],
        "curves": ["confusion_matrix", "precision_recall_curve", "roc_curve"],
        "slices": ["mark_sides", "outline", "overlay", "show_slice"],
        "cases": ["case_metrics", "compare_cases", "learning_curves"],
    },
)
