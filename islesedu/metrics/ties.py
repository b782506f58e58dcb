"""Numbers that differ by rounding alone are ties: 0.1 + 0.2 and 0.3 share a rank."""

import numpy as np
from numpy.typing import ArrayLike

ROUNDING = 1e-12
"""Share of the largest number up to which two numbers are equal; a double rounds at 1e-16, and two
Dice coefficients of a million voxels that differ at all do so by more."""


def merge_ties(values: ArrayLike, tolerance: float | None = None) -> np.ndarray:
    """Return numbers in which those that are equal within rounding are equal to the last bit.

    Parameters
    ----------
    values : array_like, (N,)
        nan and infinity stay as they are.
    tolerance : float, optional
        Neighbours, in sorted order, that are at most this far apart are ties. By default
        `ROUNDING` times the largest magnitude among the values.

    Returns
    -------
    ndarray, (N,)
        Of several ties the smallest stands for all.

    Examples
    --------
    >>> merge_ties([0.3, 0.5, 0.1 + 0.2]).tolist()
    [0.3, 0.5, 0.3]
    """
    merged = np.array(values, float)
    finite = np.isfinite(merged)
    numbers, places = np.unique(merged[finite], return_inverse=True)  # sorted
    if numbers.size:
        limit = ROUNDING * np.abs(numbers).max() if tolerance is None else tolerance
        first = np.concatenate([[True], np.diff(numbers) > limit])
        merged[finite] = numbers[first][np.cumsum(first) - 1][places]
    return merged
