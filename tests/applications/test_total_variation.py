import numpy as np
from scipy.optimize import approx_fprime

from islesedu.applications.reconstruction import (
    choose_lines,
    measure,
    psnr,
    steps_to_next,
    to_image,
    tv_gradient,
    tv_reconstruction,
)


def total_variation(image, softness=0.0):
    """Return the sum of the lengths of all gradients."""
    return float(np.sqrt((steps_to_next(image) ** 2).sum(axis=0) + softness**2).sum())


def test_of_a_square_is_its_circumference_nearly():
    square = np.zeros((12, 12))
    square[3:9, 3:9] = 1  # 24 steps of 1; at two corners a pixel has one step, at one it has two
    assert total_variation(square) == 24 - 2 + np.sqrt(2)
    assert total_variation(np.full((5, 5), 7.0)) == 0


def test_gradient_is_that_of_the_finite_differences(rng):
    image = rng.random((5, 6))
    by_hand = approx_fprime(
        image.ravel(), lambda flat: total_variation(flat.reshape(5, 6), 0.05), 1e-7
    )
    np.testing.assert_allclose(tv_gradient(image, 0.05).ravel(), by_hand, atol=1e-5)


def test_a_stack_is_done_image_by_image(rng):
    stack = rng.random((2, 5, 6))
    np.testing.assert_allclose(tv_gradient(stack)[1], tv_gradient(stack[1]))


def test_it_brings_even_regions_back_from_a_third_of_the_lines(rng):
    truth = np.zeros((48, 48))
    truth[10:38, 12:36], truth[18:28, 18:30] = 0.6, 1.0
    lines = choose_lines(48, 0.35, rng)
    kspace = measure(truth, lines, rng)
    filled, found = to_image(kspace).real, tv_reconstruction(kspace, lines, steps=400)
    assert psnr(found, truth) > psnr(filled, truth) + 6  # less than half the error
    assert total_variation(found) < total_variation(filled)
