import numpy as np
import pytest

from islesedu import data_folder
from islesedu.applications.registration import (
    displacement,
    jacobian_determinant,
    register_deformable,
    register_linear,
    resample_to_fixed,
    target_registration_error,
)
from islesedu.applications.voxelmorph import (
    GRID,
    SPACING,
    Warp,
    build_voxelmorph,
    deform_slice,
    load_voxelmorph,
    predict_displacement,
    registration_loss,
)
from islesedu.errors import IslesError


@pytest.fixture(scope="module")
def pair():
    rng = np.random.default_rng(5)
    return deform_slice(10, rng, 0.3), deform_slice(10, rng, 0.3)


def test_warp_is_that_of_the_resampling_inside(rng):
    image, shift = rng.random(GRID), rng.normal(0, 2, (2, *GRID))
    moved = np.asarray(Warp()([image[None, ..., None], np.moveaxis(shift, 0, -1)[None]]))[0, ..., 0]
    expected = resample_to_fixed(image, shift, (1.0, 1.0))
    inside = slice(10, -10), slice(10, -10)
    np.testing.assert_allclose(moved[inside], expected[inside], atol=1e-4)


def test_an_untrained_network_moves_nothing_and_has_no_penalty(pair):
    network = build_voxelmorph(4)
    images = np.stack([one.t1 for one in pair], axis=-1)[None]
    output = network(images)
    np.testing.assert_allclose(output[0, ..., 0], images[0, ..., 1], atol=1e-3)
    loss = float(registration_loss(images[..., :1], output))
    np.testing.assert_allclose(loss, np.mean((pair[0].t1 - pair[1].t1) ** 2), rtol=1e-2)


def test_a_slope_costs_its_square():
    output = np.zeros((1, *GRID, 3), np.float32)
    output[..., 1] = 0.5 * np.arange(GRID[0])[:, None]  # the field grows by half a pixel a pixel
    fixed = np.zeros((1, *GRID, 1), np.float32)
    expected = 0.01 * 0.25 / 2  # the mean over both components of the field
    np.testing.assert_allclose(float(registration_loss(fixed, output)), expected, rtol=1e-5)


def test_places_say_what_is_seen(pair):
    one, other = pair
    assert one.labels.max() == 3 and not np.array_equal(one.labels, other.labels)
    error = target_registration_error(np.zeros((2, *GRID)), one.place, other.place, SPACING)
    assert 1 < np.nanmean(error[one.labels > 0]) < 15
    same = deform_slice(10, np.random.default_rng(1)), deform_slice(10, np.random.default_rng(1))
    np.testing.assert_array_equal(same[0].t1, same[1].t1)


def test_slices_are_registered_as_volumes_are(pair):
    fixed, moving = (one.t1 for one in pair)
    rigid = register_linear(fixed, moving, SPACING)
    affine = register_linear(fixed, moving, SPACING, rigid)
    deformable = register_deformable(fixed, moving, SPACING, affine, iterations=5)
    errors = []
    for transform in (affine, deformable):
        shift = displacement(transform, GRID, SPACING)
        assert shift.shape == (2, *GRID)
        places = pair[0].place, pair[1].place
        error = target_registration_error(shift, *places, SPACING)[pair[0].labels > 0]
        errors.append(np.nanmean(error))
        assert (jacobian_determinant(shift, SPACING)[pair[0].labels > 0] > 0).all()
    assert errors[1] < errors[0]


def test_the_shipped_weights_register_slices_that_they_have_not_seen():
    network = load_voxelmorph(data_folder("registration") / "network.weights.h5")
    before, after = [], []
    for seed in range(3):
        rng = np.random.default_rng([seed, 99])
        fixed, moving = (deform_slice(12, rng, 0.3) for _ in range(2))
        shift = predict_displacement(network, fixed.t1, moving.t1)
        for errors, field in ((before, 0 * shift), (after, shift)):
            error = target_registration_error(field, fixed.place, moving.place, SPACING)
            errors.append(np.nanmean(error[fixed.labels > 0]))
    assert np.mean(after) < 0.8 * np.mean(before)


def test_missing_weights_say_what_makes_them(tmp_path):
    with pytest.raises(IslesError, match="registration"):
        load_voxelmorph(tmp_path / "none.weights.h5")
