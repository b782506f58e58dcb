"""Pictures of the lessons. Each function draws into the `ax` it is given and returns it.

Slices are drawn as radiologists look at them: the front of the head up, the patient's right on the
viewer's left. Where an array's axes run is read from its affine by `view`; without a view they run
to the patient's right and front (RAS), as in the synthetic cohort. Colours, lines, hatches and
gray scales are said once, in `islesedu.figures.look`: the truth is solid, the prediction dashed.
"""

from islesedu.figures.agreement import Limits, bland_altman, limits_of_agreement
from islesedu.figures.boxes import score_boxes
from islesedu.figures.calibration import calibration_diagram
from islesedu.figures.cluster import cluster_parts, timeline
from islesedu.figures.galleries import activation_gallery, kernel_gallery
from islesedu.figures.labels import frame, label_map, warp_grid
from islesedu.figures.landscape import contrast_landscape
from islesedu.figures.look import (
    BLUE,
    CURVES,
    FALSE_ALARM,
    FOUND,
    GREEN,
    MISSED,
    ORANGE,
    PINK,
    PREDICTION,
    RANGES,
    SKY,
    TRUTH,
    YELLOW,
    Look,
    Scale,
    gray_scale,
)
from islesedu.figures.outcomes import outcome_map
from islesedu.figures.paired import paired_differences
from islesedu.figures.patients import anatomy_overview, montage
from islesedu.figures.plan import architecture
from islesedu.figures.scores import confusion_matrix, precision_recall_curve, roc_curve
from islesedu.figures.slices import mark_sides, outline, overlay, show_slice
from islesedu.figures.training import case_metrics, compare_cases, learning_curves
from islesedu.orientation import AXIAL, View, best_slice, upright, view

__all__ = [
    "AXIAL",
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
    "Limits",
    "Look",
    "Scale",
    "View",
    "activation_gallery",
    "anatomy_overview",
    "architecture",
    "best_slice",
    "bland_altman",
    "calibration_diagram",
    "case_metrics",
    "cluster_parts",
    "compare_cases",
    "confusion_matrix",
    "contrast_landscape",
    "frame",
    "gray_scale",
    "kernel_gallery",
    "label_map",
    "learning_curves",
    "limits_of_agreement",
    "mark_sides",
    "montage",
    "outcome_map",
    "outline",
    "overlay",
    "paired_differences",
    "precision_recall_curve",
    "roc_curve",
    "score_boxes",
    "show_slice",
    "timeline",
    "upright",
    "view",
    "warp_grid",
]
