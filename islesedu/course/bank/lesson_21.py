"""Lesson 21, Detect and classify."""

import numpy as np

from islesedu.course.exercise import Exercise, FunctionExercise

_IOU = '''def your_iou(one, other):
    """Return the intersection over union of two boxes (top, left, bottom, right)."""
    height = max(0, min(one[2], other[2]) - max(one[0], other[0]))
    width = max(0, min(one[3], other[3]) - max(one[1], other[1]))
    common = height * width
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return common / (areas - common)'''


def _area(box: tuple) -> float:
    """Return the area of a box, 0 if its sides have changed places."""
    return max(box[2] - box[0], 0) * max(box[3] - box[1], 0)


def _iou(one: tuple, other: tuple) -> float:
    """Return the intersection over union of two boxes."""
    first, last = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    common = _area((*first, *last))
    return float(common / (_area(one) + _area(other) - common))


def _iou_slips(one: tuple, other: tuple) -> dict:
    """Return what the usual mistakes give."""
    sides = (
        min(one[2], other[2]) - max(one[0], other[0]),
        min(one[3], other[3]) - max(one[1], other[1]),
    )
    common, both = _area((0, 0, *sides)), _area(one) + _area(other)
    return {
        "the common area counts once in what the boxes cover together: subtract it": common / both,
        "that is the Dice of the boxes": 2 * common / both,
        "divide by the area of both together, not of the first": common / _area(one),
        "bottom and right lie just outside: the height is bottom - top": (
            (sides[0] + 1) * (sides[1] + 1) / (both - (sides[0] + 1) * (sides[1] + 1))
        ),
        "boxes that do not meet have nothing in common, and no negative sides": (
            sides[0] * sides[1] / (both - sides[0] * sides[1])
            if min(sides) < 0
            else _iou(one, other) + 7
        ),
    }


EXERCISES = {
    "21.1": Exercise(
        asks="one number",
        answer=2 * 80 / (100 + 110),
        tolerance=2e-3,
        slips={
            "that is the recall; the predicted gray pixels are a column": 80 / 100,
            "that is the precision; the true gray pixels are a row": 80 / 110,
            "that is the intersection over union": 80 / 130,
            "that is the fraction of all pixels that are right": 210 / 260,
        },
        hints=(
            "How many pixels are truly gray, how many are predicted gray, how many are both?",
            "2 x both / (truly gray + predicted gray); a row and a column.",
        ),
        solution="your_gray = 2 * 80 / ((5 + 80 + 15) + (10 + 80 + 20))",
    ),
    "21.2": FunctionExercise(
        asks="a function",
        answer=_iou,
        cases=[
            ((0, 0, 6, 10), (1, 5, 9, 15)),
            ((0, 0, 4, 4), (6, 7, 9, 9)),
            ((2, 2, 5, 6), (2, 2, 5, 6)),
            ((0, 0, 8, 8), (2, 3, 4, 5)),
            ((0, 0, 4, 4), (1, 6, 3, 8)),
        ],
        slips=_iou_slips,
        hints=(
            "The common box begins at the larger top and ends at the smaller bottom.",
            "If the boxes do not meet, its height or width is negative: use max(0, ...).",
            "Together they cover the sum of both areas minus the common area.",
        ),
        solution=_IOU,
        points=3,
    ),
    "21.3": Exercise(
        asks="a pair of numbers",
        answer=(0.3, 0.5),
        tolerance=2e-3,
        slips={
            "divide the false positives by all images, also those without an object": (0.75, 0.5),
            "the first number is false positives per image, the second the sensitivity": (0.5, 0.3),
            "divide the hits by the number of objects, also those that are never hit": (0.3, 2 / 3),
            "that is the number of false positives; divide by the number of images": (3, 0.5),
            "boxes below the threshold do not count": (0.5, 0.75),
            "a box whose score equals the threshold counts": (0.2, 0.5),
        },
        hints=(
            "Which boxes have a score of at least 0.5?",
            "Two hits and three false positives. How many objects, how many images are there?",
        ),
        solution="your_point = (3 / 10, 2 / 4)",
        points=2,
    ),
    "21.4": Exercise(
        asks="one number",
        answer=(18 / 20 + 1 / 5) / 2,
        tolerance=2e-3,
        slips={
            "that is the accuracy": 19 / 25,
            "there are two classes, so divide by 2": (18 / 20 + 1 / 5) / 5,
            "that is the recall of the larger class": 18 / 20,
            "take the mean of the two recalls, not their product": 18 / 20 / 5,
            "take the mean of the two recalls, not their sum": 18 / 20 + 1 / 5,
        },
        hints=("What is the recall of each class?", "18 of 20 and 1 of 5: their mean."),
        solution="your_balance = (18 / 20 + 1 / 5) / 2",
    ),
    "21.5": Exercise(
        asks="one of the letters a, b and c",
        answer="a",
        slips={
            "not used, but made by the same rules: what places their lesions": "b",
            "a method without parameters can be tested as well as any other": "c",
        },
        hints=(
            "How does the simulator decide where the lesion of a patient lies?",
            "What differs between the brains of two real people that does not differ here?",
        ),
        solution='your_verdict = "a"',
        points=2,
    ),
}
"""By name, in the order of the lesson."""
