"""A challenge's ranking: every team's rank in every case, and the mean of all its ranks.

The first ISLES challenge ranked so (O. Maier et al., Medical Image Analysis 2017): rank the teams
in each case by each measure, and average each team's ranks over measures and cases; the smallest
mean is first. Maier-Hein et al. 2018 (Nature Communications) call that "rank, then aggregate". A
failed prediction, which has no distance, takes the last place of its case.

The table holds one row a team and case, and one column a measure; `measures` names the columns that
count, each with what is better: ``{"dice": "higher", "hausdorff": "lower"}``.
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd

from islesedu.metrics.ties import merge_ties

Measures = Mapping[str, Literal["higher", "lower"]]


def case_ranks(
    table: pd.DataFrame, measures: Measures, team: str = "team", case: str = "case"
) -> pd.DataFrame:
    """Return each team's rank in each case by each measure.

    Parameters
    ----------
    table : DataFrame
        One row a team and case; nan where a measure does not exist.
    measures : mapping of str to {"higher", "lower"}
        Columns that count, and what is better.
    team, case : str
        Names of the columns that say whose row it is, and of which case.

    Returns
    -------
    DataFrame
        Index (team, case), one column a measure; 1 is the best. Numbers that are equal within
        rounding share the mean of their ranks, as do all nan, which come last.

    Raises
    ------
    ValueError
        A column is missing or holds no numbers, a team lacks a case or has it twice, or a word for
        better is unknown.

    Examples
    --------
    >>> table = pd.DataFrame({"team": ["A", "B"], "case": [1, 1], "dice": [0.4, 0.6]})
    >>> case_ranks(table, {"dice": "higher"})["dice"].tolist()
    [2.0, 1.0]
    """
    _check_table(table, measures, team, case)
    indexed = table.set_index([team, case])[list(measures)]
    return _rank(indexed, measures, level=case)


def rank_then_aggregate(
    table: pd.DataFrame, measures: Measures, team: str = "team", case: str = "case"
) -> pd.Series:
    """Return each team's mean rank over measures and cases, the first team first.

    Rank in each case, then average the ranks.

    Parameters
    ----------
    table, measures, team, case
        As for `case_ranks`.

    Examples
    --------
    >>> rows = {"team": ["A", "B"] * 2, "case": [1, 1, 2, 2], "dice": [0.4, 0.6, 0.3, 0.5]}
    >>> rank_then_aggregate(pd.DataFrame(rows), {"dice": "higher"}).to_dict()
    {'B': 1.0, 'A': 2.0}
    """
    ranks = case_ranks(table, measures, team, case)
    means = ranks.mean(axis=1).groupby(level=team).mean()
    return _in_order(means).rename("rank, then aggregate")


def aggregate_then_rank(
    table: pd.DataFrame, measures: Measures, team: str = "team", case: str = "case"
) -> pd.Series:
    """Return each team's rank by its mean scores, averaged over measures, the first team first.

    Average over the cases, then rank. A mean is over the cases in which the measure exists: a
    failed case has no distance and costs nothing there.

    Parameters
    ----------
    table, measures, team, case
        As for `case_ranks`.

    Examples
    --------
    >>> rows = {"team": ["A", "B"] * 2, "case": [1, 1, 2, 2], "dice": [0.4, 0.6, 0.3, 0.5]}
    >>> aggregate_then_rank(pd.DataFrame(rows), {"dice": "higher"}).to_dict()
    {'B': 1.0, 'A': 2.0}
    """
    _check_table(table, measures, team, case)
    means = table.groupby(team)[list(measures)].mean()
    ranks = _rank(means, measures).mean(axis=1)
    return _in_order(ranks).rename("aggregate, then rank")


def bootstrap_places(
    table: pd.DataFrame,
    measures: Measures,
    team: str = "team",
    case: str = "case",
    *,
    aggregate_first: bool = False,
    resamples: int = 1000,
    seed: int = 2017,
) -> pd.DataFrame:
    """Return the place of each team in rankings of cases that are drawn again, with replacement.

    Predictions, models and their thresholds stay as they are: only the choice of the cases varies.
    The challengeR toolkit shows such places (Wiesenfarth et al. 2021, Scientific Reports 11:2369).

    Parameters
    ----------
    table, measures, team, case
        As for `case_ranks`.
    aggregate_first : bool
        Rank as `aggregate_then_rank` does, otherwise as `rank_then_aggregate`.
    resamples : int
        Number of draws.
    seed : int
        The same seed, the same draws.

    Returns
    -------
    DataFrame
        One row a draw, one column a team; 1 is the best, and equal teams share the mean place.

    Examples
    --------
    >>> rows = {"team": ["A", "B"] * 2, "case": [1, 1, 2, 2], "dice": [0.4, 0.6, 0.3, 0.5]}
    >>> bootstrap_places(pd.DataFrame(rows), {"dice": "higher"}, resamples=3)["B"].tolist()
    [1.0, 1.0, 1.0]
    """
    ranks = case_ranks(table, measures, team, case)
    values = table.set_index([team, case])[list(measures)] if aggregate_first else ranks
    cube = np.stack([values[name].unstack(case).to_numpy(float) for name in measures], axis=-1)
    teams = ranks.index.get_level_values(team).unique().sort_values()
    rng = np.random.default_rng(seed)
    drawn = rng.integers(cube.shape[1], size=(resamples, cube.shape[1]))
    places = []
    for cases in drawn:  # cube: (teams, cases, measures)
        chosen = cube[:, cases]
        with np.errstate(invalid="ignore"):  # a team that failed in all of them has no mean
            means = np.nansum(chosen, axis=1) / np.isfinite(chosen).sum(axis=1)
        total = means.mean(axis=1)
        if aggregate_first:
            total = _rank(pd.DataFrame(means, columns=list(measures)), measures).mean(axis=1)
        places.append(pd.Series(merge_ties(total)).rank().to_numpy())
    return pd.DataFrame(places, columns=teams)


def _in_order(ranks: pd.Series) -> pd.Series:
    """Sort mean ranks; those that are equal within rounding keep the order of the teams."""
    return ranks.iloc[merge_ties(ranks).argsort(kind="stable")]


def _rank(values: pd.DataFrame, measures: Measures, level: str | None = None) -> pd.DataFrame:
    """Rank the columns of a table, or of its groups at an index level: 1 is the best, nan last."""
    groups = np.zeros(len(values)) if level is None else values.index.get_level_values(level)
    ranks = {}
    for name, better in measures.items():
        merged = values[name].groupby(groups).transform(merge_ties)
        ranks[name] = merged.groupby(groups).rank(ascending=better == "lower", na_option="bottom")
    return pd.DataFrame(ranks)


def _check_table(table: pd.DataFrame, measures: Measures, team: str, case: str) -> None:
    """Raise a ValueError unless every team has every case once and every measure is known."""
    missing = [name for name in (team, case, *measures) if name not in table]
    if missing:
        raise ValueError(f"table has no column {', '.join(missing)}; it has {list(table.columns)}")
    if not measures:
        raise ValueError("measures is empty; name at least one column")
    for name, better in measures.items():
        if better not in ("higher", "lower"):
            raise ValueError(f"measures[{name!r}] is {better!r}; choose 'higher' or 'lower'")
        if not pd.api.types.is_numeric_dtype(table[name]):
            raise ValueError(f"column {name} holds {table[name].dtype}; give numbers")
    counts = pd.crosstab(table[team], table[case], dropna=False)
    if table.empty or not (counts == 1).all(axis=None):
        raise ValueError("table must hold every team with every case exactly once")
