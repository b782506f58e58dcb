"""The arithmetic of stride, padding and dilation, and the checks before any convolution."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

Numbers = int | Sequence[int]


class Layout(NamedTuple):
    """Stride, padding and dilation, one number a spatial axis.

    Examples
    --------
    >>> layout, kernel = Layout((2, 1), (2, 0), (1, 2)), np.ones((5, 3))  # one number a row, column
    >>> layout.span(kernel), layout.output_shape(np.ones((192, 128)), kernel)
    ((5, 5), (96, 124))
    """

    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]

    def span(self, kernel: np.ndarray) -> tuple[int, ...]:
        """Return how many pixels the dilated kernel covers along each axis: d (k - 1) + 1."""
        return tuple(d * (k - 1) + 1 for d, k in zip(self.dilation, kernel.shape, strict=False))

    def under(self, kernel: np.ndarray, corner: tuple[int, ...]) -> tuple[slice, ...]:
        """Return the part of the padded image under a kernel whose first tap is at `corner`."""
        ends = zip(corner, self.span(kernel), self.dilation, strict=True)
        return tuple(slice(c, c + span, d) for c, span, d in ends)

    def output_shape(self, image: np.ndarray, kernel: np.ndarray) -> tuple[int, ...]:
        """Return floor((n + 2 p - span) / s) + 1 of each axis; below 1 there is no position."""
        rows = zip(image.shape, self.padding, self.span(kernel), self.stride, strict=False)
        return tuple((n + 2 * p - span) // s + 1 for n, p, span, s in rows)


def make_layout(image: np.ndarray, kernel: np.ndarray, axes: int, **options: Numbers) -> Layout:
    """Return the layout of stride (1 unless given), padding (0) and dilation (1).

    The first `axes` axes of image and kernel are space, a further one channels. A ValueError says
    what does not fit, a TypeError which option does not exist.

    Examples
    --------
    >>> make_layout(np.ones((5, 5)), np.ones((3, 3)), 2, stride=2, padding=(1, 0))
    Layout(stride=(2, 2), padding=(1, 0), dilation=(1, 1))
    """
    defaults = {"stride": 1, "padding": 0, "dilation": 1}
    if unknown := set(options) - set(defaults):
        raise TypeError(f"unknown option {unknown.pop()!r}; there are {', '.join(defaults)}, fast")
    given = (defaults | options).items()
    layout = Layout(*(per_axis(name, n, axes, int(name != "padding")) for name, n in given))
    if image.shape[axes:] != kernel.shape[axes:]:
        raise ValueError(_misfit(image, kernel, "as many channels in both"))
    if 0 in kernel.shape or min(layout.output_shape(image, kernel)) < 1:
        raise ValueError(_misfit(image, kernel, "a kernel that fits into the padded image"))
    return layout


def pad(image: np.ndarray, padding: tuple[int, ...]) -> np.ndarray:
    """Put zeros around the spatial axes; channels get none.

    Examples
    --------
    >>> pad(np.array([[1, 2]]), (0, 1)).tolist()
    [[0, 1, 2, 0]]
    """
    channels = image.ndim - len(padding)
    return np.pad(image, [(p, p) for p in padding] + [(0, 0)] * channels)


def paired(
    image: np.ndarray, kernel: np.ndarray, axes: Sequence[tuple[int, int]], expected: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return both as arrays of numbers; a ValueError if their numbers of axes are not in `axes`.

    Examples
    --------
    >>> paired([[1, 2]], [[3]], [(2, 2)], "(H, W) and (kh, kw)")
    (array([[1, 2]]), array([[3]]))
    """
    image, kernel = numbers("image", image), numbers("kernel", kernel)
    if (image.ndim, kernel.ndim) not in axes:
        raise ValueError(_misfit(image, kernel, expected))
    return image, kernel


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
    kernels = kernels.reshape(kernels.shape + (1,) * (4 - kernels.ndim))
    bias = np.zeros(kernels.shape[-1], int) if bias is None else np.atleast_1d(bias)
    return image, kernels, bias


def numbers(name: str, array: np.ndarray) -> np.ndarray:
    """Return an array of numbers; small integer types are widened, so that sums fit.

    Examples
    --------
    >>> numbers("image", np.array([[200]], np.uint8)).dtype
    dtype('int64')
    """
    array = np.asarray(array)
    if array.dtype.kind in "bui":
        return array.astype(np.int64)
    if array.dtype.kind != "f":
        raise ValueError(f"{name} holds {array.dtype}; give an array of numbers")
    if np.isnan(array).any():
        raise ValueError(f"{name} of shape {array.shape} holds NaN; replace it, by 0 for example")
    return array


def per_axis(name: str, value: Numbers, axes: int, least: int) -> tuple[int, ...]:
    """Return one whole number an axis, each at least `least`.

    Examples
    --------
    >>> per_axis("stride", 2, axes=2, least=1)
    (2, 2)
    """
    values = tuple(np.atleast_1d(value).tolist())
    values = values * axes if len(values) == 1 else values
    whole = all(isinstance(v, int) and not isinstance(v, bool) for v in values)
    if len(values) != axes or not whole or min(values) < least:
        raise ValueError(f"{name} is {value}; give one whole number, or {axes}, from {least} up")
    return values


def _misfit(image: np.ndarray, kernel: np.ndarray, expected: str) -> str:
    return f"image is {image.shape} and kernel {kernel.shape}; expected {expected}"
