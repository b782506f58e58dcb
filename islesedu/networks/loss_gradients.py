"""The gradients of the losses with respect to the logits, written out, in NumPy.

A network trains with automatic differentiation and needs none of this: lesson 10 derives these
formulas, compares them with finite differences, and reads from them why soft Dice can stop.

Logits z have the shape (..., N), the labels y (N,) are shared by all rows; prediction y^ =
sigmoid(z). The losses themselves are in `islesedu.networks.losses`.
"""

import numpy as np
from scipy.special import expit

_SMALLEST = 1e-7
"""Least size of the denominator of soft Dice, as in `islesedu.networks.losses`."""


def cross_entropy_gradient(y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Return the derivative of the cross-entropy with respect to each logit: (y^ - y) / N.

    Parameters
    ----------
    y : ndarray, (N,)
        1 in the lesion, 0 elsewhere.
    z : ndarray, (..., N)
        Logits.

    Returns
    -------
    ndarray, (..., N)

    Examples
    --------
    >>> cross_entropy_gradient(np.array([1.0, 0.0]), np.zeros(2))
    array([-0.25,  0.25])
    """
    return (expit(z) - y) / np.shape(y)[-1]


def soft_dice_gradient(y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Return the derivative of soft Dice with respect to each logit.

    With I = sum(y y^) and S = sum(y) + sum(y^) it is y^ (1 - y^) (2 I - 2 S y) / S².
    Arguments and result are those of `cross_entropy_gradient`.

    Examples
    --------
    >>> soft_dice_gradient(np.array([1.0, 0.0]), np.zeros(2))
    array([-0.1875,  0.0625])
    """
    p = expit(z)
    overlap = np.sum(p * y, axis=-1, keepdims=True)
    size = np.maximum(np.sum(p, axis=-1, keepdims=True) + np.sum(y), _SMALLEST)
    return p * (1 - p) * (2 * overlap - 2 * size * y) / size**2


def combined_gradient(y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Return the derivative of the sum of both losses with respect to each logit.

    Arguments and result are those of `cross_entropy_gradient`.

    Examples
    --------
    >>> combined_gradient(np.array([1.0, 0.0]), np.zeros(2))
    array([-0.4375,  0.3125])
    """
    return cross_entropy_gradient(y, z) + soft_dice_gradient(y, z)
