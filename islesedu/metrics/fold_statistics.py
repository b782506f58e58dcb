"""Is a difference between folds chance? Their training sets overlap, so they are not independent.

The unit is the training: one number a fold. Where the unit is the patient, see
`islesedu.metrics.statistics`.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from islesedu.metrics.statistics import known_differences


def corrected_t_test(differences: Sequence[float], test_share: float) -> tuple[float, float]:
    """Return t and the two-sided p of the differences of k folds, whose training sets overlap.

    ``t = mean / sqrt((1 / k + test / training) s**2)`` with k - 1 degrees of freedom: the corrected
    resampled t test of Nadeau and Bengio 2003 (doi.org/10.1023/A:1024068626366).

    Parameters
    ----------
    differences : sequence of float, (k,)
        One a fold: the mean over its test cases.
    test_share : float
        Share of all cases that is in one test set, 1 / k for k folds.

    Returns
    -------
    t, p : float
        nan with fewer than two folds, or if all differences are equal.

    Raises
    ------
    ValueError
        No list of finite numbers, or a `test_share` that is no share.

    Examples
    --------
    >>> t, p = corrected_t_test([0.1, 0.2, 0.3], test_share=1 / 3)
    >>> round(t, 3), round(p, 3)
    (2.191, 0.16)
    """
    values, error = _fold_error(differences, test_share)
    if not error > 0:
        return np.nan, np.nan
    t = values.mean() / error
    return float(t), float(2 * stats.t.sf(abs(t), values.size - 1))


def add_fold_p(tests: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """Return a table of paired tests with the column p_folds, whose unit is the training.

    That is p of `corrected_t_test` for the differences of two losses, averaged in each fold; nan if
    a fold has no case with a number under both.

    Parameters
    ----------
    tests : DataFrame
        As `islesedu.metrics.statistics.compare_pairs` returns it: measure, first, second, ...
    cases : DataFrame
        Columns loss, fold, case and the measures; one row a case and loss.

    Examples
    --------
    >>> rows = {"loss": ["a"] * 3 + ["b"] * 3, "fold": [1, 2, 3] * 2, "case": [1, 2, 3] * 2}
    >>> cases = pd.DataFrame(rows | {"dice": [0.5, 0.7, 0.9, 0.4, 0.5, 0.6]})
    >>> tests = pd.DataFrame([["dice", "a", "b"]], columns=["measure", "first", "second"])
    >>> add_fold_p(tests, cases)["p_folds"].round(3).tolist()  # differences 0.1, 0.2 and 0.3
    [0.16]
    """
    found = []
    for measure, first, second in tests[["measure", "first", "second"]].to_numpy():
        wide = cases.pivot(index=["fold", "case"], columns="loss", values=measure)
        differences = (wide[first] - wide[second]).replace([np.inf, -np.inf], np.nan)
        means = differences.groupby(level="fold").mean()
        tested = len(means) > 1 and not means.isna().any()
        share = 1 / max(len(means), 2)
        found.append(corrected_t_test(means.to_numpy(), share)[1] if tested else np.nan)
    return tests.assign(p_folds=found)


def corrected_t_interval(
    differences: Sequence[float], test_share: float, level: float = 0.95
) -> tuple[float, float]:
    """Return the interval of the mean of the differences of k folds that `corrected_t_test` tests.

    Parameters
    ----------
    differences, test_share
        As for `corrected_t_test`.
    level : float
        Between 0 and 1.

    Returns
    -------
    low, high : float
        nan with fewer than two folds.

    Raises
    ------
    ValueError
        As for `corrected_t_test`; a `level` that is no share.

    Examples
    --------
    >>> low, high = corrected_t_interval([0.1, 0.2, 0.3], test_share=1 / 3)
    >>> round(low, 3), round(high, 3)
    (-0.193, 0.593)
    """
    values, error = _fold_error(differences, test_share)
    if not 0 < level < 1:
        raise ValueError(f"level is {level!r}; give a number between 0 and 1, such as 0.95")
    if values.size < 2:
        return np.nan, np.nan
    half = stats.t.ppf((1 + level) / 2, values.size - 1) * error
    return float(values.mean() - half), float(values.mean() + half)


def _fold_error(differences: Sequence[float], test_share: float) -> tuple[np.ndarray, float]:
    """Return the differences that are there, and the corrected standard error of their mean."""
    values = known_differences(differences)
    if not 0 < test_share < 1:
        raise ValueError(f"test_share is {test_share!r}; give a number between 0 and 1")
    variance = values.var(ddof=1) if values.size > 1 else 0.0
    ratio = test_share / (1 - test_share)
    return values, float(np.sqrt((1 / max(values.size, 1) + ratio) * variance))
