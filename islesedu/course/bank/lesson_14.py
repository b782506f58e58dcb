"""Lesson 14, Search hyperparameters."""

from typing import Any

import numpy as np

from islesedu.course.exercise import Exercise, FunctionExercise
from islesedu.metrics.selection_bias import nested_optimism

_NESTED = '''def your_nested(inner, outer):
    """Return the setting chosen in each fold, and its outer score."""
    chosen = inner.argmax(axis=1)
    return chosen, outer[np.arange(len(outer)), chosen]'''

_OPTIMISM = """chosen = inner.idxmax(axis=1)
nested = np.mean([outer.loc[fold, chosen[fold]] for fold in outer.index])
your_optimism = outer.mean().max() - nested"""

_OPTIMISM_TOLERANCE = 5e-4

_BEST_OF_TEN = """draws = rng.normal(0.30, 0.216 / np.sqrt(9), (100_000, 10))
your_excess = draws.max(axis=1).mean() - 0.30"""


def nested(inner: np.ndarray, outer: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the setting chosen in each fold, and its outer score."""
    chosen = np.asarray(inner).argmax(axis=1)
    return chosen, np.asarray(outer)[np.arange(len(outer)), chosen]


def _nested_slips(inner: np.ndarray, outer: np.ndarray) -> dict[str, Any]:
    """Return what the usual mistakes give."""
    inner, outer = np.asarray(inner), np.asarray(outer)
    chosen, scores = nested(inner, outer)
    for_all = np.full(len(outer), inner.mean(axis=0).argmax())
    return {
        "that chooses each fold's setting by its outer scores, on the test patients": (
            outer.argmax(axis=1),
            outer.max(axis=1),
        ),
        "that is one setting for all folds; each fold chooses its own": (
            for_all,
            outer[:, for_all[0]],
        ),
        "the choices are right; score each by outer, not by the inner score that chose it": (
            chosen,
            inner.max(axis=1),
        ),
        "return the choices, too: a pair": scores,
        "return the outer scores of the choices, too: a pair": chosen,
    }


def optimism_of(inner: Any, outer: Any) -> float:
    """Return the mean of the best setting on all outer folds, minus the nested estimate."""
    return nested_optimism(inner, outer)[0]


def _optimism_slips(inner: Any, outer: Any) -> dict[str, float]:
    """Return what the usual mistakes give, each number once."""
    estimate = float(nested(inner.to_numpy(), outer.to_numpy())[1].mean())
    for_all = outer[inner.mean().idxmax()].mean()
    slips = {
        "that has the opposite sign: score reported without nesting minus nested estimate": (
            estimate - outer.mean().max()
        ),
        "that is the best mean itself; subtract the nested estimate": outer.mean().max(),
        "that is the nested estimate; subtract it from the best mean": estimate,
        "the search that is not nested takes one setting for all folds": (
            outer.max(axis=1).mean() - estimate
        ),
        "that compares with the inner scores; both are read from the outer ones": (
            inner.max(axis=1).mean() - estimate
        ),
        "each fold chooses its own setting by its own row of inner, not one for all by the mean": (
            outer.mean().max() - for_all
        ),
    }
    kept: dict[str, float] = {}
    for sentence, wrong in slips.items():
        others = (optimism_of(inner, outer), *kept.values())
        if all(abs(wrong - other) > 2 * _OPTIMISM_TOLERANCE for other in others):
            kept[sentence] = wrong
    return kept


_RNG = np.random.default_rng(14)
_CASES = [
    (_RNG.random((4, 6)).round(2), _RNG.random((4, 6)).round(2)),
    (_RNG.random((5, 3)).round(2), _RNG.random((5, 3)).round(2)),
]
EXERCISES = {
    "14.1": Exercise(
        asks="one of the letters a, b and c",
        answer="c",
        slips={
            "forty settings were compared on these patients, and the best score was taken": "a",
            "the second look at the test patients was a choice between two settings": "b",
        },
        hints=(
            "For each number ask: how many settings were compared on these patients before it?",
            "Only one number was computed before anything was chosen on its patients.",
        ),
        solution='your_report = "c"',
        points=2,
    ),
    "14.2": Exercise(
        asks="one number",
        answer=1.5388 * 0.216 / 3,
        tolerance=0.002,
        slips={
            "that is the best score; subtract the true 0.30": 0.30 + 1.5388 * 0.072,
            "a mean over 9 patients varies by 0.216 / sqrt(9), not by 0.216": 1.5388 * 0.216,
            "the root of 9, not 9": 1.5388 * 0.216 / 9,
            "that is one standard error; it is the largest of ten that counts": 0.072,
            "take the maximum over the ten settings of a search, then the mean over searches": 0.0,
        },
        hints=(
            "rng.normal(mean, standard deviation, (searches, 10)) draws the ten scores.",
            "The standard deviation of a mean over 9 patients is 0.216 / 3 = 0.072.",
        ),
        solution=_BEST_OF_TEN,
        points=2,
    ),
    "14.3": Exercise(
        asks="one whole number",
        answer=125,
        slips={
            "steps are read from one training: a training of 1000 steps passes step 500": 245,
            "thresholds and numbers of steps need no training of their own": 725,
            "in each outer fold the winner is trained once more, on all its training patients": 120,
            "there are five outer folds, each with a search of its own": 25,
            "each combination is trained on every one of the three inner folds": 45,
            "the winner is trained again in each outer fold, not once at the end": 121,
            "a threshold is applied to a finished prediction: it needs no training": 365,
            "only the chosen combination is refitted on the outer training patients, not all": 160,
            "how many trainings does one combination need in the inner loop?": 80,
        },
        hints=(
            "Which of the four hyperparameters change the weights that a training reaches?",
            "An outer fold has (combinations to train) x (inner folds) trainings, plus one.",
        ),
        solution="your_trainings = 5 * (3 * 4 * 2 + 1)",
        points=2,
    ),
    "14.4": FunctionExercise(
        asks="a function",
        answer=nested,
        cases=_CASES,
        slips=_nested_slips,
        hints=(
            "Each row of `inner` is a fold. Which NumPy function gives the position of the largest "
            "value in a row?",
            "Row k needs column chosen[k]: index with two integer arrays of equal length.",
        ),
        solution=_NESTED,
        points=3,
    ),
    "14.5": Exercise(
        asks="one number",
        answer=optimism_of,
        tolerance=_OPTIMISM_TOLERANCE,
        slips=_optimism_slips,
        hints=(
            "outer.mean() is a mean over the folds for each setting. Which is the largest?",
            "Your function of exercise 4 takes inner.to_numpy() and outer.to_numpy().",
        ),
        solution=_OPTIMISM,
        points=2,
    ),
    "14.6": Exercise(
        asks="one whole number",
        answer=59,
        slips={
            "with that many trials one hit is expected; a third of such searches has none": 20,
            "that gives 50 %: put 0.05 for the probability of no hit": 14,
            "with that many trials the probability of a miss is still a little above 5 %": 58,
            "that is 90 %: the probability of no hit is 0.05": 45,
        },
        hints=(
            "One trial misses the best 5 % with probability 0.95. And n independent ones?",
            "Solve 0.95**n <= 0.05: divide two logarithms and round up.",
        ),
        solution="your_n = int(np.ceil(np.log(0.05) / np.log(0.95)))",
    ),
    "14.7": Exercise(
        asks="one of the letters a, b and c",
        answer="b",
        slips={
            "the best fold has the easiest test patients, and these would choose": "a",
            "nobody tried the mean setting: what works together need not work averaged": "c",
        },
        hints=(
            "Nested cross-validation estimates how good a procedure is. Which procedure?",
            "What was done in each outer fold with its training patients? Do it with all of them.",
        ),
        solution='your_setting = "b"',
        points=2,
    ),
}
"""By name, in the order of the lesson."""
