import numpy as np
import pytest

from islesedu.course.place import PlaceExercise, distance_mm


@pytest.fixture
def exercise():
    region, beside, everything = np.zeros((3, 6, 6, 3), bool)
    region[4, 4, 1], beside[3:, 3:], everything[2:] = True, True, True
    return PlaceExercise(
        asks="the three whole numbers of a voxel",
        answer=lambda spacing: region,
        slips=lambda spacing: {"just beside it": beside, "on the right side only": everything},
        hints=("Look.", "Look again."),
        solution="your_place = (4, 4, 1)",
    )


def test_a_voxel_in_the_region_is_right_however_it_is_written(exercise):
    for voxel in ((4, 4, 1), [4, 4, 1], np.array([4.0, 4, 1])):
        assert exercise.complaint(voxel, spacing=(1, 1, 1)) is None


@pytest.mark.parametrize(
    "voxel, words, known",
    [
        ((3, 3, 1), "Just beside it.", True),
        ((2, 0, 0), "On the right side only.", True),
        ((0, 4, 1), "lies 8 mm away", False),
        ((6, 0, 0), "outside the volume", False),
        ((-1, 0, 0), "outside the volume", False),
        ((4, 4), "give the three whole numbers", False),
        ((4.5, 4, 1), "give the three whole numbers", False),
        ("4, 4, 1", "give the three whole numbers", False),
    ],
)
def test_a_wrong_voxel_is_told_why(exercise, voxel, words, known):
    found = exercise.complaint(voxel, spacing=(2.0, 2.0, 5.0))
    assert words in found.text and found.slip is known


def test_each_slip_gives_a_voxel_of_its_own(exercise):
    slips = exercise.known_slips(spacing=(1, 1, 1))
    assert len(slips) == 2
    for sentence, voxel in slips.items():
        said = exercise.complaint(voxel, spacing=(1, 1, 1)).text
        assert sentence in said[0].lower() + said[1:]
    assert exercise.expected(spacing=(1, 1, 1)) == (4, 4, 1)


def test_a_distance_is_in_mm():
    region = np.zeros((5, 5, 5), bool)
    region[0, 0, 4] = region[4, 4, 4] = True
    assert distance_mm((0, 0, 0), region, (1.0, 1.0, 6.0)) == 24
