"""Lesson 18, Measure what matters."""

import numpy as np
from scipy import ndimage

from islesedu.course.exercise import Exercise, FunctionExercise

_COUNTS = '''def your_counts(prediction, truth):
    """Return the numbers of found, missed and false positive lesions."""
    from scipy import ndimage

    corners = np.ones((3,) * truth.ndim)
    true_labels, number = ndimage.label(truth, corners)
    labels, predicted = ndimage.label(prediction, corners)
    found = np.unique(true_labels[truth & prediction]).size
    right = np.unique(labels[truth & prediction]).size
    return found, number - found, predicted - right'''


def _counts(prediction: np.ndarray, truth: np.ndarray, reach: int | None = None) -> tuple:
    """Return found, missed and false positive lesions; `reach` 1 connects faces only."""
    structure = ndimage.generate_binary_structure(truth.ndim, reach or truth.ndim)
    true_labels, number = ndimage.label(truth, structure)
    labels, predicted = ndimage.label(prediction, structure)
    found = np.unique(true_labels[truth & prediction]).size
    right = np.unique(labels[truth & prediction]).size
    return found, number - found, predicted - right


def _counts_slips(prediction: np.ndarray, truth: np.ndarray) -> dict:
    """Return what the usual mistakes give."""
    found, missed, false = _counts(prediction, truth)
    predicted = ndimage.label(prediction, np.ones((3,) * truth.ndim))[1]
    voxels = [truth & prediction, truth & ~prediction, ~truth & prediction]
    return {
        "voxels that touch by a corner belong to one lesion, too; give label a structure": (
            _counts(prediction, truth, 1)
        ),
        "the order is found, missed, false positive": (found, false, missed),
        "several predicted pieces may lie in one true lesion; look at each of them": (
            found,
            missed,
            predicted - found,
        ),
        "count lesions, not voxels": tuple(int(one.sum()) for one in voxels),
    }


def _mask(*voxels: tuple, shape: tuple = (6, 8)) -> np.ndarray:
    """Return a mask of these voxels."""
    mask = np.zeros(shape, bool)
    mask[tuple(np.transpose(voxels))] = True
    return mask


_ROW = [(0, 3), (0, 4), (0, 5), (0, 6), (0, 7)]
_TRUTH = _mask((0, 0), (1, 1), *_ROW, (4, 0), (4, 3))
_CASES = [
    (_mask((0, 0), (0, 3), (0, 6), (5, 6)), _TRUTH),
    (_mask(*_ROW, (1, 2), (1, 1)), _TRUTH),
    (np.arange(60).reshape(3, 4, 5) % 7 == 0, np.arange(60).reshape(3, 4, 5) % 11 < 2),
    (np.zeros((4, 4), bool), np.eye(4, dtype=bool)),
]

EXERCISES = {
    "18.1": Exercise(
        asks="three letters in quotes",
        answer="ADE",
        slips={
            "each of them is better served by the other one; look at the markers again": "BCF",
            "B sends the radiologist to a lesion that does not exist": "BDE",
            "C misses five of the six lesions": "ACE",
            "the volume of F is half as large again as the true one": "ADF",
            "B shows a lesion that does not exist, and C misses five of the six": "BCE",
            "C misses five of the six lesions, and the volume of F is wrong": "ACF",
            "B shows a lesion that does not exist, and the volume of F is wrong": "BDF",
        },
        hints=(
            "Where are the false positive pixels of A and of B? Do they send a reader elsewhere?",
            "How many lesions does C show? How many pixels has F in all?",
        ),
        solution='your_choice = "ADE"',
    ),
    "18.2": Exercise(
        asks="a pair of fractions",
        answer=((40 - 60) / 60, (90 - 60) / 60),
        tolerance=6e-3,
        slips={
            "divide by the true volume, not by the predicted one": (-20 / 40, 30 / 90),
            "a volume that is too small has a negative error: keep the sign": (20 / 60, 30 / 60),
            "that is predicted by true; subtract 1": (40 / 60, 90 / 60),
            "the other way round: predicted minus true": (20 / 60, -30 / 60),
            "those are pixels; divide by the true ones": (-20, 30),
        },
        hints=(
            "Which volume is the reference, and is it the same for both?",
            "Predicted minus true, divided by true. Which of the two gets a minus?",
        ),
        solution="your_volume_errors = ((40 - 60) / 60, (90 - 60) / 60)",
    ),
    "18.3": FunctionExercise(
        asks="a function",
        answer=_counts,
        cases=_CASES,
        slips=_counts_slips,
        hints=(
            "Label both masks. Which labels of the truth occur where both masks are True?",
            "np.ones((3,) * truth.ndim) connects voxels at faces, edges and corners.",
            "np.unique(labels[truth & prediction]).size is the number of labels that occur there. "
            "The predicted lesions that do not occur there are the false positives.",
        ),
        solution=_COUNTS,
        points=3,
    ),
    "18.4": Exercise(
        asks="one number",
        answer=0.75 / (1 + 5 / 2 + 5 / 2),
        tolerance=5e-3,
        slips={
            "an IoU of just 0.5 does not exceed 0.5, so it is no match": (0.75 + 5 * 0.5) / 6,
            "false positives and false negatives count half": 0.75 / 11,
            "a predicted lesion without a match is a false positive": 0.75 / 3.5,
            "IoU divides by the union; that is the Dice of the pair": 60 / 70 / 6,
            "that is the IoU of the match; divide by TP + FP / 2 + FN / 2": 0.75,
        },
        hints=(
            "Which IoU has the large lesion, which the small ones? Which pairs match?",
            "30 / 40 and 2 / 4. Only one of the six pairs matches; what are the five others?",
            "Each of the five is a missed lesion *and* a predicted lesion without a match.",
        ),
        solution="your_pq = (30 / 40) / (1 + 5 / 2 + 5 / 2)",
        points=2,
    ),
    "18.5": Exercise(
        asks="one number",
        answer=(14 + 16) / (20 + 30),
        tolerance=6e-3,
        slips={
            "that is the mean of two fractions; take both surfaces together": 0.5 * (0.7 + 16 / 30),
            "that is one direction only, from the prediction": 14 / 20,
            "that is one direction only, from the lesion": 16 / 30,
            "that is the fraction beyond the tolerance": 0.4,
        },
        hints=(
            "How many surface voxels have both masks together?",
            "How many of these are within the tolerance?",
        ),
        solution="your_surface_dice = (14 + 16) / (20 + 30)",
    ),
    "18.6": Exercise(
        asks="a pair of numbers in mm",
        answer=(0, 10),
        slips={
            "the other way round: the pooled one comes first": (10, 0),
            "directed: of the prediction's own 20 voxels, how many are at distance 0": (0, 0),
            "pooled: what fraction of all 200 values is 0": (10, 10),
            "a percentile is one of the distances here, not their mean": (0.1, 1),
        },
        hints=(
            "Pooled: 200 values. What fraction of them is 0?",
            "Directed: 20 values from the prediction. What fraction of them is 0? Is that 95 %?",
        ),
        solution="your_hd95 = (0, 10)",
        points=2,
    ),
    "18.7": Exercise(
        asks="one of the letters a, b and c",
        answer="c",
        slips={
            "both look at the position of voxels, which this use never reads": "a",
            "they count lesions and look at their overlap; the physician reads a volume": "b",
        },
        hints=(
            "What would the physician do differently if the outline lay 5 mm to the left?",
            "Which number decides, and what is a wrong decision?",
        ),
        solution='your_measures = "c"',
        points=2,
    ),
    "18.8": Exercise(
        asks="one whole number",
        answer=17,
        slips={
            "with one lesion more than you may miss, the Dice is 0.899": 18,
            "a missed lesion enters the sum of the two volumes once, not twice": 8,
            "n is a whole number": 80 / 0.45 - 160,
            "that many ml may be missed; a small lesion has 0.5 ml": 80 / 0.9 - 80,
        },
        hints=(
            "Dice = 2 x overlap / (predicted + true volume). Which of the three depends on n?",
            "80 / (80 + 0.5 n). For which n is it just 0.9? Round to the right side.",
        ),
        solution="your_missed = int((2 * 40 / 0.9 - 80) / 0.5)",
        points=2,
    ),
    "18.9": Exercise(
        asks="one whole number of mm",
        answer=4,
        slips={
            "there is a gap between the two lesions, so the small one is missed": 6,
            "on the finest grid there is a gap between the two lesions": 1,
            "one row of voxels lies between the two lesions": 3,
            "a lesion is a component; here there are two of them": 2,
            "there the prediction comes close to the small lesion, but they share no voxel": 1.5,
        },
        hints=(
            "F1 is 1 if no lesion is missed. How can a lesion be found that nobody predicted?",
            "A missed lesion counts as found as soon as it is part of one that was found.",
        ),
        solution="your_edge = 4",
        points=2,
    ),
    "18.10": Exercise(
        asks="one of the letters a, b and c",
        answer="b",
        slips={
            "an interval that contains 0 does not prove that the difference is 0": "a",
            "the interval contains 0: with other patients the mean could have been negative": "c",
        },
        hints=(
            "Which mean differences are compatible with these patients?",
            "All in the interval: some are negative, some positive, and all are small.",
        ),
        solution='your_conclusion = "b"',
        points=2,
    ),
}
"""By name, in the order of the lesson."""
