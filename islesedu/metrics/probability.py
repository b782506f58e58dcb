"""How good probabilities are before a threshold makes a mask of them.

Two questions with different answers. *Discrimination*: do the lesion's voxels have the larger
values? The curves of `islesedu.metrics.discrimination` answer it, whatever the threshold.
*Calibration*: of all voxels with probability 0.3, are three in ten lesion? The calibration curve
answers it. Brier score and the Dice of probabilities mix both.

`probability` holds numbers from 0 to 1, of any shape; `truth` is the mask on the same grid; `empty`
is the policy of `islesedu.metrics.overlap`; anything else is a ValueError. Give the voxels that
matter: over a whole volume, air included, nearly all voxels are rightly 0, and every mean over
voxels is excellent.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from islesedu.metrics.discrimination import average_precision
from islesedu.metrics.masks import (
    Empty,
    Mask,
    Spacing,
    as_mask,
    check_empty_policy,
    check_same_grid,
)


class CalibrationCurve(NamedTuple):
    """Mean probability, fraction of lesion and number of voxels: each (B,), one a bin in use."""

    predicted: np.ndarray
    observed: np.ndarray
    count: np.ndarray


def probability_dice(
    probability: ArrayLike, truth: Mask, spacing: Spacing = None, empty: Empty = "nan"
) -> float:
    """Return 2 sum(p y) / (sum p + sum y), the Dice with probabilities in place of a mask.

    That is the soft Dice loss (`islesedu.networks.losses.soft_dice`) without its minus.
    Probabilities of 0 and 1 have the Dice of the mask; 0 everywhere and no lesion are equal, 1.

    Examples
    --------
    >>> round(probability_dice([0.8, 0.4, 0.2, 0.1], [1, 1, 0, 0]), 4)  # 2 x 1.2 / (1.5 + 2)
    0.6857
    """
    probability, truth = _as_probability(probability, truth, empty)
    size = probability.sum() + truth.sum()
    return float(2 * probability[truth].sum() / size) if size else 1.0


def brier_score(
    probability: ArrayLike, truth: Mask, spacing: Spacing = None, empty: Empty = "nan"
) -> float:
    """Return the mean of (p - y)²: 0 is perfect; p = 0.5 everywhere scores 0.25 (Brier 1950).

    Predicting the lesion's fraction s in every voxel scores s (1 - s): compare with that.

    Examples
    --------
    >>> round(brier_score([0.8, 0.4, 0.2, 0.1], [1, 1, 0, 0]), 4)  # (.04 + .36 + .04 + .01) / 4
    0.1125
    """
    probability, truth = _as_probability(probability, truth, empty)
    return float(np.square(probability - truth).mean())


def calibration_curve(
    probability: ArrayLike, truth: Mask, bins: int | Sequence[float] = 10
) -> CalibrationCurve:
    """Sort voxels into bins of predicted probability, and count how many are lesion in each.

    The values are those of ``sklearn.calibration.calibration_curve``, which has no counts and
    takes no edges.

    Parameters
    ----------
    probability : array_like, any shape
        Numbers from 0 to 1.
    truth : array_like, the same shape
        Mask of the lesion.
    bins : int or sequence of float
        Number of bins of equal width, or their edges, rising from 0 to 1. An edge belongs to the
        bin below it, 0 to the first.

    Returns
    -------
    CalibrationCurve
        For each bin that holds a voxel: mean probability, fraction of lesion, number of voxels.

    Raises
    ------
    ValueError
        What is no probability or no mask, shapes that differ, or bins that are none.

    Examples
    --------
    >>> curve = calibration_curve([0.1, 0.1, 0.1, 0.8], [0, 0, 1, 1], bins=2)
    >>> [numbers.round(2).tolist() for numbers in curve]
    [[0.1, 0.8], [0.33, 1.0], [3, 1]]
    """
    probability, truth = _as_probability(probability, truth)
    edges = _bin_edges(bins)
    bin_of = np.searchsorted(edges[1:-1], probability.ravel())
    count = np.bincount(bin_of, minlength=len(edges) - 1)
    predicted = np.bincount(bin_of, weights=probability.ravel(), minlength=len(count))
    observed = np.bincount(bin_of, weights=truth.ravel(), minlength=len(count))
    used = count > 0
    sums = predicted[used], observed[used]
    return CalibrationCurve(*(total / count[used] for total in sums), count[used])


def equal_mass_bins(probability: ArrayLike, bins: int = 10) -> np.ndarray:
    """Return edges from 0 to 1 of bins that hold equally many voxels, as far as ties allow.

    Parameters
    ----------
    probability : array_like, any shape
        Numbers from 0 to 1.
    bins : int
        Number of bins. There are fewer if many probabilities are equal.

    Returns
    -------
    ndarray, (B + 1,)
        For `calibration_curve` and `expected_calibration_error`.

    Raises
    ------
    ValueError
        What is no probability, or a number of bins below 1.

    Examples
    --------
    >>> equal_mass_bins([0.01, 0.02, 0.04, 0.9], bins=2).round(3).tolist()
    [0.0, 0.03, 1.0]
    """
    probability = np.asarray(probability, float).ravel()
    probability, _ = _as_probability(probability, np.zeros(probability.shape, bool))
    inner = np.quantile(probability, _bin_edges(bins)[1:-1])
    return np.unique(np.concatenate([[0.0], inner, [1.0]]))


def expected_calibration_error(
    probability: ArrayLike, truth: Mask, bins: int | Sequence[float] = 10, empty: Empty = "nan"
) -> float:
    """Return the mean gap between predicted and observed, each bin weighted by its voxels (ECE).

    Where nearly all probabilities are small, the lowest bin of equal width outweighs all others;
    `equal_mass_bins` shares the voxels out evenly.

    As Naeini et al. 2015 (AAAI) define it for two classes. Guo et al. 2017 (arXiv 1706.04599) bin
    the probability of the class that was chosen instead. It depends on the bins: name them.

    Examples
    --------
    >>> predicted, true = np.repeat([0.1, 0.6], [8, 2]), np.repeat([0, 1, 1], [7, 1, 2])
    >>> round(expected_calibration_error(predicted, true), 4)  # 0.8 x 0.025 + 0.2 x 0.4
    0.1
    """
    check_empty_policy(empty)
    curve = calibration_curve(probability, truth, bins)
    gaps = np.abs(curve.predicted - curve.observed)
    return float((gaps * curve.count).sum() / curve.count.sum())


def best_dice_threshold(probability: ArrayLike) -> float:
    """Return the threshold with the largest expected Dice, if the probabilities are calibrated.

    The mask of the k largest p has about the Dice 2 (p_1 + ... + p_k) / (k + sum p). The threshold
    is half of its maximum over k (Lipton et al. 2014, arXiv 1402.1892). No lesion expected: 0.

    Examples
    --------
    >>> round(best_dice_threshold([0.9, 0.6, 0.3, 0.2, 0.1]), 4)  # 2 x 1.5 / (2 + 2.1) / 2
    0.3659
    """
    probability = np.asarray(probability, float).ravel()
    probability, _ = _as_probability(probability, np.zeros(probability.shape, bool))
    falling = np.sort(probability)[::-1]
    sizes = np.arange(1, falling.size + 1) + falling.sum()
    return float((falling.cumsum() / sizes).max())


def score_probability(
    probability: ArrayLike, truth: Mask, spacing: Spacing = None, empty: Empty = "nan"
) -> dict[str, float]:
    """Return average precision and the three measures of probabilities by their names.

    Without a lesion the average precision does not exist: nan, or 0 under the penalty.

    Examples
    --------
    >>> sorted(score_probability([0.8, 0.4, 0.2, 0.1], [1, 1, 0, 0]))
    ['average_precision', 'brier_score', 'expected_calibration_error', 'probability_dice']
    """
    probability, truth = _as_probability(probability, truth, empty)
    area = average_precision(probability, truth)
    return {
        "probability_dice": probability_dice(probability, truth),
        "average_precision": 0.0 if np.isnan(area) and empty != "nan" else area,
        "brier_score": brier_score(probability, truth),
        "expected_calibration_error": expected_calibration_error(probability, truth),
    }


def _as_probability(
    probability: ArrayLike, truth: Mask, empty: Empty = "nan"
) -> tuple[np.ndarray, np.ndarray]:
    """Return probability (float) and truth (bool), or a ValueError that names the wrong one."""
    probability, truth = np.asarray(probability, float), as_mask("truth", truth)
    check_same_grid("probability", probability, truth)
    odd = probability[~((probability >= 0) & (probability <= 1))]  # nan is odd, too
    if odd.size:
        raise ValueError(f"probability holds {odd.flat[0]:g}; give numbers from 0 to 1")
    if not probability.size:
        raise ValueError("probability holds no voxel; give at least one")
    check_empty_policy(empty)
    return probability, truth


def _bin_edges(bins: int | Sequence[float]) -> np.ndarray:
    """Return the edges of bins, (B + 1,), or raise a ValueError."""
    if np.ndim(bins) == 0:
        if bins < 1 or bins != int(bins):
            raise ValueError(f"bins is {bins}; give a whole number above 0, or edges")
        return np.linspace(0, 1, int(bins) + 1)
    edges = np.asarray(bins, float)
    if edges.size < 2 or edges[0] != 0 or edges[-1] != 1 or not (np.diff(edges) > 0).all():
        raise ValueError(f"bins is {bins}; give edges that rise from 0 to 1")
    return edges
