import numpy as np
import pytest

from islesedu.applications.parallel_imaging import (
    _steps,
    _steps_adjoint,
    coil_sensitivities,
    combine_coils,
    measure_coils,
    random_phase,
    simulate_scan,
    tv_sense,
    zero_filled,
)
from islesedu.applications.reconstruction import choose_lines, psnr, to_image, to_kspace

SHAPE = (24, 20)


@pytest.fixture
def square():
    image = np.zeros((48, 40))
    image[10:38, 8:32], image[18:28, 14:24] = 0.6, 1.0
    return image


def complex_noise(rng, shape):
    return rng.standard_normal(shape) + 1j * rng.standard_normal(shape)


def test_all_lines_without_noise_give_the_image_back(rng):
    image, maps, kspace = simulate_scan(rng.random(SHAPE), rng, np.ones(24, bool), noise=0)
    np.testing.assert_allclose(zero_filled(kspace, maps), image, atol=1e-12)


def test_zero_filling_is_the_adjoint_of_measuring(rng):
    maps, lines = coil_sensitivities(SHAPE, 3, rng), choose_lines(24, 0.4, rng)
    image, kspace = complex_noise(rng, SHAPE), complex_noise(rng, (3, *SHAPE)) * lines[:, None]
    there = np.vdot(measure_coils(image, maps, lines, rng), kspace)
    back = np.vdot(image, zero_filled(kspace, maps))
    np.testing.assert_allclose(there, back)


def test_noise_is_as_strong_as_asked(rng):
    maps = coil_sensitivities((100, 100), 2, rng)
    kspace = measure_coils(np.zeros((100, 100)), maps, np.ones(100, bool), rng, noise=0.1)
    np.testing.assert_allclose([kspace.real.std(), kspace.imag.std()], 0.1, rtol=0.05)


def test_the_adjoint_of_the_differences(rng):
    image, steps = complex_noise(rng, SHAPE), complex_noise(rng, (2, *SHAPE))
    np.testing.assert_allclose(np.vdot(_steps(image), steps), np.vdot(image, _steps_adjoint(steps)))


def test_coils_see_different_parts_and_are_refused_if_there_are_none(rng):
    maps = np.abs(coil_sensitivities(SHAPE, 4, rng))
    nearest = maps.argmax(axis=0)
    assert set(np.unique(nearest)) == {0, 1, 2, 3}
    with pytest.raises(ValueError, match="at least 1"):
        coil_sensitivities(SHAPE, 0, rng)


def test_phase_breaks_the_symmetry_of_kspace(rng):
    image = rng.random((8, 8))
    turned = image * np.exp(1j * random_phase((8, 8), rng))

    def asymmetry(one):
        kspace = to_kspace(one)[1:, 1:]  # without the lines that have no mirror
        return np.abs(kspace - np.conj(kspace[::-1, ::-1])).max()

    assert asymmetry(image) < 1e-12 < 0.1 < asymmetry(turned)


def test_coils_carry_more_than_one_coil_of_the_same_lines(rng, square):
    lines = choose_lines(48, 0.3, rng)
    error = {}
    for coils in (1, 4):
        image, maps, kspace = simulate_scan(square, np.random.default_rng(1), lines, coils=coils)
        error[coils] = np.abs(tv_sense(kspace, maps, lines) - image).mean()
    assert error[4] < 0.7 * error[1]


def test_total_variation_reduces_the_error_and_the_objective(rng, square):
    lines = choose_lines(48, 0.35, rng)
    image, maps, kspace = simulate_scan(square, rng, lines)

    def objective(one):
        data = np.where(lines[:, None], to_kspace(maps * one), 0) - kspace
        total = np.sqrt((np.abs(_steps(one)) ** 2).sum(axis=0)).sum()
        return (np.abs(data) ** 2).sum() / 2 + 0.002 * total

    first, found = zero_filled(kspace, maps), tv_sense(kspace, maps, lines)
    assert psnr(np.abs(found), square) > psnr(np.abs(first), square) + 6
    assert objective(found) < objective(first)
    for _ in range(3):  # nothing near it is better: the problem is convex
        assert objective(found) < objective(found + 0.01 * complex_noise(rng, found.shape))


def plain_tv_sense(kspace, maps, lines, weight, steps):
    """The same steps with the whole k-space, its middle in the middle."""
    sigma = 0.03
    tau = 1 / (9.1 * sigma)
    image = ahead = zero_filled(kspace, maps)
    of_steps, of_data = np.zeros((2, *image.shape), complex), np.zeros_like(kspace)
    for _ in range(steps):
        of_steps = of_steps + sigma * _steps(ahead)
        length = np.sqrt(np.sum(np.abs(of_steps) ** 2, axis=0))
        of_steps = of_steps / np.maximum(1, length / weight)
        predicted = np.where(lines[:, None], to_kspace(maps * ahead), 0)
        of_data = (of_data + sigma * (predicted - kspace)) / (1 + sigma)
        old = image
        image = image - tau * (_steps_adjoint(of_steps) + zero_filled(of_data, maps))
        ahead = 2 * image - old
    return image


@pytest.mark.parametrize("shape", [(24, 20), (21, 25), (16, 17)])
def test_total_variation_without_shifts_is_that_with_them(rng, shape):
    lines = choose_lines(shape[0], 0.4, rng)
    _, maps, kspace = simulate_scan(rng.random(shape), rng, lines, coils=3)
    expected = plain_tv_sense(kspace, maps, lines, 0.004, 30)
    found = tv_sense(kspace, maps, lines, 0.004, 30)
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert np.abs(found - zero_filled(kspace, maps)).max() > 0.01


def test_combining_undoes_the_coils(rng):
    maps = coil_sensitivities(SHAPE, 5, rng)
    image = complex_noise(rng, SHAPE)
    np.testing.assert_allclose(combine_coils(maps * image, maps), image)
    np.testing.assert_allclose(to_image(to_kspace(maps * image)), maps * image)
