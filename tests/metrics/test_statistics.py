import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from islesedu.metrics.statistics import bootstrap_interval, compare_pairs, holm, wilcoxon_p


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


def test_what_is_left_of_rounding_does_not_decide(rng):
    scores = rng.random(30)
    noise = (scores + 0.1) - 0.1 - scores  # in exact numbers nothing but 0
    assert noise.any() and wilcoxon_p(noise) == 1
    assert wilcoxon_p([1e-17] * 20) == 1
    signs = np.array([1, 1, 1, -1, 1, 1, 1, 1, -1, 1])
    ten = np.array([1, 1, 2, 2, 3, 3, 4, 4, 5, 5]) / 10 * signs
    shaken = ten + rng.uniform(-1, 1, 10) * 1e-15
    assert wilcoxon_p(shaken) == wilcoxon_p(ten) == stats.wilcoxon(ten).pvalue
    assert wilcoxon_p([*ten, 1e-16, -1e-16]) == wilcoxon_p([*ten, 0, 0])
    assert wilcoxon_p([1e-9, 2e-9, 3e-9, 4e-9, 5e-9]) < 0.1  # small, but no rounding


def test_rounding_of_large_scores_is_a_tie_too():
    rows = {"loss": ["a", "b"] * 5, "case": np.repeat(range(5), 2)}
    first = np.array([90.1, 120.3, 77.7, 101.9, 66.6])
    second = np.nextafter(first, 1000)
    cases = pd.DataFrame(rows | {"hd": np.stack([first, second], axis=1).ravel()})
    assert compare_pairs(cases, ["hd"])["p"].tolist() == [1]


def test_one_case_has_no_interval_and_a_missing_pair_counts_nowhere():
    assert np.isnan(bootstrap_interval([0.3])).all()
    assert np.isnan(bootstrap_interval([0.3, np.nan])).all()
    assert bootstrap_interval([0.3, np.nan, 0.5]) == bootstrap_interval([0.3, 0.5])
    assert wilcoxon_p([0.1, np.nan, 0.2]) == wilcoxon_p([0.1, 0.2])
    assert np.isnan(wilcoxon_p([np.nan]))


@pytest.mark.parametrize("wrong", [[0.1, np.inf], [[0.1, 0.2]], 0.5])
def test_differences_that_are_none_are_refused(wrong):
    for function in (bootstrap_interval, wilcoxon_p):
        with pytest.raises(ValueError, match="give a list of finite numbers, one a case"):
            function(wrong)
    with pytest.raises(ValueError, match="level is 95; give a number between 0 and 1"):
        bootstrap_interval([0.1, 0.2], level=95)


def test_cases_that_only_one_loss_has_are_no_pairs_and_double_ones_are_refused():
    cases = pd.DataFrame({"loss": list("aaab"), "case": [1, 2, 3, 2], "dice": [0.1, 0.2, 0.3, 0.4]})
    (row,) = compare_pairs(cases, ["dice"]).to_dict("records")
    assert row["cases"] == 1 and row["difference"] == pytest.approx(-0.2) and np.isnan(row["low"])
    with pytest.raises(ValueError, match="case 1 stands twice under a"):
        compare_pairs(pd.concat([cases, cases.iloc[:1]]), ["dice"])
    with pytest.raises(ValueError, match="no column hd"):
        compare_pairs(cases, ["hd"])


def test_holm_leaves_its_argument_as_it_was():
    given = np.array([0.01, 0.04, 0.03])
    holm(given)
    np.testing.assert_array_equal(given, [0.01, 0.04, 0.03])


def test_holm_by_hand_keeps_the_order_and_nan():
    found = holm([0.004, 0.03, 0.025, 0.30])
    np.testing.assert_allclose(found, [0.016, 0.075, 0.075, 0.30])
    np.testing.assert_allclose(holm([0.9, np.nan, 0.6]), [1, np.nan, 1])
    assert holm([]).size == 0
    for wrong in ([1.2], [-0.1], 0.5):
        with pytest.raises(ValueError, match="^p_values"):
            holm(wrong)
