"""Convolution in loops one can read: slide a window, multiply by the kernel, sum.

As everywhere in deep learning the kernel is not flipped, so strictly this is cross-correlation.
Each function comes twice: as a loop, and with ``fast=True`` the same numbers without loops, quickly
enough for real images.

Axes: image (H, W) or (H, W, C); kernel (kh, kw) or (kh, kw, C); filter bank (kh, kw, C, K);
volume (X, Y, Z) or (X, Y, Z, C). ``stride`` (step of the sliding window), ``padding`` (zeros on
every side) and ``dilation`` (distance between neighbouring taps) are one whole number, or one an
axis. The length of an output axis is floor((n + 2 padding - dilation (k - 1) - 1) / stride) + 1.

Every function raises a ValueError with both shapes if they do not fit, and for options that make
no sense or arrays that hold anything but numbers.
"""

import numpy as np

from islesedu.convolution.shapes import Numbers, make_layout, numbers, paired
from islesedu.convolution.sliding_window import walk, windows


def _correlate(
    image: np.ndarray, kernel: np.ndarray, axes: int, fast: bool, **options: Numbers
) -> np.ndarray:
    """Apply a kernel at every position; the first `axes` axes are space, a further one channels."""
    layout = make_layout(image, kernel, axes, **options)
    if fast:
        return np.tensordot(windows(image, kernel, layout), kernel, axes=kernel.ndim)
    totals = [step.total for step in walk(image, kernel, layout)]
    return np.array(totals).reshape(layout.output_shape(image, kernel))


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
    image, kernel : ndarray, (H, W) and (kh, kw)
        Numbers; the kernel is not larger than the padded image.
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
    image, kernel = paired(image, kernel, [(2, 2)], "(H, W) and (kh, kw)")
    return _correlate(image, kernel, 2, fast, stride=stride, padding=padding, dilation=dilation)


def conv2d_channels(
    image: np.ndarray, kernel: np.ndarray, *, fast: bool = False, **options: Numbers
) -> np.ndarray:
    """Convolve each channel with the same channel of the kernel and sum over the channels.

    (H, W, C) x (kh, kw, C) -> (H', W'). Options and errors as in `conv2d`.

    Examples
    --------
    >>> image = np.dstack([[[1, 2]], [[10, 20]]])  # one row, two columns, two channels
    >>> conv2d_channels(image, np.ones((1, 1, 2), int))
    array([[11, 22]])
    """
    image, kernel = paired(image, kernel, [(3, 3)], "(H, W, C) and (kh, kw, C)")
    return _correlate(image, kernel, 2, fast, **options)


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
    image, kernels = paired(image, kernels, [(3, 4)], "(H, W, C) and (kh, kw, C, K)")
    count = kernels.shape[3]
    bias = np.zeros(count, int) if bias is None else numbers("bias", bias)
    if bias.shape != (count,):
        raise ValueError(f"bias is {bias.shape}; there are {count} kernels, so give ({count},)")
    if fast:  # all kernels see the same windows
        layout = make_layout(image, kernels[..., 0], 2, **options)
        return np.tensordot(windows(image, kernels[..., 0], layout), kernels, axes=3) + bias
    maps = [conv2d_channels(image, kernels[..., k], **options) for k in range(count)]
    return np.stack(maps, axis=-1) + bias


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
    >>> conv_layer(np.array([[[2], [-2]]]), np.ones((1, 1, 1, 1), int), np.array([1])).ravel()
    array([3, 0])
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
    expected = "(X, Y, Z) and (kx, ky, kz), or both with channels"
    volume, kernel = paired(volume, kernel, [(3, 3), (4, 4)], expected)
    return _correlate(volume, kernel, 3, fast, **options)
