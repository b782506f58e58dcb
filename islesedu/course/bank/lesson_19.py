"""Lesson 19, Calibrate probabilities."""

import numpy as np

from islesedu.course.exercise import Exercise, FunctionExercise
from islesedu.metrics.probability import (
    best_dice_threshold,
    calibration_curve,
    expected_calibration_error,
)

_ECE = '''def your_ece(p, y, edges):
    """Return the expected calibration error of probabilities p (N,) and labels y (N,)."""
    error = 0
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (p > low) & (p <= high) if low > 0 else p <= high
        if inside.any():
            error += inside.sum() * abs(p[inside].mean() - y[inside].mean())
    return error / len(p)'''

_THRESHOLD = '''def your_threshold(p):
    """Return half of the largest expected Dice of calibrated probabilities p (N,)."""
    falling = np.sort(p)[::-1]
    k = np.arange(1, len(p) + 1)
    dice = 2 * np.cumsum(falling) / (k + p.sum())
    return dice.max() / 2'''


def _ece_slips(p: np.ndarray, y: np.ndarray, edges: list[float]) -> dict:
    """Return what the usual mistakes give."""
    curve = calibration_curve(p, y, edges)
    gaps = curve.predicted - curve.observed
    share = curve.count / curve.count.sum()
    inner = np.asarray(edges)[1:-1]
    used = np.unique(np.searchsorted(inner, p))
    middle = (np.asarray(edges)[:-1] + np.asarray(edges)[1:])[used] / 2
    return {
        "weight each gap by the number of voxels in its bin": np.abs(gaps).mean(),
        "gaps of opposite sign must not cancel: take the absolute value of each": gaps @ share,
        "that is the largest gap": np.abs(gaps).max(),
        "take the mean probability of the voxels in the bin, not the middle of the bin": (
            np.abs(middle - curve.observed) @ share
        ),
        "divide by the number of all voxels": np.abs(gaps) @ curve.count,
        "average over bins, not over voxels": np.abs(p - y).mean(),
    }


def _threshold_slips(p: np.ndarray) -> dict:
    """Return what the usual mistakes give."""
    falling, k = np.sort(p)[::-1], np.arange(1, len(p) + 1)
    dice = 2 * falling.cumsum() / (k + p.sum())
    rising = 2 * falling[::-1].cumsum() / (k + p.sum())
    return {
        "that is the largest Dice; the threshold is half of it": dice.max(),
        "add the sum of all probabilities, not their number": (
            (falling.cumsum() / (k + len(p))).max()
        ),
        "that is the smallest probability in the best mask": falling[dice.argmax()],
        "the mask takes the largest probabilities first: sort them from large to small": (
            rising.max() / 2
        ),
        "p may come in any order: sort it first": (p.cumsum() / (k + p.sum())).max(),
    }


_RNG = np.random.default_rng(19)
_P = _RNG.random(60) ** 3
_Y = _RNG.random(60) < _P**0.5

EXERCISES = {
    "19.1": Exercise(
        asks="one number",
        answer=(0.36 + 0.64 + 0.01 + 0.0025) / 4,
        tolerance=1e-3,
        slips={
            "that is the sum; divide by the number of voxels": 1.0125,
            "that is the mean of the differences; square them first": 1.55 / 4,
            "p is halved, not the score": 0.1125 / 2,
            "p is halved, not the differences to y": 0.1125 / 4,
            "that is the score before p was halved": 0.1125,
            "the voxels without lesion count, too": 1 / 4,
        },
        hints=(
            "Which differences p - y have the four voxels now?",
            "For a lesion voxel y is 1: the difference of the first is 0.4 - 1.",
        ),
        solution="your_brier = np.mean((np.array([0.4, 0.2, 0.1, 0.05]) - [1, 1, 0, 0]) ** 2)",
    ),
    "19.2": FunctionExercise(
        asks="a function",
        answer=expected_calibration_error,
        cases=[
            (
                np.repeat([0.1, 0.6], [80, 20]),
                np.repeat([0, 1, 0, 1], [68, 12, 14, 6]),
                [0, 0.5, 1],
            ),
            (_P, _Y, [0, 0.1, 0.2, 0.5, 1]),
            (
                np.array([0, 0.1, 0.25, 0.25, 0.4, 0.5, 0.9]),
                np.array([1, 0, 0, 1, 1, 0, 1]),
                [0, 0.25, 0.5, 1],
            ),
        ],
        slips=_ece_slips,
        hints=(
            "Loop over the bins. Which voxels lie in the bin from edges[b] to edges[b + 1]?",
            "An edge belongs to the bin below it: low < p <= high. And p = 0 is in the first bin.",
            "Sum up number of voxels x absolute gap, and divide by the number of all voxels.",
        ),
        solution=_ECE,
        points=3,
    ),
    "19.3": Exercise(
        asks="one number",
        answer=1 / 6,
        tolerance=1e-3,
        slips={
            "divide the odds, not the probability": 0.8 / 20,
            "those are the odds; convert them back": 0.2,
            "the weight multiplied the odds in training; now divide": 80 / 81,
            "the odds are p / (1 - p)": (0.2 / 0.8 / 20) / (1 + 0.2 / 0.8 / 20),
        },
        hints=(
            "Which odds has 0.8?",
            "0.8 / 0.2 = 4. Divide by the weight, then odds / (1 + odds).",
        ),
        solution="odds = 0.8 / 0.2 / 20\nyour_corrected = odds / (1 + odds)",
    ),
    "19.4": Exercise(
        asks="one of the letters a, b and c",
        answer="c",
        slips={
            "average precision depends on the order of the probabilities only": "a",
            "one of the three depends on the order of the probabilities only": "b",
        },
        hints=(
            "Which measure stays the same from the row weighted to the row corrected?",
            "Which of the three use the size of p, which only its order?",
        ),
        solution='your_improved = "c"',
        points=2,
    ),
    "19.5": Exercise(
        asks="a pair of numbers",
        answer=(0.95 * 0.002 + 0.05 * 0.2, 0.2),
        tolerance=2e-4,
        slips={
            "weight the gaps by the fraction of the voxels": (0.101, 0.2),
            "the lowest bin counts in the first number, too": (0.01, 0.2),
            "the second number is over the other bins only: weigh them among themselves": (
                0.0119,
                0.01,
            ),
            "the first number is over all bins, the second over the others": (0.2, 0.0119),
        },
        hints=(
            "The ECE is a mean of gaps. Which weight has the lowest bin, which have the others?",
            "0.95 x 0.002 + 0.05 x 0.20. And what is the mean of gaps that are all 0.20?",
        ),
        solution="your_pair = (0.95 * 0.002 + 0.05 * 0.20, 0.20)",
    ),
    "19.6": Exercise(
        asks="one number",
        answer=0.3,
        tolerance=1e-3,
        slips={
            "above 0.5 a voxel is more likely lesion than not, but Dice asks for something else": (
                0.5
            ),
            "that is the Dice; the numerator grows by 2 p": 0.6,
            "compare with the Dice before the voxel is added": 36 / 121,
            "the denominator grows, too": 0.0,
        },
        hints=(
            "By how much does the denominator grow? And by how much the numerator: with which "
            "probability, and so on average?",
            "Write the inequality new Dice > old Dice and multiply out both denominators. Most "
            "terms cancel.",
        ),
        solution="your_limit = 72 / 120 / 2",
        points=2,
    ),
    "19.7": FunctionExercise(
        asks="a function",
        answer=best_dice_threshold,
        cases=[(np.array([0.3, 0.9, 0.1, 0.6, 0.2]),), (_P,), (np.array([0.05, 0.02, 0.01]),)],
        slips=_threshold_slips,
        hints=(
            "Sort p from large to small. What does np.cumsum of it hold?",
            "np.arange(1, len(p) + 1) are the sizes k of the masks.",
            "One expression gives all D_k at once; take its maximum, and half of it.",
        ),
        solution=_THRESHOLD,
        points=3,
    ),
    "19.8": Exercise(
        asks="one of the letters a, b and c",
        answer="a",
        slips={
            "0.5 favours the network whose probabilities happen to fit it": "b",
            "a threshold that is chosen on the test patients makes the result optimistic": "c",
        },
        hints=(
            "Could a strictly increasing function of its probabilities change a network's Dice at "
            "0.5?",
            "On whom must a threshold be chosen, so that the test result holds for new patients?",
        ),
        solution='your_statement = "a"',
        points=2,
    ),
    "19.9": Exercise(
        asks="one number",
        answer=0.2,
        tolerance=1e-3,
        slips={
            "that is for a false positive that costs four times as much": 0.8,
            "mark the voxel if c p exceeds 1 - p; solve for p": 0.25,
            "that is the threshold for equal costs": 0.5,
        },
        hints=("Marking is cheaper if 1 - p is below c p.", "1 - p < 4 p. Bring p to one side."),
        solution="your_cost_threshold = 1 / (1 + 4)",
    ),
}
"""By name, in the order of the lesson."""
