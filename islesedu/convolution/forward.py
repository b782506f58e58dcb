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

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from islesedu.convolution.shapes import Numbers, check, misfit, numbers, output_shape, with_defaults
from islesedu.convolution.sliding_window import walk, windows


def _correlate(
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
    return _correlate(image, kernel, 2, options, fast)


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
    return _correlate(image, kernel, 2, with_defaults(options), fast)


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
    return _correlate(volume, kernel, 3, with_defaults(options), fast)
