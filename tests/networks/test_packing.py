"""Packed convolution against Keras' own: outputs, gradients, weights after training steps."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from islesedu.networks import blocks, losses, packing, vnet
from islesedu.networks.packing import Conv3D, packed_convolution


def results(operation, volume, kernel):
    """Return the output, and the gradients of a loss that weighs every voxel differently."""
    with tf.GradientTape() as tape:
        tape.watch([volume, kernel])
        output = operation(volume, kernel)
        weights = np.random.default_rng(1).normal(size=output.shape)
        loss = tf.reduce_sum(output * weights)
    return output, *tape.gradient(loss, (volume, kernel))


@pytest.mark.parametrize("slices", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("size", [(5, 4, 1), (3, 6, 4), (6, 5, 11)])
@pytest.mark.parametrize("kernel_size", [(5, 5, 5), (3, 1, 7), (1, 5, 1)])
def test_outputs_and_gradients_are_those_of_the_plain_convolution(slices, size, kernel_size):
    rng = np.random.default_rng(0)
    volume = tf.constant(rng.normal(size=(2, *size, 3)))  # float64: a difference is a mistake
    kernel = tf.constant(rng.normal(size=(*kernel_size, 3, 2)))
    packed = results(lambda v, k: packed_convolution(v, k, slices), volume, kernel)
    plain = results(lambda v, k: tf.nn.conv3d(v, k, (1,) * 5, "SAME"), volume, kernel)
    for found, expected in zip(packed, plain, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("filters", "how", "expected"),
    [
        (4, {}, True),
        (3, {"kernel_size": (1, 3, 7)}, True),
        (8, {}, False),
        (4, {"kernel_size": 3}, False),
        (4, {"kernel_size": (5, 5, 4)}, False),
        (4, {"strides": 2}, False),
        (4, {"dilation_rate": 2}, False),
        (4, {"padding": "valid"}, False),
        (4, {"groups": 2}, False),
    ],
)
def test_only_few_channels_are_packed_and_every_layer_computes_what_keras_does(
    filters, how, expected, monkeypatch
):
    calls = []
    original = packing.packed_convolution
    monkeypatch.setattr(packing, "packed_convolution", lambda *a: calls.append(1) or original(*a))
    how = {"kernel_size": 5, "padding": "same", "activation": "relu"} | how
    ours, theirs = Conv3D(filters, **how), keras.layers.Conv3D(filters, **how)
    volume = np.random.default_rng(0).normal(size=(1, 9, 8, 7, 4)).astype("float32")
    theirs.build(volume.shape)
    ours.build(volume.shape)
    ours.set_weights(theirs.get_weights())
    np.testing.assert_allclose(ours(volume), theirs(volume), rtol=1e-4, atol=1e-5)
    assert bool(calls) == expected


def test_a_machine_with_an_accelerator_computes_the_plain_way(monkeypatch):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["a GPU"])
    assert not Conv3D(4, 5, padding="same")._packs()


def test_weights_after_training_steps_are_those_of_the_plain_network(monkeypatch, tmp_path):
    rng = np.random.default_rng(0)
    image = rng.normal(size=(1, 21, 18, 7, 6)).astype("float32")
    lesion = (rng.random((1, 21, 18, 7, 1)) < 0.1).astype("float32")
    models = []
    for layer in (Conv3D, keras.layers.Conv3D):
        monkeypatch.setattr(blocks, "Conv3D", layer)
        keras.utils.set_random_seed(1)
        model = vnet.build_vnet(filters=4, convolutions=(1, 2), bottom_convolutions=1)
        model.compile("adagrad", loss=losses.combined, jit_compile=False)
        for _ in range(3):
            model.train_on_batch(image, lesion)
        models.append(model)
    packed, plain = models
    assert [weight.path for weight in packed.weights] == [weight.path for weight in plain.weights]
    for found, expected in zip(packed.get_weights(), plain.get_weights(), strict=True):
        assert np.abs(found - expected).max() <= 1e-4 * np.abs(expected).max()
    packed.save(tmp_path / "packed.keras")
    again = keras.models.load_model(tmp_path / "packed.keras")
    np.testing.assert_array_equal(again(image), packed(image))
    assert isinstance(again.get_layer("input"), Conv3D)


def test_half_precision_is_packed_too():
    layer = Conv3D(4, 5, padding="same", dtype="mixed_bfloat16")
    volume = np.ones((1, 6, 6, 6, 2), "float32")
    assert layer(volume).dtype == "bfloat16"
