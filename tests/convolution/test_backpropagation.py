import json

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from islesedu.convolution import backpropagation as b
from islesedu.convolution.forward import conv2d_bank, conv_layer


def draw(rng, size=(5, 6), kernel=(3, 2), channels=2, filters=3):
    return (
        rng.normal(size=(*size, channels)),
        rng.normal(size=(*kernel, channels, filters)),
        rng.normal(size=filters),
    )


def automatic(image, kernels, bias, upstream, relu, stride, padding):
    """Return TensorFlow's gradients of sum(upstream * layer)."""
    image, kernels, bias = (tf.Variable(array, dtype="float64") for array in (image, kernels, bias))
    up, left = padding
    with tf.GradientTape() as tape:
        padded = tf.pad(image[None], [(0, 0), (up, up), (left, left), (0, 0)])
        z = tf.nn.conv2d(padded, kernels, stride, "VALID")[0] + bias
        loss = tf.reduce_sum(upstream * (tf.nn.relu(z) if relu else z))
    return [gradient.numpy() for gradient in tape.gradient(loss, [image, kernels, bias])]


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 3),
    st.tuples(st.integers(0, 2), st.integers(0, 2)),
    st.booleans(),
    st.integers(0, 2**31),
)
def test_equal_to_automatic_differentiation(stride, padding, relu, seed):
    """Without dilation, of which TensorFlow has no gradient on a CPU."""
    rng = np.random.default_rng(seed)
    image, kernels, bias = draw(rng)
    options = {"stride": stride, "padding": padding}
    upstream = rng.normal(size=conv2d_bank(image, kernels, bias, **options).shape)
    ours = b.backward(image, kernels, bias, upstream, relu=relu, **options)
    theirs = automatic(image, kernels, bias, upstream, relu, **options)
    for own, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(own, other, atol=1e-10)


def test_equal_to_differences_with_everything_at_once(rng):
    image, kernels, bias = draw(rng, (6, 7), (2, 2), 1, 2)
    options = {"stride": (1, 2), "padding": (0, 1), "dilation": (2, 1)}
    upstream = rng.normal(size=conv_layer(image, kernels, bias, **options).shape)
    gradients = b.backward(image, kernels, bias, upstream, **options)
    step = 1e-6
    for array, gradient in zip((image, kernels, bias), gradients, strict=True):
        for place in np.ndindex(array.shape):
            losses = []
            for nudge in (step, -2 * step):
                array[place] += nudge
                losses.append((upstream * conv_layer(image, kernels, bias, **options)).sum())
            array[place] += step
            assert (losses[0] - losses[1]) / (2 * step) == pytest.approx(gradient[place], abs=1e-6)


def test_what_relu_cut_off_has_gradient_zero(rng):
    image, kernels, bias = np.abs(draw(rng)[0]), -np.abs(draw(rng)[1]), np.zeros(3)
    gradients = b.backward(image, kernels, bias, np.ones((3, 5, 3)))
    assert not any(gradient.any() for gradient in gradients)


def test_upstream_of_another_shape_is_refused(rng):
    image, kernels, bias = draw(rng)
    with pytest.raises(ValueError, match=r"output is \(3, 5, 3\) and upstream \(3, 5\)"):
        b.backward(image, kernels, bias, np.ones((3, 5)))


def test_forward_values_of_cs231n():
    """Expected values of the course's second assignment (MIT licence), channels first."""
    expected = [
        [
            [[-0.08759809, -0.10987781], [-0.18387192, -0.2109216]],
            [[0.21027089, 0.21661097], [0.22847626, 0.23004637]],
            [[0.50813986, 0.54309974], [0.64082444, 0.67101435]],
        ],
        [
            [[-0.98053589, -1.03143541], [-1.19128892, -1.24695841]],
            [[0.69108355, 0.66880383], [0.59480972, 0.56776003]],
            [[2.36270298, 2.36904306], [2.38090835, 2.38247847]],
        ],
    ]
    images = np.linspace(-0.1, 0.5, 96).reshape(2, 3, 4, 4).transpose(0, 2, 3, 1)
    kernels = np.linspace(-0.2, 0.3, 144).reshape(3, 3, 4, 4).transpose(2, 3, 1, 0)
    bias = np.linspace(-0.1, 0.2, 3)
    for image, wanted in zip(images, expected, strict=True):
        ours = conv2d_bank(image, kernels, bias, stride=2, padding=1).transpose(2, 0, 1)
        np.testing.assert_allclose(ours, wanted, atol=1e-8)


def test_five_draws_of_the_cs231n_demo(shared):
    demo = json.loads((shared / "reference" / "cs231n_conv_demo.json").read_text())
    for case in demo["cases"]:
        image = np.array(case["x_padded_CHW"]).transpose(1, 2, 0)
        kernels = np.array(case["w_KCHW"]).transpose(2, 3, 1, 0)
        ours = conv2d_bank(image, kernels, np.array(case["b_K"]), stride=2)
        np.testing.assert_array_equal(ours.transpose(2, 0, 1), case["out_KHW"])
