import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from islesedu.metrics.statistics import bootstrap_interval, compare_pairs, wilcoxon_p


def test_wilcoxon_of_five_cases_by_hand():
    # Ranks 1 to 5, all but the smallest positive: the negative ranks sum to 1. Of the 32 ways to
    # choose signs, 2 have a sum of at most 1 (none, or rank 1 alone); two-sided 2 x 2 / 32.
    differences = [-0.01, 0.02, 0.03, 0.04, 0.05]
    ways = [sum(w) for n in range(6) for w in itertools.combinations(range(1, 6), n)]
    assert sum(way <= 1 for way in ways) == 2 and len(ways) == 32
    assert wilcoxon_p(differences) == pytest.approx(0.125)
    assert wilcoxon_p(np.negative(differences)) == pytest.approx(0.125)


def test_nothing_differs_and_nothing_is_there():
    assert wilcoxon_p([0.0, 0.0, 0.0]) == 1
    assert np.isnan(wilcoxon_p([])) and np.isnan(bootstrap_interval([])).all()


def test_bootstrap_agrees_with_scipy_s(rng):
    values = rng.normal(0.1, 0.3, 43)
    its = stats.bootstrap(
        (values,), np.mean, n_resamples=20_000, method="percentile", rng=rng
    ).confidence_interval
    np.testing.assert_allclose(bootstrap_interval(values), its, atol=0.005)
    assert bootstrap_interval(values) == bootstrap_interval(values)
    narrow = bootstrap_interval(values, level=0.5)
    low, high = bootstrap_interval(values)
    assert low < narrow[0] < values.mean() < narrow[1] < high


def test_the_interval_holds_the_true_mean_about_as_often_as_it_says(rng, monkeypatch):
    monkeypatch.setattr("islesedu.metrics.statistics.RESAMPLES", 300)
    hits = 0
    for _ in range(200):
        low, high = bootstrap_interval(rng.normal(1, 1, 40))
        hits += low <= 1 <= high
    assert 0.88 <= hits / 200 <= 0.99


def test_pairs_are_matched_by_case_whatever_their_order():
    first = pd.DataFrame({"loss": "a", "case": list("pqr"), "dice": [0.1, 0.5, 0.9]})
    second = pd.DataFrame({"loss": "b", "case": list("rqp"), "dice": [0.8, 0.3, 0.0]})
    (row,) = compare_pairs(pd.concat([first, second]), ["dice"]).to_dict("records")
    assert row["difference"] == pytest.approx((0.1 + 0.2 + 0.1) / 3)
    assert row["low"] >= 0.1 - 1e-9 and row["high"] <= 0.2 + 1e-9 and row["cases"] == 3
    assert row["p"] == stats.wilcoxon([0.1, 0.2, 0.1]).pvalue


def test_failed_cases_are_left_out_of_the_pairs_they_have_no_number_in():
    cases = pd.DataFrame(
        {
            "loss": list("aaabbbccc"),
            "case": [1, 2, 3] * 3,
            "hd": [1.0, 2.0, np.nan, 3.0, np.nan, 5.0, np.nan, np.nan, np.nan],
        }
    )
    pairs = compare_pairs(cases, ["hd"]).set_index(["first", "second"])
    assert pairs["cases"].tolist() == [1, 0, 0]
    assert pairs.loc[("a", "b"), "difference"] == -2 and np.isnan(pairs.loc[("a", "c"), "p"])
