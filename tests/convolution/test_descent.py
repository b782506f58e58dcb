"""Gradient descent: the step on paper, and the gradient of `backward`."""

import numpy as np

from islesedu.convolution import backward, conv2d, fit_kernel, gradient_step


def test_the_step_is_that_of_backpropagation(rng):
    image, target, kernel = (
        rng.normal(size=(6, 7)),
        rng.normal(size=(4, 6)),
        rng.normal(size=(3, 2)),
    )
    error = conv2d(image, kernel) - target
    gradients = backward(
        image[..., None],
        kernel[..., None, None],
        np.zeros(1),
        (2 * error / error.size)[..., None],
        relu=False,
    )
    expected = kernel - 0.1 * gradients.kernels[..., 0, 0]
    np.testing.assert_allclose(gradient_step(image, target, kernel, 0.1), expected)


def test_a_kernel_is_found_again(rng):
    image, kernel = rng.normal(size=(20, 20)), rng.normal(size=(3, 3))
    start = np.zeros((3, 3))
    kernels, losses = fit_kernel(image, conv2d(image, kernel), start, learning_rate=0.3, steps=60)
    assert kernels.shape == (61, 3, 3) and losses.shape == (61,)
    assert not kernels[0].any() and (np.diff(losses[:20]) < 0).all()
    np.testing.assert_allclose(kernels[-1], kernel, atol=1e-3)
    assert not start.any()


def test_above_the_limit_the_loss_grows():
    one = np.ones((1, 1))  # loss (3 w - 6)^2, second derivative 18, limit 1 / 9
    for learning_rate, smaller in ((0.11, True), (0.12, False)):
        _, losses = fit_kernel(3 * one, 6 * one, one, learning_rate=learning_rate, steps=50)
        assert (losses[-1] < losses[0]) == smaller
