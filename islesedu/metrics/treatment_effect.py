"""How well the effect of a treatment is predicted, and whether a gain can be chance.

Lessons 16 and 17. The effect on a patient is the difference of two lesions, of which a hospital
sees one; a simulation knows both, see `islesedu.phantom.read_outcome`.
"""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from islesedu.metrics.masks import Empty, Mask, as_masks
from islesedu.metrics.overlap import dice


def saved_dice(predicted: Sequence[Mask], actual: Sequence[Mask], empty: Empty = "nan") -> float:
    """Return the Dice of predicted and actual saved tissue.

    Saved is what belongs to the lesion without the treatment, but not to the lesion with it. Tissue
    that the treatment destroys does not count.

    Parameters
    ----------
    predicted, actual : pair of ndarray, (X, Y, Z)
        Two masks: the lesion without the treatment, then the lesion with it.
    empty : {"nan", "max_dimension"}
        As for `islesedu.metrics.dice`: two empty masks are equal.

    Examples
    --------
    >>> without, treated = np.array([[1, 1, 1, 0]]), np.array([[1, 0, 0, 0]])
    >>> saved_dice((without, without), (without, treated))
    0.0
    >>> round(saved_dice((without, [[1, 1, 0, 0]]), (without, treated)), 3)
    0.667
    """
    saved = []
    for pair in (predicted, actual):
        without, treated = as_masks(*pair)
        saved.append(without & ~treated)
    return dice(*saved, empty=empty)


def permutation_p(statistic: float, permuted: Sequence[float]) -> float:
    """Return the one-sided p-value of a statistic among those of permuted data.

    The share of all values, its own included, that are at least as large; with N permutations it is
    never below 1 / (N + 1). Phipson, Smyth 2010 (doi.org/10.2202/1544-6115.1585).

    Parameters
    ----------
    statistic : float
        Of the data as they are.
    permuted : sequence of float, (N,)
        Of the data in which the variable of interest was permuted.

    Raises
    ------
    ValueError
        Nothing to compare with, or a value that is no number.

    Examples
    --------
    >>> permutation_p(0.3, [0.1, -0.2, 0.0])
    0.25
    """
    values = np.asarray(permuted, float)
    if values.ndim != 1 or not values.size or not np.isfinite([statistic, *values]).all():
        raise ValueError(
            f"permuted has the shape {values.shape} and statistic is {statistic!r}; "
            "give a number and a list of at least one number"
        )
    return float((1 + (values >= statistic).sum()) / (1 + values.size))


def patients_needed(
    difference: float, deviation: float, *, power: float = 0.8, level: float = 0.05
) -> float:
    """Return with how many patients a mean paired difference is found with a given probability.

    ``((z(1 - level / 2) + z(power)) * deviation / difference) ** 2``, by the normal distribution.

    Parameters
    ----------
    difference : float
        The true mean difference.
    deviation : float
        Standard deviation of the differences over patients.
    power : float
        Probability that the test is significant, between `level` and 1.
    level : float
        Of the two-sided test.

    Raises
    ------
    ValueError
        A difference of 0, or a probability that is none.

    Examples
    --------
    >>> round(patients_needed(0.05, 0.1), 1)
    31.4
    """
    if difference == 0 or not 0 < level < power < 1:
        raise ValueError(
            f"difference is {difference!r}, level {level!r} and power {power!r}; give a difference "
            "other than 0, and 0 < level < power < 1"
        )
    z = stats.norm.ppf(1 - level / 2) + stats.norm.ppf(power)
    return float((z * deviation / difference) ** 2)
