"""Gradient descent for one kernel: find the weights that turn an image into a target.

The smallest training there is: no relu, no bias, one image. The loss is the mean squared error
between the convolution of the image and the target.
"""

import numpy as np

from islesedu.convolution.forward import conv2d


def gradient_step(
    image: np.ndarray, target: np.ndarray, kernel: np.ndarray, learning_rate: float
) -> np.ndarray:
    """Return the kernel after one step of gradient descent.

    Parameters
    ----------
    image : ndarray, (H, W)
        Input of the convolution.
    target : ndarray, (H - kh + 1, W - kw + 1)
        What the convolution should give.
    kernel : ndarray, (kh, kw)
        Weights before the step.
    learning_rate : float
        Factor of the gradient.

    Examples
    --------
    >>> gradient_step(np.array([[3.0]]), np.array([[6.0]]), np.array([[1.0]]), 0.1)
    array([[2.8]])
    """
    error = conv2d(image, kernel, fast=True) - target
    upstream = 2 * error / error.size  # derivative of the mean squared error
    return kernel - learning_rate * conv2d(image, upstream, fast=True)


def fit_kernel(
    image: np.ndarray, target: np.ndarray, start: np.ndarray, *, learning_rate: float, steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """Repeat `gradient_step` and return the kernels and the losses.

    Parameters
    ----------
    image, target : ndarray
        As in `gradient_step`.
    start : ndarray, (kh, kw)
        First kernel.
    learning_rate : float
        Factor of the gradient.
    steps : int
        How many.

    Returns
    -------
    kernels : ndarray, (steps + 1, kh, kw)
        Before the first step and after each.
    losses : ndarray, (steps + 1,)
        Mean squared error of each of these kernels.

    Examples
    --------
    >>> one = np.array([[1.0]])
    >>> kernels, losses = fit_kernel(3 * one, 6 * one, one, learning_rate=0.1, steps=1)
    >>> kernels.ravel(), losses.round(2)
    (array([1. , 2.8]), array([9.  , 5.76]))
    """
    kernels = [np.array(start, float)]
    for _ in range(steps):
        kernels.append(gradient_step(image, target, kernels[-1], learning_rate))
    losses = [((conv2d(image, kernel, fast=True) - target) ** 2).mean() for kernel in kernels]
    return np.stack(kernels), np.array(losses)
