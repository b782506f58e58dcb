import numpy as np
import pytest
from scipy import stats

from islesedu.metrics.fold_statistics import corrected_t_interval, corrected_t_test


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
