import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from islesedu import losses

ALL = [losses.cross_entropy, losses.soft_dice, losses.combined]


def test_four_voxels_by_hand():
    y, p = [1.0, 0.0, 0.0, 0.0], [0.5, 0.5, 0.25, 0.0]
    entropy = (np.log(2) + np.log(2) - np.log(0.75) + 0) / 4
    assert float(losses.cross_entropy(y, p)) == pytest.approx(entropy, abs=1e-6)
    assert float(losses.soft_dice(y, p)) == pytest.approx(-2 * 0.5 / (1.25 + 1), abs=1e-6)
    assert float(losses.combined(y, p)) == pytest.approx(entropy - 1 / 2.25, abs=1e-6)


def test_cross_entropy_is_keras(rng):
    y, p = (rng.random((1, 4, 5, 3, 1)) > 0.7).astype("float32"), rng.random((1, 4, 5, 3, 1))
    theirs = keras.losses.BinaryCrossentropy()(y, p)
    assert float(losses.cross_entropy(y, p)) == pytest.approx(float(theirs), rel=1e-5)


@pytest.mark.parametrize("loss", ALL)
def test_logits_and_probabilities_agree(loss, rng):
    y = (rng.random((2, 6)) > 0.5).astype("float32")
    z = rng.normal(0, 2, (2, 6)).astype("float32")
    p = 1 / (1 + np.exp(-z))
    assert float(loss(y, z, from_logits=True)) == pytest.approx(float(loss(y, p)), abs=1e-5)


@pytest.mark.parametrize("loss", ALL)
@pytest.mark.parametrize("truth", [[0, 0, 0], [1, 0, 1], [1, 1, 1]])
@pytest.mark.parametrize("prediction", [[0, 0, 0], [1, 1, 1], [0, 1, 0], [0.5, 0.5, 0.5]])
def test_value_and_gradient_are_finite_at_the_edges(loss, truth, prediction):
    p = tf.Variable(prediction, dtype=tf.float32)
    with tf.GradientTape() as tape:
        value = loss(tf.constant(truth, tf.float32), p)
    assert np.isfinite(value.numpy())
    assert np.isfinite(tape.gradient(value, p).numpy()).all()


@pytest.mark.parametrize("loss", ALL)
def test_gradient_is_the_numeric_one(loss, rng):
    y = (rng.random(8) > 0.6).astype("float32")
    p = rng.uniform(0.2, 0.8, 8).astype("float32")
    with tf.GradientTape() as tape:
        tape.watch(x := tf.constant(p))
        value = loss(y, x)
    step = 1e-2 * np.eye(8, dtype="float32")
    numeric = [(float(loss(y, p + e)) - float(loss(y, p - e))) / 2e-2 for e in step]
    np.testing.assert_allclose(tape.gradient(value, x), numeric, atol=2e-3)


def test_soft_dice_lies_between_minus_one_and_zero():
    assert float(losses.soft_dice([1.0, 0.0], [1.0, 0.0])) == -1
    assert float(losses.soft_dice([1.0, 0.0], [0.0, 1.0])) == 0
    assert float(losses.soft_dice([0.0, 0.0], [0.3, 0.0])) == 0
    assert float(losses.soft_dice([0.0, 0.0], [0.0, 0.0])) == 0


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("loss", ALL)
def test_half_precision_still_counts_every_voxel(loss, dtype):
    # 200,000 voxels: float16 would overflow at 65,504, bfloat16 stop counting at 256
    y = np.zeros(200_000, "float32")
    y[:100_000] = 1
    exact = float(loss(y, np.full_like(y, 0.25)))
    halved = float(loss(tf.cast(y, dtype), tf.cast(np.full_like(y, 0.25), dtype)))
    assert halved == pytest.approx(exact, rel=1e-3)


def test_losses_agree_with_soft_dice_of_other_projects():
    # MONAI 1.5 DiceLoss, test case 0: sigmoid of +-1 against [[1, 0], [1, 1]] gives 0.307576
    z = np.array([[1.0, -1.0], [-1.0, 1.0]], "float32")
    y = np.array([[1.0, 0.0], [1.0, 1.0]], "float32")
    assert 1 + float(losses.soft_dice(y, z, from_logits=True)) == pytest.approx(0.307576, abs=1e-5)


@pytest.mark.parametrize("loss", ALL)
def test_a_loss_can_be_saved_with_a_model(loss):
    assert keras.losses.deserialize(keras.losses.serialize(loss)) is loss


def test_soft_dice_is_monais_and_keras_written_in_shared(shared):
    cases = json.loads((shared / "reference" / "losses.json").read_text())["cases"]
    by_id = {case["id"]: case for case in cases}
    one = by_id["monai.DiceLoss.0"]  # one image of one channel: the batch is the image
    dice = losses.soft_dice(one["target"], one["input"], from_logits=True)
    assert 1 + float(dice) == pytest.approx(one["expected_literal"], abs=1e-5)
    binary = by_id["keras.Dice.test_binary_segmentation"]  # the whole batch at once
    dice = losses.soft_dice(binary["y_true"], binary["y_pred"])
    assert 1 + float(dice) == pytest.approx(binary["expected_literal"], abs=1e-6)
    for image in (0, 1):
        each = by_id["keras.Dice.test_binary_segmentation_with_axis"]
        dice = losses.soft_dice(each["y_true"][image], each["y_pred"][image])
        assert 1 + float(dice) == pytest.approx(each["expected_literal"][image], abs=1e-6)


def test_combined_is_monais_dice_and_binary_cross_entropy(shared):
    cases = json.loads((shared / "reference" / "losses.json").read_text())["cases"]
    case = next(case for case in cases if case["id"] == "monai.DiceLoss.0")
    logits, truth = np.array(case["input"]), np.array(case["target"])
    entropy = np.log1p(np.exp(-logits * (2 * truth - 1))).mean()
    value = 1 + float(losses.combined(truth, logits, from_logits=True))
    assert value == pytest.approx(case["expected_literal"] + entropy, abs=1e-5)


@pytest.mark.parametrize("loss", ALL)
def test_shapes_that_would_broadcast_are_refused(loss):
    with pytest.raises(ValueError, match=r"y_true has shape \(1, 3\), y_pred \(1, 3, 1\)"):
        loss(np.ones((1, 3)), np.ones((1, 3, 1)))
    with pytest.raises(ValueError, match="one shape"):
        loss(np.ones((1, 3)), np.ones((1, 1)))


@pytest.mark.parametrize("loss", ALL)
def test_a_loss_trains_a_model(loss):
    x = np.linspace(-1, 1, 8, dtype="float32").reshape(1, 2, 2, 2, 1)
    y = (x > 0).astype("float32")
    image = keras.Input((None, None, None, 1))
    model = keras.Model(image, keras.layers.Conv3D(1, 1, activation="sigmoid")(image))
    model.compile(keras.optimizers.SGD(1.0), loss=loss, jit_compile=False)
    history = model.fit(x, y, epochs=5, verbose=0).history["loss"]
    assert history[-1] < history[0]
