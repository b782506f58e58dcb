import numpy as np
import pandas as pd
import pytest

from islesedu import CHANNELS, data_folder
from islesedu.applications.territories import (
    RULES,
    artery,
    classify,
    ends,
    locate,
    suspicious,
    to_template,
)
from islesedu.isles import Patient
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


@pytest.fixture
def patient():
    """A patient with constant maps: 0 outside the brain, ADC 800 and Tmax 0 in it."""
    tissue = tissue_on_grid(GRID, SPACING, Pose((0.0,) * 3, (0.0,) * 3, (1.0,) * 3))
    image = np.zeros((*GRID, len(CHANNELS)), np.float32)
    image[tissue.brain] = 1
    image[tissue.brain, CHANNELS.index("ADC")] = 800
    image[tissue.brain, CHANNELS.index("Tmax")] = 0
    return Patient("one", image, None, SPACING, AFFINE, {}, CHANNELS)


def box(place, edge):
    """Return a mask with a cube around a place in mm."""
    voxel = np.linalg.solve(AFFINE[:3, :3], np.asarray(place) - AFFINE[:3, 3])
    return (np.abs(np.moveaxis(np.indices(GRID), 0, -1) - voxel) < edge / 2).all(axis=-1)


@pytest.mark.parametrize("x, side", [(44, "right"), (-44, "left")])
def test_the_largest_part_of_a_mask_is_located(patient, x, side):
    mask = box((x, -4, 18), 5) | box((-x, 4, 18), 2)
    assert locate(patient, mask) == (side, "MCA")


def test_suspicious_is_what_exceeds_both_limits_inside_the_brain(patient):
    image, late, low = patient.image, box((44, -4, 18), 7), box((-44, -4, 18), 7)
    image[late, CHANNELS.index("Tmax")] = 9
    image[low, CHANNELS.index("ADC")] = 300
    inside = suspicious(patient, -1)  # all of the brain but its border
    assert 0 < inside.sum() < patient.brain.sum()
    np.testing.assert_array_equal(suspicious(patient, 6), late & inside)
    assert not suspicious(patient, 6, 580).any(), "ADC is low on the other side only"
    assert suspicious(patient, -1, 580)[low & inside].mean() > 0.5


def test_the_limits_that_ship_were_tried_on_as_many_patients_as_the_network_saw():
    table = pd.read_csv(data_folder("territories") / "rules.csv")
    assert [(row.tmax, row.adc) for row in table.itertuples()] == list(RULES)
    assert (table["patients"] == 200).all()
    assert (table["both"] <= table[["side", "artery"]].min(axis=1)).all()
