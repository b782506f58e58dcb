"""Lesson 09, Score a segmentation."""

import numpy as np

from islesedu.course.exercise import Exercise, FunctionExercise
from islesedu.course.mask_slips import (
    counts,
    slips_of_counts,
    slips_of_dice,
    slips_of_distances,
    slips_of_hausdorff95,
    slips_of_penalty,
    slips_of_surface,
)
from islesedu.course.results_slips import (
    failed,
    silent,
    slips_of_failed,
    slips_of_letters,
    slips_of_silent,
)
from islesedu.metrics import assd, dice, hausdorff, surface

_DICE = '''def your_dice(prediction, truth):
    """Return the Dice coefficient of two masks."""
    size = prediction.sum() + truth.sum()
    if size == 0:
        return 1.0
    return 2 * (prediction & truth).sum() / size'''

_HAUSDORFF95 = '''def your_hausdorff95(there, back):
    """Return the directed maximum of the 95th percentiles of two arrays of distances."""
    return max(np.percentile(there, 95), np.percentile(back, 95))'''

_PENALTY = '''def your_penalty(grids):
    """Return mean and standard deviation of the longest edges of some arrays."""
    longest = [max(grid) for grid in grids]
    return np.mean(longest), np.std(longest)'''


def _pairs() -> list[tuple[np.ndarray, np.ndarray]]:
    """Return pairs of masks of several shapes: overlapping, in 3-D, apart, one empty, both."""
    flat, deep = np.zeros((2, 5, 6), bool), np.zeros((2, 3, 4, 2), bool)
    flat[0, 1:4, 1:4], flat[1, 2:4, 2:6] = True, True
    deep[0, 1:], deep[1, :2, 1:] = True, True
    apart, none = np.eye(4, dtype=bool), np.zeros((4, 4), bool)
    return [tuple(flat), tuple(deep), (apart, apart[::-1]), (none, apart), (none, none)]


def _distances(truth: np.ndarray, prediction: np.ndarray) -> tuple[float, float, float]:
    """Return Hausdorff distance, pooled ASSD, and ASSD by directed means."""
    masks = prediction, truth
    return hausdorff(*masks), assd(*masks), assd(*masks, convention="directed_means")


EXERCISES = {
    "09.1": Exercise(
        asks="three whole numbers",
        answer=counts,
        slips=slips_of_counts,
        hints=(
            "Squares with a dot, dots without a square, squares without a dot.",
            "Go row by row and write the three counts beside each row.",
            "TP + FN is the number of filled squares, TP + FP the number of dots.",
        ),
        solution="your_counts = [(truth & prediction).sum(), (prediction & ~truth).sum(), "
        "(truth & ~prediction).sum()]",
    ),
    "09.2": FunctionExercise(
        asks="a function",
        answer=dice,
        cases=_pairs(),
        slips=slips_of_dice,
        hints=(
            "For arrays of bool, & is the intersection, and .sum() counts the pixels.",
            "The denominator is the number of pixels of both masks, each counted for itself.",
            "Ask first whether the denominator is 0.",
        ),
        solution=_DICE,
        points=3,
    ),
    "09.3": Exercise(
        asks="three numbers",
        answer=(0.5, 1, 2 / 3),
        tolerance=0.006,
        slips={
            "precision and recall are swapped": (1, 0.5, 2 / 3),
            "Dice is the harmonic mean of precision and recall, not the arithmetic one": (
                0.5,
                1,
                0.75,
            ),
            "that is the Jaccard index; Dice counts the overlap twice": (0.5, 1, 0.5),
            "the factor 2 is missing in the Dice": (0.5, 1, 1 / 3),
        },
        hints=(
            "Draw it: a lesion of a few voxels, and the prediction around it.",
            "Count TP, FP and FN in your drawing, and put them into the three formulas above.",
        ),
        solution="your_three = (10 / 20, 10 / 10, 2 * 10 / (2 * 10 + 10 + 0))",
    ),
    "09.4": Exercise(
        asks="a pair of whole numbers",
        answer=lambda truth, prediction: tuple(int(surface(m).sum()) for m in (truth, prediction)),
        slips=slips_of_surface,
        hints=(
            "Easier: count the pixels inside, whose four neighbours all belong to the mask.",
            "The pixel that lies apart has four sides to the outside.",
        ),
        solution="your_surfaces = [metrics.surface(one).sum() for one in (truth, prediction)]"
        "  # or counted",
    ),
    "09.5": Exercise(
        asks="three numbers",
        answer=_distances,
        tolerance=0.004,
        slips=slips_of_distances,
        hints=(
            "Write down seven distances: four from the predicted pixels, three from the others.",
            "For the pixel that lies apart count rows and columns to the nearest reference pixel.",
            "Which of the three numbers needs all seven distances at once, and which needs the two "
            "directions apart?",
        ),
        solution="# by hand: 0, 0, 1 and 5 there, 1, 0 and 0 back\n"
        "masks = small_prediction, small_truth\n"
        "your_distances = [metrics.hausdorff(*masks), metrics.assd(*masks), "
        'metrics.assd(*masks, convention="directed_means")]',
        points=2,
    ),
    "09.6": Exercise(
        asks="four letters in quotes",
        answer=lambda letters: "".join(letters),
        slips=slips_of_letters,
        hints=(
            "Ask of each picture how far its worst surface pixel lies from the other surface, and "
            "compare with the column HD.",
            "Where HD does not decide, look at ASSD: are all surface pixels a little wrong, or a "
            "few of them by much?",
            "And DC: how many pixels are wrong, wherever they lie? A hole has a surface, too.",
        ),
        solution='your_letters = "".join(letters)',
        points=2,
    ),
    "09.7": FunctionExercise(
        asks="a function",
        answer=lambda there, back: max(np.percentile(there, 95), np.percentile(back, 95)),
        cases=[
            (np.array([0.0, 0, 1, 5]), np.array([1.0, 0, 0])),
            (np.arange(10.0), np.array([2.0, 3, 20])),
        ],
        slips=slips_of_hausdorff95,
        hints=(
            "np.percentile(values, 95) gives the 95th percentile of some values.",
            "Is the percentile of two arrays together the larger of their two percentiles?",
        ),
        solution=_HAUSDORFF95,
        points=2,
    ),
    "09.8": Exercise(
        asks="one number",
        answer=13,
        tolerance=1e-3,
        slips={
            "distances at a right angle add as squares (Pythagoras)": 17,
            "that is in voxels": np.hypot(4, 2),
            "the mask moved by two slices, not by one": np.hypot(5, 6),
            "the shift along X is missing": 12,
            "the shift along Z is missing": 5,
        },
        hints=(
            "In which unit is the distance asked for, and in which are the shifts given?",
            "The two shifts are at a right angle to each other: the short sides of a triangle.",
        ),
        solution="your_mm = np.hypot(4 * 1.25, 2 * 6)",
    ),
    "09.9": FunctionExercise(
        asks="a function",
        answer=lambda grids: (np.mean([max(g) for g in grids]), np.std([max(g) for g in grids])),
        cases=[
            ([(100, 120, 20), (100, 120, 20), (160, 90, 30), (64, 64, 90)],),
            ([(128, 128, 25), (256, 256, 24), (192, 192, 19), (192, 192, 30), (192, 192, 24)],),
        ],
        slips=slips_of_penalty,
        hints=(
            "First one number for each array, then two numbers for all of them.",
            "max works on a tuple, np.mean and np.std on a list.",
        ),
        solution=_PENALTY,
        points=2,
    ),
    "09.10": Exercise(
        asks="one letter in quotes",
        answer=silent,
        slips=slips_of_silent,
        hints=(
            "What did the last line of the talk's table look like?",
            "A Dice of 0 alone does not do: a mask in the wrong place has it, too. What do its "
            "distances tell?",
        ),
        solution='means = results.groupby("method")[["HD", "ASSD"]].mean()\n'
        'your_method = (means["HD"] - means["ASSD"]).idxmin()',
        points=2,
    ),
    "09.11": Exercise(
        asks="one whole number",
        answer=failed,
        slips=slips_of_failed,
        hints=(
            "How do you recognize an empty prediction in a single line of results?",
            "Which of the columns could tell it from a mask that misses the lesion? Count such "
            "lines for each method.",
        ),
        solution='silent = (results["DC"] == 0) & (results["HD"] == results["ASSD"])\n'
        'counts = silent.groupby(results["method"]).sum()\n'
        "your_failed = sorted(counts)[-2]",
        points=2,
    ),
    "09.12": Exercise(
        asks="a pair of numbers",
        answer=(0.75, 0.95),
        tolerance=0.004,
        slips={
            "both cubes have n layers, not n + 1": (4 / 5, 20 / 21),
            "that is the Jaccard index": (0.6, 19 / 21),
            "only one layer of n x n voxels is lost, along one axis": (0.421875, 0.857375),
            "n = 4 comes first": (0.95, 0.75),
        },
        hints=(
            "Cut both cubes into layers at a right angle to the shift. How many layers has a cube, "
            "and how many have both in common?",
            "What becomes of the formula of the Dice if both masks are equally large?",
        ),
        solution="your_cubes = [(n - 1) / n for n in (4, 20)]",
    ),
}
"""By name, in the order of the lesson."""
