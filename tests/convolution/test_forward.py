import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from islesedu import convolution as c


@pytest.mark.parametrize("fast", [False, True])
def test_a_small_one_by_hand(fast):
    image, kernel = np.array([[1, 2, 0], [0, 1, 3], [2, 0, 1]]), np.array([[1, -1], [2, 0]])
    # 1 - 2 + 0, 2 - 0 + 2; 0 - 1 + 4, 1 - 3 + 0
    assert c.conv2d(image, kernel, fast=fast).tolist() == [[-1, 4], [3, -2]]


@pytest.mark.parametrize("fast", [False, True])
def test_the_kernel_is_not_flipped(fast, rng):
    image, kernel = rng.normal(size=(7, 8)), rng.normal(size=(3, 2))
    ours = c.conv2d(image, kernel, fast=fast)
    np.testing.assert_allclose(ours, signal.correlate(image, kernel, "valid"), atol=1e-12)
    flipped = c.conv2d(image, kernel[::-1, ::-1], fast=fast)
    np.testing.assert_allclose(flipped, signal.convolve(image, kernel, "valid"), atol=1e-12)


layouts = st.fixed_dictionaries(
    {
        "stride": st.integers(1, 3) | st.tuples(st.integers(1, 3), st.integers(1, 3)),
        "padding": st.integers(0, 2) | st.tuples(st.integers(0, 2), st.integers(0, 2)),
        "dilation": st.integers(1, 2),
    }
)


@settings(max_examples=80, deadline=None)
@given(
    st.tuples(*[st.integers(5, 9)] * 2),
    st.tuples(*[st.integers(1, 3)] * 2),
    st.integers(1, 3),
    layouts,
    st.integers(0, 2**31),
)
def test_loops_and_fast_path_are_one(size, kernel_size, channels, layout, seed):
    rng = np.random.default_rng(seed)
    image = rng.integers(-9, 9, (*size, channels))
    kernel = rng.integers(-3, 3, (*kernel_size, channels))
    slow, fast = (c.conv2d_channels(image, kernel, fast=f, **layout) for f in (False, True))
    np.testing.assert_array_equal(slow, fast)
    totals = [step.total for step in c.steps(image, kernel, **layout)]
    np.testing.assert_array_equal(np.reshape(totals, slow.shape), slow)
    one = image[..., 0], kernel[..., 0]
    np.testing.assert_array_equal(c.conv2d(*one, **layout), c.conv2d(*one, fast=True, **layout))


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_a_bank_is_keras_conv2d(fast, stride, rng):
    image, bank = rng.normal(size=(9, 8, 3)), rng.normal(size=(3, 2, 3, 4))
    bias = rng.normal(size=4)
    layer = keras.layers.Conv2D(4, (3, 2), strides=stride, activation="relu")
    layer.build((None, 9, 8, 3))
    layer.set_weights([bank, bias])
    theirs = layer(image[None].astype("float32"))[0]
    ours = c.conv_layer(image, bank, bias, stride=stride, fast=fast)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_shapes_of_the_second_slide():
    image = np.ones((6, 6, 3), int)
    assert c.conv2d_channels(image, np.ones((3, 3, 3), int)).shape == (4, 4)
    assert c.conv2d_bank(image, np.ones((3, 3, 3, 2), int)).shape == (4, 4, 2)


@pytest.mark.parametrize("fast", [False, True])
def test_three_dimensions_are_scipys(fast, rng):
    volume, kernel = rng.normal(size=(6, 5, 4)), rng.normal(size=(3, 2, 2))
    np.testing.assert_allclose(
        c.conv3d(volume, kernel, fast=fast), signal.correlate(volume, kernel, "valid"), atol=1e-12
    )
    channels, deep = np.stack([volume, -volume], -1), np.stack([kernel, kernel], -1)
    np.testing.assert_allclose(c.conv3d(channels, deep, fast=fast), 0, atol=1e-12)
    assert c.conv3d(volume, kernel, stride=(2, 1, 2), padding=1, fast=fast).shape == (3, 6, 3)


def test_dilation_leaves_gaps():
    image = np.arange(7)[None]
    assert c.conv2d(image, np.array([[1, 0, 1]]), dilation=(1, 3)).tolist() == [[6]]
    assert [s.window.tolist() for s in c.steps(image, np.ones((1, 2), int), dilation=(1, 6))] == [
        [[0, 6]]
    ]


def test_small_integers_do_not_overflow():
    image = np.full((3, 3), 200, np.uint8)
    assert c.conv2d(image, np.ones((3, 3), np.uint8)) == [[1800]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: c.conv2d(np.ones((4, 4)), np.ones((2, 2)), stride=0), "stride is 0"),
        (lambda: c.conv2d(np.ones((4, 4)), np.ones((2, 2)), padding=-1), "padding is -1"),
        (lambda: c.conv2d(np.ones((4, 4)), np.ones((2, 2)), dilation=1.5), "dilation is 1.5"),
        (lambda: c.conv2d(np.ones((4, 4)), np.ones((2, 2)), stride=(1, 1, 1)), "or 2, from 1"),
        (lambda: c.conv2d(np.ones((4, 4)), np.ones((5, 5))), r"\(4, 4\) and kernel \(5, 5\)"),
        (lambda: c.conv2d(np.ones((4, 4, 1)), np.ones((2, 2))), r"\(4, 4, 1\) and kernel \(2, 2\)"),
        (
            lambda: c.conv2d_channels(np.ones((4, 4, 3)), np.ones((2, 2, 2))),
            r"\(4, 4, 3\) and kernel \(2, 2, 2\); expected as many channels",
        ),
        (lambda: c.conv2d(np.full((4, 4), np.nan), np.ones((2, 2))), r"image of .* holds NaN"),
        (lambda: c.conv2d(np.array([["a"]]), np.ones((1, 1))), "image holds <U1"),
        (lambda: c.conv2d_bank(np.ones((4, 4, 1)), np.ones((2, 2, 1, 3)), [1, 2]), r"bias is \(2,"),
        (lambda: c.conv3d(np.ones((4, 4)), np.ones((2, 2))), r"\(4, 4\) and kernel \(2, 2\)"),
        (lambda: c.steps(np.ones((4, 4)), np.ones((5, 5))), r"fits into the padded image"),
        (lambda: c.conv2d(np.ones((4, 4)), np.ones((0, 2))), r"kernel \(0, 2\)"),
    ],
)
def test_what_does_not_fit_is_said_with_both_shapes(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_unknown_option_is_named():
    with pytest.raises(TypeError, match="unknown option 'strides'"):
        c.conv3d(np.ones((3, 3, 3)), np.ones((1, 1, 1)), strides=2)
