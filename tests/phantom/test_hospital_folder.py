"""The hospital's folder: names that the kit does not know, and faults that it finds."""

import nibabel as nib
import numpy as np
import pytest

from islesedu.errors import IslesError
from islesedu.isles import check_folder, find_cases, read_case
from islesedu.phantom import HOSPITAL_NAMES, make_cohort, make_hospital_folder

NAMES = {part: channel for channel, part in HOSPITAL_NAMES.items()}
CHANNELS = ("ADC", "CBF", "Tmax")


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    place = tmp_path_factory.mktemp("hospital") / "cohort"
    return make_cohort(place, 8, 0, scale=0.15, progress=False) / "training"


@pytest.fixture(scope="module")
def folder(cohort):
    return make_hospital_folder(cohort, cohort.parent / "hospital", 9)


def test_no_name_is_known(folder):
    with pytest.raises(IslesError, match="name it with --map"):
        find_cases(folder)
    assert len(find_cases(folder, NAMES)) == 9


def test_each_fault_is_found(folder):
    found = [str(p).replace(f"{folder}/", "") for p in check_folder(folder, CHANNELS, names=NAMES)]
    for start in ("P03_roi", "P04_roi", "P06_perf_delay", "P02_trace_adc", "P05_trace_adc"):
        assert sum(line.startswith(start) for line in found) == 1, start
    assert "P09: the same maps as P01" in found


def test_patients_without_fault_are_those_of_the_cohort(cohort, folder):
    ours, theirs = find_cases(cohort), find_cases(folder, NAMES)
    for number in (0, 7):
        one, other = (read_case(cases[number], CHANNELS) for cases in (ours, theirs))
        np.testing.assert_allclose(one.image, other.image)
        np.testing.assert_array_equal(one.lesion, other.lesion)
    assert theirs[6].lesion is None


def test_the_mask_on_another_grid_lies_rightly_in_millimetres(cohort, folder):
    case = find_cases(folder, NAMES)[2]
    mask, reference = nib.load(case.lesion), read_case(find_cases(cohort)[2], CHANNELS)
    places = [np.argwhere(np.asarray(mask.dataobj) > 0), np.argwhere(reference.lesion)]
    affines = (mask.affine, reference.affine)
    first, second = (
        nib.affines.apply_affine(affine, place)
        for affine, place in zip(affines, places, strict=True)
    )
    np.testing.assert_allclose(first, second, atol=1e-3)
    assert not np.allclose(mask.affine, reference.affine)


@pytest.mark.parametrize("patients", [7, 10])
def test_a_number_of_patients_that_makes_no_folder(cohort, tmp_path, patients):
    with pytest.raises(ValueError, match=f"patients is {patients}; give a whole number from 8"):
        make_hospital_folder(cohort, tmp_path / "h", patients)
    assert not (tmp_path / "h").exists()


def test_cases_without_lesions_make_no_folder(tmp_path):
    cohort = make_cohort(tmp_path / "c", 0, 8, scale=0.05, progress=False) / "test"
    with pytest.raises(IslesError, match="no lesion"):
        make_hospital_folder(cohort, tmp_path / "h", 9)
