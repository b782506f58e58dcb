import keras
import numpy as np
import pytest

from islesedu.networks.architecture import count_parameters
from islesedu.networks.film import Append, FiLM, ImputeAndScale, factor_change
from islesedu.networks.vnet import build_vnet

SMALL = {"filters": 2, "kernel_size": 3, "convolutions": (1, 2), "bottom_convolutions": 1}
CLINICAL = np.float32([[2, np.nan, 90]])


@pytest.fixture
def image(rng):
    """One volume of six maps."""
    return rng.normal(size=(1, 9, 8, 5, 6)).astype("float32")


def built(**more):
    keras.utils.set_random_seed(1)
    return build_vnet(**SMALL, **more)


def test_gaps_become_the_mean_and_are_marked():
    layer = ImputeAndScale()
    layer.adapt(np.array([[1, 60], [3, np.nan], [2, 120]], float))
    found = np.array(layer(np.float32([[3, np.nan], [np.nan, 105]])))
    np.testing.assert_allclose(found[0], [1 / np.sqrt(2 / 3), 0, 0, 1], rtol=1e-6)
    np.testing.assert_allclose(found[1], [0, 0.5, 1, 0], rtol=1e-6)


def test_values_beyond_the_training_patients_are_held_at_their_ends():
    layer = ImputeAndScale()
    layer.adapt(np.array([[60.0], [120.0]]))
    np.testing.assert_allclose(
        np.array(layer(np.float32([[0], [60], [480], [120]])))[:, 0], [-1, -1, 1, 1]
    )


def test_film_by_hand(rng):
    volume = rng.normal(size=(2, 3, 4, 5, 2)).astype("float32")
    numbers = np.float32([[1, 2, 3], [0, 0, 1]])
    layer = FiLM()
    np.testing.assert_array_equal(np.array(layer([volume, numbers])), volume)  # starts at nothing
    kernel, bias = rng.normal(size=(3, 4)).astype("float32"), np.float32([0.1, 0.2, 0.3, 0.4])
    layer.set_weights([kernel, bias])
    found = np.array(layer([volume, numbers]))
    for patient in range(2):
        g1, g2, b1, b2 = numbers[patient] @ kernel + bias
        np.testing.assert_allclose(
            found[patient, ..., 0], volume[patient, ..., 0] * (1 + g1) + b1, rtol=1e-5, atol=1e-5
        )
        np.testing.assert_allclose(
            found[patient, ..., 1], volume[patient, ..., 1] * (1 + g2) + b2, rtol=1e-5, atol=1e-5
        )


def test_append_repeats_the_numbers_at_every_voxel(rng):
    volume = rng.normal(size=(1, 3, 2, 4, 2)).astype("float32")
    found = np.array(Append()([volume, np.float32([[7, 8, 9]])]))
    assert found.shape == (1, 3, 2, 4, 5)
    np.testing.assert_array_equal(found[..., :2], volume)
    assert (found[..., 2:] == [7, 8, 9]).all()


def test_the_plain_network_is_unchanged():
    assert build_vnet().count_params() == 43_945_969
    assert built().count_params() == built(clinical_features=0, fusion="concat").count_params()


def test_a_film_network_starts_as_the_plain_one(image):
    plain, told = built(), built(clinical_features=3, fusion="film")
    np.testing.assert_array_equal(np.array(plain(image)), np.array(told([image, CLINICAL])))


def test_film_adds_a_dense_layer_for_each_block():
    channels = [2, 4, 8, 4, 2]  # two levels down, the bottom, two levels up
    more = sum((2 * 3 + 1) * 2 * c for c in channels)  # 3 values and 3 flags, factor and term
    told = built(clinical_features=3)
    scale = 4 * 3  # mean, std, low, high: not trained
    assert told.count_params() - built().count_params() == more + scale
    assert sum(int(np.prod(w.shape)) for w in told.non_trainable_weights) == scale


@pytest.mark.parametrize("hidden", [0, 5])
def test_parameters_are_counted_without_building(hidden):
    small = {"convolutions": (1, 1), "bottom_convolutions": 1, "kernel_size": 3}
    counted = count_parameters(2, 2, small | {"film_hidden": hidden}, clinical_features=3)
    model = build_vnet(2, 2, **small, film_hidden=hidden, clinical_features=3)
    assert counted == model.count_params()


def test_a_hidden_layer_bends_what_the_numbers_do(image, tmp_path):
    model = built(clinical_features=1, film_hidden=8)
    numbers = [np.float32([[n]]) for n in (-2, 0, 2)]
    before = np.array(model([image, numbers[0]]))
    np.testing.assert_array_equal(np.array(model([image, numbers[2]])), before)  # starts at nothing
    layer = model.get_layer("bottom_film")
    shapes = [w.shape for w in layer.get_weights()]
    assert shapes == [(2, 8), (8,), (8, 16), (16,)]
    layer.set_weights([np.random.default_rng(1).normal(size=s).astype("float32") for s in shapes])
    low, mid, high = (
        np.array(layer([np.ones((1, 1, 1, 1, 8)), np.float32([[n, 0]])])) for n in (-2, 0, 2)
    )
    assert not np.allclose(mid, (low + high) / 2, atol=1e-3)  # without it, g and b are linear
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        np.array(again([image, numbers[2]])), np.array(model([image, numbers[2]]))
    )


def test_concatenation_widens_one_kernel():
    more = 3**3 * 6 * 8  # 3 values and 3 flags, into the bottom's 8 channels
    told = built(clinical_features=3, fusion="concat")
    trained = sum(int(np.prod(w.shape)) for w in told.trainable_weights)
    assert trained - built().count_params() == more


@pytest.mark.parametrize("fusion", ["film", "concat"])
def test_any_size_gaps_and_a_file(fusion, image, tmp_path):
    model = built(clinical_features=3, fusion=fusion)
    model.get_layer("clinical_scale").adapt(np.array([[0, 50, 20], [4, 300, 200]], float))
    for layer in model.layers:
        if isinstance(layer, FiLM):
            layer.set_weights([w + 0.1 for w in layer.get_weights()])
    answer = np.array(model([image, CLINICAL]))
    assert answer.shape == (1, 9, 8, 5, 1) and np.isfinite(answer).all()
    assert not np.allclose(answer, np.array(model([image, np.float32([[4, 60, 20]])])))
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(np.array(again([image, CLINICAL])), answer)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"clinical_features": -1}, "clinical_features is -1"),
        ({"clinical_features": True}, "clinical_features is True"),
        ({"clinical_features": 2.5}, "clinical_features is 2.5"),
        ({"clinical_features": 3, "film_hidden": -1}, "film_hidden is -1"),
        ({"clinical_features": 3, "fusion": "glue"}, "choose one of film, concat"),
    ],
)
def test_arguments_that_make_no_sense(arguments, message):
    with pytest.raises(ValueError, match=message):
        built(**arguments)


def test_the_factor_changes_by_what_the_weights_say():
    model = built(clinical_features=2, fusion="film", film_hidden=3)
    assert set(factor_change(model, [0, 60], [4, 60]).values()) == {0.0}
    layer = model.get_layer("bottom_film")
    hidden = np.zeros((4, 3))
    hidden[0, 0] = 1  # the first unit is the scaled TICI
    layer.hidden.set_weights([hidden, np.zeros(3)])
    kernel = np.zeros(layer.dense.kernel.shape)
    kernel[0, :] = 0.1
    layer.dense.set_weights([kernel, np.zeros(kernel.shape[1])])
    change = factor_change(model, [0, 60], [4, 60])
    assert change.pop("bottom") == pytest.approx(0.4) and set(change.values()) == {0.0}
    with pytest.raises(ValueError, match="no FiLM"):
        factor_change(built(clinical_features=2, fusion="concat"), [0, 60], [4, 60])
