"""The challenge's ranking, worked by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata

from islesedu.metrics.challenge_ranking import (
    aggregate_then_rank,
    bootstrap_places,
    case_ranks,
    rank_then_aggregate,
)

MEASURES = {"dice": "higher", "hausdorff": "lower"}


def table_of(**scores):
    """Return a table from each team's list of (dice, hausdorff), one pair a case."""
    rows = [
        {"team": team, "case": case, "dice": dice, "hausdorff": distance}
        for team, pairs in scores.items()
        for case, (dice, distance) in enumerate(pairs)
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def table():
    """Two cases, three teams; C failed in the second, A and B are equal there in Dice."""
    return table_of(
        A=[(0.6, 20), (0.4, 30)], B=[(0.5, 10), (0.4, 50)], C=[(0.1, 90), (0.0, np.nan)]
    )


def test_ranks_by_hand(table):
    ranks = case_ranks(table, MEASURES)
    assert ranks.loc["A"].to_numpy().tolist() == [[1, 2], [1.5, 1]]
    assert ranks.loc["B"].to_numpy().tolist() == [[2, 1], [1.5, 2]]
    assert ranks.loc["C"].to_numpy().tolist() == [[3, 3], [3, 3]]
    assert rank_then_aggregate(table, MEASURES).to_dict() == {"A": 5.5 / 4, "B": 6.5 / 4, "C": 3}


def test_two_failures_share_the_last_places():
    table = table_of(A=[(0.5, 9)], B=[(0, np.nan)], C=[(0, np.nan)])
    assert case_ranks(table, {"hausdorff": "lower"})["hausdorff"].tolist() == [1, 2.5, 2.5]


def test_ranks_are_scipys(rng):
    scores = rng.integers(0, 6, (4, 7, 2))  # with equal ones
    table = table_of(**dict(zip("ABCD", scores, strict=True)))
    expected = rankdata(-scores[..., 0], axis=0) + rankdata(scores[..., 1], axis=0)  # (4, 7)
    ours = rank_then_aggregate(table, MEASURES)
    np.testing.assert_allclose(ours.sort_index(), expected.mean(axis=1) / 2)
    shuffled = table.sample(frac=1, random_state=1)
    pd.testing.assert_series_equal(rank_then_aggregate(shuffled, MEASURES), ours)


def test_means_first_may_give_another_winner():
    """A wins two cases by a hair, B one by far."""
    table = table_of(A=[(0.51, 1), (0.51, 1), (0.1, 1)], B=[(0.5, 1), (0.5, 1), (0.9, 1)])
    assert rank_then_aggregate(table, {"dice": "higher"}).index[0] == "A"
    assert aggregate_then_rank(table, {"dice": "higher"}).index[0] == "B"


def test_a_third_team_may_turn_the_other_two_round():
    dices = {"A": [6, 6, 6, 2, 2], "B": [5, 5, 5, 4, 4], "C": [1, 1, 1, 3, 3]}
    table = table_of(**{team: [(dice, 0) for dice in own] for team, own in dices.items()})
    assert rank_then_aggregate(table, {"dice": "higher"}).to_dict() == {
        "B": 1.6,
        "A": 1.8,
        "C": 2.6,
    }
    alone = table[table["team"] != "C"]
    assert rank_then_aggregate(alone, {"dice": "higher"}).to_dict() == {"A": 1.4, "B": 1.6}


def test_other_columns_can_name_team_and_case(table):
    renamed = table.rename(columns={"team": "loss", "case": "patient"})
    ours = rank_then_aggregate(renamed, MEASURES, team="loss", case="patient")
    assert ours.tolist() == rank_then_aggregate(table, MEASURES).tolist()


def test_tables_that_cannot_be_ranked_are_refused(table):
    with pytest.raises(ValueError, match="no column assd; it has"):
        rank_then_aggregate(table, {"assd": "lower"})
    with pytest.raises(ValueError, match=r"measures\['dice'\] is 'up'; choose 'higher'"):
        rank_then_aggregate(table, {"dice": "up"})
    with pytest.raises(ValueError, match="measures is empty"):
        aggregate_then_rank(table, {})
    for odd in (table[1:], pd.concat([table, table[:1]]), table[:0]):
        with pytest.raises(ValueError, match="every team with every case exactly once"):
            case_ranks(odd, MEASURES)


def test_scores_that_are_equal_within_rounding_share_their_rank():
    rows = {"team": ["A", "B", "C"], "case": 1, "dice": [0.1 + 0.2, 0.3, 0.2]}
    table = pd.DataFrame(rows | {"hausdorff": [np.inf, np.nextafter(70.7, 0), 70.7]})
    ranks = case_ranks(table, {"dice": "higher", "hausdorff": "lower"})
    assert ranks["dice"].tolist() == [1.5, 1.5, 3]
    assert ranks["hausdorff"].tolist() == [3, 1.5, 1.5]
    assert aggregate_then_rank(table, {"dice": "higher"}).to_dict() == {"A": 1.5, "B": 1.5, "C": 3}


def test_means_that_differ_by_rounding_are_ranked_alike():
    rows = {"team": ["B"] * 3 + ["A"] * 3, "case": [1, 2, 3] * 2}
    table = pd.DataFrame(rows | {"dice": [0.1, 0.2, 0.3, 0.3, 0.2, 0.1]})
    assert aggregate_then_rank(table, {"dice": "higher"}).to_dict() == {"A": 1.5, "B": 1.5}
    assert rank_then_aggregate(table, {"dice": "higher"}).index.tolist() == ["A", "B"]


def test_a_column_of_text_is_refused():
    table = pd.DataFrame({"team": ["A", "B"], "case": 1, "dice": ["0.9", "10"]})
    with pytest.raises(ValueError, match="column dice holds .*; give numbers"):
        case_ranks(table, {"dice": "higher"})


@pytest.mark.parametrize("aggregate_first", [False, True])
def test_places_of_resamples_are_those_of_ranking_the_drawn_cases(table, aggregate_first):
    method = aggregate_then_rank if aggregate_first else rank_then_aggregate
    options = {"resamples": 20, "seed": 3, "aggregate_first": aggregate_first}
    places = bootstrap_places(table, MEASURES, **options)
    drawn = np.random.default_rng(3).integers(2, size=(20, 2))
    for cases, row in zip(drawn, places.to_dict("records"), strict=True):
        parts = [table[table["case"] == case].assign(case=n) for n, case in enumerate(cases)]
        totals = method(pd.concat(parts), MEASURES)
        assert totals.rank().to_dict() == row
    assert places.columns.tolist() == ["A", "B", "C"]
