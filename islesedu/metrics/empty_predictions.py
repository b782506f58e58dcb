"""What a penalty for empty predictions does to a mean, and how to see it in a table of means.

An empty prediction has no surface, so no distance. The slide scores it the longest edge of its
volume; the mean then mixes two very different kinds of patients.
"""

import numpy as np
from numpy.typing import ArrayLike


def mean_with_penalty(distances: ArrayLike, penalties: ArrayLike) -> float:
    """Return the mean distance, where an empty prediction scores its penalty.

    Parameters
    ----------
    distances : array_like, (N,)
        One a patient, in voxels; nan for an empty prediction.
    penalties : array_like, (N,)
        Longest edge of each patient's volume, in voxels.

    Raises
    ------
    ValueError
        Other numbers of distances than of penalties, none at all, or a penalty that is no number.

    Examples
    --------
    >>> mean_with_penalty([10.0, np.nan], [192, 128])
    69.0
    """
    distances, penalties = np.asarray(distances, float), np.asarray(penalties, float)
    if distances.shape != penalties.shape or not distances.size:
        raise ValueError(
            f"distances have the shape {distances.shape}, penalties {penalties.shape}; give one of "
            "either for each patient"
        )
    if np.isnan(penalties).any():
        raise ValueError("a penalty is nan; give the longest edge of each patient's volume")
    return float(np.where(np.isnan(distances), penalties, distances).mean())


def std_with_penalty(
    fraction: float, others: tuple[float, float], penalty: tuple[float, float]
) -> float:
    """Return the standard deviation of distances, a fraction of which are penalties.

    Parameters
    ----------
    fraction : float
        Of the patients with an empty prediction, 0 to 1.
    others, penalty : tuple of float
        Mean and standard deviation of either kind.

    Raises
    ------
    ValueError
        `fraction` is none.

    Examples
    --------
    >>> std_with_penalty(0.5, others=(10, 0), penalty=(20, 0))
    5.0
    """
    if not 0 <= fraction <= 1:
        raise ValueError(f"fraction is {fraction}; give a number from 0 to 1")
    (mean, std), (high, high_std) = others, penalty
    within = (1 - fraction) * std**2 + fraction * high_std**2
    return float(np.sqrt(within + fraction * (1 - fraction) * (high - mean) ** 2))


def number_of_empty_predictions(mean: float, others: float, penalty: float, cases: int) -> float:
    """Return how many empty predictions explain a mean.

    It solves ``mean = (k penalty + (cases - k) others) / cases`` for k.

    Parameters
    ----------
    mean : float
        The published mean distance.
    others : float
        What the other patients score on average; an assumption.
    penalty : float
        What an empty prediction scores on average.
    cases : int
        Number of patients.

    Raises
    ------
    ValueError
        `penalty` and `others` are equal.

    Examples
    --------
    >>> round(number_of_empty_predictions(54.4, others=30.8, penalty=190.5, cases=43), 1)
    6.4
    """
    if penalty == others:
        raise ValueError(f"penalty and others are both {penalty}; then any count explains the mean")
    return cases * (mean - others) / (penalty - others)
