"""Lesson 16, Add treatment information."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from islesedu.course.exercise import Exercise, FunctionExercise
from islesedu.metrics.treatment_effect import patients_needed, permutation_p, saved_dice

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


def encode(values: np.ndarray, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    """Return scaled values and the indicators of missing ones, as `ImputeAndScale` does."""
    missing = np.isnan(values)
    return np.concatenate([(np.where(missing, mean, values) - mean) / std, missing])


def _encode_slips(values: np.ndarray, mean: np.ndarray, std: np.ndarray) -> dict[str, Any]:
    """Return what the usual mistakes give."""
    right, missing = encode(values, mean, std), np.isnan(values)
    scaled = right[: len(values)]
    return {
        "a missing value is not 0 minutes: it becomes the mean of the training patients": (
            np.concatenate([(np.where(missing, 0, values) - mean) / std, missing])
        ),
        "impute before you scale, or write the 0 of the mean": np.concatenate(
            [np.where(missing, mean, (values - mean) / std), missing]
        ),
        "the indicator is 1 where the value is missing": np.concatenate([scaled, ~missing]),
        "first all values, then all indicators": np.stack([scaled, missing], axis=1).ravel(),
        "append the indicators": scaled,
        "subtract the mean before you divide": np.concatenate(
            [np.where(missing, mean, values) / std, missing]
        ),
        "the missing values are still there": np.concatenate([(values - mean) / std, missing]),
    }


def film(volume: np.ndarray, g: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the modulated volumes (B, X, Y, Z, C)."""
    return volume * (1 + g[:, None, None, None, :]) + b[:, None, None, None, :]


def _film_slips(volume: np.ndarray, g: np.ndarray, b: np.ndarray) -> dict[str, Any]:
    """Return what the usual mistakes give."""
    slips = {
        "with g = 0 a channel should pass unchanged: the factor is 1 + g": film(volume, g - 1, b),
        "scale first, then shift": film(volume, g, b * (1 + g)),
        "b is added": film(volume, g, -b),
        "every patient has a g and b of their own": film(volume, g[:1], b[:1]),
        "g scales the channel; b alone only shifts it": film(volume, 0 * g, b),
    }
    if volume.shape[3] == len(g):  # else NumPy refuses
        slips[
            "the axis of the patients was aligned with Z: give g axes of length 1 for X, Y, Z"
        ] = volume * (1 + g) + b
    return slips


def _moved() -> tuple[float, float]:
    """Return how far Adagrad and Adam move a weight in 1000 steps of the gradient 0.001."""
    squares = 0.1 + 1e-6 * np.arange(1, 1001)
    return float((0.01 * 0.001 / np.sqrt(squares)).sum()), 1.0


def _masks(seed: int) -> tuple[np.ndarray, ...]:
    """Return four masks (6, 5, 3): predictions and lesions under TICI 0 and 3."""
    rng = np.random.default_rng(seed)
    noise = rng.random((4, 6, 5, 3))
    lesion_0 = noise[0] < 0.6
    return noise[1] < 0.5, noise[2] < 0.3, lesion_0, lesion_0 & (noise[3] < 0.5)


def _saved(predicted_0: Any, predicted_3: Any, lesion_0: Any, lesion_3: Any) -> float:
    """Return the Dice of saved tissue, from four masks."""
    return saved_dice((predicted_0, predicted_3), (lesion_0, lesion_3))


def _saved_slips(
    predicted_0: np.ndarray, predicted_3: np.ndarray, lesion_0: np.ndarray, lesion_3: np.ndarray
) -> dict[str, float]:
    """Return what the usual mistakes give."""

    def overlap(a: np.ndarray, b: np.ndarray) -> float:
        return float(2 * (a & b).sum() / (a.sum() + b.sum()))

    predicted, saved = predicted_0 & ~predicted_3, lesion_0 & ~lesion_3
    return {
        "tissue that is lost only under TICI 3 is not saved: no exclusive or": overlap(
            predicted_0 ^ predicted_3, saved
        ),
        "saved is what is lost under TICI 0, not under TICI 3; the other way round": overlap(
            predicted_3 & ~predicted_0, saved
        ),
        "that is the Dice of the lesions, averaged": (
            overlap(predicted_0, lesion_0) + overlap(predicted_3, lesion_3)
        )
        / 2,
        "a difference of two Dice values says nothing of where tissue is saved": (
            overlap(predicted_0, lesion_0) - overlap(predicted_3, lesion_3)
        ),
        "that is the sensitivity: Dice divides by the mean of both sizes": float(
            (predicted & saved).sum() / saved.sum()
        ),
        "Dice counts the common voxels twice": overlap(predicted, saved) / 2,
        "that is the tissue lost under both": overlap(predicted_0 & predicted_3, lesion_3),
    }


def _p_slips(gain: float, permuted: Sequence[float]) -> dict[str, float]:
    """Return what the usual mistakes give."""
    values, count = np.asarray(permuted), len(permuted)
    larger = int((values >= gain).sum())
    return {
        "the true table is one of the possible ones: count it, above and below": larger / count,
        "count it below, too: there are N + 1 tables": (1 + larger) / count,
        "a permutation that is as good counts, too": (1 + int((values > gain).sum())) / (1 + count),
        "count the permutations that reach the gain, not those that do not": (
            (1 + count - larger) / (1 + count)
        ),
        "that is the rank; divide by the number of tables": 1 + larger,
    }


EXERCISES = {
    "16.1": Exercise(
        asks="four letters in quotes",
        answer="TSTN",
        slips={
            "how well the artery was reopened is seen after the treatment": "SSTN",
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
        slips=_encode_slips,
        hints=(
            "np.isnan(values) is True where a value is missing.",
            "np.where(missing, mean, values) fills the gaps; np.concatenate joins two arrays.",
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
        slips=_film_slips,
        hints=(
            "NumPy aligns shapes from the right. g has (B, C): which axes are missing between?",
            "g[:, None, None, None, :] has the shape (B, 1, 1, 1, C).",
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
            "From 4 inputs to 16 units, and from 16 units to 64 factors and 64 terms.",
        ),
        solution="your_count = (4 * 16 + 16) + (16 * 128 + 128)",
    ),
    "16.5": Exercise(
        asks="a pair of numbers",
        answer=_moved,
        tolerance=0.01,
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
            "Adagrad first, then Adam": (1.0, _moved()[0]),
            "those are single steps; sum over 1000": (_moved()[0] / 1000, 0.001),
            "a step of Adam is the rate, whatever the size of a constant gradient": (
                _moved()[0],
                0.001,
            ),
        },
        hints=(
            "Adagrad: in each step first add the squared gradient to the accumulator.",
            "1000 squared gradients of a millionth are 0.001: the accumulator hardly grows.",
        ),
        solution=_MOVED,
        points=2,
    ),
    "16.6": FunctionExercise(
        asks="a function",
        answer=_saved,
        cases=[_masks(1), _masks(2)],
        slips=_saved_slips,
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
        slips=_p_slips,
        hints=(
            "How many tables are there in all, the true one included?",
            "Count the permutations whose gain is at least as large, and the true table.",
        ),
        solution=_P,
        points=2,
    ),
    "16.8": Exercise(
        asks="one of the letters a, b and c",
        answer="c",
        slips={
            "the oracle, which cannot be beaten on average, gains next to nothing here": "a",
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
        asks="one number",
        answer=patients_needed(0.01, 0.045),
        tolerance=0.015,
        slips={
            "that gives a power of 50 %: half of such studies would miss the gain": (
                (1.96 * 0.045 / 0.01) ** 2
            ),
            "the number grows with the square": 2.8 * 0.045 / 0.01,
            "divide by the difference that is to be found, then square": (2.8 * 0.045) ** 2 / 0.01,
            "add both quantiles before you square": (1.96**2 + 0.84**2) * (0.045 / 0.01) ** 2,
            "the deviation comes in squared, too": 2.8**2 * 0.045 / 0.01**2,
        },
        hints=(
            "The standard error with n patients is 0.045 / sqrt(n).",
            "The difference must be 1.96 + 0.84 = 2.8 standard errors. Solve for n.",
        ),
        solution="your_patients = ((1.96 + 0.84) * 0.045 / 0.01) ** 2",
        points=2,
    ),
}
"""By name, in the order of the lesson."""
