"""Is one loss better than another? Each case is scored under both, so differences are paired."""

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from islesedu.metrics.ties import ROUNDING, merge_ties

RESAMPLES = 10_000


def bootstrap_interval(
    differences: Sequence[float], *, level: float = 0.95, seed: int = 2017
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of the mean: `level` of all resamples lie in it.

    The cases are drawn again, with replacement, `RESAMPLES` times. ``scipy.stats.bootstrap`` draws
    the same resamples from the same seed, but refuses a single case, and its interval differs in
    the last bit from the recorded ones. Efron 1979 (doi.org/10.1214/aos/1176344552).

    Parameters
    ----------
    differences : sequence of float, (N,)
        One a case; a nan, which has no pair, is left out.
    level : float
        Between 0 and 1.
    seed : int
        The same seed, the same interval.

    Returns
    -------
    low, high : float
        nan with fewer than two cases: one case says nothing about how cases vary.

    Raises
    ------
    ValueError
        No list of finite numbers, or a `level` that is no share.

    Examples
    --------
    >>> bootstrap_interval([0.5, 0.5, 0.5]), bootstrap_interval([0.5])
    ((0.5, 0.5), (nan, nan))
    """
    values = known_differences(differences)
    if not 0 < level < 1:
        raise ValueError(f"level is {level!r}; give a number between 0 and 1, such as 0.95")
    if values.size < 2:
        return np.nan, np.nan
    drawn = np.random.default_rng(seed).integers(values.size, size=(RESAMPLES, values.size))
    means = values[drawn].mean(axis=1)  # (RESAMPLES, N) -> (RESAMPLES,)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def wilcoxon_p(differences: Sequence[float], tolerance: float = ROUNDING) -> float:
    """Return the p-value of Wilcoxon's signed-rank test, two-sided, as scipy computes it.

    That is the probability of ranks at least as uneven as these if either loss were as often and
    as much ahead.

    Parameters
    ----------
    differences : sequence of float, (N,)
        One a case; a nan, which has no pair, is left out.
    tolerance : float
        A difference of at most this much is a tie (0), and differences that are at most this far
        apart share their rank: what is left of rounding must not decide.

    Returns
    -------
    float
        1 if all are ties, nan without cases.

    Raises
    ------
    ValueError
        No list of finite numbers.

    Examples
    --------
    >>> wilcoxon_p([-0.01, 0.02, 0.03, 0.04, 0.05])  # 4 of the 32 ways to choose signs
    0.125
    >>> wilcoxon_p([1e-17, 2e-17, 1e-17])  # nothing but rounding
    1.0
    """
    values = known_differences(differences)
    if not values.size:
        return np.nan
    sizes = merge_ties(np.abs(values), tolerance)
    values = np.where(np.abs(values) > tolerance, np.sign(values) * sizes, 0.0)
    return float(stats.wilcoxon(values).pvalue) if values.any() else 1.0


def holm(p_values: Sequence[float]) -> np.ndarray:
    """Return p-values corrected for their number by Holm's method, in the given order.

    Parameters
    ----------
    p_values : sequence of float, (M,)
        nan where a test was not possible; it stays nan, and does not count.

    Raises
    ------
    ValueError
        No list of numbers from 0 to 1.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    values = np.asarray(p_values, float).copy()  # pandas 2.2 hands its own out to np.array
    known = ~np.isnan(values)
    if values.ndim != 1 or ((values[known] < 0) | (values[known] > 1)).any():
        raise ValueError("p_values hold other than numbers from 0 to 1; give a list of p-values")
    order = np.flatnonzero(known)[np.argsort(values[known], kind="stable")]
    steps = np.arange(order.size, 0, -1)  # M, M - 1, ..., 1
    values[order] = np.minimum(np.maximum.accumulate(values[order] * steps), 1)
    return values


def known_differences(differences: Sequence[float]) -> np.ndarray:
    """Return the differences that are there, (N,); a ValueError if they are no finite numbers.

    Examples
    --------
    >>> known_differences([0.5, float("nan"), -0.25]).tolist()
    [0.5, -0.25]
    """
    values = np.asarray(differences, float)
    if values.ndim != 1 or np.isinf(values).any():
        what = "infinite ones" if values.ndim == 1 else f"an array of shape {values.shape}"
        raise ValueError(f"differences are {what}; give a list of finite numbers, one a case")
    return values[~np.isnan(values)]


def compare_pairs(cases: pd.DataFrame, measures: Sequence[str]) -> pd.DataFrame:
    """Compare each loss with each other one, case by case.

    Parameters
    ----------
    cases : DataFrame
        Columns loss, case, and the measures; one row a case and loss.
    measures : sequence of str
        Columns to compare.

    Returns
    -------
    DataFrame
        A row for each measure and pair: measure, first, second, cases (those with a number under
        both), difference (mean of first minus second), low and high (95 % bootstrap interval), p
        (Wilcoxon, not corrected for the number of tests; differences within rounding are ties).

    Raises
    ------
    ValueError
        A column is missing, or a case stands twice under one loss.

    Examples
    --------
    >>> cases = pd.DataFrame(
    ...     {"loss": ["a", "a", "b", "b"], "case": [1, 2, 1, 2], "dice": [0.5, 0.7, 0.4, 0.6]}
    ... )
    >>> compare_pairs(cases, ["dice"]).round(2)[["first", "second", "difference"]].values.tolist()
    [['a', 'b', 0.1]]
    """
    columns = ["measure", "first", "second", "cases", "difference", "low", "high", "p"]
    _check_table(cases, measures)
    rows = []
    for measure in measures:
        wide = cases.pivot(index="case", columns="loss", values=measure)
        for pair in itertools.combinations(cases["loss"].unique(), 2):
            both = wide[list(pair)].replace([np.inf, -np.inf], np.nan).dropna()
            differences = (both[pair[0]] - both[pair[1]]).to_numpy()
            noise = ROUNDING * max(1.0, both.abs().to_numpy().max(initial=0))
            mean = float(differences.mean()) if len(differences) else np.nan
            interval = bootstrap_interval(differences)
            found = len(differences), mean, *interval, wilcoxon_p(differences, noise)
            rows.append((measure, *pair, *found))
    return pd.DataFrame(rows, columns=columns)


def _check_table(cases: pd.DataFrame, measures: Sequence[str]) -> None:
    """Raise a ValueError unless the columns are there and each case stands once under a loss."""
    missing = [name for name in ("loss", "case", *measures) if name not in cases]
    if missing:
        raise ValueError(f"cases has no column {', '.join(missing)}; it has {list(cases.columns)}")
    twice = cases[cases.duplicated(["loss", "case"])]
    if len(twice):
        loss, case = twice.iloc[0][["loss", "case"]]
        raise ValueError(f"case {case} stands twice under {loss}; give one row a case and loss")
