import doctest

import numpy as np
import pytest

from islesedu import ranking
from islesedu.ranking import auc


def test_auc_is_the_share_of_pairs_and_ties_count_half(rng):
    values, wanted = rng.integers(0, 9, 200), rng.random(200) < 0.3
    pairs = values[wanted][:, None] - values[~wanted][None]
    assert auc(values, wanted) == pytest.approx(((pairs > 0) + 0.5 * (pairs == 0)).mean())
    assert np.isnan(auc(values, np.zeros(200, bool)))


def test_example():
    assert doctest.testmod(ranking).failed == 0
