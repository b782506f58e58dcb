import numpy as np
import pandas as pd
import pytest

from islesedu.metrics.fold_statistics import corrected_t_interval
from islesedu.metrics.selection_bias import (
    choose_on_other_folds,
    nested_choice,
    nested_optimism,
    optimism,
)


def test_a_fold_never_helps_to_choose_for_itself():
    scores = pd.DataFrame(
        {"low": [0.1, 0.1, 0.9, 0.9], "high": [0.8, 0.8, 0.2, 0.2]}, index=list("abcd")
    )
    folds = pd.Series([1, 1, 2, 2], index=list("abcd"))
    assert choose_on_other_folds(scores, folds).tolist() == [0.1, 0.1, 0.2, 0.2]


def test_the_order_of_the_folds_does_not_matter(rng):
    scores = pd.DataFrame(rng.random((12, 5)), index=[f"case {n}" for n in range(12)])
    folds = pd.Series(np.arange(12) % 3, index=scores.index)
    plain = choose_on_other_folds(scores, folds)
    mixed = choose_on_other_folds(scores, folds.sample(frac=1, random_state=1))
    pd.testing.assert_series_equal(plain, mixed)


def test_one_fold_has_no_others():
    with pytest.raises(ValueError, match="at least two"):
        choose_on_other_folds(pd.DataFrame({0: [1.0]}, index=["a"]), pd.Series({"a": 1}))


def test_noise_flatters_and_a_single_checkpoint_does_not(rng):
    noise = rng.normal(size=(20, 32))
    draws = [rng.permutation(32) for _ in range(300)]
    assert np.mean([optimism(noise, d[:9], d[9:]) for d in draws]) > 0.3
    one = [optimism(noise[:1], d[:9], d[9:]) for d in draws]
    assert abs(np.mean(one)) < 0.1


def test_of_options_that_are_equal_within_rounding_the_first_counts():
    scores = pd.DataFrame({"first": [0.1, 0.2, 0.3, 0.9], "second": [0.3, 0.2, 0.1, 0.5]})
    assert scores["first"][:3].sum() != scores["second"][:3].sum()  # rounding alone
    for options in (["first", "second"], ["second", "first"]):
        chosen = choose_on_other_folds(scores[options], pd.Series([1, 1, 1, 2]))
        assert chosen[3] == scores[options[0]][3]
    table = scores[["second", "first"]].T.to_numpy()
    assert optimism(table, [0, 1, 2], [3]) == pytest.approx(0.2 - 0.5)


def test_one_option_is_taken_and_one_checkpoint_is_compared_as_it_is():
    one = pd.DataFrame({"only": [0.1, 0.2]})
    assert choose_on_other_folds(one, pd.Series([1, 2])).tolist() == [0.1, 0.2]
    assert optimism([[0.1, 0.5]], [0], [1]) == pytest.approx(-0.4)


@pytest.mark.parametrize("who", [([0], [0, 1]), ([], [1]), ([0], [])])
def test_cases_that_pick_are_not_those_they_are_scored_on(who):
    with pytest.raises(ValueError, match="give some cases of either, and none in both"):
        optimism([[0.1, 0.5], [0.6, 0.4]], *who)


def test_scores_and_folds_with_gaps_are_refused():
    scores = pd.DataFrame({"x": [0.1, 0.2], "y": [0.3, np.nan]}, index=["a", "b"])
    with pytest.raises(ValueError, match="scores hold nan"):
        choose_on_other_folds(scores, pd.Series({"a": 1, "b": 2}))
    with pytest.raises(ValueError, match="fold_of has no fold for case 'b'"):
        choose_on_other_folds(scores[["x"]], pd.Series({"a": 1, "c": 2}))
    with pytest.raises(ValueError, match="scores holds case 'a' twice"):
        choose_on_other_folds(scores.loc[["a", "a"]], pd.Series({"a": 1}))
    with pytest.raises(ValueError, match="scores hold nan"):
        optimism([[0.1, np.nan], [0.2, 0.3]], [0], [1])


def nested_tables():
    """Return inner and outer scores of three folds (rows) and two settings, worked out by hand."""
    inner = pd.DataFrame([[0.5, 0.4], [0.2, 0.3], [0.1, 0.2]], [1, 2, 3], ["a", "b"])
    outer = pd.DataFrame([[0.1, 0.3], [0.6, 0.2], [0.5, 0.4]], [1, 2, 3], ["a", "b"])
    return inner, outer


def test_each_fold_chooses_by_its_inner_scores_alone():
    inner, outer = nested_tables()
    found = nested_choice(inner, outer)
    assert found["setting"].tolist() == ["a", "b", "b"]
    assert found["inner score"].tolist() == [0.5, 0.3, 0.2]
    assert found["outer score"].tolist() == [0.1, 0.2, 0.4]
    assert nested_choice(inner, 1 - outer)["setting"].tolist() == ["a", "b", "b"]


def test_optimism_is_the_best_mean_minus_the_nested_estimate():
    inner, outer = nested_tables()
    found, low, high = nested_optimism(inner, outer)
    assert found == pytest.approx(0.4 - 0.7 / 3)  # "a" has 0.4 on average, "b" 0.3
    assert (low, high) == pytest.approx(corrected_t_interval([0.0, 0.4, 0.1], 1 / 3))
    assert low < found < high


def test_nesting_removes_the_optimism_of_noise(rng):
    found = []
    for _ in range(200):
        inner, outer = (pd.DataFrame(rng.normal(size=(5, 20))) for _ in range(2))
        found.append(
            [nested_optimism(inner, outer)[0], nested_choice(inner, outer).iloc[:, 2].mean()]
        )
    optimism_of_noise, estimate = np.mean(found, axis=0)
    assert optimism_of_noise > 0.5 and abs(estimate) < 0.1


def test_nested_tables_that_do_not_fit_are_named():
    inner, outer = nested_tables()
    with pytest.raises(ValueError, match="inner and outer differ in their folds or settings"):
        nested_choice(inner, outer[["b", "a"]])
    with pytest.raises(ValueError, match="inner has 1 fold"):
        nested_choice(inner[:1], outer[:1])
    with pytest.raises(ValueError, match="scores hold nan"):
        nested_optimism(inner * np.nan, outer)
