"""Benign delay, mismatch, threshold baseline: what is right, and what the usual mistakes give.

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


def benign_delay(
    tmax: np.ndarray,
    adc: np.ndarray,
    cbf: np.ndarray,
    brain: np.ndarray,
    across: np.ndarray,
    spacing: Sequence[float],
) -> np.ndarray:
    """Return where blood comes late in the hemisphere without the stroke, though it is enough.

    Parameters
    ----------
    tmax, adc, cbf : ndarray, (X, Y, Z)
        Smoothed maps.
    brain : ndarray of bool, (X, Y, Z)
        Voxels of brain or CSF.
    across : ndarray, (X, Y, Z)
        Distance from the midline in mm, below 0 in the hemisphere without the stroke.
    spacing : sequence of float
        Voxel size in mm; not needed here.

    Examples
    --------
    >>> tmax, ones = np.array([2.0, 7.0, 7.0, 7.0]), np.ones(4)
    >>> adc = np.array([800.0, 800.0, 2500.0, 800.0])
    >>> across = np.array([-20, -20, -20, 20])
    >>> benign_delay(tmax, adc, ones, ones > 0, across, (1, 1, 1)).tolist()
    [False, True, False, False]
    """
    tissue = brain & (adc > 650) & (adc < 1100) & (across < -8)
    enough = cbf > 0.85 * np.median(cbf[tissue])
    return tissue & (tmax > 6) & enough


def benign_delay_slips(
    tmax: np.ndarray,
    adc: np.ndarray,
    cbf: np.ndarray,
    brain: np.ndarray,
    across: np.ndarray,
    spacing: Sequence[float],
) -> dict[str, np.ndarray]:
    """Return the regions of the usual mistakes."""
    late = brain & (tmax > 6)
    return {
        "that is the hemisphere of the stroke: a delay there may come from the occluded artery": (
            late & (across > 0)
        ),
        "ADC is too high for brain tissue: that is cerebrospinal fluid (CSF)": brain
        & (adc >= 1100),
        "Tmax around this voxel is not above 6 s": ~late,
        "Tmax is high there, but CBF or ADC is not normal, or it is too near the midline": late,
    }
