import numpy as np
import pandas as pd
import pytest
from scipy import stats

from islesedu.metrics.fold_statistics import add_fold_p, corrected_t_interval, corrected_t_test


def test_corrected_t_is_smaller_than_the_plain_one(rng):
    differences = rng.normal(0.3, 0.2, size=5)
    plain = stats.ttest_1samp(differences, 0)
    t, p = corrected_t_test(differences, test_share=1 / 5)
    assert t == pytest.approx(plain.statistic * np.sqrt((1 / 5) / (1 / 5 + 1 / 4)))
    assert p > plain.pvalue
    assert corrected_t_test(-differences, 1 / 5) == pytest.approx((-t, p))


def test_corrected_t_without_variance_is_nan_and_bad_input_is_named():
    assert np.isnan(corrected_t_test([0.1], 0.2)).all()
    assert np.isnan(corrected_t_test([0.1, 0.1], 0.2)).all()
    with pytest.raises(ValueError, match="^test_share is 1"):
        corrected_t_test([0.1, 0.2], 1)
    with pytest.raises(ValueError, match="^differences are infinite"):
        corrected_t_test([0.1, np.inf], 0.2)


def test_the_interval_ends_where_the_test_would_reject(rng):
    differences = rng.normal(0.1, 0.2, size=5)
    for end in corrected_t_interval(differences, 1 / 5):
        assert corrected_t_test(differences - end, 1 / 5)[1] == pytest.approx(0.05)
    wide, narrow = (np.ptp(corrected_t_interval(differences, 1 / 5, at)) for at in (0.99, 0.9))
    assert wide > narrow


def test_an_interval_of_one_fold_is_nan_and_of_equal_ones_a_point():
    assert np.isnan(corrected_t_interval([0.1], 0.2)).all()
    assert corrected_t_interval([0.1, 0.1], 0.2) == pytest.approx((0.1, 0.1))
    with pytest.raises(ValueError, match="^level is 95"):
        corrected_t_interval([0.1, 0.2], 0.2, level=95)


def test_the_p_of_folds_is_that_of_their_mean_differences(rng):
    cases = pd.DataFrame({"case": range(12), "fold": np.arange(12) % 4 + 1})
    one = cases.assign(loss="a", dice=rng.random(12))
    other = cases.assign(loss="b", dice=rng.random(12))
    tests = pd.DataFrame([["dice", "a", "b"]], columns=["measure", "first", "second"])
    means = (one["dice"] - other["dice"]).groupby(cases["fold"]).mean()
    (found,) = add_fold_p(tests, pd.concat([one, other]))["p_folds"]
    assert found == corrected_t_test(means, 1 / 4)[1]
    one.loc[one["fold"] == 2, "dice"] = np.inf  # as an empty prediction's distance
    assert add_fold_p(tests, pd.concat([one, other]))["p_folds"].isna().all()
