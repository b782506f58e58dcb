import numpy as np
import pytest

from islesedu.applications.reconstruction import psnr, ssim


def test_psnr_by_hand():
    assert psnr(np.full((3, 3), 0.9), np.ones((3, 3))) == pytest.approx(20)
    assert psnr(np.ones(4), np.ones(4)) == np.inf


def test_half_the_error_is_6_db_more(rng):
    truth, error = rng.random((2, 20, 20))
    gain = psnr(truth + error / 2, truth) - psnr(truth + error, truth)
    assert gain == pytest.approx(20 * np.log10(2))


def test_ssim_of_a_brighter_picture_is_the_formula_s(rng):
    # Only the means differ, by a constant: the second factor is 1 everywhere.
    truth = np.tile([0.0, 1.0], (16, 8))
    a, b, c = 0.5, 0.7, 0.01**2
    expected = (2 * a * b + c) / (a**2 + b**2 + c)
    assert ssim(truth + 0.2, truth, width=50) == pytest.approx(expected, rel=1e-3)


def test_ssim_falls_with_noise_and_turns_round_for_a_negative(rng):
    truth = rng.random((32, 32))
    noisy = [ssim(truth + s * rng.standard_normal((32, 32)), truth) for s in (0.05, 0.2)]
    assert 1 > noisy[0] > noisy[1] > ssim(1 - truth, truth) < 0
