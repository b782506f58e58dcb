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
    """Return the interval that holds the mean in `level` of all resamples of the cases.

    The cases are drawn again, with replacement, `RESAMPLES` times (percentile bootstrap).

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
    if values.size < 2:
        return (float(values[0]),) * 2 if values.size else (np.nan, np.nan)
    low, high = stats.bootstrap(
        (values,),
        np.mean,
        n_resamples=RESAMPLES,
        confidence_level=level,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return float(low), float(high)


def wilcoxon_p(differences: Sequence[float]) -> float:
    """Return the p-value of Wilcoxon's signed-rank test, two-sided; 1 if nothing differs.

    How likely ranks as uneven as these would be if either loss were as often and as much ahead.
    nan without cases.

    Examples
    --------
    >>> wilcoxon_p([0.1, 0.2, 0.3, 0.4, -0.05])
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
    rows = []
    for measure in measures:
        wide = cases.pivot(index="case", columns="loss", values=measure)
        for first, second in itertools.combinations(cases["loss"].unique(), 2):
            differences = (wide[first] - wide[second]).dropna().to_numpy()
            low, high = bootstrap_interval(differences)
            rows.append(
                {
                    "measure": measure,
                    "first": first,
                    "second": second,
                    "cases": len(differences),
                    "difference": float(differences.mean()) if len(differences) else np.nan,
                    "low": low,
                    "high": high,
                    "p": wilcoxon_p(differences),
                }
            )
    columns = ["measure", "first", "second", "cases", "difference", "low", "high", "p"]
    return pd.DataFrame(rows, columns=columns)
