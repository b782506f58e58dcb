"""Lesson 13, Compare the losses."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from islesedu.course.exercise import Exercise, FunctionExercise
from islesedu.metrics.empty_predictions import mean_with_penalty, number_of_empty_predictions
from islesedu.metrics.selection_bias import choose_on_other_folds, optimism

_MEAN_HD = '''def your_mean_hd(distances, edges):
    """Return the mean distance, where an empty prediction scores the edge of its volume."""
    return np.where(np.isnan(distances), edges, distances).mean()'''

_CORRECTED_T = '''def your_corrected_t(differences, n_test, n_train):
    """Return the corrected t statistic of the differences of the folds."""
    k = len(differences)
    variance = np.var(differences, ddof=1)
    return np.mean(differences) / np.sqrt((1 / k + n_test / n_train) * variance)'''

_OPTIMISM = '''def your_optimism(scores, picked_by, others):
    """Return the Dice of the best checkpoint on those it was picked by, minus on the others."""
    best = scores[:, picked_by].mean(axis=1).argmax()
    return scores[best, picked_by].mean() - scores[best, others].mean()'''

_MEAN_BY_HAND = """parts = []
for fold in fold_of.unique():
    best = tried[fold_of != fold].mean().idxmax()
    parts += list(tried.loc[fold_of == fold, best])
your_mean = np.mean(parts)"""


def _mean_hd_slips(distances: np.ndarray, edges: np.ndarray) -> dict[str, Any]:
    """Return what the usual mistakes give."""

    def with_penalty(penalty: float) -> float:
        return float(np.nan_to_num(distances, nan=penalty).mean())

    return {
        "empty predictions were left out, so that the worst failures cost nothing": np.nanmean(
            distances
        ),
        "empty predictions were counted as 0, the best distance there is": with_penalty(0.0),
        "the slide's 190.512 belongs to other volumes; each has its own edge": with_penalty(
            190.512
        ),
        "each empty prediction scores the edge of its own volume, not the mean edge": with_penalty(
            float(np.mean(edges))
        ),
        "each empty prediction scores the edge of its own volume, not the largest of all": (
            with_penalty(float(np.max(edges)))
        ),
        "take the mean at the end": np.where(np.isnan(distances), edges, distances),
    }


def _t(differences: Sequence[float], n_test: int, n_train: int, ddof: int = 1) -> float:
    """Return the corrected t statistic."""
    values = np.asarray(differences, float)
    factor = 1 / values.size + n_test / n_train
    return float(values.mean() / np.sqrt(factor * values.var(ddof=ddof)))


def _t_slips(differences: Sequence[float], n_test: int, n_train: int) -> dict[str, float]:
    """Return what the usual mistakes give."""
    values = np.asarray(differences, float)
    factor = 1 / values.size + n_test / n_train
    return {
        "that is the uncorrected t: add n2 / n1 to 1 / k": _t(values, 0, n_train),
        "the ratio is test to training patients, not test to all": _t(
            values, n_test, n_test + n_train
        ),
        "the ratio is test to training patients, not the other way round": _t(
            values, n_train, n_test
        ),
        "the sample variance divides by k - 1: ddof=1": _t(values, n_test, n_train, ddof=0),
        "take the root of the denominator": float(values.mean() / (factor * values.var(ddof=1))),
        "s is squared under the root": float(values.mean() / np.sqrt(factor * values.std(ddof=1))),
    }


def _mean_slips(tried: Any, fold_of: Any) -> dict[str, float]:
    """Return what the usual mistakes give."""
    return {
        "that chooses on the fold that is reported": float(
            fold_of.map(tried.groupby(fold_of).mean().max(axis=1)).mean()
        ),
        "that is one threshold for all, chosen on all": float(tried.mean().max()),
        "that is at 0.5": float(tried[0.5].mean()),
        "that is each patient's own best threshold": float(tried.max(axis=1).mean()),
    }


def _optimism_slips(scores: np.ndarray, picked_by: Any, others: Any) -> dict[str, float]:
    """Return what the usual mistakes give."""
    best = scores[:, picked_by].mean(axis=1)
    by_all = scores.mean(axis=1).argmax()
    return {
        "the others do not pick a checkpoint of their own": best.max()
        - scores[:, others].mean(axis=1).max(),
        "that is the best mean itself; subtract that of the others": best.max(),
        "that is the other way round": -optimism(scores, picked_by, others),
        "only the patients of picked_by pick": scores[by_all, picked_by].mean()
        - scores[by_all, others].mean(),
        "that is the last checkpoint": scores[-1, picked_by].mean() - scores[-1, others].mean(),
    }


_SCORES = np.array(
    [
        [0.30, 0.10, 0.22, 0.45, 0.33],
        [0.41, 0.52, 0.25, 0.12, 0.20],
        [0.38, 0.31, 0.47, 0.36, 0.51],
        [0.28, 0.44, 0.19, 0.57, 0.24],
    ]
)
EXERCISES = {
    "13.1": Exercise(
        asks="a pair of whole numbers",
        answer=(15, 3),
        slips={
            "each loss needs networks of its own": (5, 3),
            "every loss is trained on every fold: multiply": (8, 3),
            "one network for each loss would predict patients that it has seen": (3, 3),
            "each network predicts only the patients of its own fold": (15, 15),
            "under each loss one network predicts a patient": (15, 1),
        },
        hints=(
            "One network for each loss and each fold.",
            "A patient lies in one fold. How many networks have not seen that fold?",
        ),
        solution="your_pair = (3 * 5, 3)",
    ),
    "13.2": FunctionExercise(
        asks="a function",
        answer=mean_with_penalty,
        cases=[
            (np.array([np.nan, 10.0, np.nan]), np.array([128, 256, 192])),
            (np.array([20.0, 30.0, np.nan, 8.0]), np.array([102, 77, 51, 77])),
        ],
        slips=_mean_hd_slips,
        hints=(
            "np.isnan tells where a distance is missing.",
            "np.where(condition, a, b) takes a where the condition holds, else b.",
        ),
        solution=_MEAN_HD,
        points=2,
    ),
    "13.3": Exercise(
        asks="one of the letters a, b and c",
        answer="a",
        slips={
            "they answer different questions: one is about the mean, the other about ranks": "b",
            "ranks can be formed of any paired differences": "c",
        },
        hints=(
            "What does a difference of 80 voxels in one patient do to a mean? And to a rank?",
            "Where do the largest differences of HD come from?",
        ),
        solution='your_reason = "a"',
        points=2,
    ),
    "13.4": FunctionExercise(
        asks="a function",
        answer=_t,
        cases=[([0.1, 0.2, 0.05, 0.15, 0.3], 9, 34), (np.array([2.0, -1.0, 4.0]), 4, 8)],
        slips=_t_slips,
        hints=(
            "Four quantities: k, the mean, the sample variance, the ratio.",
            "np.var(differences, ddof=1) divides by k - 1.",
        ),
        solution=_CORRECTED_T,
        points=2,
    ),
    "13.5": Exercise(
        asks="four numbers",
        answer=(0.016, 0.075, 0.075, 0.30),
        tolerance=5e-4,
        slips={
            "that is Bonferroni's method: all times 4, at most 1": (0.016, 0.12, 0.1, 1.0),
            "no corrected value may be smaller than one before it in sorted order": (
                *(0.016, 0.06, 0.075, 0.30),
            ),
            "give them in the order of the question, and check the smaller ones": (
                *(0.016, 0.075, 0.06, 0.30),
            ),
            "the smallest is multiplied by the number of tests, the largest by 1": (
                *(0.004, 0.09, 0.05, 1.0),
            ),
        },
        hints=(
            "Sorted: 0.004, 0.025, 0.03, 0.30. The factors are 4, 3, 2 and 1.",
            "The third product is smaller than the second: raise it to the second.",
        ),
        solution="your_corrected = metrics.holm([0.004, 0.03, 0.025, 0.30])",
    ),
    "13.6": Exercise(
        asks="one number",
        answer=number_of_empty_predictions(54.383, 30.823, 190.512, 43),
        tolerance=0.0075,
        slips={
            "the other patients have a distance, too: 30.823": 43 * 54.383 / 190.512,
            "an empty prediction replaces a 30.823: it adds 190.512 - 30.823": 43
            * (54.383 - 30.823)
            / 190.512,
            "that is the fraction; times 43 it is the number": (54.383 - 30.823)
            / (190.512 - 30.823),
            "give one decimal": 6,
        },
        hints=(
            "Write the mean as (k times the penalty + (43 - k) times the others) / 43.",
            "Multiply by 43 and bring k to one side: k (190.512 - 30.823) = 43 (54.383 - 30.823).",
        ),
        solution="your_k = 43 * (54.383 - 30.823) / (190.512 - 30.823)",
    ),
    "13.7": Exercise(
        asks="one number",
        answer=lambda tried, fold_of: float(choose_on_other_folds(tried, fold_of).mean()),
        tolerance=1e-3,
        slips=_mean_slips,
        hints=(
            "A loop over the folds: choose on tried[fold_of != fold].",
            "Read the chosen column of tried[fold_of == fold], and collect all 43 values.",
        ),
        solution=_MEAN_BY_HAND,
        points=3,
    ),
    "13.8": FunctionExercise(
        asks="a function",
        answer=optimism,
        cases=[
            (_SCORES, np.array([0, 1, 2]), np.array([3, 4])),
            (_SCORES[:, ::-1] ** 2, np.array([1, 4]), np.array([0, 2, 3])),
        ],
        slips=_optimism_slips,
        hints=(
            "scores[:, picked_by] is the part of the table that picks: (checkpoints, patients).",
            "argmax of its means over the patients gives the row; use this row for both groups.",
        ),
        solution=_OPTIMISM,
        points=2,
    ),
}
"""By name, in the order of the lesson."""
