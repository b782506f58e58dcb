import numpy as np
import pytest

from islesedu.phantom import template
from islesedu.phantom.template import (
    Pose,
    Tissue,
    scanner_affine,
    smooth_noise,
    t1_slice,
    templates,
    tissue_on_grid,
)

STRAIGHT = Pose((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
GRID, SPACING = (24, 24, 19), (10.0, 10.0, 6.5)


@pytest.fixture(scope="module")
def tissue() -> Tissue:
    return tissue_on_grid(GRID, SPACING, STRAIGHT)


def test_templates_are_shares():
    shares, affine = templates()
    assert shares.shape[0] == 3 and affine.shape == (4, 4)
    assert shares.min() >= 0 and shares.sum(axis=0).max() <= 1 + 1e-6


@pytest.mark.parametrize("made", [templates, template.t1_template])
def test_templates_are_kept_as_they_are_resampled(made, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first, again = made.__wrapped__(), made.__wrapped__()
    assert len([*tmp_path.rglob("*.npz")]) == 1
    for one, other in zip(first, again, strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


def test_middle_of_the_scan_is_the_origin():
    middle = (np.array(GRID) - 1) / 2
    np.testing.assert_allclose(scanner_affine(GRID, SPACING) @ [*middle, 1], [0, 0, 0, 1])


def test_straight_head_lies_in_template_millimetres(tissue):
    affine = scanner_affine(GRID, SPACING)
    corner = affine @ [0, 0, 0, 1]
    np.testing.assert_allclose(tissue.place[:, 0, 0, 0], corner[:3], rtol=1e-6)
    assert tissue.place[0, -1, 0, 0] > tissue.place[0, 0, 0, 0]  # x grows to the patient's right


def test_brain_has_the_volume_of_a_brain(tissue):
    litres = tissue.brain.sum() * np.prod(SPACING) / 1e6
    assert 1.0 < litres < 2.2  # the lowest slices of the template are cut off here


def test_ventricles_are_fluid_and_the_corner_is_air(tissue):
    ventricle = np.abs(tissue.place - np.reshape([8, -10, 22], (3, 1, 1, 1))).sum(axis=0).argmin()
    assert tissue.fluid.ravel()[ventricle] > 0.5
    assert not tissue.brain[0, 0, 0]


def test_shift_moves_the_head():
    moved = tissue_on_grid(GRID, SPACING, Pose((0, 0, 0), (20.0, 0, 0), (1, 1, 1)))
    still = tissue_on_grid(GRID, SPACING, STRAIGHT)
    # 20 mm are two voxels to the right
    np.testing.assert_allclose(moved.gray[2:], still.gray[:-2], atol=1e-4)


def test_larger_head_has_more_volume():
    wide = (64, 64, 40), (4.0, 4.0, 6.0)
    small = tissue_on_grid(*wide, STRAIGHT).brain.sum()
    large = tissue_on_grid(*wide, Pose((0, 0, 0), (0, 0, 0), (1.1, 1.1, 1.1))).brain.sum()
    assert large / small == pytest.approx(1.1**3, rel=0.03)


def test_turn_keeps_lengths():
    matrix = Pose((0.1, -0.2, 0.3), (1.0, 2.0, 3.0), (1, 1, 1)).to_template()[:3, :3]
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-12)


def test_drawn_poses_are_small_and_differ(rng):
    first, second = Pose.draw(rng), Pose.draw(rng)
    assert first != second
    assert np.abs(first.angles).max() < 0.5 and all(0.7 < s < 1.3 for s in first.size)


def test_smooth_noise_is_standardized_and_smooth(rng):
    wide = smooth_noise(rng, (60, 60, 40), (5.0, 5.0, 5.0), 12)
    narrow = smooth_noise(rng, (60, 60, 40), (5.0, 5.0, 5.0), 1)
    for noise in (wide, narrow):
        assert noise.mean() == pytest.approx(0, abs=0.1)
        assert noise.std() == pytest.approx(1, rel=0.15)
    assert np.diff(wide, axis=0).std() < 0.6 * np.diff(narrow, axis=0).std()


def test_two_grids_over_one_field_of_view_get_the_same_noise():
    coarse = smooth_noise(np.random.default_rng(1), (12, 12, 6), (10.0, 10.0, 5.0), 20)
    fine = smooth_noise(np.random.default_rng(1), (36, 36, 6), (10 / 3, 10 / 3, 5.0), 20)
    np.testing.assert_allclose(fine[1::3, 1::3], coarse, atol=1e-5)  # the same places


def test_deformation_is_smooth_and_widens_the_ventricles():
    straight = tissue_on_grid(GRID, SPACING, STRAIGHT)
    volumes = {}
    for width in (0.8, 1.0, 1.5):
        pose = Pose((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), width)
        warped = tissue_on_grid(GRID, SPACING, pose, np.random.default_rng(5))
        middle = (np.abs(warped.place[0]) < 25) & (np.abs(warped.place[1] + 12) < 40)
        volumes[width] = warped.fluid[middle & (np.abs(warped.place[2] - 16) < 20)].sum()
        moved = np.linalg.norm(warped.place - straight.place, axis=0)
        assert 0 < np.median(moved) < 15
    assert volumes[0.8] < volumes[1.0] < volumes[1.5]


def test_t1_slice_is_a_picture_with_the_front_up():
    picture = t1_slice(10)
    assert picture.min() >= 0 and picture.max() == 1 and picture.shape[0] > picture.shape[1]
    brain = picture > 0.3
    rows = np.flatnonzero(brain.any(axis=1))
    widths = brain.sum(axis=1)[rows]
    assert widths[: len(widths) // 2].mean() < widths[len(widths) // 2 :].mean()  # front: narrower


def test_t1_slice_outside_the_head_is_refused():
    with pytest.raises(ValueError, match="z is 500; give a height from -7.* to"):
        t1_slice(500)
