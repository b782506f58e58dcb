import numpy as np
import pytest

from islesedu.applications.territories import artery, classify, ends, to_template
from islesedu.phantom.stroke import TERRITORIES
from islesedu.phantom.template import Pose, scanner_affine, tissue_on_grid

GRID, SPACING = (48, 48, 24), (5.0, 5.0, 6.5)
AFFINE = scanner_affine(GRID, SPACING)


@pytest.mark.parametrize("name", TERRITORIES)
def test_the_middle_of_each_territory_is_in_it_on_both_sides(name):
    middle = np.array(TERRITORIES[name][0])
    assert classify(middle) == ("right", artery(name))
    assert classify(middle * [-1, 1, 1]) == ("left", artery(name))


def test_branches_of_the_middle_cerebral_artery_are_one():
    names = {artery(name) for name in TERRITORIES}
    assert names == {"MCA", "ACA", "PCA", "cerebellar", "border zone"}


def test_ends_of_a_box():
    brain = np.zeros((100, 4, 4), bool)
    brain[10:90] = True
    low, high = ends(brain, np.diag([2, 1, 1, 1]))
    assert 20 <= low[0] <= 25 and 173 <= high[0] <= 178


@pytest.mark.parametrize(
    "pose",
    [
        Pose((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
        Pose((0.0, 0.0, 0.0), (6.0, -8.0, -10.0), (1.08, 0.95, 1.0)),
    ],
)
def test_proportions_undo_a_shift_and_a_size(pose):
    tissue = tissue_on_grid(GRID, SPACING, pose)
    voxels = np.argwhere(tissue.brain)[::500]
    places = voxels @ AFFINE[:3, :3].T + AFFINE[:3, 3]
    found = to_template(places, tissue.brain, AFFINE)
    true = tissue.place[:, *voxels.T].T
    assert np.abs(found - true).max() < 6  # mm: about a voxel
