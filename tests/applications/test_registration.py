import numpy as np
import pytest
import SimpleITK as sitk
from scipy import ndimage

from islesedu.applications.labelled_brains import make_labelled_brain
from islesedu.applications.registration import (
    compose,
    displacement,
    jacobian_determinant,
    register_deformable,
    register_linear,
    resample_to_fixed,
    target_registration_error,
)

GRID, SPACING = (32, 36, 20), (6.0, 5.5, 7.0)


@pytest.fixture(scope="module")
def heads():
    return make_labelled_brain(1, GRID, SPACING), make_labelled_brain(2, GRID, SPACING)


@pytest.fixture(scope="module")
def rigid(heads):
    return register_linear(heads[0].t1, heads[1].t1, SPACING)


def test_displacement_of_a_known_transform():
    shift = displacement(sitk.TranslationTransform(3, (1.0, -2.0, 3.0)), GRID, SPACING)
    assert shift.shape == (3, *GRID)
    np.testing.assert_allclose(shift[:, 5, 6, 7], (1, -2, 3))


def test_a_turn_moves_points_as_trigonometry_says():
    turn = sitk.Euler3DTransform((0.0, 0.0, 0.0), 0.0, 0.0, np.pi / 2)  # about z: x goes to y
    shift = displacement(turn, GRID, SPACING)
    x, y = 4 * 6.0, 3 * 5.5
    np.testing.assert_allclose(shift[:, 4, 3, 9], (-y - x, x - y, 0), atol=1e-9)


def test_pull_is_a_roll_for_a_shift_by_whole_voxels(rng):
    volume = rng.random(GRID)
    shift = np.zeros((3, *GRID))
    shift[0] = 2 * SPACING[0]
    np.testing.assert_allclose(resample_to_fixed(volume, shift, SPACING)[:-2], volume[2:])


def test_a_known_shift_is_found(heads):
    fixed = heads[0].t1
    moving = np.roll(fixed, (2, -1, 0), axis=(0, 1, 2))
    shift = displacement(register_linear(fixed, moving, SPACING), GRID, SPACING)
    expected = np.array([2 * 6.0, -1 * 5.5, 0])
    middle = shift[:, 10:22, 10:26, 5:15].reshape(3, -1)
    assert np.abs(middle - expected[:, None]).max() < 1  # mm, with voxels of 6


def test_misplacement_is_0_for_the_truth_and_the_rest_of_a_known_shift(heads):
    place, still = heads[0].place, np.zeros((3, *GRID))
    np.testing.assert_allclose(
        target_registration_error(still, place, place, SPACING), 0, atol=1e-4
    )
    straight = np.indices(GRID) * np.reshape(SPACING, (3, 1, 1, 1))  # mm
    error = target_registration_error(still + 3.0, straight, straight, SPACING)
    np.testing.assert_allclose(error[:-1, :-1, :-1], 3 * np.sqrt(3))
    assert np.isnan(error[-1]).all()  # sent out of the volume


def test_each_step_brings_two_heads_nearer(heads, rigid):
    fixed, moving = heads
    affine = register_linear(fixed.t1, moving.t1, SPACING, rigid)
    bent = register_deformable(fixed.t1, moving.t1, SPACING, affine)
    errors = []
    for transform in (sitk.TranslationTransform(3), rigid, affine, bent):
        shift = displacement(transform, GRID, SPACING)
        error = target_registration_error(shift, fixed.place, moving.place, SPACING)
        errors.append(np.nanmean(error[fixed.brain]))
    assert all(np.diff(errors) < -0.3), errors


def test_the_same_volumes_give_the_same_transform(heads, rigid):
    again = register_linear(heads[0].t1, heads[1].t1, SPACING)
    first, second = (displacement(one, GRID, SPACING) for one in (rigid, again))
    np.testing.assert_allclose(first, second, atol=1e-5)  # mm; threads add in another order


def test_growth_of_a_stretch_is_its_factor():
    x, y, z = np.indices((5, 6, 7)) * np.reshape([2.0, 1, 3], (3, 1, 1, 1))
    stretch = np.stack([0.1 * x, -0.2 * y, 0.5 * z])  # mm
    np.testing.assert_allclose(jacobian_determinant(stretch, (2, 1, 3)), 1.1 * 0.8 * 1.5)


def test_growth_below_0_where_it_folds():
    x = np.indices((5, 6, 7))[0]
    assert (jacobian_determinant(np.stack([-1.5 * x, 0 * x, 0 * x]), (1, 1, 1)) < 0).all()


def test_one_registration_after_the_other_is_the_registration_of_both(rng):
    volume = ndimage.gaussian_filter(rng.random(GRID), 3)
    first = np.full((3, *GRID), 4.0)
    then = ndimage.gaussian_filter(rng.normal(0, 60, (3, *GRID)), (0, 4, 4, 4))
    stepwise = resample_to_fixed(resample_to_fixed(volume, first, SPACING), then, SPACING)
    at_once = resample_to_fixed(volume, compose(first, then, SPACING), SPACING)
    inside = slice(6, -6), slice(6, -6), slice(6, -6)
    np.testing.assert_allclose(stepwise[inside], at_once[inside], atol=0.02)
