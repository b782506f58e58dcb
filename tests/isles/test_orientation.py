"""Sides: what is on the patient's right is drawn on the left, whatever way the voxels lie."""

import itertools

import nibabel as nib
import numpy as np
import pytest

from islesedu import figures
from islesedu.isles.orientation import LETTERS, WORLD

SIDES = {
    plane: ("".join(LETTERS[world[0]]), "".join(LETTERS[world[1]]))
    for plane, world in WORLD.items()
}
AXES = [
    "".join(letters)
    for order in itertools.permutations(("RL", "AP", "SI"))
    for letters in itertools.product(*order)
]
"""All 48 ways in which three array axes can lie in a patient."""
STEPS = {"R": (1, 0, 0), "A": (0, 1, 0), "S": (0, 0, 1)}
TOWARDS = STEPS | {
    back: tuple(-x for x in STEPS[front]) for front, back in zip("RAS", "LPI", strict=True)
}


def affine_of(axes, spacing=(2.0, 3.0, 5.0)):
    affine = np.eye(4)
    for number, (letter, size) in enumerate(zip(axes, spacing, strict=True)):
        affine[:3, number] = size * np.array(TOWARDS[letter])
    affine[:3, 3] = [7, -11, 13]
    assert nib.aff2axcodes(affine) == tuple(axes)
    return affine


@pytest.mark.parametrize("axes", AXES)
@pytest.mark.parametrize("plane", SIDES)
def test_every_orientation_is_drawn_in_radiological_convention(axes, plane):
    shape, affine = (4, 5, 6), affine_of(axes)
    numbers = np.stack(np.indices(shape), axis=-1)
    places = nib.affines.apply_affine(affine, numbers)  # mm of each voxel: (X, Y, Z, 3)
    how = figures.view(affine, plane)
    picture = how.turn(how.cut(places, 1))  # -> (H, W, 3)
    (left, right), (top, bottom) = SIDES[plane]
    across, down = np.array(TOWARDS[right]), np.array(TOWARDS[bottom])
    assert (np.diff(picture @ across, axis=1) > 0).all()
    assert (np.diff(picture @ down, axis=0) > 0).all()
    assert how.sides == (left, right)
    height = np.abs(picture[1, 0] - picture[0, 0]).max()
    width = np.abs(picture[0, 1] - picture[0, 0]).max()
    assert how.aspect == pytest.approx(height / width)
    assert (picture[0, 0] == picture[-1, -1]).sum() == 1  # a flat cut


def test_right_is_on_the_left_of_axial_and_coronal_and_front_of_sagittal():
    assert SIDES == {"axial": ("RL", "AP"), "coronal": ("RL", "SI"), "sagittal": ("AP", "SI")}


def test_upright_without_a_view_is_that_of_ras():
    volume = np.arange(24).reshape(4, 6)
    np.testing.assert_array_equal(
        figures.upright(volume), figures.upright(volume, figures.view(affine_of("RAS")))
    )
    mirrored = figures.upright(volume[::-1], figures.view(affine_of("LAS")))
    np.testing.assert_array_equal(figures.upright(volume), mirrored)


def test_oblique_scans_count_as_the_nearest_straight_ones():
    turn = nib.eulerangles.euler2mat(0.3, -0.2, 0.25)
    affine = np.eye(4)
    affine[:3, :3] = turn @ np.diag([-2, 2, 5])
    how = figures.view(affine)
    assert (how.axis, how.flips) == (2, (False, True))
    assert how.spacing == pytest.approx((2, 2, 5))


@pytest.mark.parametrize(
    ("affine", "plane", "words"),
    [
        (np.eye(4), "front", "'front'; choose one of axial"),
        (np.diag([1, 1, 0, 1]), "axial", "do not span the space"),
        (np.full((4, 4), np.nan), "axial", "finite numbers"),
        (np.eye(3), "axial", "4 x 4"),
    ],
)
def test_what_cannot_be_turned_is_refused(affine, plane, words):
    with pytest.raises(ValueError, match=words):
        figures.view(affine, plane)


def test_best_slice_has_the_most_lesion():
    lesion = np.zeros((8, 9, 4), bool)
    lesion[2:4, 3:6, 2] = True
    lesion[6, 1, :] = True
    assert figures.best_slice(lesion) == figures.best_slice(lesion, axis=-1) == 2
    assert figures.best_slice(lesion, axis=0) == 6
    assert figures.best_slice(lesion, axis=1) == 1
    assert figures.best_slice(np.zeros((3, 3, 5), bool)) == 2
    assert figures.best_slice(np.zeros((3, 3, 9), bool), axis=0) == 1


def test_sides_are_written_where_they_are(ax):
    figures.mark_sides(ax, figures.view(np.eye(4), "sagittal"))
    assert {text.get_text(): text.get_position()[0] < 0.5 for text in ax.texts} == {
        "A": True,
        "P": False,
    }
