"""Writing masks and maps, and finding them again."""

import os
from dataclasses import replace

import nibabel as nib
import numpy as np
import pytest

from islesedu.errors import IslesError
from islesedu.isles.case import Case, Patient
from islesedu.isles.find import find_cases
from islesedu.isles.read import read_case
from islesedu.isles.save import write_map
from islesedu.isles.write import list_predictions, read_prediction, write_prediction

SHAPE = (5, 4, 3)
OBLIQUE = np.array(
    [[-1.6, 0.0, 0.8, 7], [0.0, 2.0, 0.0, -3], [1.2, 0.0, 0.9, 11], [0, 0, 0, 1]]
)  # voxels of 2, 2, sqrt(1.45) mm, turned about y and sheared


@pytest.fixture
def patient(tmp_path):
    """An ISLES 2017 case whose ADC has an odd geometry and a header full of other things."""
    for number, channel in enumerate(["MR_MTT", "MR_ADC"]):
        stem = f"VSD.Brain.XX.O.{channel}.{127014 + number}"
        file = tmp_path / "training" / "training_1" / stem / f"{stem}.nii"
        write_map(file, np.ones(SHAPE), np.diag([2, 2, 1.5, 1.0]), (2, 2, 1.5))
    image = nib.Nifti1Image(np.ones(SHAPE, np.int16), None)
    image.set_qform(np.diag([2, -2, 1.5, 1.0]), code=1)  # left-handed
    image.set_sform(OBLIQUE, code=2)
    image.header.set_slope_inter(3, 4)
    image.header["descrip"] = b"the patient's name"
    image.header["cal_max"] = 9
    nib.save(image, file)
    (case,) = find_cases(tmp_path / "training")
    return read_case(case, ["ADC"])


@pytest.fixture
def mask(rng):
    return rng.random(SHAPE) > 0.5


def test_the_challenges_name_with_the_number_of_the_mtt_map(patient, mask, tmp_path):
    file = write_prediction(patient, mask, tmp_path / "out", name="team")
    assert file == tmp_path / "out" / "SMIR.team.127014.nii"
    assert os.listdir(tmp_path / "out") == [file.name]  # nothing left beside it


def test_a_mask_reads_back_identical(patient, mask, tmp_path):
    file = write_prediction(patient, mask.astype(np.int64), tmp_path)
    image = nib.load(file)
    assert image.get_data_dtype() == np.uint8
    np.testing.assert_array_equal(np.asarray(image.dataobj), mask)
    np.testing.assert_array_equal(read_prediction(tmp_path, patient.case), mask)
    assert read_prediction(tmp_path, patient.case).dtype == bool


def test_a_mask_of_255_is_written_as_1_and_read_from_elsewhere(patient, mask, tmp_path):
    with pytest.warns(UserWarning, match="mask holds 0 and 255"):
        file = write_prediction(patient, mask * np.uint8(255), tmp_path)
    image = nib.load(file, mmap=False)
    np.testing.assert_array_equal(np.asarray(image.dataobj), mask)
    nib.save(nib.Nifti1Image(mask * np.uint8(255), image.affine, image.header), file)
    with pytest.warns(UserWarning, match=f"{file.name} holds 0 and 255"):
        np.testing.assert_array_equal(read_prediction(tmp_path, patient.case), mask)


def test_the_geometry_is_that_of_the_adc_to_the_last_field(patient, mask, tmp_path):
    header = nib.load(write_prediction(patient, mask, tmp_path)).header
    adc = nib.load(patient.case.maps["ADC"]).header
    fields = ["qform_code", "sform_code", "quatern_b", "quatern_c", "quatern_d", "xyzt_units"]
    fields += ["qoffset_x", "qoffset_y", "qoffset_z", "srow_x", "srow_y", "srow_z"]
    for field in fields:
        np.testing.assert_array_equal(header[field], adc[field], err_msg=field)
    np.testing.assert_array_equal(header["pixdim"][:4], adc["pixdim"][:4])
    assert (int(header["qform_code"]), int(header["sform_code"])) == (1, 2)


def test_nothing_else_of_the_adc_header_goes_along(patient, mask, tmp_path):
    header = nib.load(write_prediction(patient, mask, tmp_path)).header
    assert header["descrip"] == b"" and header["cal_max"] == 0
    assert b"patient" not in header.binaryblock


def test_a_second_prediction_replaces_the_first(patient, mask, tmp_path):
    write_prediction(patient, mask, tmp_path)
    write_prediction(patient, ~mask, tmp_path)
    np.testing.assert_array_equal(read_prediction(tmp_path, patient.case), ~mask)


@pytest.mark.parametrize(
    "bad", [np.full(SHAPE, 0.5), np.arange(60).reshape(SHAPE) % 3, np.ones((5, 4, 2))]
)
def test_what_is_no_mask_of_this_patient_is_refused(patient, bad, tmp_path):
    with pytest.raises(ValueError, match="mask|prediction"):
        write_prediction(patient, bad, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["", "a.b", "../up", "a*"])
def test_a_name_that_would_break_the_file_name_is_refused(patient, mask, name, tmp_path):
    with pytest.raises(ValueError, match="name is"):
        write_prediction(patient, mask, tmp_path, name=name)


def test_without_mtt_map_the_case_names_the_file(patient, mask, tmp_path):
    case = replace(patient.case, maps={"ADC": patient.case.maps["ADC"]})
    with pytest.raises(IslesError, match="one prediction training_1_prediction.nii.gz for train"):
        read_prediction(tmp_path, case)
    file = write_prediction(replace(patient, case=case), mask, tmp_path)
    assert file.name == "training_1_prediction.nii.gz"
    np.testing.assert_array_equal(read_prediction(tmp_path, case), mask)


@pytest.mark.parametrize("suffix", [".NII", ".NII.GZ", ".Nii.gz", ".nii"])
def test_predictions_in_capitals_are_found(patient, mask, suffix, tmp_path):
    case = replace(patient.case, name="p1", layout="flat")
    file = write_prediction(replace(patient, case=case), mask, tmp_path)
    nib.save(nib.load(file), tmp_path / f"plain{suffix[:4].lower()}{suffix[4:].lower()}")
    (written,) = tmp_path.glob("plain*")
    written.rename(tmp_path / f"p1_prediction{suffix}")
    file.unlink()
    (tmp_path / f"._p1_prediction{suffix}").write_bytes(b"litter of a Mac")
    np.testing.assert_array_equal(read_prediction(tmp_path, case), mask)


def test_other_layouts_are_named_after_the_case(patient, mask, tmp_path):
    case = replace(patient.case, name="sub-[1]", layout="isles2022")
    file = write_prediction(replace(patient, case=case), mask, tmp_path)
    assert file.name == "sub-[1]_prediction.nii.gz"
    np.testing.assert_array_equal(read_prediction(tmp_path, case), mask)


def test_a_patient_without_files_can_be_written_too(mask, tmp_path):
    image = np.zeros((*SHAPE, 1), np.float32)
    patient = Patient("made up", image, None, (1, 1, 1), np.eye(4), {}, ("ADC",))
    write_prediction(patient, mask, tmp_path)
    case = Case("made up", tmp_path, "flat", {})
    np.testing.assert_array_equal(read_prediction(tmp_path, case), mask)


def test_a_mask_on_another_grid_than_the_adc_lies_where_its_own_map_lies(tmp_path):
    for stem, size in (("adc", 2.0), ("flair", 1.0)):
        shape, affine = (int(8 / size),) * 3, np.diag([size, size, size, 1])
        write_map(tmp_path / f"sub-a_{stem}.nii.gz", np.ones(shape), affine, (size,) * 3)
    patient = read_case(find_cases(tmp_path)[0], ["FLAIR"])
    file = write_prediction(patient, np.ones((8, 8, 8), bool), tmp_path / "out")
    np.testing.assert_array_equal(nib.load(file).affine, np.eye(4))


def test_none_or_several_predictions_are_an_error(patient, mask, tmp_path):
    with pytest.raises(IslesError, match=r"SMIR\.\*\.127014\.nii for training_1; there is none"):
        read_prediction(tmp_path, patient.case)
    for name in ("one", "two"):
        write_prediction(patient, mask, tmp_path, name=name)
    with pytest.raises(IslesError, match=r"there are SMIR\.one.* SMIR\.two"):
        read_prediction(tmp_path, patient.case)
    np.testing.assert_array_equal(read_prediction(tmp_path, patient.case, "two"), mask)


def test_a_folder_listed_before_is_not_listed_again(patient, mask, tmp_path, listed):
    for name in ("one", "two"):
        write_prediction(patient, mask, tmp_path / "masks", name=name)
    other = replace(patient.case, layout="flat")
    write_prediction(replace(patient, case=other), mask, tmp_path / "masks")
    found, before = list_predictions(tmp_path / "masks"), len(listed)
    assert {key: len(files) for key, files in found.items()} == {
        "127014": 2,
        "training_1_prediction": 1,
    }
    read = read_prediction(tmp_path / "masks", patient.case, "two", listed=found)
    np.testing.assert_array_equal(read, mask)
    with pytest.raises(IslesError, match=r"there are SMIR\.one.* SMIR\.two"):
        read_prediction(tmp_path / "masks", patient.case, listed=found)
    assert len(listed) == before and list_predictions(tmp_path / "nowhere") == {}


def test_a_prediction_of_probabilities_is_refused(patient, tmp_path):
    file = tmp_path / "SMIR.x.127014.nii"
    write_map(file, np.full(SHAPE, 0.5), patient.affine, nib.affines.voxel_sizes(patient.affine))
    with pytest.raises(IslesError, match="holds 0.5; a mask holds"):
        read_prediction(tmp_path, patient.case)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    file = write_map(tmp_path / "m.nii", np.ones(SHAPE), np.eye(4), (1, 1, 1))
    before = file.read_bytes()

    def full(image, place):
        place.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(nib, "save", full)
    with pytest.raises(IslesError, match="m.nii cannot be written .no space left.*; free some"):
        write_map(file, np.zeros(SHAPE), np.eye(4), (1, 1, 1))
    assert file.read_bytes() == before and os.listdir(tmp_path) == ["m.nii"]


def test_same_map_same_bytes(tmp_path, rng):
    array = rng.normal(size=SHAPE)
    files = [tmp_path / name / "m.nii.gz" for name in "ab"]
    contents = [write_map(file, array, np.eye(4), (1, 1, 1)).read_bytes() for file in files]
    assert contents[0] == contents[1]
    assert contents[0][4:8] == bytes(4)  # gzip's time of writing


def test_whole_numbers_are_rounded_and_bool_becomes_bytes(tmp_path):
    array = np.array([[[-3.0, 0.4, 0.6, 300.0]]])
    image = nib.load(write_map(tmp_path / "m.nii", array, np.eye(4), (1, 1, 1), np.uint8))
    assert np.asarray(image.dataobj).ravel().tolist() == [0, 0, 1, 255]
    image = nib.load(write_map(tmp_path / "b.nii", array > 0, np.eye(4), (1, 1, 1), bool))
    assert image.get_data_dtype() == np.uint8


@pytest.mark.parametrize(
    ("name", "array", "spacing", "words"),
    [
        ("m.nii", np.ones(SHAPE), (1, 1, 2), "spacing for"),
        ("m.nii", np.full(SHAPE, np.nan), (1, 1, 1), "NaN"),
        ("m.txt", np.ones(SHAPE), (1, 1, 1), "end it in .nii"),
    ],
)
def test_a_map_that_would_not_read_back_is_refused(tmp_path, name, array, spacing, words):
    with pytest.raises(IslesError, match=words):
        write_map(tmp_path / name, array, np.eye(4), spacing, np.uint8)
    assert not list(tmp_path.iterdir())


@pytest.mark.filterwarnings("error")
def test_a_map_that_would_overflow_is_refused(tmp_path):
    with pytest.raises(IslesError, match="m.nii has values beyond float32; rescale it"):
        write_map(tmp_path / "m.nii", np.full(SHAPE, 1e300), np.eye(4), (1, 1, 1))
    assert not list(tmp_path.iterdir())


def test_a_real_patients_lesion_makes_the_round_trip(shared, tmp_path):
    case = find_cases(shared / "real" / "isles22" / "isles22_case0009")[0]
    patient = read_case(case, ("ADC", "DWI"))
    file = write_prediction(patient, patient.lesion, tmp_path)
    np.testing.assert_array_equal(read_prediction(tmp_path, case), patient.lesion)
    np.testing.assert_array_equal(nib.load(file).affine, nib.load(case.maps["ADC"]).affine)
