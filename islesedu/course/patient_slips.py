"""Mismatch and threshold baseline as a reader writes them, and what the usual mistakes give.

Lesson 06.
"""

from collections.abc import Sequence

import numpy as np

from islesedu.metrics import dice


def mismatch(
    core: np.ndarray, hypoperfused: np.ndarray, spacing: Sequence[float]
) -> tuple[float, float, float]:
    """Return core volume (ml), mismatch volume (ml) and mismatch ratio.

    Examples
    --------
    >>> small, large = np.arange(20) < 5, np.arange(20) < 15
    >>> [round(float(number), 3) for number in mismatch(small, large, (10, 10, 5))]
    [2.5, 5.0, 3.0]
    """
    core_ml, hypo_ml = (mask.sum() * np.prod(spacing) / 1000 for mask in (core, hypoperfused))
    return core_ml, hypo_ml - core_ml, hypo_ml / core_ml


def mismatch_slips(core: np.ndarray, hypoperfused: np.ndarray, spacing: Sequence[float]) -> dict:
    """Return what the usual mistakes give."""
    core_ml, difference, ratio = mismatch(core, hypoperfused, spacing)
    outside = (hypoperfused & ~core).sum() * np.prod(spacing) / 1000
    return {
        "these volumes are in mm³": (1000 * core_ml, 1000 * difference, ratio),
        "these are numbers of voxels; multiply by the volume of one": mismatch(
            core, hypoperfused, (10, 10, 10)
        ),
        "the ratio is upside down": (core_ml, difference, 1 / ratio),
        "the trials subtract two volumes, wherever the masks lie": (core_ml, outside, ratio),
        "the second number is the mismatch, not the hypoperfused volume": (
            core_ml,
            difference + core_ml,
            ratio,
        ),
    }


def mismatch_cases() -> list[tuple]:
    """Return small masks, partly apart, with their spacing."""
    core, hypoperfused = np.zeros((2, 8, 8, 4), bool)
    core[1:4, 1:4, 1:3], hypoperfused[2:8, 1:7, 1:4] = True, True
    return [(core, hypoperfused, (2.0, 2.5, 6.0)), (core, hypoperfused[::-1], (1.25, 1.25, 6.5))]


def _means(
    maps: Sequence[np.ndarray], lesions: Sequence[np.ndarray], thresholds: Sequence[float]
) -> list[float]:
    """Return the mean Dice over patients of each threshold."""
    pairs = list(zip(maps, lesions, strict=True))
    return [float(np.mean([dice(m > t, lesion) for m, lesion in pairs])) for t in thresholds]


def best_threshold(
    maps: Sequence[np.ndarray], lesions: Sequence[np.ndarray], thresholds: Sequence[float]
) -> float:
    """Return the threshold with the highest mean Dice over patients of ``map > threshold``.

    Examples
    --------
    >>> best_threshold([np.arange(9)], [np.arange(9) > 5], [2.5, 5.5, 7.5])
    5.5
    """
    return thresholds[int(np.argmax(_means(maps, lesions, thresholds)))]


def threshold_slips(
    maps: Sequence[np.ndarray], lesions: Sequence[np.ndarray], thresholds: Sequence[float]
) -> dict:
    """Return what the usual mistakes give."""
    means = _means(maps, lesions, thresholds)
    pooled = [np.concatenate([np.ravel(one) for one in part]) for part in (maps, lesions)]
    below = [-np.asarray(m) for m in maps], lesions, [-t for t in thresholds]
    return {
        "return the threshold, not its Dice": max(means),
        "return the threshold itself, not its number in the list": float(np.argmax(means)),
        "compute the Dice of each patient, then the mean; do not pool the voxels": best_threshold(
            [pooled[0]], [pooled[1]], thresholds
        ),
        "a voxel is lesion above the threshold, not below it": -best_threshold(*below),
    }


def threshold_cases() -> list[tuple]:
    """Return maps of a large and of small lesions, which want different thresholds."""
    ramp = np.arange(40.0).reshape(8, 5)
    large, small, smaller = ramp >= 8, ramp >= 34, ramp >= 36
    thresholds = [3.5, 7.5, 15.5, 25.5, 33.5, 37.5]
    return [
        ([ramp, ramp, ramp], [large, small, smaller], thresholds),
        ([ramp / 2, ramp[::-1] / 4], [large, large[::-1]], [1.5, 2.5, 3.5, 6.5]),
    ]
