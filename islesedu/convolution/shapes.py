"""Whether a kernel fits an image, and what shape comes out: the checks before any convolution."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

Numbers = int | Sequence[int]


class Layout(NamedTuple):
    """Stride, padding and dilation, one number an axis of space."""

    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]


def with_all_axes(
    image: np.ndarray, kernels: np.ndarray, bias: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return image (H, W, C), kernels (kh, kw, C, K) and bias (K,), axes of length 1 added.

    Examples
    --------
    >>> [array.shape for array in with_all_axes(np.ones((6, 6)), np.ones((3, 3)), None)]
    [(6, 6, 1), (3, 3, 1, 1), (1,)]
    """
    image, kernels = numbers("image", image), numbers("kernel", kernels)
    image = image[..., None] if image.ndim == 2 else image
    while kernels.ndim < 4:
        kernels = kernels[..., None]
    bias = np.zeros(kernels.shape[-1], int) if bias is None else np.atleast_1d(bias)
    return image, kernels, bias


def with_defaults(options: dict) -> dict:
    """Complete stride, padding, dilation; a TypeError for any other name.

    Examples
    --------
    >>> with_defaults({"stride": 2})
    {'stride': 2, 'padding': 0, 'dilation': 1}
    """
    defaults = {"stride": 1, "padding": 0, "dilation": 1}
    if unknown := set(options) - set(defaults):
        raise TypeError(f"unknown option {unknown.pop()!r}; there are {', '.join(defaults)}, fast")
    return defaults | options


def pad(image: np.ndarray, padding: tuple[int, ...]) -> np.ndarray:
    """Put zeros around the axes of space; channels get none.

    Examples
    --------
    >>> pad(np.array([[5]]), (1, 1)).tolist()
    [[0, 0, 0], [0, 5, 0], [0, 0, 0]]
    """
    channels = image.ndim - len(padding)
    return np.pad(image, [(p, p) for p in padding] + [(0, 0)] * channels)


def output_shape(image: np.ndarray, kernel: np.ndarray, layout: Layout) -> tuple[int, ...]:
    """Return the shape of the result along the axes of space; below 1 where nothing fits.

    Examples
    --------
    >>> output_shape(np.ones((6, 6)), np.ones((3, 3)), Layout((1, 1), (0, 0), (1, 1)))
    (4, 4)
    >>> output_shape(np.ones((6, 6)), np.ones((3, 3)), Layout((2, 2), (1, 1), (2, 2)))
    (2, 2)
    """
    rows = zip(image.shape, kernel.shape, *layout, strict=False)
    return tuple((n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in rows)


def numbers(name: str, array: np.ndarray) -> np.ndarray:
    """Return an array of numbers; small whole-number types are widened, so that sums fit.

    Examples
    --------
    >>> numbers("image", np.array([200, 100], np.uint8)).sum().item()  # 8 bits would wrap around
    300
    """
    array = np.asarray(array)
    if array.dtype.kind in "bui":
        return array.astype(np.int64)
    if array.dtype.kind != "f":
        raise ValueError(f"{name} holds {array.dtype}; give an array of numbers")
    if np.isnan(array).any():
        raise ValueError(f"{name} of shape {array.shape} holds NaN; replace it, by 0 for example")
    return array


def check(
    image: ArrayLike,
    kernel: ArrayLike,
    axes: int,
    stride: Numbers,
    padding: Numbers,
    dilation: Numbers,
) -> Layout:
    """Return the layout, or a ValueError that says what does not fit.

    Examples
    --------
    >>> check(np.ones((6, 6)), np.ones((3, 3)), 2, stride=2, padding=0, dilation=1)
    Layout(stride=(2, 2), padding=(0, 0), dilation=(1, 1))
    >>> check(np.ones((2, 2)), np.ones((3, 3)), 2, 1, 0, 1)
    Traceback (most recent call last):
    ValueError: image is (2, 2) and kernel (3, 3); expected a kernel that fits into the padded image
    """
    layout = Layout(
        per_axis("stride", stride, axes, least=1),
        per_axis("padding", padding, axes, least=0),
        per_axis("dilation", dilation, axes, least=1),
    )
    if image.shape[axes:] != kernel.shape[axes:]:
        raise ValueError(misfit(image, kernel, "as many channels in both"))
    if 0 in kernel.shape or min(output_shape(image, kernel, layout)) < 1:
        raise ValueError(misfit(image, kernel, "a kernel that fits into the padded image"))
    return layout


def per_axis(name: str, value: Numbers, axes: int, least: int) -> tuple[int, ...]:
    """Return one whole number an axis, each at least `least`.

    Examples
    --------
    >>> per_axis("stride", 2, axes=2, least=1), per_axis("padding", (0, 1), axes=2, least=0)
    ((2, 2), (0, 1))
    """
    values = tuple(np.atleast_1d(value).tolist())
    values = values * axes if len(values) == 1 else values
    whole = all(isinstance(v, int) and not isinstance(v, bool) for v in values)
    if len(values) != axes or not whole or min(values) < least:
        raise ValueError(f"{name} is {value}; give one whole number, or {axes}, from {least} up")
    return values


def misfit(
    image: np.ndarray,
    kernel: np.ndarray,
    expected: str,
    names: tuple[str, str] = ("image", "kernel"),
) -> str:
    """Return the sentence for two shapes that do not go together.

    Examples
    --------
    >>> misfit(np.ones((2, 2)), np.ones((3, 3)), "a kernel that fits into the padded image")
    'image is (2, 2) and kernel (3, 3); expected a kernel that fits into the padded image'
    """
    return f"{names[0]} is {image.shape} and {names[1]} {kernel.shape}; expected {expected}"
