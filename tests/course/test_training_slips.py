import keras
import numpy as np
import pytest

from islesedu.course import training_slips as slips


def test_adagrad_is_that_of_keras(rng):
    w, gradients = rng.normal(size=5), rng.normal(size=(6, 5))
    weights = keras.Variable(w)
    optimizer = keras.optimizers.Adagrad(0.03, initial_accumulator_value=0.1)
    for gradient in gradients:
        optimizer.apply_gradients([(keras.ops.convert_to_tensor(gradient, "float32"), weights)])
    own = slips.adagrad(w, gradients, 0.03)
    np.testing.assert_allclose(own, keras.ops.convert_to_numpy(weights), rtol=1e-5)


@pytest.mark.parametrize("patience", [1, 2, 5])
def test_early_stopping_is_that_of_keras(patience, rng):
    values = rng.random(8).tolist()
    callback = keras.callbacks.EarlyStopping("val_dice", mode="max", patience=patience)
    callback.set_model(model := keras.Sequential([keras.Input((1,))]))
    model.stop_training = False
    callback.on_train_begin()
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {"val_dice": value})
        if model.stop_training:
            break
    assert slips.early_stopping(values, patience) == (callback.best_epoch + 1, epoch + 1)


def test_no_slip_is_right(rng):
    pairs = [
        (slips.adagrad, slips.adagrad_slips, (rng.normal(size=2), rng.normal(size=(3, 2)), 0.1)),
        (slips.early_stopping, slips.early_stopping_slips, ([0.1, 0.3, 0.2, 0.1, 0.4], 2)),
        (slips.paired_interval, slips.paired_interval_slips, (rng.random(6), rng.random(6))),
    ]
    for right, wrong, arguments in pairs:
        for sentence, result in wrong(*arguments).items():
            if right is not slips.early_stopping:
                assert not np.allclose(result, right(*arguments)), sentence
            assert np.shape(result) == np.shape(right(*arguments))
