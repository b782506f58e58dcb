import numpy as np
import pandas as pd
import pytest

from islesedu.metrics.selection_bias import choose_on_other_folds, optimism


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
