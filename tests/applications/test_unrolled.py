import numpy as np
import pytest

from islesedu import data_folder
from islesedu.applications import make_labelled_brain
from islesedu.applications.parallel_imaging import measure_coils, simulate_scan, zero_filled
from islesedu.applications.reconstruction import choose_lines, psnr
from islesedu.applications.unrolled import (
    GradientStep,
    build_unrolled,
    inputs_of,
    load_unrolled,
    predict_unrolled,
    two_channels,
)
from islesedu.errors import IslesError


def test_a_step_is_that_of_the_formula(rng):
    lines = choose_lines(12, 0.4, rng)
    _, maps, kspace = simulate_scan(rng.random((12, 10)), rng, lines, coils=3)
    image = rng.random((12, 10)) + 1j * rng.random((12, 10))
    gradient = zero_filled(measure_coils(image, maps, lines, rng) - kspace, maps)
    given = inputs_of(kspace, maps, lines)
    parts = [one[None] for one in (two_channels(image), *given.values())]
    found = np.asarray(GradientStep()(parts))[0]
    np.testing.assert_allclose(found, two_channels(image - gradient), atol=1e-5)


def test_with_all_lines_the_untrained_network_returns_the_image_nearly(rng):
    network = build_unrolled((12, 10), coils=2, cascades=2, filters=4)
    image, maps, kspace = simulate_scan(rng.random((12, 10)), rng, np.ones(12, bool), coils=2)
    found = predict_unrolled(network, kspace[None], maps[None], np.ones(12, bool))
    assert found.shape == (1, 12, 10)
    assert psnr(np.abs(found[0]), np.abs(image)) > psnr(np.abs(image) * 0, np.abs(image)) + 3


def test_the_shipped_weights_reconstruct_heads_that_they_have_not_seen(rng):
    network = load_unrolled(data_folder("reconstruction") / "network.weights.h5")
    head = make_labelled_brain(1).t1[:, :, 2]
    lines = choose_lines(64, 0.3, rng)
    _, maps, kspace = simulate_scan(head, rng, lines)
    found = np.abs(predict_unrolled(network, kspace[None], maps[None], lines)[0])
    assert psnr(found, head) > psnr(np.abs(zero_filled(kspace, maps)), head) + 5


def test_errors_say_what_to_do(tmp_path):
    with pytest.raises(IslesError, match="even numbers"):
        build_unrolled((13, 10))
    with pytest.raises(IslesError, match="train_applications"):
        load_unrolled(tmp_path / "none.weights.h5")
