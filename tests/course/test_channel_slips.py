import numpy as np

from islesedu.course import channel_slips
from islesedu.training import stack, standardize


def test_the_reference_is_what_training_does(rng):
    image = rng.normal([800, 3], [300, 1], size=(4, 5, 3, 2))
    right = channel_slips.standardized(image)
    np.testing.assert_allclose(right, standardize(image), atol=1e-5)
    maps = {"ADC": image[..., 0], "CBV": image[..., 1]}
    stacked = channel_slips.stacked(maps, ["CBV", "ADC"])
    np.testing.assert_allclose(stacked, stack(maps, ["CBV", "ADC"]), rtol=1e-6)


def test_every_slip_differs_from_the_right_answer(rng):
    image = rng.normal([800, 3, 7], [300, 1, 0], size=(4, 5, 3, 3))
    right = channel_slips.standardized(image)
    for sentence, wrong in channel_slips.slips_of_standardizing(image).items():
        assert wrong.shape == right.shape and not np.allclose(wrong, right), sentence
    assert (right[..., 2] == 0).all()
    maps = {name: rng.random((2, 3, 4)) for name in ("Tmax", "CBF", "ADC")}
    right = channel_slips.stacked(maps, ["ADC", "Tmax"])
    for sentence, wrong in channel_slips.slips_of_stacking(maps, ["ADC", "Tmax"]).items():
        assert wrong.shape != right.shape or not np.allclose(wrong, right), sentence
