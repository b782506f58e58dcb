"""Convolution as one does it by hand: lay the kernel on the image, multiply, add, move on.

As everywhere in deep learning the kernel is not flipped, so strictly this is cross-correlation.
Each function comes twice: loops one can read, and with ``fast=True`` the same numbers without
loops, quickly enough for real images.

Axes: image (H, W) or (H, W, C); kernel (kh, kw) or (kh, kw, C); bank of kernels (kh, kw, C, K);
volume (X, Y, Z) or (X, Y, Z, C). ``stride`` (how far the kernel moves), ``padding`` (zeros on every
side) and ``dilation`` (distance between neighbouring taps) are one whole number, or one an axis.
The length of an output axis is floor((n + 2 padding - dilation (k - 1) - 1) / stride) + 1.

Every function raises a ValueError with both shapes if they do not fit, and for options that make
no sense or numbers that are none.
"""

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from islesedu.convolution.shapes import (
    Layout,
    Numbers,
    check,
    misfit,
    numbers,
    output_shape,
    pad,
    with_defaults,
)


class Step(NamedTuple):
    """One position of the kernel.

    Attributes
    ----------
    position : tuple of int
        Place of the sum in the output, such as (row, column).
    corner : tuple of int
        Place of the kernel's first tap in the padded image.
    window : ndarray, shape of the kernel
        The numbers under the kernel.
    products : ndarray, shape of the kernel
        Window times kernel.
    total : number
        Sum of the products.
    """

    position: tuple[int, ...]
    corner: tuple[int, ...]
    window: np.ndarray
    products: np.ndarray
    total: float


def steps(
    image: np.ndarray,
    kernel: np.ndarray,
    *,
    stride: Numbers = 1,
    padding: Numbers = 0,
    dilation: Numbers = 1,
) -> Iterator[Step]:
    """Return an iterator over the positions of a kernel on an image, row by row.

    Parameters
    ----------
    image : ndarray, (H, W) or (H, W, C)
        Numbers.
    kernel : ndarray, (kh, kw) or (kh, kw, C)
        As many channels as the image.
    stride, padding, dilation : int or pair of int
        See the module's text.

    Examples
    --------
    >>> for step in steps(np.array([[1, 2, 3]]), np.array([[1, -1]])):
    ...     print(step.position, step.products.tolist(), step.total)
    (0, 0) [[1, -2]] -1
    (0, 1) [[2, -3]] -1
    """
    image, kernel = numbers("image", image), numbers("kernel", kernel)
    if image.ndim != kernel.ndim or image.ndim not in (2, 3):
        raise ValueError(misfit(image, kernel, "(H, W) and (kh, kw), or both with channels"))
    return walk(image, kernel, check(image, kernel, 2, stride, padding, dilation))


def walk(image: np.ndarray, kernel: np.ndarray, layout: Layout) -> Iterator[Step]:
    """Yield the steps of a kernel that is known to fit.

    Examples
    --------
    >>> layout = Layout((1, 1), (0, 0), (1, 1))
    >>> [step.total.item() for step in walk(np.eye(3, dtype=int), np.eye(2, dtype=int), layout)]
    [2, 0, 0, 2]
    """
    padded = pad(image, layout.padding)
    size = kernel.shape[: len(layout.stride)]
    for position in itertools.product(*map(range, output_shape(image, kernel, layout))):
        corner = tuple(p * s for p, s in zip(position, layout.stride, strict=True))
        window = padded[
            tuple(
                slice(c, c + d * (k - 1) + 1, d)
                for c, d, k in zip(corner, layout.dilation, size, strict=True)
            )
        ]
        products = window * kernel
        yield Step(position, corner, window, products, products.sum())


def windows(image: np.ndarray, kernel: np.ndarray, layout: Layout) -> np.ndarray:
    """Return all windows at once, as a view: (H', W', kh, kw) or (H', W', kh, kw, C).

    Examples
    --------
    >>> layout = Layout((1, 1), (0, 0), (1, 1))
    >>> windows(np.arange(6).reshape(2, 3), np.ones((2, 2)), layout).tolist()
    [[[[0, 1], [3, 4]], [[1, 2], [4, 5]]]]
    """
    axes = len(layout.stride)
    spans = [d * (k - 1) + 1 for d, k in zip(layout.dilation, kernel.shape[:axes], strict=True)]
    view = sliding_window_view(pad(image, layout.padding), spans, axis=tuple(range(axes)))
    if image.ndim > axes:
        view = np.moveaxis(view, axes, -1)  # (H', W', C, kh, kw) -> (H', W', kh, kw, C)
    every = tuple(slice(None, None, n) for n in (*layout.stride, *layout.dilation))
    return view[every]


def correlate(
    image: ArrayLike, kernel: ArrayLike, axes: int, options: dict[str, Any], fast: bool
) -> np.ndarray:
    """Lay a kernel on every position; the first `axes` axes are space, a further one channels."""
    layout = check(image, kernel, axes, **options)
    if fast:
        return np.tensordot(windows(image, kernel, layout), kernel, axes=kernel.ndim)
    totals = [step.total for step in walk(image, kernel, layout)]
    return np.array(totals).reshape(output_shape(image, kernel, layout))


def conv2d(
    image: np.ndarray,
    kernel: np.ndarray,
    *,
    stride: Numbers = 1,
    padding: Numbers = 0,
    dilation: Numbers = 1,
    fast: bool = False,
) -> np.ndarray:
    """Convolve an image with a kernel: (H, W) x (kh, kw) -> (H', W').

    Parameters
    ----------
    image : ndarray, (H, W)
        Numbers.
    kernel : ndarray, (kh, kw)
        Not larger than the padded image.
    stride, padding, dilation : int or pair of int
        See the module's text.
    fast : bool
        The same numbers without loops.

    Returns
    -------
    ndarray, (H', W')

    Examples
    --------
    >>> conv2d(np.array([[1, 2, 3], [4, 5, 6]]), np.array([[1, 0], [0, 1]]))
    array([[6, 8]])
    """
    image, kernel = numbers("image", image), numbers("kernel", kernel)
    if (image.ndim, kernel.ndim) != (2, 2):
        raise ValueError(misfit(image, kernel, "(H, W) and (kh, kw)"))
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    return correlate(image, kernel, 2, options, fast)


def conv2d_channels(
    image: np.ndarray, kernel: np.ndarray, *, fast: bool = False, **options: Numbers
) -> np.ndarray:
    """Convolve each channel with its own slice of the kernel and add them up.

    (H, W, C) x (kh, kw, C) -> (H', W'). Options and errors as in `conv2d`.

    Examples
    --------
    >>> image = np.dstack([[[1, 2]], [[10, 20]]])  # one row, two columns, two channels
    >>> conv2d_channels(image, np.ones((1, 1, 2), int))
    array([[11, 22]])
    """
    image, kernel = numbers("image", image), numbers("kernel", kernel)
    if (image.ndim, kernel.ndim) != (3, 3):
        raise ValueError(misfit(image, kernel, "(H, W, C) and (kh, kw, C)"))
    return correlate(image, kernel, 2, with_defaults(options), fast)


def conv2d_bank(
    image: np.ndarray,
    kernels: np.ndarray,
    bias: np.ndarray | None = None,
    *,
    fast: bool = False,
    **options: Numbers,
) -> np.ndarray:
    """Convolve an image with K kernels and stack the K results as channels.

    (H, W, C) x (kh, kw, C, K) -> (H', W', K). `bias` is one number a kernel, (K,), added to its
    result. Options and errors as in `conv2d`.

    Examples
    --------
    >>> conv2d_bank(np.ones((6, 6, 3)), np.ones((3, 3, 3, 2))).shape
    (4, 4, 2)
    """
    image, kernels = numbers("image", image), numbers("kernels", kernels)
    if (image.ndim, kernels.ndim) != (3, 4):
        raise ValueError(misfit(image, kernels, "(H, W, C) and (kh, kw, C, K)"))
    count = kernels.shape[3]
    bias = np.zeros(count, int) if bias is None else numbers("bias", bias)
    if bias.shape != (count,):
        raise ValueError(f"bias is {bias.shape}; there are {count} kernels, so give ({count},)")
    maps = [
        conv2d_channels(image, kernels[..., k], fast=fast, **options) + bias[k]
        for k in range(count)
    ]
    return np.stack(maps, axis=-1)


def conv_layer(
    image: np.ndarray,
    kernels: np.ndarray,
    bias: np.ndarray | None = None,
    *,
    fast: bool = False,
    **options: Numbers,
) -> np.ndarray:
    """Apply a convolution layer, z = relu(w . x + b): what is below 0 becomes 0.

    Shapes, options and errors as in `conv2d_bank`.

    Examples
    --------
    >>> image, kernels = np.array([[[1], [-3]]]), np.ones((1, 1, 1, 1))
    >>> conv_layer(image, kernels, np.array([1]))[..., 0].tolist()  # relu of 2 and -2
    [[2.0, 0.0]]
    """
    return np.maximum(conv2d_bank(image, kernels, bias, fast=fast, **options), 0)


def conv3d(
    volume: np.ndarray, kernel: np.ndarray, *, fast: bool = False, **options: Numbers
) -> np.ndarray:
    """Convolve a volume: (X, Y, Z) x (kx, ky, kz) -> (X', Y', Z'), or both with channels.

    Options (one number, or three) and errors as in `conv2d`.

    Examples
    --------
    >>> conv3d(np.ones((4, 4, 3)), np.ones((3, 3, 3))).tolist()
    [[[27.0], [27.0]], [[27.0], [27.0]]]
    """
    volume, kernel = numbers("volume", volume), numbers("kernel", kernel)
    if volume.ndim != kernel.ndim or volume.ndim not in (3, 4):
        raise ValueError(misfit(volume, kernel, "(X, Y, Z) and (kx, ky, kz), or with channels"))
    return correlate(volume, kernel, 3, with_defaults(options), fast)
