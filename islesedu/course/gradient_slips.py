"""The usual slips of gradient check, gradient step and gradient of a loss.

Each function returns what they make of the same numbers, by the sentence that names the mistake.
`islesedu.course.slips` does the same for convolution.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from islesedu.convolution.descent import gradient_step
from islesedu.convolution.forward import conv2d
from islesedu.networks.loss_gradients import soft_dice_gradient


@dataclass(frozen=True)
class NamedLoss:
    """A loss with a text, so that a verdict can say with which one a function was called."""

    text: str
    function: Callable[[np.ndarray], float]

    def __call__(self, weights: np.ndarray) -> float:
        """Return the loss of these weights."""
        return float(self.function(np.asarray(weights, float)))

    def __repr__(self) -> str:
        return self.text


def finite_differences(loss: Callable, weights: np.ndarray, epsilon: float) -> np.ndarray:
    """Return the central differences of a loss, one for each weight.

    Examples
    --------
    >>> finite_differences(lambda w: (w**2).sum(), np.array([1.0, -3.0]), 0.5)
    array([ 2., -6.])
    """
    gradient = np.zeros(weights.shape)
    for index in np.ndindex(weights.shape):
        up, down = weights.astype(float), weights.astype(float)
        up[index] += epsilon
        down[index] -= epsilon
        gradient[index] = (loss(up) - loss(down)) / (2 * epsilon)
    return gradient


def of_finite_differences(
    loss: Callable, weights: np.ndarray, epsilon: float
) -> dict[str, np.ndarray]:
    """Return wrong gradients by the sentence that names the mistake.

    Arguments as for `finite_differences`.

    Examples
    --------
    >>> list(of_finite_differences(lambda w: (w**2).sum(), np.ones(2), 0.5))[2]
    'the sign is wrong: loss above minus loss below'
    """
    right = finite_differences(loss, weights, epsilon)
    one_sided, never_back = np.zeros(weights.shape), np.zeros(weights.shape)
    moved = weights.astype(float)
    for index in np.ndindex(weights.shape):
        up = weights.astype(float)
        up[index] += epsilon
        one_sided[index] = (loss(up) - loss(weights)) / epsilon
        moved[index] += epsilon
        above = loss(moved)
        moved[index] -= 2 * epsilon
        never_back[index] = (above - loss(moved)) / (2 * epsilon)
    return {
        "the two losses are 2 epsilon apart: divide by 2 * epsilon": right * 2,
        "divide the difference of the losses by 2 * epsilon": right * 2 * epsilon,
        "the sign is wrong: loss above minus loss below": -right,
        "that is a one-sided difference; take the loss on both sides of the weight": one_sided,
        "put each weight back before you change the next one": never_back,
        "you changed all weights at once; change one at a time": (
            loss(weights + epsilon) - loss(weights - epsilon)
        )
        / (2 * epsilon),
    }


def of_gradient_step(
    image: np.ndarray, target: np.ndarray, kernel: np.ndarray, learning_rate: float
) -> dict[str, np.ndarray]:
    """Return wrong kernels by the sentence that names the mistake.

    Arguments as for `islesedu.convolution.gradient_step`.

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> wrong = of_gradient_step(3 * one, 6 * one, one, 0.1)
    >>> wrong["the derivative of the square has a factor of 2"]
    array([[1.9]])
    """
    move = kernel - gradient_step(image, target, kernel, learning_rate)
    return {
        "that step goes uphill: subtract the gradient, with the error prediction minus target": (
            kernel + move
        ),
        "that is the gradient; subtract it, times the learning rate, from the kernel": (
            move / learning_rate
        ),
        "that is what has to be subtracted from the kernel": move,
        "the derivative of the square has a factor of 2": kernel - move / 2,
        "the loss is a mean: divide the error by the number of values": kernel - move * target.size,
        "len counts the rows only; divide by error.size, the number of values": (
            kernel - move * target.size / len(target)
        ),
        "you left the learning rate out": kernel - move / learning_rate,
        "that is what the convolution gives; a kernel is asked for": conv2d(image, kernel),
    }


def of_soft_dice_gradient(y: np.ndarray, z: np.ndarray) -> dict[str, np.ndarray]:
    """Return wrong gradients of soft Dice by the sentence that names the mistake.

    Arguments as for `islesedu.networks.soft_dice_gradient`.

    Examples
    --------
    >>> wrong = of_soft_dice_gradient(np.array([1.0, 0.0]), np.zeros(2))
    >>> wrong["the factor 2 of the loss is missing"]
    array([-0.09375,  0.03125])
    """
    right, p = soft_dice_gradient(y, z), expit(z)
    size = p.sum() + y.sum()
    with_logits = z.sum() + y.sum()
    return {
        "that is the derivative with respect to the probability; z is inside the sigmoid": (
            right / (p * (1 - p))
        ),
        "the sign is wrong: the loss has a minus": -right,
        "the denominator depends on the probability, too: use the quotient rule": (
            -2 * y / size * p * (1 - p)
        ),
        "the factor 2 of the loss is missing": right / 2,
        "the quotient rule has the square of the denominator": right * size,
        "z is a logit; compute the probability first": (
            2 * ((y * z).sum() - with_logits * y) / with_logits**2
        ),
    }
