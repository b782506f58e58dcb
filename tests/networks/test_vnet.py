import keras
import numpy as np
import pytest
import tensorflow as tf

from islesedu.networks.losses import combined
from islesedu.networks.vnet import build_vnet

SMALL = {"filters": 2, "kernel_size": 3, "convolutions": (1, 2), "bottom_convolutions": 1}


@pytest.fixture(scope="module")
def small():
    """A network of two levels."""
    keras.utils.set_random_seed(1)
    return build_vnet(**SMALL)


def count_by_hand(channels, f, k, convolutions, bottom):
    """Count weights, biases and slopes level by level, with a pencil's formula."""

    def conv(c_in, c_out, size):
        return c_in * c_out * size**3 + c_out + c_out  # kernel, bias, PReLU slopes

    total = conv(channels, f, k)
    for level, count in enumerate(convolutions):
        c = f * 2**level
        total += count * conv(c, c, k) + conv(c, 2 * c, 2)  # encoder, down
        total += conv(2 * c, c, 2)  # up
        total += conv(2 * c, c, k) + (count - 1) * conv(c, c, k)  # decoder
    c = f * 2 ** len(convolutions)
    return total + bottom * conv(c, c, k) + f + 1


def test_the_original_has_43945969_parameters():
    model = build_vnet()
    assert model.count_params() == 43_945_969 == count_by_hand(6, 16, 5, (1, 2, 3, 3), 3)
    assert sum(np.prod(w.shape) for w in model.trainable_weights) == 43_945_969
    assert model.input_shape == (None, None, None, None, 6)


@pytest.mark.parametrize("filters", [2, 4])
@pytest.mark.parametrize("convolutions", [(1,), (2, 1, 1)])
def test_parameters_follow_the_formula(filters, convolutions):
    model = build_vnet(3, filters, 3, convolutions, 2)
    assert model.count_params() == count_by_hand(3, filters, 3, convolutions, 2)


@pytest.mark.parametrize("size", [(8, 8, 4), (37, 53, 19), (9, 8, 3), (1, 1, 1)])
def test_any_size_comes_back(small, size):
    output = small(np.zeros((1, *size, 6), "float32"))
    assert output.shape == (1, *size, 1)
    assert output.dtype == "float32"
    assert 0 <= float(tf.reduce_min(output)) <= float(tf.reduce_max(output)) <= 1


def test_four_levels_take_odd_sizes():
    model = build_vnet(filters=1, kernel_size=1)
    assert model(np.zeros((1, 37, 53, 19, 6), "float32")).shape == (1, 37, 53, 19, 1)


def test_initial_values_are_the_originals(small):
    for weight in small.weights:
        if weight.path.endswith("bias"):
            assert np.all(weight.numpy() == 1)
        if weight.path.endswith("alpha"):
            assert np.allclose(weight.numpy(), 0.1)
    kernel = small.get_layer("input").kernel.numpy()
    limit = np.sqrt(6 / ((6 + 2) * 27))  # glorot uniform
    assert np.abs(kernel).max() <= limit and np.abs(kernel).max() > 0.9 * limit


def test_slope_and_bias_are_arguments():
    model = build_vnet(**SMALL, initial_bias=0.5, activation_slope=0.25)
    assert np.all(model.get_layer("bottom_conv1").bias.numpy() == 0.5)
    assert np.all(model.get_layer("bottom_conv1_prelu").alpha.numpy() == 0.25)


def test_the_residual_is_added_after_the_activation():
    model = build_vnet(**SMALL, initial_bias=0.0)
    for layer in model.layers:  # every convolution says 0: only what is added gets through
        if "encoder1_conv" in layer.name:
            layer.set_weights([np.zeros_like(w) for w in layer.get_weights()])
    inside = keras.Model(
        model.input, [model.get_layer(n).output for n in ("input_prelu", "encoder1_add")]
    )
    before, after = inside(np.random.default_rng(0).normal(size=(1, 4, 4, 4, 6)))
    np.testing.assert_array_equal(before, after)


def test_every_weight_learns(small):
    image = np.random.default_rng(0).normal(size=(1, 9, 7, 5, 6)).astype("float32")
    truth = (image[..., :1] > 0.5).astype("float32")
    with tf.GradientTape() as tape:
        loss = combined(truth, small(image))
    for weight, gradient in zip(
        small.trainable_weights,
        tape.gradient(loss, [w.value for w in small.trainable_weights]),
        strict=True,
    ):
        assert gradient is not None and np.abs(gradient).max() > 0, weight.path


def test_saved_and_loaded_it_says_the_same(small, tmp_path):
    image = np.random.default_rng(0).normal(size=(1, 5, 6, 7, 6)).astype("float32")
    small.save(tmp_path / "vnet.keras")
    loaded = keras.models.load_model(tmp_path / "vnet.keras", safe_mode=True)
    np.testing.assert_array_equal(small(image), loaded(image))


def test_half_precision_ends_in_float32():
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    try:
        model = build_vnet(**SMALL)
    finally:
        keras.mixed_precision.set_dtype_policy("float32")
    assert model.get_layer("input").compute_dtype == "bfloat16"
    assert model(np.zeros((1, 5, 4, 3, 6), "float32")).dtype == "float32"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"filters": 0}, "filters is 0"),
        ({"channels": 1.5}, "channels is 1.5"),
        ({"convolutions": ()}, r"convolutions is \(\)"),
        ({"convolutions": 3}, "convolutions is 3"),
        ({"convolutions": (1, 0)}, r"convolutions\[1\] is 0"),
        ({"initial_bias": float("nan")}, "initial_bias is nan"),
        ({"activation_slope": None}, "activation_slope is None"),
    ],
)
def test_a_wrong_argument_is_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        build_vnet(**wrong)
