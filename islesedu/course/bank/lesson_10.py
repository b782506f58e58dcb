"""Lesson 10, Choose a loss."""

import numpy as np

from islesedu.course.exercise import Exercise, FunctionExercise
from islesedu.course.gradient_slips import of_soft_dice_gradient
from islesedu.networks.loss_gradients import soft_dice_gradient

_GRADIENT = '''def your_gradient(y, z):
    """Return the derivative of L_Dice with respect to each logit."""
    y_hat = 1 / (1 + np.exp(-z))
    overlap = np.sum(y * y_hat)  # I
    size = np.sum(y) + np.sum(y_hat)  # S
    by_probability = -2 * (y * size - overlap) / size**2  # quotient rule
    return by_probability * y_hat * (1 - y_hat)  # chain rule'''

_THRESHOLD = '''def your_threshold(y, y_hat, thresholds):
    """Return the threshold with the highest Dice of the mask y_hat > threshold."""
    dices = []
    for threshold in thresholds:
        mask = y_hat > threshold
        dices.append(2 * np.sum(mask * y) / (np.sum(mask) + np.sum(y)))
    return thresholds[np.argmax(dices)]'''


def _dices(y: np.ndarray, y_hat: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Return the Dice of the mask at each threshold."""
    masks = y_hat > np.asarray(thresholds)[:, None]
    return 2 * (masks * y).sum(axis=1) / (masks.sum(axis=1) + y.sum())


def _best(y: np.ndarray, y_hat: np.ndarray, thresholds: np.ndarray) -> float:
    """Return the threshold with the highest Dice."""
    return float(thresholds[_dices(y, y_hat, thresholds).argmax()])


def _threshold_slips(y: np.ndarray, y_hat: np.ndarray, thresholds: np.ndarray) -> dict:
    """Return what the usual mistakes give."""
    masks = y_hat > np.asarray(thresholds)[:, None]
    dices = _dices(y, y_hat, thresholds)
    return {
        "that is its Dice; the threshold is asked for": float(dices.max()),
        "that is its position in the list; the threshold is asked for": int(dices.argmax()),
        "that threshold has the highest accuracy, which counts the background": float(
            thresholds[(masks == (y > 0)).mean(axis=1).argmax()]
        ),
        "that threshold has the lowest Dice": float(thresholds[dices.argmin()]),
    }


EXERCISES = {
    "10.1": Exercise(
        asks="three numbers, in the order cross-entropy, Dice, sum",
        answer=(0.4287, -0.6, -0.1713),
        tolerance=0.0006,
        slips={
            "the factor 2 of soft Dice is missing": (0.4287, -0.3, 0.1287),
            "soft Dice has a minus in front": (0.4287, 0.6, 1.0287),
            "the sum is right; the minus belongs to the second number, too": (0.4287, 0.6, -0.1713),
            "the labels belong into the denominator of soft Dice, too": (0.4287, -0.9, -0.4713),
            "cross-entropy is a mean: divide by N": (1.7148, -0.6, 1.1148),
            "take the natural logarithm": (0.1862, -0.6, -0.4138),
            "background voxels count in the cross-entropy, too, with the probability of "
            "background": (0.0263, -0.6, -0.5737),
        },
        hints=(
            "Which probability does the network give to the true class of each voxel?",
            "Of a background voxel the probability of the true class is 1 minus the predicted one. "
            "Take the mean of the four logarithms.",
            "For soft Dice write down three sums first: of the overlap, of the probabilities, of "
            "the labels.",
        ),
        solution="""entropy_term = -(np.log(0.9) + np.log(0.4) + np.log(0.5) + np.log(1)) / 4
dice_term = -2 * 0.9 / (2 + 1)
your_losses = (entropy_term, dice_term, entropy_term + dice_term)""",
    ),
    "10.2": Exercise(
        asks="one number between 0 and 1",
        answer=0.029358,
        tolerance=1e-4,
        slips={
            "that constant minimizes cross-entropy alone": 0.02,
            "that constant minimizes soft Dice alone": 1.0,
            "that belongs to the prevalence of the figure": 0.0081,
            "that is the loss at the minimum; the constant is asked for": 0.076,
        },
        hints=(
            "Write the sum for a constant p as a function of p and the prevalence. Which terms "
            "does the mean over all voxels have?",
            "A fraction π of the voxels costs -log p, the others -log(1 - p); soft Dice of a "
            "constant is -2πp / (π + p).",
            "Evaluate it for p = np.linspace(0.001, 0.1, 10_000) and take the p at argmin.",
        ),
        solution="""constants = np.linspace(0.001, 0.1, 10_000)
entropy_term = -0.02 * np.log(constants) - 0.98 * np.log(1 - constants)
dice_term = -2 * 0.02 * constants / (0.02 + constants)
your_constant = constants[np.argmin(entropy_term + dice_term)]""",
        points=2,
    ),
    "10.3": Exercise(
        asks="one of the letters a, b and c",
        answer="b",
        slips={
            "the best constant is where a network ends that cannot tell voxels apart; a trained "
            "one can": "a",
            "every lower threshold than the constant marks all voxels: no threshold makes a "
            "useful mask of a constant": "c",
        },
        hints=(
            "What does a constant prediction ignore that a network may use?",
            "Compare with a classifier of two overlapping classes: is its best constant its best "
            "prediction?",
        ),
        solution='your_consequence = "b"',
        points=2,
    ),
    "10.4": FunctionExercise(
        asks="a function",
        answer=soft_dice_gradient,
        cases=[
            (np.array([1.0, 1.0, 0.0, 0.0]), np.array([1.5, -0.5, -1.0, -2.5])),
            (np.array([0.0, 1.0, 0.0, 0.0, 0.0]), np.array([0.3, 2.0, -3.0, 1.0, -0.7])),
            (np.array([1.0, 1.0, 1.0]), np.array([-2.0, 0.5, 0.1])),
        ],
        slips=of_soft_dice_gradient,
        hints=(
            "Begin with the derivative of -2 I / S with respect to one probability. Both I and S "
            "depend on it.",
            "Quotient rule: -2 (I' S - I S') / S², where I' = y_i and S' = 1.",
            "Chain rule: multiply by the derivative of the sigmoid, ŷ (1 - ŷ).",
        ),
        solution=_GRADIENT,
        points=3,
    ),
    "10.5": Exercise(
        asks="one whole number",
        answer=999,
        slips={
            "count the voxels of either class: the background is not all of them": 1000,
            "background divided by lesion, not the other way round": 1 / 999,
            "the sizes of all single gradients are equal here; how many are there of each?": 1,
            "0.1 % is one in a thousand": 9,
        },
        hints=(
            "How large is |ŷ - y| / N for a lesion voxel, and for a background voxel?",
            "What differs between the two sums, if it is not the size of the single gradients?",
        ),
        solution="your_ratio = round((1 - 0.001) / 0.001)",
    ),
    "10.6": FunctionExercise(
        asks="a function",
        answer=_best,
        cases=[
            (
                np.array([1.0, 1, 1, 0, 0, 0, 0, 0, 0, 0]),
                np.array([0.6, 0.3, 0.3, 0.35, 0.34, 0.33, 0.1, 0.05, 0.02, 0.2]),
                np.array([0.03, 0.15, 0.25, 0.5]),
            ),
            (
                np.array([0.0, 0, 1, 1]),
                np.array([0.1, 0.7, 0.8, 0.95]),
                np.array([0.05, 0.5, 0.75, 0.9]),
            ),
            (np.array([0.0, 1]), np.array([0.5, 0.8]), np.array([0.3, 0.5, 0.6, 0.7])),
        ],
        slips=_threshold_slips,
        hints=(
            "Make a mask for each threshold. How did lesson 09 compute Dice from two masks?",
            "Dice = 2 TP / (size of the mask + size of the lesion), with TP = sum(mask * y).",
            "Collect the Dice of each threshold in a list; np.argmax gives the position of the "
            "highest.",
        ),
        solution=_THRESHOLD,
        points=2,
    ),
    "10.7": Exercise(
        asks="one of the letters a, b and c",
        answer="b",
        slips={
            "where the gradient is practically zero, further steps change nothing": "a",
            "with practically no gradient the weights have not changed: the order of these "
            "probabilities is that of the random start, so no threshold finds the lesion": "c",
        },
        hints=(
            "Which factor of the gradient of soft Dice is tiny in this run?",
            "ŷ (1 - ŷ) is about one in a million. Which loss does not have this factor?",
        ),
        solution='your_rescue = "b"',
        points=2,
    ),
    "10.8": Exercise(
        asks="one of the letters a, b and c",
        answer="a",
        slips={
            "put y = 0 for all voxels into the formula of the slide: what is left of the "
            "numerator?": "b",
            "the denominator is the sum of the probabilities, which is positive": "c",
        },
        hints=(
            "What is L_Dice if every label is 0? Does it depend on the prediction?",
            "What is the derivative of a constant?",
        ),
        solution='your_empty = "a"',
        points=2,
    ),
    "10.9": Exercise(
        asks="one of the letters a, b and c",
        answer="c",
        slips={
            "smoothing matters where both masks are nearly empty; it does not distinguish the two "
            "kinds of error": "a",
            "the focal factor lowers the weight of easy voxels of either class": "b",
        },
        hints=(
            "Which of the losses has one weight for false positives and another one for false "
            "negatives?",
            "Look for α and β in the table. Which of the two multiplies the misses?",
        ),
        solution='your_choice = "c"',
    ),
    "10.10": Exercise(
        asks="one whole number",
        answer=7,
        tolerance=1e-3,  # of the slips, which are no whole numbers
        slips={
            "the masks that are not empty have a distance, too": 8,
            "the masks that are not empty have a distance, too, and the answer is a whole number": (
                7.96
            ),
            "a number of masks is whole: round": 7.126,
            "that is the fraction; how many of 43 are they?": 0.166,
            "that is how many are not empty": 36,
        },
        hints=(
            "The mean is a weighted mean of 190.512 and 4.426. What are the weights?",
            "Write the mean of the slide as an equation in the fraction of empty masks, and solve "
            "it.",
            "The fraction is of 43 masks, and their number is whole.",
        ),
        solution="your_number = round(43 * (35.265 - 4.426) / (190.512 - 4.426))",
        points=2,
    ),
}
"""By name, in the order of the lesson."""
