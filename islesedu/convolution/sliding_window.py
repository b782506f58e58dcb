"""The positions of a kernel on an image: windows, products and their sums, one by one or all."""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from islesedu.convolution.shapes import Layout, Numbers, check, misfit, numbers, output_shape, pad


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
