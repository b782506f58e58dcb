"""Lesson 04, Stack layers into a CNN."""

from collections.abc import Sequence

import numpy as np

from islesedu.course.exercise import Exercise, FunctionExercise

_HELD_OUT = '''def your_held_out(patient_of_slice, held_out):
    """Return the numbers of the slices that belong to one of the held-out patients."""
    slices = []
    for n, patient in enumerate(patient_of_slice):
        if patient in held_out:
            slices.append(n)
    return slices'''

_RATES = '''def your_rates(predicted, actual):
    """Return sensitivity and specificity of predictions (0 or 1)."""
    found = 0
    rejected = 0
    for p, a in zip(predicted, actual):
        if a == 1 and p == 1:
            found = found + 1
        if a == 0 and p == 0:
            rejected = rejected + 1
    with_lesion = sum(actual)
    return found / with_lesion, rejected / (len(actual) - with_lesion)'''


def _held_out(patient_of_slice: Sequence[int], patients: Sequence[int]) -> list[int]:
    """Return the numbers of the slices of some patients."""
    return np.flatnonzero(np.isin(patient_of_slice, patients)).tolist()


def _held_out_slips(patient_of_slice: Sequence[int], patients: Sequence[int]) -> dict:
    """Return what the usual mistakes give."""
    inside = np.isin(patient_of_slice, patients)
    right = np.flatnonzero(inside)
    by_patient = [np.flatnonzero(np.asarray(patient_of_slice) == one) for one in patients]
    return {
        "those are the right slices; give them in ascending order": np.concatenate(by_patient),
        "np.where returns a tuple that holds the array; take its first element, [0]": right[None],
        "np.argwhere gives a row for each slice; np.flatnonzero gives one row": right[:, None],
        "those are the slices that stay in the training set": np.flatnonzero(~inside).tolist(),
        "return the numbers of the slices, not those of the patients": (
            np.asarray(patient_of_slice)[inside]
        ),
        "return the numbers of the slices, not True and False": inside.tolist(),
    }


def _rates(predicted: Sequence[int], actual: Sequence[int]) -> tuple[float, float]:
    """Return sensitivity and specificity."""
    predicted, actual = np.asarray(predicted) > 0, np.asarray(actual) > 0
    return float(predicted[actual].mean()), float((~predicted[~actual]).mean())


def _rates_slips(predicted: Sequence[int], actual: Sequence[int]) -> dict:
    """Return what the usual mistakes give."""
    sensitivity, specificity = _rates(predicted, actual)
    said, is_lesion = np.asarray(predicted) > 0, np.asarray(actual) > 0
    precision, negative = float(is_lesion[said].mean()), float((~is_lesion[~said]).mean())
    return {
        "sensitivity comes first": (specificity, sensitivity),
        "the second number is the false positive rate; specificity is 1 minus that": (
            sensitivity,
            1 - specificity,
        ),
        "the first number is the precision: divide by the slices with lesion, not by the "
        "positive predictions": (precision, specificity),
        "those are the shares of correct predictions; divide by the actual classes": (
            precision,
            negative,
        ),
        "the second number divides by the negative predictions; divide by the slices without "
        "lesion": (sensitivity, negative),
        "divide by the slices of one class, not by all slices": (
            float((said & is_lesion).mean()),
            float((~said & ~is_lesion).mean()),
        ),
    }


def _threshold(tpr_val: np.ndarray, thresholds_val: np.ndarray) -> float:
    """Return the highest threshold with a sensitivity of at least 0.95."""
    return float(thresholds_val[tpr_val >= 0.95].max())


def _threshold_slips(tpr_val: np.ndarray, thresholds_val: np.ndarray) -> dict:
    """Return what the usual mistakes give."""
    enough = thresholds_val[tpr_val >= 0.95]
    few = thresholds_val[(tpr_val >= 0.05) & np.isfinite(thresholds_val)]
    slips = {
        "that is the lowest of all thresholds; it calls every slice lesion": float(enough.min()),
        "that is a sensitivity, not a threshold": 0.95,
        "missing at most 5 % means a sensitivity of at least 0.95": float(few.max()),
    }
    nearest = float(thresholds_val[np.where(tpr_val < 0.95, tpr_val, -1).argmax()])
    slips["its sensitivity is near 0.95, but below it; at least 0.95 is asked for"] = nearest
    right = _threshold(tpr_val, thresholds_val)
    return {words: wrong for words, wrong in slips.items() if abs(wrong - right) > 2e-3}


EXERCISES = {
    "04.1": FunctionExercise(
        asks="a function",
        answer=_held_out,
        cases=[
            (np.array([3, 3, 5, 5, 5, 8, 9, 9]), np.array([9, 3])),
            (np.array([0, 0, 1, 1, 2, 2]), np.array([1])),
            (np.array([4, 4, 4, 7, 2, 7]), np.array([7])),
        ],
        slips=_held_out_slips,
        hints=(
            "What decides whether a slice is held out: its own number, or its patient's?",
            "Loop over the slices with enumerate; keep the number n if its patient is in held_out.",
            "Inside the loop: if patient in held_out: slices.append(n).",
        ),
        solution=_HELD_OUT,
        points=2,
    ),
    "04.2": Exercise(
        asks="one number between 0 and 1, to two decimals",
        answer=lambda y_val: float(1 - y_val.mean()),
        tolerance=6e-3,
        slips=lambda y_val: {
            "that is the fraction it gets wrong": float(y_val.mean()),
            "give a fraction between 0 and 1, not per cent": float(100 * (1 - y_val.mean())),
            "it predicts the same for every slice, but it does not guess": 0.5,
        },
        hints=(
            "For which slices is the prediction 'no lesion' correct?",
            "It is correct where y_val is 0; y_val.mean() is the fraction of ones.",
        ),
        solution="your_accuracy = 1 - y_val.mean()",
    ),
    "04.3": Exercise(
        asks="one whole number",
        answer=3 * 3 * 8 * 16 + 16,
        slips={
            "each filter has a bias": 3 * 3 * 8 * 16,
            "the input of conv2 is the output of pool1, which has 8 channels": 3 * 3 * 6 * 16 + 16,
            "every filter has weights for each of its input channels": 3 * 3 * 16 + 16,
            "there is one bias per filter, not one per weight": 2 * 3 * 3 * 8 * 16,
        },
        hints=(
            "How many weights has one filter of conv2? How many filters are there?",
            "Kernel rows times kernel columns times input channels, plus one bias: that is one "
            "filter.",
            "One filter has 3 x 3 x 8 weights and a bias; there are 16 of them.",
        ),
        solution="your_parameters = (3 * 3 * 8 + 1) * 16",
    ),
    "04.4": Exercise(
        asks="one whole number",
        answer=6 * 6 * 32,
        slips={
            "that is for slices of 32 x 32": 4 * 4 * 32,
            "each of the three poolings halves rows and columns": 48 * 48 * 32,
            "there are three poolings, not two": 12 * 12 * 32,
            "conv3 has 32 filters, so 32 channels are flattened": 6 * 6,
        },
        hints=(
            "Which layers change the number of rows and columns, and how?",
            "Rows after the three poolings: 48, 24, 12, and then?",
        ),
        solution="your_length = (48 // 8) * (48 // 8) * 32",
    ),
    "04.5": Exercise(
        asks="one of the letters a, b and c",
        answer="b",
        slips={
            "the gap is wide, but between these epochs further training did no harm on the "
            "validation patients": "a",
            "here the training loss rises, too: this network does not learn its patients by "
            "heart, it diverges": "c",
        },
        hints=(
            "Which of the two losses speaks about new patients, and what does the other one do "
            "meanwhile?",
            "Ask of each training: in which direction does each loss go?",
        ),
        solution='your_letter = "b"',
        points=2,
    ),
    "04.6": Exercise(
        asks="one of the letters a, b and c",
        answer="b",
        slips={
            "the slices of a patient lie on both sides of that split, so it is too optimistic": "a",
            "the mean of a biased and an unbiased estimate is still biased": "c",
        },
        hints=(
            "For which kind of slices will the network be used: of patients it was trained on, or "
            "of new ones?",
            "In which of the two splits is each validation slice from a patient that the network "
            "has not seen?",
        ),
        solution='your_estimate = "b"',
        points=2,
    ),
    "04.7": FunctionExercise(
        asks="a function",
        answer=_rates,
        cases=[
            (np.array([1, 0, 1, 0, 1, 0, 0]), np.array([1, 1, 0, 0, 0, 0, 0])),
            (np.array([1, 1, 0, 0, 1]), np.array([1, 0, 0, 0, 1])),
            (np.array([0, 0, 1, 1, 1, 0]), np.array([1, 1, 1, 1, 0, 0])),
        ],
        slips=_rates_slips,
        hints=(
            "Sensitivity looks only at the slices with lesion. Specificity looks only at which?",
            "Count the slices with actual 1 and predicted 1, and divide by the number of slices "
            "with actual 1.",
            "For arrays: (predicted[actual == 1] == 1).mean(), and the same with 0.",
        ),
        solution=_RATES,
        points=3,
    ),
    "04.8": Exercise(
        asks="one number, to three decimals",
        answer=_threshold,
        tolerance=1e-3,
        slips=_threshold_slips,
        hints=(
            "Several thresholds reach a sensitivity of 0.95. Which of them gives the fewest false "
            "positives?",
            "tpr_val is the sensitivity at each of thresholds_val. A comparison gives an array of "
            "bool, and that selects.",
        ),
        solution="your_threshold = thresholds_val[tpr_val >= 0.95].max()",
        points=2,
    ),
    "04.9": Exercise(
        asks="one of the letters a, b and c",
        answer="c",
        slips={
            "single seeds scatter as before, but the interval is one of their mean": "a",
            "the mean of four seeds may have been high by chance; more seeds can move it": "b",
        },
        hints=(
            "How does the standard error of a mean depend on the number of values?",
            "Does anything say where the mean of the next twelve seeds will be?",
        ),
        solution='your_conclusion = "c"',
        points=2,
    ),
}
"""By name, in the order of the lesson."""
