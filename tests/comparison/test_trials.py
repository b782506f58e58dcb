"""Grid, random and Bayesian search of continuous hyperparameters."""

import numpy as np
import pytest

from islesedu.comparison import try_settings
from islesedu.errors import TrainingError

RANGES = {"rate": (1e-4, 1.0), "width": (0.0, 3.0)}


def peak(rate, width):
    """Return a score that is best at a rate of 0.01 and a width of 1."""
    return -((np.log10(rate) + 2) ** 2) - (width - 1) ** 2


def search(sampler, seed=1, levels=(4, 5)):
    """Return the trials of a search for the peak."""
    return try_settings(peak, RANGES, sampler, levels, log=["rate"], seed=seed)


@pytest.mark.parametrize("sampler", ["grid", "random", "bayes"])
def test_each_sampler_tries_as_many_settings_within_the_ranges_and_repeats_itself(sampler):
    if sampler == "bayes":
        pytest.importorskip("optuna")
    table = search(sampler)
    assert len(table) == 20 and list(table) == ["rate", "width", "score"]
    for name, (low, high) in RANGES.items():
        assert table[name].between(low, high).all()
    assert table["score"].tolist() == [peak(r, w) for r, w in table[["rate", "width"]].to_numpy()]
    assert table.equals(search(sampler)) and not table.equals(search(sampler, seed=2))


def test_a_grid_takes_the_middle_of_equal_parts_on_the_scale_of_each_hyperparameter():
    table = search("grid")
    assert np.allclose(sorted(set(table["rate"])), 10 ** np.array([-3.5, -2.5, -1.5, -0.5]))
    assert np.allclose(sorted(set(table["width"])), [0.3, 0.9, 1.5, 2.1, 2.7])


def test_random_search_is_uniform_in_the_logarithm():
    rates = np.log10(search("random", levels=(40, 50))["rate"])
    assert abs(rates.mean() + 2) < 0.1 and abs((rates < -3).mean() - 0.25) < 0.05


def test_bayesian_search_comes_closer_than_its_first_random_trials():
    pytest.importorskip("optuna")
    gains = [s.max() - s[:6].max() for s in (search("bayes", n)["score"] for n in range(5))]
    assert np.mean(gains) > 0


def test_bad_input_says_what_is_wanted():
    with pytest.raises(TrainingError, match="grid, random, bayes"):
        search("tpe")
    with pytest.raises(TrainingError, match=r"\['rate', 'width'\]"):
        search("grid", levels=(4,))
