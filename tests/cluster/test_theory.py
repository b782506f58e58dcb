"""The theory beside the cluster: the limit of the rate, staleness of racing workers, scaling."""

import numpy as np
import pytest

from islesedu.cluster import (
    UpdateCost,
    delayed_descent,
    largest_rate,
    simulate_async,
    updates_per_second,
)


@pytest.mark.parametrize("delay", range(6))
@pytest.mark.parametrize("curvature", [1.0, 4.0])
def test_the_limit_parts_rates_that_converge_from_those_that_do_not(delay, curvature):
    limit = largest_rate(delay, curvature)
    below = delayed_descent(0.97 * limit, delay, 3000, curvature)
    above = delayed_descent(1.03 * limit, delay, 3000, curvature)
    assert np.abs(below[-50:]).max() < 1e-3 and np.abs(above[-50:]).max() > 100


def test_a_delayed_step_by_hand():
    assert delayed_descent(0.5, 1, 3).tolist() == [1.0, 0.5, 0.0, -0.25]


def test_the_mean_staleness_is_the_number_of_other_workers():
    log = simulate_async([1.0, 1.3, 2.9, 0.4], until=400)
    assert log["staleness"].mean() == pytest.approx(3, abs=0.05)
    for row in log.tail(30).itertuples():
        between = (log["end"] > row.pulled) & (log["end"] < row.end)
        assert between.sum() == pytest.approx(row.staleness, abs=1)  # ties


def test_slow_workers_have_the_stalest_gradients():
    log = simulate_async([1.0, 3.01], until=300).groupby("worker")["staleness"].mean()
    assert log[1] == pytest.approx(3, abs=0.05) and log[0] == pytest.approx(1 / 3, abs=0.02)


@pytest.mark.parametrize(
    "cost, workers, how, expected",
    [
        (UpdateCost(compute=0.5, wait=0.5), 4, {}, 4.0),  # nobody shares anything
        (UpdateCost(pull=0.1, compute=0.5, push=0.1), 50, {}, 10.0),  # one direction is full
        (UpdateCost(pull=0.1, compute=0.5, push=0.1), 100, {"servers": 2}, 20.0),
        (UpdateCost(compute=1.0), 6, {"cores": 2}, 2.0),
        (UpdateCost(compute=1.0), 2, {"cores": 2, "contention": 1.6}, 2 / 1.6),
        (UpdateCost(compute=1.0), 1, {"cores": 2, "contention": 1.6}, 1.0),
    ],
)
def test_throughput_meets_its_bound_where_one_thing_limits_it(cost, workers, how, expected):
    assert updates_per_second(workers, cost, **how) == pytest.approx(expected, rel=0.04)


def test_more_workers_never_make_fewer_updates_and_never_more_than_their_number():
    cost = UpdateCost.of(2_749_933, 1e9, compute=0.3, wait=0.05)
    found = [updates_per_second(workers, cost) for workers in (1, 2, 4, 8, 16)]
    assert found[0] == pytest.approx(1 / (0.35 + 2 * 0.088), rel=0.03)
    assert all(a < 1.03 * b and b < 2.06 * a for a, b in zip(found, found[1:], strict=False))
    assert found[-1] < 1 / 0.088
