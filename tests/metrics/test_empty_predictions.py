import numpy as np
import pytest

from islesedu.metrics.empty_predictions import (
    mean_with_penalty,
    number_of_empty_predictions,
    std_with_penalty,
)


def test_the_number_of_empty_predictions_is_found_again(rng):
    edges = np.full(43, 192.0)
    distances = rng.uniform(10, 50, 43)
    distances[:5] = np.nan
    mean = mean_with_penalty(distances, edges)
    assert number_of_empty_predictions(mean, np.nanmean(distances), 192.0, 43) == pytest.approx(5)


def test_the_spread_of_a_mixture_is_that_of_its_values(rng):
    low, high = rng.normal(30, 5, 60), rng.normal(190, 8, 20)
    both = np.concatenate([low, high])
    found = std_with_penalty(0.25, (low.mean(), low.std()), (high.mean(), high.std()))
    assert found == pytest.approx(both.std())


def test_the_slides_two_columns_agree():
    by_hd = number_of_empty_predictions(54.4, 30.8, 190.5, 43)
    by_assd = number_of_empty_predictions(35.3, 4.4, 190.5, 43)
    assert 6 < by_hd < by_assd < 7.5
    assert std_with_penalty(by_hd / 43, (30.8, 18.5), (190.5, 42.5)) == pytest.approx(61.1, abs=1)


def test_a_penalty_that_is_no_penalty_says_nothing():
    with pytest.raises(ValueError, match="both 5"):
        number_of_empty_predictions(5, 5, 5, 10)


@pytest.mark.parametrize("penalties", [[192], [192, 128, 96], [], 192])
def test_distances_and_penalties_of_unequal_lengths_are_refused(penalties):
    with pytest.raises(ValueError, match="give one of either for each patient"):
        mean_with_penalty([10.0, np.nan], penalties)


def test_a_penalty_or_a_fraction_that_is_none_is_refused():
    with pytest.raises(ValueError, match="a penalty is nan"):
        mean_with_penalty([10.0], [np.nan])
    with pytest.raises(ValueError, match="fraction is 1.5; give a number from 0 to 1"):
        std_with_penalty(1.5, (10, 0), (20, 0))
