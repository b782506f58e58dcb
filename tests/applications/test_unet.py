import numpy as np
import pytest

from islesedu import data_folder
from islesedu.applications import make_labelled_brain, random_contrast
from islesedu.applications.unet import build_unet, load_unet
from islesedu.errors import IslesError
from islesedu.metrics import dice
from islesedu.training import standardize


def test_probabilities_sum_to_one(rng):
    network = build_unet(3, filters=2)
    output = np.asarray(network(rng.random((1, 16, 24, 1))))
    assert output.shape == (1, 16, 24, 3)
    np.testing.assert_allclose(output.sum(axis=-1), 1, rtol=1e-5)


def test_the_shipped_weights_segment_a_contrast_that_they_have_not_seen(rng):
    network = load_unet(data_folder("synthesis") / "network.weights.h5")
    head = make_labelled_brain(3)
    image = random_contrast(head.shares[:, :, 2], head.spacing[:2], rng)
    predicted = network.predict(standardize(image[..., None])[None], verbose=0)[0].argmax(axis=-1)
    scores = [dice(predicted == n, head.labels[:, :, 2] == n) for n in (1, 2, 3)]
    assert min(scores) > 0.5, scores


def test_missing_weights_say_what_makes_them(tmp_path):
    with pytest.raises(IslesError, match="synthesis"):
        load_unet(tmp_path / "none.weights.h5")
