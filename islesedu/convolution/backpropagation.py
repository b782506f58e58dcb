"""Backpropagation through a convolution layer: gradients of the loss.

Training needs the partial derivative of the loss with respect to every pixel, weight and bias of a
layer. The upstream gradient is the derivative with respect to the layer's output; by the chain rule
it gives the gradients with respect to image, kernels and bias.
"""

from typing import NamedTuple

import numpy as np

from islesedu.convolution.forward import conv2d_bank
from islesedu.convolution.shapes import Numbers, make_layout, numbers, pad
from islesedu.convolution.sliding_window import walk


class Gradients(NamedTuple):
    """Partial derivatives of the loss.

    Attributes
    ----------
    image : ndarray, (H, W, C)
        With respect to each pixel: the upstream gradient of the layer before.
    kernels : ndarray, (kh, kw, C, K)
        With respect to each weight.
    bias : ndarray, (K,)
        With respect to each bias.
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
    image, kernels, bias : ndarray, (H, W, C), (kh, kw, C, K) and (K,)
        Input, weights and biases of the layer.
    upstream : ndarray, (H', W', K)
        Upstream gradient: derivative of the loss with respect to each number of the output.
    relu : bool
        Whether the layer ends with relu; False gives the gradients of `conv2d_bank`.
    **options
        stride, padding, dilation, as in `islesedu.convolution`.

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
        raise ValueError(f"output is {z.shape} and upstream {upstream.shape}; make them the same")
    if relu:
        upstream = upstream * (z > 0)  # the slope of relu: 0 where z was cut off, 1 elsewhere
    layout = make_layout(image, kernels[..., 0], 2, **options)
    to_image = np.zeros_like(pad(image, layout.padding), dtype=float)
    to_kernels = np.zeros(kernels.shape)
    for k in range(kernels.shape[3]):
        kernel = kernels[..., k]
        for step in walk(image, kernel, layout):
            gradient = upstream[(*step.position, k)]
            # each pixel and each weight sums over all positions that it took part in
            to_image[layout.under(kernel, step.corner)] += gradient * kernel
            to_kernels[..., k] += gradient * step.window
    up, left = layout.padding
    inner = to_image[up : up + image.shape[0], left : left + image.shape[1]]
    return Gradients(inner, to_kernels, upstream.sum(axis=(0, 1)))
