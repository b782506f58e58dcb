import numpy as np
import pytest

from islesedu.applications.pulse_sequence import (
    LIMITS,
    TISSUES,
    TissueParameters,
    choose_times,
    contrast,
    slopes,
    spin_echo,
    young_stroke,
)

WHITE, OLD = TISSUES["white matter"], TISSUES["old lesion"]


def test_signal_by_hand():
    assert spin_echo(1e9, 0, 500, 70, 0.77) == pytest.approx(0.77)  # all back, nothing lost
    assert spin_echo(500 * np.log(2), 70 * np.log(2), 500, 70) == pytest.approx(1 / 4)


def test_arrays_are_broadcast():
    assert spin_echo(np.ones((3, 1)), np.ones((1, 4)), 500.0, 70.0).shape == (3, 4)


def test_a_stroke_of_no_hours_is_white_matter():
    assert young_stroke(0) == WHITE and young_stroke(6).t2 > WHITE.t2


def test_contrast_has_the_sign_of_the_difference():
    assert contrast(2000, 100, OLD, WHITE) > 0 > contrast(500, 10, OLD, WHITE)
    assert contrast(2000, 100, OLD, WHITE) == -contrast(2000, 100, WHITE, OLD)


@pytest.mark.parametrize("tr, te", [(500.0, 20.0), (3000.0, 90.0)])
def test_slopes_are_those_of_the_finite_differences(tr, te):
    def height(log_tr, log_te):
        return spin_echo(np.exp(log_tr), np.exp(log_te), *OLD) / np.sqrt(np.exp(log_tr) / 1000)

    at, step = np.log([tr, te]), 1e-6
    by_hand = [
        (height(*(at + move)) - height(*(at - move))) / (2 * step) for move in step * np.eye(2)
    ]
    np.testing.assert_allclose(slopes(tr, te, OLD), by_hand, rtol=1e-5)


def test_choice_for_tissues_that_differ_in_t2_alone_is_the_one_on_paper():
    # (1 - exp(-x)) / sqrt(x) is largest at x = 1.2564; the two decays differ most at this TE.
    one, other = TissueParameters(600.0, 60.0, 0.8), TissueParameters(600.0, 90.0, 0.8)
    best_te = np.log(90 / 60) * 60 * 90 / (90 - 60)
    for start in ((400, 15), (5000, 140)):
        path = choose_times(one, other, start)
        np.testing.assert_allclose(path[-1], [1.2564 * 600, best_te], rtol=0.02)


@pytest.mark.parametrize("start", [(4000.0, 30.0), (2000.0, 120.0)])
def test_no_point_of_a_fine_grid_beats_the_choice(start):
    tr, te = choose_times(OLD, WHITE, start)[-1]
    grid = [np.geomspace(*ends, 200) for ends in LIMITS.values()]
    best = np.abs(contrast(grid[0][None], grid[1][:, None], OLD, WHITE)).max()
    assert abs(contrast(tr, te, OLD, WHITE)) == pytest.approx(best, rel=2e-3)


def test_a_path_stays_within_the_limits():
    path = choose_times(OLD, WHITE, (350.0, 12.0))
    for values, (low, high) in zip(path.T, LIMITS.values(), strict=True):
        assert values.min() >= low * (1 - 1e-9) and values.max() <= high * (1 + 1e-9)
