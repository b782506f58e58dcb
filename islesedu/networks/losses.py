"""The losses of the second talk: cross-entropy, soft Dice, and their sum.

Each takes the truth (0 or 1) and the predicted probability, of one shape such as (B, X, Y, Z, 1),
and returns one number for the whole batch, the smaller the better. With ``from_logits=True`` the
prediction is what the sigmoid has not seen yet. All sums are in float32, whatever the policy.
"""

import keras
from keras import ops

from islesedu.networks.backend import Tensor

_SMALLEST = 1e-7
"""Probabilities stay this far from 0 and 1 when a logarithm is taken (as in Keras)."""


def _in_float32(y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
    """Return truth and prediction as float32: half precision cannot count a million voxels.

    Shapes that differ are a ValueError, for (B, X, Y, Z) and (B, X, Y, Z, 1) would broadcast in
    silence and give a wrong number. Sizes that are not known yet (None) pass.
    """
    truth, prediction = ops.cast(y_true, "float32"), ops.cast(y_pred, "float32")
    sizes, wanted = tuple(truth.shape), tuple(prediction.shape)
    known = zip(sizes, wanted, strict=False)
    if len(sizes) != len(wanted) or any(a != b for a, b in known if None not in (a, b)):
        raise ValueError(f"y_true has shape {sizes}, y_pred {wanted}; give both one shape")
    return truth, prediction


@keras.saving.register_keras_serializable("islesedu")
def cross_entropy(y_true: Tensor, y_pred: Tensor, from_logits: bool = False) -> Tensor:
    """Return the mean over voxels of -(y log p + (1 - y) log(1 - p)).

    Parameters
    ----------
    y_true : tensor, (B, X, Y, Z, 1)
        1 in the lesion, 0 elsewhere.
    y_pred : tensor, same shape
        Probability of lesion, or logit.
    from_logits : bool
        Whether `y_pred` is a logit.

    Returns
    -------
    tensor, ()
        0 or more; finite also where p is exactly 0 or 1, since p is kept 1e-7 away from
        both. Beyond that the gradient is 0: use logits where this matters.

    Raises
    ------
    ValueError
        The two shapes differ.

    Examples
    --------
    >>> round(float(cross_entropy([1.0, 0.0], [0.5, 0.5])), 4)
    0.6931
    """
    truth, prediction = _in_float32(y_true, y_pred)
    if from_logits:
        # log(1 + e^z) - y z, written so that no exponential overflows
        return ops.mean(ops.softplus(prediction) - truth * prediction)
    p = ops.clip(prediction, _SMALLEST, 1 - _SMALLEST)
    return -ops.mean(truth * ops.log(p) + (1 - truth) * ops.log(1 - p))


@keras.saving.register_keras_serializable("islesedu")
def soft_dice(y_true: Tensor, y_pred: Tensor, from_logits: bool = False) -> Tensor:
    """Return -2 sum(p y) / (sum p + sum y): minus the Dice coefficient, without a threshold.

    As on the slide there is no epsilon: a truth without lesion gives exactly 0, whatever is
    predicted. Only 0 / 0 (nothing there and nothing predicted) is set, to 0. The sums run over the
    whole batch, which is one case in the original.

    Parameters and errors are those of `cross_entropy`.

    Returns
    -------
    tensor, ()
        -1 (equal) to 0 (nothing in common).

    References
    ----------
    Milletari, Navab, Ahmadi: "V-Net", 3DV 2016, has p and y squared in the denominator; the slide
    and the challenge entry have not.

    Examples
    --------
    >>> round(float(soft_dice([1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0])), 4)
    -0.6667
    """
    truth, prediction = _in_float32(y_true, y_pred)
    p = ops.sigmoid(prediction) if from_logits else prediction
    size = ops.sum(p) + ops.sum(truth)
    return -2 * ops.sum(p * truth) / ops.maximum(size, _SMALLEST)


@keras.saving.register_keras_serializable("islesedu")
def combined(y_true: Tensor, y_pred: Tensor, from_logits: bool = False) -> Tensor:
    """Return cross_entropy + soft_dice, the loss the challenge entry was trained with.

    Parameters and errors are those of `cross_entropy`.

    Returns
    -------
    tensor, ()
        -1 (equal) or more.

    Examples
    --------
    >>> round(float(combined([1.0, 0.0], [0.5, 0.5])), 4)
    0.1931
    """
    return cross_entropy(y_true, y_pred, from_logits) + soft_dice(y_true, y_pred, from_logits)


@keras.saving.register_keras_serializable("islesedu")
def dice(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """Return the Dice of the thresholded prediction (probability above 0.5): a metric for Keras.

    Parameters
    ----------
    y_true, y_pred : tensor, (B, X, Y, Z, 1)
        As in `cross_entropy`; no logits.

    Returns
    -------
    tensor, ()
        0 to 1; 1 for two empty masks.

    Examples
    --------
    >>> round(float(dice(ops.array([1, 1, 0, 0]), ops.array([0.9, 0.2, 0.1, 0.6]))), 4)
    0.5
    """
    truth = ops.cast(y_true, "float32")
    mask = ops.cast(y_pred > 0.5, "float32")
    size = ops.sum(truth) + ops.sum(mask)
    return ops.where(size > 0, 2 * ops.sum(truth * mask) / ops.maximum(size, 1.0), 1.0)
