"""What the usual mistakes with treatment information give, lesson 16."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from islesedu.metrics.treatment_effect import saved_dice


def encode(values: np.ndarray, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    """Return scaled values and the indicators of missing ones, as `ImputeAndScale` does."""
    missing = np.isnan(values)
    return np.concatenate([(np.where(missing, mean, values) - mean) / std, missing])


def encode_slips(values: np.ndarray, mean: np.ndarray, std: np.ndarray) -> dict[str, Any]:
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


def film_slips(volume: np.ndarray, g: np.ndarray, b: np.ndarray) -> dict[str, Any]:
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


def moved() -> tuple[float, float]:
    """Return how far Adagrad and Adam move a weight in 1000 steps of the gradient 0.001."""
    squares = 0.1 + 1e-6 * np.arange(1, 1001)
    return float((0.01 * 0.001 / np.sqrt(squares)).sum()), 1.0


def masks(seed: int) -> tuple[np.ndarray, ...]:
    """Return four masks (6, 5, 3): predictions and lesions under TICI 0 and 3."""
    rng = np.random.default_rng(seed)
    noise = rng.random((4, 6, 5, 3))
    lesion_0 = noise[0] < 0.6
    return noise[1] < 0.5, noise[2] < 0.3, lesion_0, lesion_0 & (noise[3] < 0.5)


def saved(predicted_0: Any, predicted_3: Any, lesion_0: Any, lesion_3: Any) -> float:
    """Return the Dice of saved tissue, from four masks."""
    return saved_dice((predicted_0, predicted_3), (lesion_0, lesion_3))


def saved_slips(
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


def p_slips(gain: float, permuted: Sequence[float]) -> dict[str, float]:
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
