"""The way back through a convolution layer: by how much each number is to blame for the loss.

Training asks for each number of a layer how the loss would change if that number grew a little.
The answer comes from behind: ``upstream`` is that change for every number of the layer's output,
and the chain rule hands it on to image, kernels and bias.
"""

from typing import NamedTuple

import numpy as np

from islesedu.convolution.forward import conv2d_bank
from islesedu.convolution.shapes import Numbers, check, misfit, numbers, pad, with_defaults
from islesedu.convolution.sliding_window import walk


class Gradients(NamedTuple):
    """Derivatives of the loss.

    Attributes
    ----------
    image : ndarray, (H, W, C)
        For the layer before.
    kernels : ndarray, (kh, kw, C, K)
        To learn from.
    bias : ndarray, (K,)
        To learn from.
    """

    image: np.ndarray
    kernels: np.ndarray
    bias: np.ndarray


def backward(
    image: np.ndarray,
    kernels: np.ndarray,
    bias: np.ndarray,
    upstream: np.ndarray,
    *,
    relu: bool = True,
    **options: Numbers,
) -> Gradients:
    """Return the gradients of `islesedu.convolution.conv_layer`.

    Parameters
    ----------
    image : ndarray, (H, W, C)
        What went into the layer.
    kernels : ndarray, (kh, kw, C, K)
        The filters.
    bias : ndarray, (K,)
        One number a filter.
    upstream : ndarray, (H', W', K)
        Derivative of the loss by each number of the output.
    relu : bool
        Whether the layer ends with relu; False gives the gradients of `conv2d_bank`.
    **options
        stride, padding, dilation, as in `islesedu.convolution`.

    Raises
    ------
    ValueError
        Shapes that do not fit each other.

    Examples
    --------
    >>> image, kernels = np.array([[[2.0], [3.0]]]), np.array([[[[5.0]]]])
    >>> back = backward(image, kernels, np.array([0.0]), np.array([[[1.0], [10.0]]]))
    >>> back.image.ravel(), back.kernels.ravel(), back.bias
    (array([ 5., 50.]), array([32.]), array([11.]))
    """
    z = conv2d_bank(image, kernels, bias, fast=True, **options)
    image, kernels = numbers("image", image), numbers("kernels", kernels)
    upstream = numbers("upstream", upstream).astype(float)
    if upstream.shape != z.shape:
        raise ValueError(misfit(z, upstream, "the same shape", ("output", "upstream")))
    if relu:
        upstream = upstream * (z > 0)  # what was cut off at 0 has no say
    layout = check(image, kernels[..., 0], 2, **with_defaults(options))
    to_image = np.zeros_like(pad(image, layout.padding), dtype=float)
    to_kernels = np.zeros(kernels.shape)
    down, right = layout.dilation
    for k in range(kernels.shape[3]):
        for step in walk(image, kernels[..., k], layout):
            blame = upstream[(*step.position, k)]
            row, column = step.corner
            under = to_image[row:, column:][::down, ::right][: kernels.shape[0], : kernels.shape[1]]
            under += blame * kernels[..., k]  # a view: each pixel collects from all places
            to_kernels[..., k] += blame * step.window  # each number collects from all places
    up, left = layout.padding
    inner = to_image[up : up + image.shape[0], left : left + image.shape[1]]
    return Gradients(inner, to_kernels, upstream.sum(axis=(0, 1)))
