import numpy as np
import pytest

from islesedu.applications.labelled_brains import CLASSES, label, make_labelled_brain
from islesedu.phantom.template import t1_template

GRID, SPACING = (24, 24, 3), (9.6, 9.6, 15.0)


@pytest.fixture(scope="module")
def head():
    return make_labelled_brain(1, GRID, SPACING)


def test_shapes_and_ranges(head):
    assert head.t1.shape == head.labels.shape == head.brain.shape == GRID
    assert head.shares.shape == (*GRID, 3) and head.place.shape == (3, *GRID)
    assert head.t1.min() >= 0 and head.t1.max() <= 1
    assert set(np.unique(head.labels)) == set(range(len(CLASSES)))


def test_picture_is_the_template_s_at_each_place(head):
    volume, affine = t1_template()
    x, y, z = np.argwhere(head.brain)[100]
    place = head.place[:, x, y, z]
    voxel = (place - affine[:3, 3]) / np.diag(affine)[:3]
    low = np.floor(voxel).astype(int)
    around = volume[tuple(slice(n, n + 2) for n in low)]
    assert around.min() - 1e-6 <= head.t1[x, y, z] <= around.max() + 1e-6


def test_white_matter_is_brighter_than_gray_than_fluid(head):
    means = [head.t1[head.labels == number].mean() for number in (1, 2, 3)]
    assert means == sorted(means)


def test_a_number_is_a_head(head):
    np.testing.assert_array_equal(make_labelled_brain(1, GRID, SPACING).t1, head.t1)
    assert not np.array_equal(make_labelled_brain(2, GRID, SPACING).t1, head.t1)


def test_half_a_voxel_of_brain_is_background_still():
    assert label(np.array([0.25, 0.25, 0.0])) == 0
    assert label(np.array([0.25, 0.26, 0.0])) == 2
