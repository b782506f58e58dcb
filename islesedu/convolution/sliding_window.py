"""The positions of a kernel on an image: windows, products and their sums, one by one or all."""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from islesedu.convolution.shapes import Layout, Numbers, make_layout, pad, paired


class Step(NamedTuple):
    """One position of the sliding window.

    Attributes
    ----------
    position : tuple of int
        Index of the sum in the output, such as (row, column).
    corner : tuple of int
        Index of the kernel's first tap in the padded image.
    window, products : ndarray, shape of the kernel
        The numbers under the kernel, and window times kernel.
    total : number
        Sum of the products.
    """

    position: tuple[int, ...]
    corner: tuple[int, ...]
    window: np.ndarray
    products: np.ndarray
    total: float


def steps(image: np.ndarray, kernel: np.ndarray, **options: Numbers) -> Iterator[Step]:
    """Return an iterator over the positions of a kernel on an image, row by row.

    (H, W) x (kh, kw) or (H, W, C) x (kh, kw, C). Options and errors as in `conv2d`.

    Examples
    --------
    >>> for step in steps(np.array([[1, 2, 3]]), np.array([[1, -1]])):
    ...     print(step.position, step.products.tolist(), step.total)
    (0, 0) [[1, -2]] -1
    (0, 1) [[2, -3]] -1
    """
    expected = "(H, W) and (kh, kw), or both with channels"
    image, kernel = paired(image, kernel, [(2, 2), (3, 3)], expected)
    return walk(image, kernel, make_layout(image, kernel, 2, **options))


def walk(image: np.ndarray, kernel: np.ndarray, layout: Layout) -> Iterator[Step]:
    """Yield the steps of a kernel that is known to fit.

    Examples
    --------
    >>> image, kernel = np.array([[1, 2, 3]]), np.array([[1, 1]])
    >>> [int(step.total) for step in walk(image, kernel, make_layout(image, kernel, 2))]
    [3, 5]
    """
    padded = pad(image, layout.padding)
    for position in itertools.product(*map(range, layout.output_shape(image, kernel))):
        corner = tuple(p * s for p, s in zip(position, layout.stride, strict=True))
        window = padded[layout.under(kernel, corner)]
        products = window * kernel
        yield Step(position, corner, window, products, products.sum())


def windows(image: np.ndarray, kernel: np.ndarray, layout: Layout) -> np.ndarray:
    """Return all windows at once, as a view: (H', W', kh, kw) or (H', W', kh, kw, C).

    Examples
    --------
    >>> image, kernel = np.array([[1, 2, 3]]), np.array([[1, 1]])
    >>> windows(image, kernel, make_layout(image, kernel, 2)).tolist()
    [[[[1, 2]], [[2, 3]]]]
    """
    axes = len(layout.stride)
    padded = pad(image, layout.padding)
    view = sliding_window_view(padded, layout.span(kernel), axis=tuple(range(axes)))
    if image.ndim > axes:
        view = np.moveaxis(view, axes, -1)  # (H', W', C, kh, kw) -> (H', W', kh, kw, C)
    every = tuple(slice(None, None, n) for n in (*layout.stride, *layout.dilation))
    return view[every]
