"""Which rows of a results table hold an empty prediction, and what is mistaken for one, lesson 09.

A table has the columns method, case, DC, HD and ASSD, one row a method and case; an empty
prediction has the Dice 0 and one penalty for both distances.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from pandas.core.groupby import SeriesGroupBy


def slips_of_letters(letters: Sequence[str]) -> dict[str, str]:
    """Return wrong assignments of four pictures, A to D, to the rows of a table."""

    def with_swapped(*pair: str) -> str:
        return "".join(pair[1 - pair.index(one)] if one in pair else one for one in letters)

    return {
        "A and C: a shifted mask leaves part of its surface in place; then ASSD is well below HD": (
            with_swapped("A", "C")
        ),
        "B and D: in which of them is one pixel far away from everything": with_swapped("B", "D"),
        "A and D: which of them has more wrong pixels": with_swapped("A", "D"),
        "B and C: whose overlap is almost perfect": with_swapped("B", "C"),
    }


def without_distance(results: pd.DataFrame) -> "SeriesGroupBy":
    """Return which rows of a results table hold an empty prediction, grouped by method."""
    empty = (results["DC"] == 0) & (results["HD"] == results["ASSD"])
    return empty.groupby(results["method"])


def silent(results: pd.DataFrame) -> str:
    """Return the method that predicted nothing in all cases."""
    return str(without_distance(results).mean().idxmax())


def slips_of_silent(results: pd.DataFrame) -> dict[str, str]:
    """Return methods that are mistaken for the one that predicted nothing."""
    share, best = without_distance(results).mean(), results.groupby("method")["DC"].max()
    apart = best[(best == 0) & (share < 1)].index[0]
    return {
        "its Dice is 0, too, but its mean distance is smaller than its largest: it predicts "
        "something, in the wrong place": str(apart),
        "its distances have a wide spread, but its Dice is not 0 everywhere": str(
            share[share < 1].idxmax()
        ),
    }


def failed(results: pd.DataFrame) -> int:
    """Return in how many cases the method that failed sometimes predicted nothing."""
    groups = without_distance(results)
    return int(groups.sum()[groups.mean() < 1].max())


def slips_of_failed(results: pd.DataFrame) -> dict[str, int]:
    """Return wrong numbers of cases without a prediction."""
    right, all_cases = failed(results), results["case"].nunique()
    return {
        "those are the cases in which it predicted something": all_cases - right,
        "leave out the method that predicted nothing in all cases": right + all_cases,
        "that counts every Dice of 0, also of methods that predicted something": int(
            (results["DC"] == 0).sum()
        ),
    }
