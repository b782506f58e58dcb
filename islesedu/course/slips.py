"""The usual slips of convolution by hand: what each of them makes of the same numbers.

A check that knows what a slip gives can name it. Every function here does one thing wrong, on
purpose; `of_convolution` does all of them to one exercise and drops those that change nothing.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from islesedu.convolution.forward import conv2d_bank
from islesedu.convolution.shapes import Numbers, per_axis, with_all_axes

Array = np.ndarray


def of_convolution(
    image: np.ndarray,
    kernels: np.ndarray,
    bias: np.ndarray | None = None,
    *,
    relu: bool = False,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
) -> dict[str, np.ndarray]:
    """Return wrong answers to "convolve this", by the sentence that names the slip.

    Parameters
    ----------
    image : ndarray, (H, W) or (H, W, C)
        As in `islesedu.convolution`.
    kernels : ndarray, (kh, kw), (kh, kw, C) or (kh, kw, C, K)
        Without the last axis the answer is (H', W').
    bias : ndarray, (K,), optional
        One number a kernel.
    relu : bool
        Whether the exercise ends with relu.
    stride, padding : int or pair of int
        As in `islesedu.convolution`.

    Returns
    -------
    dict of str to ndarray
        Only those that differ from the right answer, and from the slips before them.

    Examples
    --------
    >>> list(of_convolution(np.ones((3, 3)), np.ones((2, 2))))
    ['you took the mean of the products, not their sum', 'you did not add the products up']
    """
    one = kernels.ndim < 4
    image, kernels, bias = with_all_axes(image, kernels, bias)
    exercise = {
        "image": image,
        "kernels": kernels,
        "bias": bias,
        "relu": relu,
        "stride": per_axis("stride", stride, 2, 1),
        "padding": per_axis("padding", padding, 2, 0),
    }
    found, seen = {}, [_right(**exercise)]
    for name, slip in SLIPS.items():
        try:
            with warnings.catch_warnings(action="ignore"):
                wrong = slip(**exercise)
        except ValueError:  # such as a kernel that does not fit without the padding
            continue
        if wrong is not None and not any(same(wrong, other) for other in seen):
            seen.append(wrong)
            single = one and wrong.ndim == 3 and wrong.shape[2] == 1
            found[name] = wrong[..., 0] if single else wrong
    return found


def same(one: np.ndarray, other: np.ndarray) -> bool:
    """Tell whether two answers cannot be told apart."""
    return one.shape == other.shape and np.allclose(one, other)


def _right(
    image: Array, kernels: Array, bias: Array | None, relu: bool, stride: Numbers, padding: Numbers
) -> Array:
    """Return the right answer (H', W', K)."""
    z = conv2d_bank(image, kernels, bias, stride=stride, padding=padding, fast=True)
    return np.maximum(z, 0) if relu else z


def flipped(kernels: Array, **rest: Any) -> Array:
    """Turn the kernel by half a turn, as mathematics does and deep learning does not."""
    return _right(kernels=kernels[::-1, ::-1], **rest)


def _unpadded(padding: Numbers, **rest: Any) -> Array:
    """Forget the zeros around the image."""
    return _right(padding=(0, 0), **rest)


def _one_stride(stride: Numbers, **rest: Any) -> Array:
    """Jump along the rows only."""
    return _right(stride=(stride[0], 1), **rest)


def _other_stride(stride: Numbers, **rest: Any) -> Array:
    """Jump along the columns only."""
    return _right(stride=(1, stride[1]), **rest)


def _no_stride(stride: Numbers, **rest: Any) -> Array:
    """Do not jump at all."""
    return _right(stride=(1, 1), **rest)


def _first_channel(image: Array, kernels: Array, **rest: Any) -> Array:
    """Use one channel and forget the others."""
    return _right(image=image[..., :1], kernels=kernels[:, :, :1], **rest)


def _channels_apart(image: Array, kernels: Array, **rest: Any) -> Array:
    """Keep the channels apart; for one filter: (H', W', C)."""
    if image.shape[2] == 1 or kernels.shape[3] > 1:
        return None
    maps = [
        _right(image=image[..., c : c + 1], kernels=kernels[:, :, c : c + 1], **rest)[..., 0]
        for c in range(image.shape[2])
    ]
    return np.stack(maps, axis=-1)


def _channels_twice(image: Array, kernels: Array, **rest: Any) -> Array:
    """Sum the channels of the image first and then again with the kernel's."""
    total = np.repeat(image.sum(axis=2, keepdims=True), image.shape[2], axis=2)
    return _right(image=total, kernels=kernels, **rest)


def _no_bias(bias: Array | None, **rest: Any) -> Array:
    """Forget the bias."""
    return _right(bias=np.zeros_like(bias), **rest)


def _bias_each_channel(image: Array, bias: Array | None, **rest: Any) -> Array:
    """Add the bias once a channel."""
    return _right(image=image, bias=bias * image.shape[2], **rest)


def _no_relu(relu: bool, **rest: Any) -> Array:
    """Leave relu out."""
    return _right(relu=False, **rest)


def _relu_before_bias(bias: Array | None, relu: bool, **rest: Any) -> Array:
    """Cut at 0 first and add the bias afterwards."""
    if not relu:
        return None
    return _right(bias=np.zeros_like(bias), relu=True, **rest) + bias


def transposed(**exercise: Any) -> Array:
    """Swap rows and columns of the output."""
    return _right(**exercise).swapaxes(0, 1)


def mean(kernels: Array, bias: Array | None, **rest: Any) -> Array:
    """Divide by the number of products."""
    count = np.prod(kernels.shape[:3])
    return _right(kernels=kernels / count, bias=bias, **rest)


def _overflow(**exercise: Any) -> Array:
    """Compute in whole numbers of 8 bits, as pictures are stored, which wrap around."""
    return _right(**exercise).astype(np.int64).astype(np.uint8).astype(np.int64)


def _truncated(**exercise: Any) -> Array:
    """Store the sums in an array of whole numbers."""
    return np.trunc(_right(**exercise))


def _unsummed(
    image: Array, kernels: Array, bias: Array | None, relu: bool, stride: Numbers, padding: Numbers
) -> Array:
    """Stop at the products of the first position."""
    padded = np.pad(image, [(padding[0],) * 2, (padding[1],) * 2, (0, 0)])
    products = padded[: kernels.shape[0], : kernels.shape[1]] * kernels[..., 0]
    return products[..., 0] if image.shape[2] == 1 else products


SLIPS: dict[str, Callable[..., np.ndarray | None]] = {
    "you flipped the kernel; in deep learning it stays as it is": flipped,
    "the padding is missing": _unpadded,
    "you used the stride on the rows only": _one_stride,
    "you used the stride on the columns only": _other_stride,
    "you left the stride out": _no_stride,
    "you used the first channel only": _first_channel,
    "you did not sum over the channels": _channels_apart,
    "you summed the channels twice": _channels_twice,
    "you forgot the bias": _no_bias,
    "you added the bias once a channel; once in all is right": _bias_each_channel,
    "you applied relu before the bias": _relu_before_bias,
    "you left relu out": _no_relu,
    "your output is transposed: rows and columns are swapped": transposed,
    "you took the mean of the products, not their sum": mean,
    "whole numbers of 8 bits overflow (0 to 255); use int or float": _overflow,
    "whole numbers cut the fractions off; make the array of floats": _truncated,
    "you did not add the products up": _unsummed,
}
"""Slips by the sentence that names them; an earlier one wins if two give the same numbers."""
