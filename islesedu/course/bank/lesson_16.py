"""Lesson 16, Add treatment information."""

import math

import numpy as np

from islesedu.course.exercise import Exercise, FunctionExercise
from islesedu.course.treatment_slips import (
    encode,
    encode_slips,
    film,
    film_slips,
    masks,
    moved,
    p_slips,
    saved,
    saved_slips,
)
from islesedu.metrics.treatment_effect import patients_needed, permutation_p

_ENCODE = '''def your_encoding(values, mean, std):
    """Return the scaled values, then the indicators of missing values: (F,) -> (2 F,)."""
    missing = np.isnan(values)
    scaled = (np.where(missing, mean, values) - mean) / std
    return np.concatenate([scaled, missing])'''

_FILM = '''def your_film(volume, g, b):
    """Modulate volumes (B, X, Y, Z, C) by g and b, both (B, C)."""
    return volume * (1 + g[:, None, None, None, :]) + b[:, None, None, None, :]'''

_MOVED = """adagrad, accumulator = 0, 0.1
for _ in range(1000):
    accumulator += 0.001**2
    adagrad += 0.01 * 0.001 / np.sqrt(accumulator)
adam = 1000 * 0.001
your_distances = (adagrad, adam)"""

_SAVED = '''def your_saved_dice(predicted_0, predicted_3, lesion_0, lesion_3):
    """Return the Dice of predicted and actual saved tissue, from four masks."""
    predicted = predicted_0 & ~predicted_3
    saved = lesion_0 & ~lesion_3
    return 2 * (predicted & saved).sum() / (predicted.sum() + saved.sum())'''

_P = '''def your_p(gain, permuted):
    """Return the p-value of a gain among the gains of permuted controls."""
    return (1 + np.sum(np.array(permuted) >= gain)) / (1 + len(permuted))'''


EXERCISES = {
    "16.1": Exercise(
        asks="four letters in quotes",
        answer="TSTN",
        slips={
            "how much is reperfused is seen after the treatment": "SSTN",
            "nobody has been treated at the scan: neither TICI nor TTT is known": "SSSN",
            "the time to the treatment is not known while the patient waits for it": "TSSN",
            "mRS is judged after 90 days, as the lesion is": "TSTT",
            "the time since the first symptom is known at the scan": "TTTN",
            "give the letters in the order TICI, TSS, TTT, mRS, without blanks": "STTN",
        },
        hints=(
            "Imagine standing beside the scanner: which of the four could you write down?",
            "Which of the others are known when the catheter is withdrawn?",
        ),
        solution='your_times = "TSTN"',
    ),
    "16.2": FunctionExercise(
        asks="a function",
        answer=encode,
        cases=[
            (
                np.array([1.0, 150.0, np.nan]),
                np.array([0.6, 200.0, 100.0]),
                np.array([0.4, 100.0, 40.0]),
            ),
            (np.array([np.nan, 60.0]), np.array([0.5, 90.0]), np.array([0.25, 20.0])),
        ],
        slips=encode_slips,
        hints=(
            "np.isnan(values) is True where a value is missing.",
            "np.where(missing, mean, values) imputes the mean; np.concatenate joins two arrays.",
        ),
        solution=_ENCODE,
        points=2,
    ),
    "16.3": FunctionExercise(
        asks="a function",
        answer=film,
        cases=[
            (
                np.random.default_rng(3).normal(size=(2, 4, 3, 2, 3)).round(2),
                np.array([[0.5, -1.0, 0.2], [1.0, 0.3, -0.4]]),
                np.array([[0.1, 2.0, -0.3], [-1.0, 0.7, 0.4]]),
            ),
            (
                np.random.default_rng(4).normal(size=(3, 2, 2, 4, 2)).round(2),
                np.array([[0.5, -1.0], [1.0, 0.3], [0.0, -0.2]]),
                np.array([[0.1, 2.0], [-1.0, 0.7], [0.3, 0.0]]),
            ),
        ],
        slips=film_slips,
        hints=(
            "NumPy aligns shapes from the right. g has (B, C): which axes are missing between?",
            "None (or np.newaxis) as an index inserts an axis of length 1 at its place.",
        ),
        solution=_FILM,
        points=3,
    ),
    "16.4": Exercise(
        asks="one whole number",
        answer=(4 * 16 + 16) + (16 * 128 + 128),
        slips={
            "both dense layers have biases": 4 * 16 + 16 * 128,
            "two variables give four inputs: each has its indicator": 2 * 16 + 16 + 16 * 128 + 128,
            "every channel gets a g and a b": 4 * 16 + 16 + 16 * 64 + 64,
            "the numbers pass through the hidden layer first": 4 * 128 + 128,
            "the hidden layer has biases, too": 4 * 16 + 16 * 128 + 128,
            "the output layer has biases, too": 4 * 16 + 16 + 16 * 128,
        },
        hints=(
            "A dense layer from n to m units has n m weights and m biases.",
            "How many inputs has the first layer? And how many numbers must the second give for 64 "
            "channels?",
        ),
        solution="your_count = (4 * 16 + 16) + (16 * 128 + 128)",
    ),
    "16.5": Exercise(
        asks="a pair of numbers",
        answer=moved,
        tolerance=3e-4,
        slips={
            "Adagrad's accumulator starts at 0.1, not at 0": (
                float((0.01 / np.sqrt(np.arange(1, 1001))).sum()),
                1.0,
            ),
            "divide by the root of the accumulator": (
                float((1e-5 / (0.1 + 1e-6 * np.arange(1, 1001))).sum()),
                1.0,
            ),
            "that is plain gradient descent; Adagrad divides by the root of the accumulator": (
                0.01,
                1.0,
            ),
            "Adagrad first, then Adam": (1.0, moved()[0]),
            "those are single steps; sum over 1000": (moved()[0] / 1000, 0.001),
            "a step of Adam is the rate, whatever the size of a constant gradient": (
                moved()[0],
                0.001,
            ),
        },
        hints=(
            "Adagrad: in each step first add the squared gradient to the accumulator.",
            "By how much does the accumulator grow in 1000 steps, beside the 0.1 it starts with?",
        ),
        solution=_MOVED,
        points=2,
    ),
    "16.6": FunctionExercise(
        asks="a function",
        answer=saved,
        cases=[masks(1), masks(2)],
        slips=saved_slips,
        hints=(
            "Saved is what belongs to the lesion under TICI 0 and not to that under TICI 3.",
            "For masks, & is and, ~ is not. Form two saved regions, then their Dice.",
        ),
        solution=_SAVED,
        points=2,
    ),
    "16.7": FunctionExercise(
        asks="a function",
        answer=permutation_p,
        cases=[(0.03, [0.01, -0.02, 0.03, 0.0, 0.05]), (0.08, np.linspace(-0.02, 0.02, 19))],
        slips=p_slips,
        hints=(
            "If the treatment meant nothing, the true table would be one more permutation.",
            "Which share of all tables, the true one included, has a gain at least as large?",
        ),
        solution=_P,
        points=2,
    ),
    "16.8": Exercise(
        asks="one of the letters a, b and c",
        answer="c",
        slips={
            "even the simulation itself gains little here": "a",
            "the interval does not exclude a small gain, and this is one population": "b",
        },
        hints=(
            "What could a perfect method have gained in this cohort?",
            "What did the same method show where there was much to gain?",
        ),
        solution='your_reading = "c"',
        points=2,
    ),
    "16.9": Exercise(
        asks="one whole number",
        answer=math.ceil(patients_needed(0.01, 0.045)),
        slips={
            "patients are whole, and 158 are too few: round up": 158,
            "patients are whole: round up": 2.8**2 * 4.5**2,
            "that gives a power of 50 %: half of such studies would miss the gain": (
                math.ceil((1.96 * 0.045 / 0.01) ** 2)
            ),
            "the number grows with the square": math.ceil(2.8 * 0.045 / 0.01),
            "divide by the difference that is to be found, then square": math.ceil(
                (2.8 * 0.045) ** 2 / 0.01
            ),
            "add both quantiles before you square": math.ceil((1.96**2 + 0.84**2) * 4.5**2),
            "the deviation comes in squared, too": math.ceil(2.8**2 * 0.045 / 0.01**2),
        },
        hints=(
            "The standard error with n patients is 0.045 / sqrt(n).",
            "Write the condition as an inequality between the gain and that many standard errors, "
            "and solve it for n.",
        ),
        solution="your_patients = int(np.ceil(((1.96 + 0.84) * 0.045 / 0.01) ** 2))",
        points=2,
    ),
}
"""By name, in the order of the lesson."""
