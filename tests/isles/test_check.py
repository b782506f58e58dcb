"""Checking folders: each thing that can be wrong is said once, and nothing else."""

import gzip
import shutil

import nibabel as nib
import numpy as np
import pytest

from islesedu.errors import IslesError
from islesedu.isles.check import check_folder, summarize_folder
from islesedu.isles.save import write_map

SHAPE, SPACING = (8, 8, 4), (2.0, 2.0, 5.0)
AFFINE = np.diag([*SPACING, 1])
USUAL = {"ADC": 800, "rCBV": 1.4, "rCBF": 19, "MTT": 5, "TTP": 20, "Tmax": 4}
HALF = (slice(4), slice(None), slice(None))


def brain_map(rng, median):
    """Return a map of a brain in a box of air."""
    values = np.zeros(SHAPE)
    values[1:7, 1:7] = rng.normal(median, 0.1 * median, (6, 6, 4))
    return values


def write_case(folder, rng, suffix=".nii"):
    """Write one flawless case of the flat variant."""
    for name, median in USUAL.items():
        write_map(folder / f"MR_{name}{suffix}", brain_map(rng, median), AFFINE, SPACING)
    lesion = np.zeros(SHAPE)
    lesion[2:4, 2:4, 1] = 1  # 4 voxels of 20 mm^3
    write_map(folder / f"OT{suffix}", lesion, AFFINE, SPACING, np.uint8)
    return folder


@pytest.fixture
def study(tmp_path, rng):
    """Two flawless cases."""
    for number in (1, 2):
        write_case(tmp_path / "a study" / f"training_{number}", rng)
    return tmp_path / "a study"


def rewrite(file, change):
    """Replace the values of a map by `change` of them."""
    values = nib.load(file, mmap=False).get_fdata()
    write_map(file, change(values), AFFINE, SPACING)


def the_one(study, **options):
    """Return the only problem of a folder."""
    (problem,) = check_folder(study, **options)
    return problem


def test_nothing_is_said_about_a_flawless_folder(study):
    assert check_folder(study) == []


def test_one_map_is_in_memory_at_a_time(study, rng, most_alive):
    from islesedu.isles import check

    for number in (3, 4):
        write_case(study / f"training_{number}", rng)
    counts = most_alive(check, "load")
    assert check_folder(study) == []
    assert (
        len(counts) == 4 * len(USUAL) and max(counts) <= 2
    )  # the next is read, then the last goes


def test_a_missing_channel_is_fatal_unless_it_is_not_wanted(study):
    (study / "training_2" / "MR_TTP.nii").unlink()
    problem = the_one(study)
    assert problem.fatal and "training_2: no TTP map" in problem
    assert check_folder(study, channels=("ADC", "Tmax")) == []


def test_a_missing_lesion_is_told(study):
    (study / "training_2" / "OT.nii").unlink()
    problem = the_one(study)
    assert not problem.fatal and "training_2: no lesion mask" in problem
    (study / "training_2").rename(study / "test_2")
    assert check_folder(study) == []


def test_another_grid_is_fatal(study):
    file = study / "training_1" / "MR_MTT.nii"
    write_map(file, np.arange(1.0, 25).reshape(2, 3, 4), AFFINE, SPACING)
    problem = the_one(study)
    assert problem.fatal and f"{file}: grid (2, 3, 4), but MR_ADC.nii has (8, 8, 4)" in problem


@pytest.mark.parametrize(("shift", "fatal"), [(0.5, False), (30, True)])
@pytest.mark.parametrize("name", ["MR_CBF.nii", "OT.nii"])
def test_another_affine_is_told_and_fatal_if_far(study, name, shift, fatal):
    file = study / "training_1" / name.replace("CBF", "rCBF")
    image = nib.load(file, mmap=False)
    affine = AFFINE.copy()
    affine[2, 3] = shift
    write_map(file, image.get_fdata(), affine, SPACING, image.get_data_dtype())
    problem = the_one(study)
    assert problem.fatal == fatal and f"{file}: its affine puts it {shift / 2:g} vox" in problem


def test_a_truncated_file_is_fatal_only_where_it_is_needed(study):
    file = study / "training_1" / "MR_Tmax.nii"
    file.write_bytes(file.read_bytes()[:-1])
    problem = the_one(study)
    assert problem.fatal and str(file) in problem and "cut off" in problem
    assert not the_one(study, channels=("ADC",)).fatal


def test_a_packed_file_with_one_wrong_byte_is_noticed(tmp_path, rng):
    folder = write_case(tmp_path / "training_1", rng, ".nii.gz")
    file = folder / "MR_ADC.nii.gz"
    content = bytearray(file.read_bytes())
    content[-6] ^= 1  # in the check sum: the values themselves unpack
    file.write_bytes(content)
    problem = the_one(tmp_path)
    assert problem.fatal and "CRC" in problem


def test_a_damaged_perfusion_series_is_told(study):
    file = study / "training_1" / "MR_4DPWI.nii"
    nib.save(nib.Nifti1Image(np.ones((*SHAPE, 1, 3), np.float32), AFFINE), file)
    assert check_folder(study) == []
    file.write_bytes(file.read_bytes()[:-1])
    problem = the_one(study)
    assert not problem.fatal and str(file) in problem


def test_an_absurd_size_is_told(study):
    file = study / "training_1" / "OT.nii"
    content = bytearray(file.read_bytes())
    content[42:48] = np.array([32767] * 3, "<i2").tobytes()
    file.write_bytes(content)
    problem = the_one(study)
    assert problem.fatal and "the header is damaged" in problem


def test_an_empty_lesion_is_told(study):
    rewrite(study / "training_1" / "OT.nii", np.zeros_like)
    assert "OT.nii: the lesion mask is empty" in the_one(study)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda lesion: 1 - lesion, "most of the volume; is the mask inverted"),
        (
            lambda lesion: np.pad(np.ones((5, 5, 4)), ((1, 2), (1, 2), (0, 0))),
            "of the brain; is the",
        ),
        (lambda lesion: np.roll(lesion, 5, axis=0), "outside the brain; is it flipped"),
    ],
)
def test_a_lesion_that_is_inverted_or_outside_the_brain_is_told(study, change, words):
    rewrite(study / "training_1" / "OT.nii", change)
    problem = the_one(study)
    assert words in problem and "OT.nii" in problem and not problem.fatal


def test_a_lesion_partly_outside_the_brain_is_none_of_that(study):
    rewrite(study / "training_1" / "OT.nii", lambda lesion: np.roll(lesion, -2, axis=0))
    assert check_folder(study) == []


def test_a_lesion_with_other_labels_is_told(study):
    rewrite(study / "training_1" / "OT.nii", lambda lesion: 3 * lesion)
    assert "OT.nii holds 0 and 3; 3 is taken for lesion" in the_one(study)
    rewrite(
        study / "training_1" / "OT.nii", lambda lesion: lesion + (np.indices(lesion.shape)[0] > 5)
    )
    problem = the_one(study)
    assert "OT.nii holds 0, 1 and" in problem and problem.fatal


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_counted(study, odd):
    def change(values):
        values[0, 0, :2] = odd
        return values

    rewrite(study / "training_1" / "MR_TTP.nii", change)
    words = "MR_TTP.nii: 2 of 256 voxels (0.78 %) are NaN or infinite"
    assert words in the_one(study)


def test_a_constant_map_is_told(study):
    rewrite(study / "training_1" / "MR_Tmax.nii", lambda values: np.full_like(values, 7))
    assert "MR_Tmax.nii: every voxel is the same" in the_one(study)


def test_blood_maps_a_thousand_times_too_small_are_told(study):
    for name in ("MR_rCBF.nii", "MR_rCBV.nii"):
        rewrite(study / "training_2" / name, lambda values: values / 1000)
    flow, volume = check_folder(study)
    assert not flow.fatal and "MR_rCBF.nii: brain median 0.019" in flow
    assert "MR_rCBV.nii" in volume and "times too small for CBV" in volume


def test_milliseconds_instead_of_seconds_are_told(study):
    rewrite(study / "training_2" / "MR_MTT.nii", lambda values: values * 1000)
    assert "times too large for MTT" in the_one(study)


@pytest.mark.parametrize(("factor", "unit"), [(1e-6, "mm²/s"), (1e-3, "1e-3 mm²/s")])
def test_another_unit_of_adc_is_told(study, rng, factor, unit):
    write_case(study / "training_3", rng)
    rewrite(study / "training_2" / "MR_ADC.nii", lambda values: values * factor)
    problem = the_one(study)
    assert f"MR_ADC.nii: ADC seems to be in {unit}, most" in problem and "training_2" in problem


def test_two_units_without_a_majority_are_told_once(study):
    rewrite(study / "training_2" / "MR_ADC.nii", lambda values: values * 1e-6)
    problem = the_one(study)
    assert (
        "training_1" in problem and "ADC seems to be in 1e-6 mm²/s (1 map), but in mm²/s" in problem
    )
    assert "most" not in problem and str(study / "training_2" / "MR_ADC.nii") in problem


def test_a_folder_without_adc_should_have_what_half_of_its_cases_have(study):
    for case in study.iterdir():
        (case / "MR_ADC.nii").unlink()
        (case / "MR_TTP.nii").rename(case / "CT_TTP.nii")
    assert check_folder(study) == []
    (study / "training_1" / "MR_Tmax.nii").unlink()
    problem = the_one(study)
    assert problem.fatal and "training_1: no Tmax map; it has TTP, MTT" in problem


def test_hounsfield_units_may_be_negative(study, rng):
    values = np.where(brain_map(rng, 1) == 0, -1000.0, brain_map(rng, 35))
    write_map(study / "training_1" / "CT.nii", values, AFFINE, SPACING)
    assert check_folder(study) == []


def test_negative_outliers_are_told(study):
    def change(values):
        values[4, 4, 2] = -455
        return values

    rewrite(study / "training_1" / "MR_rCBF.nii", change)
    assert "MR_rCBF.nii: 1 of 144 voxels" in the_one(study)
    assert "down to -455; no CBF can be" in the_one(study)


def test_the_same_patient_twice_is_told_also_when_packed(study):
    for file in (study / "training_1").iterdir():
        copy = study / "training_9" / f"{file.name}.gz"
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(gzip.compress(file.read_bytes()))
    assert "training_9: the same maps as" in the_one(study)


def test_a_map_stored_under_two_names_is_told(study):
    folder = study / "training_1"
    shutil.copy(folder / "MR_MTT.nii", folder / "MR_Tmax.nii")
    assert "MR_Tmax.nii: the same values as MR_MTT.nii" in the_one(study)


def test_two_files_for_one_map_are_fatal_and_the_rest_is_checked(study):
    folder = study / "training_1"
    shutil.copy(folder / "MR_ADC.nii", folder / "MR_ADC2.nii")  # no name of ours: passed over
    (folder / "MR_ADC.nii.gz").write_bytes(b"")
    (study / "training_2" / "MR_TTP.nii").unlink()
    first, second, third = check_folder(study)
    assert first.fatal and "second file for the ADC" in first
    assert "training_2: no TTP map" in second
    assert not third.fatal and "passed over 1 file (training_1/MR_ADC2.nii)" in third


def test_every_line_is_one_line_whatever_the_files_hold(study, rng):
    files = sorted(study.rglob("*.nii"))
    for file in files:
        file.write_bytes(rng.bytes(400))
    problems = check_folder(study)
    assert len(problems) == len(files) == 14
    for file in files:
        (problem,) = (p for p in problems if str(file) in p)
        assert problem.fatal and "\n" not in problem


def test_no_case_at_all_is_an_error(tmp_path):
    for look in (check_folder, summarize_folder):
        with pytest.raises(IslesError, match="holds no ISLES case"):
            look(tmp_path)


def test_summary_counts_grids_spacings_and_volumes(study, rng):
    write_case(study / "test_1", rng)
    (study / "test_1" / "OT.nii").unlink()
    rewrite(study / "training_2" / "OT.nii", lambda lesion: np.ones_like(lesion))
    (study / "training_1" / "MR_ADC.nii").write_bytes(b"damaged")
    words = summarize_folder(study)
    assert words.startswith("3 cases (2 training, 1 test), 1 with a lesion mask")
    assert "8 x 8 x 4: 2 cases" in words and "2.00 x 2.00 x 5.00 mm: 2 cases" in words
    assert "5.12, 5.12, 5.12" in words  # 256 voxels of 20 mm^3


def test_what_is_odd_about_the_real_patients(shared):
    grid, unit = check_folder(shared / "real")
    assert "0009_ses-0001_flair" in grid and "(512, 512, 29)" in grid and not grid.fatal
    assert "0002_ses-0001_adc" in unit and "in mm²/s, most of the others in 1e-3 mm²/s" in unit
    assert "112 x 112 x 73: 2 cases" in summarize_folder(shared / "real")
