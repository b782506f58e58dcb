"""The usual slips of convolution by hand: what each of them makes of the same numbers.

A check that knows what a slip gives can name it. Each entry of `SLIPS` does one thing wrong, on
purpose; `of_convolution` applies all to one exercise and drops those that change nothing.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from islesedu.convolution.forward import conv2d_bank
from islesedu.convolution.shapes import per_axis, with_all_axes


@dataclass(frozen=True)
class _Exercise:
    """Image (H, W, C), kernels (kh, kw, C, K), bias (K,) and options of one exercise."""

    image: np.ndarray
    kernels: np.ndarray
    bias: np.ndarray
    relu: bool
    stride: tuple[int, ...]
    padding: tuple[int, ...]

    def answer(self, **changes: Any) -> np.ndarray:
        """Return the right answer (H', W', K) to this exercise, or to one with some changes."""
        e = replace(self, **changes)
        z = conv2d_bank(e.image, e.kernels, e.bias, stride=e.stride, padding=e.padding, fast=True)
        return np.maximum(z, 0) if e.relu else z


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
    >>> list(of_convolution(np.ones((3, 3)), np.ones((2, 2))))[2:]
    ['you took the mean of the products, not their sum', 'you did not add the products up']
    """
    one = kernels.ndim < 4
    image, kernels, bias = with_all_axes(image, kernels, bias)
    steps = per_axis("stride", stride, 2, 1), per_axis("padding", padding, 2, 0)
    exercise = _Exercise(image, kernels, bias, relu, *steps)
    found, seen = {}, [exercise.answer()]
    for name, slip in SLIPS.items():
        try:
            with warnings.catch_warnings(action="ignore"):
                wrong = slip(exercise)
        except ValueError:  # such as a kernel that does not fit without the padding
            continue
        if wrong is not None and not any(same(wrong, other) for other in seen):
            seen.append(wrong)
            single = one and wrong.ndim == 3 and wrong.shape[2] == 1
            found[name] = wrong[..., 0] if single else wrong
    return found


def same(one: np.ndarray, other: np.ndarray) -> bool:
    """Tell whether two answers cannot be told apart.

    Examples
    --------
    >>> same(np.ones(2), np.ones(2) + 1e-9), same(np.ones(2), np.ones((1, 2)))
    (True, False)
    """
    return one.shape == other.shape and np.allclose(one, other)


def _channels_apart(e: _Exercise) -> np.ndarray | None:
    """Return one map a channel, (H', W', C); None where that makes no sense."""
    if e.image.shape[2] == 1 or e.kernels.shape[3] > 1:
        return None
    parts = [slice(c, c + 1) for c in range(e.image.shape[2])]
    maps = [e.answer(image=e.image[..., c], kernels=e.kernels[:, :, c]) for c in parts]
    return np.concatenate(maps, axis=-1)


def _channels_twice(e: _Exercise) -> np.ndarray:
    total = e.image.sum(axis=2, keepdims=True)
    return e.answer(image=np.repeat(total, e.image.shape[2], axis=2))


def _relu_before_bias(e: _Exercise) -> np.ndarray | None:
    return e.answer(bias=np.zeros_like(e.bias)) + e.bias if e.relu else None


def _is_plain(e: _Exercise) -> bool:
    """Tell whether the kernel visits each position without padding."""
    return not any(e.padding) and all(stride == 1 for stride in e.stride)


def _one_position_less(e: _Exercise) -> np.ndarray | None:
    less = e.answer()[:-1, :-1]
    return less if less.size and _is_plain(e) else None


def _size_of_image(e: _Exercise) -> np.ndarray | None:
    right = e.answer()
    missing = [(0, n - m) for n, m in zip(e.image.shape[:2], right.shape[:2], strict=True)]
    return np.pad(right, [*missing, (0, 0)]) if _is_plain(e) else None


def _products_of_the_first_position(e: _Exercise) -> np.ndarray:
    padded = np.pad(e.image, [(e.padding[0],) * 2, (e.padding[1],) * 2, (0, 0)])
    products = padded[: e.kernels.shape[0], : e.kernels.shape[1]] * e.kernels[..., 0]
    return products[..., 0] if e.image.shape[2] == 1 else products


SLIPS: dict[str, Callable[[_Exercise], np.ndarray | None]] = {
    "you flipped the kernel; in deep learning it stays as it is": lambda e: e.answer(
        kernels=e.kernels[::-1, ::-1]
    ),
    "the padding is missing": lambda e: e.answer(padding=(0, 0)),
    "you used the stride on the rows only": lambda e: e.answer(stride=(e.stride[0], 1)),
    "you used the stride on the columns only": lambda e: e.answer(stride=(1, e.stride[1])),
    "you left the stride out": lambda e: e.answer(stride=(1, 1)),
    "you left both stride and padding out": lambda e: e.answer(stride=(1, 1), padding=(0, 0)),
    "one position is missing: along an axis of n pixels a kernel of k has n - k + 1": (
        _one_position_less
    ),
    "your output has the size of the image, but the kernel has fewer positions": _size_of_image,
    "you used the first channel only": lambda e: e.answer(
        image=e.image[..., :1], kernels=e.kernels[:, :, :1]
    ),
    "you took the mean over the channels; add them": lambda e: e.answer(
        kernels=e.kernels / e.image.shape[2]
    ),
    "you used the first kernel for all channels; each channel has its own": lambda e: e.answer(
        kernels=np.repeat(e.kernels[:, :, :1], e.kernels.shape[2], axis=2)
    ),
    "you did not sum over the channels": _channels_apart,
    "you summed the channels twice": _channels_twice,
    "you forgot the bias": lambda e: e.answer(bias=np.zeros_like(e.bias)),
    "you added the bias once a channel; once in all is right": lambda e: e.answer(
        bias=e.bias * e.image.shape[2]
    ),
    "you applied relu before the bias": _relu_before_bias,
    "you left relu out": lambda e: e.answer(relu=False),
    "your output is transposed: rows and columns are swapped": lambda e: e.answer().swapaxes(0, 1),
    "you took the mean of the products, not their sum": lambda e: e.answer(
        kernels=e.kernels / np.prod(e.kernels.shape[:3])
    ),
    "whole numbers of 8 bits overflow (0 to 255); use int or float": lambda e: (
        e.answer().astype(np.int64).astype(np.uint8).astype(np.int64)
    ),
    "whole numbers cut the fractions off; make the array of floats": lambda e: np.trunc(e.answer()),
    "you did not add the products up": _products_of_the_first_position,
}
"""Slips by the sentence that names them; an earlier one wins if two give the same numbers."""
