"""Is one loss better than another? Each case is scored under both, so differences are paired."""

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

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
        One a case.
    level : float
        Between 0 and 1.
    seed : int
        The same seed, the same interval.

    Returns
    -------
    low, high : float
        nan without cases.

    Examples
    --------
    >>> bootstrap_interval([0.5, 0.5, 0.5])
    (0.5, 0.5)
    """
    values = np.asarray(differences, float)
    if not values.size:
        return np.nan, np.nan
    drawn = np.random.default_rng(seed).integers(values.size, size=(RESAMPLES, values.size))
    means = values[drawn].mean(axis=1)  # (RESAMPLES, N) -> (RESAMPLES,)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def wilcoxon_p(differences: Sequence[float]) -> float:
    """Return the p-value of Wilcoxon's signed-rank test, two-sided, as scipy computes it.

    That is the probability of ranks at least as uneven as these if either loss were as often and
    as much ahead; 1 if nothing differs, nan without cases.

    Examples
    --------
    >>> wilcoxon_p([-0.01, 0.02, 0.03, 0.04, 0.05])  # 4 of the 32 ways to choose signs
    0.125
    """
    values = np.asarray(differences, float)
    if not values.size:
        return np.nan
    return float(stats.wilcoxon(values).pvalue) if values.any() else 1.0


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
        (Wilcoxon, not corrected for the number of tests).

    Examples
    --------
    >>> cases = pd.DataFrame(
    ...     {"loss": ["a", "a", "b", "b"], "case": [1, 2, 1, 2], "dice": [0.5, 0.7, 0.4, 0.6]}
    ... )
    >>> compare_pairs(cases, ["dice"]).round(2)[["first", "second", "difference"]].values.tolist()
    [['a', 'b', 0.1]]
    """
    columns = ["measure", "first", "second", "cases", "difference", "low", "high", "p"]
    rows = []
    for measure in measures:
        wide = cases.pivot(index="case", columns="loss", values=measure)
        for pair in itertools.combinations(cases["loss"].unique(), 2):
            differences = (wide[pair[0]] - wide[pair[1]]).dropna().to_numpy()
            mean = float(differences.mean()) if len(differences) else np.nan
            interval = bootstrap_interval(differences)
            found = len(differences), mean, *interval, wilcoxon_p(differences)
            rows.append((measure, *pair, *found))
    return pd.DataFrame(rows, columns=columns)
