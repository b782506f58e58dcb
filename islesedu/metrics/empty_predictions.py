"""What a penalty for empty forecasts does to a mean, and how to see it in a table of means.

A forecast without a voxel has no surface, so no distance. The slide scores it the longest edge of
its volume; the mean then mixes two very different kinds of patients.
"""

import numpy as np


def mean_with_penalty(distances: np.ndarray, edges: np.ndarray) -> float:
    """Return the mean distance, where an empty forecast scores the longest edge of its volume.

    Parameters
    ----------
    distances : ndarray, (N,)
        One a patient, in voxels; nan for an empty forecast.
    edges : ndarray, (N,)
        Longest edge of each patient's volume, in voxels.

    Examples
    --------
    >>> mean_with_penalty(np.array([10.0, np.nan]), np.array([192, 128]))
    69.0
    """
    return float(np.where(np.isnan(distances), edges, distances).mean())


def number_of_empty_predictions(mean: float, others: float, penalty: float, cases: int) -> float:
    """Return how many empty forecasts explain a mean.

    It solves ``mean = (k penalty + (cases - k) others) / cases`` for k.

    Parameters
    ----------
    mean : float
        The published mean distance.
    others : float
        What the patients with a forecast score on average; an assumption.
    penalty : float
        What an empty forecast scores on average.
    cases : int
        Number of patients.

    Examples
    --------
    >>> round(number_of_empty_predictions(54.4, others=30.8, penalty=190.5, cases=43), 1)
    6.4
    """
    if penalty == others:
        raise ValueError(f"penalty and others are both {penalty}; then the mean says nothing")
    return cases * (mean - others) / (penalty - others)


def std_with_penalty(
    share: float, others: tuple[float, float], penalty: tuple[float, float]
) -> float:
    """Return the standard deviation of distances, a share of which are penalties.

    Parameters
    ----------
    share : float
        Of the patients with an empty forecast, 0 to 1.
    others, penalty : tuple of float
        Mean and standard deviation of either kind.

    Examples
    --------
    >>> std_with_penalty(0.5, others=(10, 0), penalty=(20, 0))
    5.0
    """
    (mean, std), (high, high_std) = others, penalty
    within = (1 - share) * std**2 + share * high_std**2
    return float(np.sqrt(within + share * (1 - share) * (high - mean) ** 2))
