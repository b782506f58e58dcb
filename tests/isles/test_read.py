"""Reading cases: channels, scaling, grids, and every kind of damaged file."""

import gzip
import re

import nibabel as nib
import numpy as np
import pytest

from islesedu import CHANNELS
from islesedu.errors import IslesError
from islesedu.isles import nifti
from islesedu.isles.case import Patient
from islesedu.isles.check import check_folder
from islesedu.isles.find import find_cases
from islesedu.isles.read import read_case
from islesedu.isles.save import write_map
from islesedu.widgets import SliceBrowser

AFFINE = np.diag([-2.0, -2.0, 5.0, 1.0])
SHAPE = (5, 4, 3)
FIELDS = {"ADC": "MR_ADC", "CBV": "MR_rCBV", "CBF": "MR_rCBF", "MTT": "MR_MTT", "TTP": "MR_TTP"}
FIELDS |= {"Tmax": "MR_Tmax", "lesion": "OT"}


@pytest.fixture
def files(tmp_path):
    """One flat case on disk: map number c holds c + 1 everywhere; file by channel."""
    folder = tmp_path / "a study" / "training_1"
    files = {channel: folder / f"{field}.nii" for channel, field in FIELDS.items()}
    for number, channel in enumerate(CHANNELS):
        write_map(files[channel], np.full(SHAPE, number + 1.0), AFFINE, (2, 2, 5), np.float32)
    lesion = np.zeros(SHAPE)
    lesion[1, 2, 0] = 1
    write_map(files["lesion"], lesion, AFFINE, (2, 2, 5), np.uint8)
    return files


def read(files, channels=CHANNELS):
    (case,) = find_cases(files["ADC"].parent)
    return read_case(case, channels)


def test_channels_come_in_the_kits_order(files):
    patient = read(files)
    assert patient.image.shape == (*SHAPE, 6) and patient.image.dtype == np.float32
    np.testing.assert_array_equal(patient.image[0, 0, 0], [1, 2, 3, 4, 5, 6])
    assert patient.channels == CHANNELS and patient.name == "training_1"


def test_geometry_and_lesion(files):
    patient = read(files)
    assert patient.spacing == (2, 2, 5)
    np.testing.assert_array_equal(patient.affine, AFFINE)
    assert patient.lesion.dtype == bool
    assert np.argwhere(patient.lesion).tolist() == [[1, 2, 0]]


def test_a_subset_comes_in_the_order_asked_for(files):
    files["CBF"].write_bytes(b"damaged, but nobody asked for it")
    np.testing.assert_array_equal(read(files, ["Tmax", "ADC"]).image[0, 0, 0], [6, 1])


def test_without_lesion_file_the_lesion_is_none(files):
    files["lesion"].unlink()
    assert read(files).lesion is None


def test_a_missing_channel_is_named_with_those_there(files):
    files["TTP"].unlink()
    with pytest.raises(IslesError, match=r"training_1 .* has no map TTP; it has ADC, .*Tmax"):
        read(files)


@pytest.mark.parametrize("channels", ["ADC", []])
def test_channels_must_be_some_names(files, channels):
    with pytest.raises(IslesError, match="channels is"):
        read(files, channels)


def test_the_perfusion_series_is_not_touched(files):
    (files["ADC"].parent / "MR_4DPWI.nii").write_bytes(b"no NIfTI at all")
    assert read(files).image.shape == (*SHAPE, 6)


def test_scale_and_further_axes_of_one_are_honoured(files):
    image = nib.Nifti1Image(np.full((*SHAPE, 1, 1), 7, np.int16), AFFINE)
    image.header.set_slope_inter(0.5, 1)
    nib.save(image, files["ADC"])
    assert (read(files, ["ADC"]).image == 4.5).all()


def test_a_lesion_of_255_is_a_lesion(files):
    lesion = nib.load(files["lesion"]).get_fdata() * 255
    write_map(files["lesion"], lesion, AFFINE, (2, 2, 5), np.uint8)
    with pytest.warns(UserWarning, match="OT.nii holds 0 and 255; 255 is taken for lesion"):
        assert read(files).lesion.sum() == 1


@pytest.mark.filterwarnings("error")
def test_a_lesion_rounded_by_its_file_is_a_lesion(files):
    write_map(files["lesion"], np.full(SHAPE, 0.9999998), AFFINE, (2, 2, 5))
    assert read(files).lesion.all()


@pytest.mark.parametrize(
    ("odd", "named"), [(2, "0, 1 and 2"), (0.5, "0, 0.5 and 1"), (-1, "-1, 0")]
)
def test_a_lesion_that_is_no_mask_is_refused_with_its_file(files, odd, named):
    lesion = nib.load(files["lesion"]).get_fdata()
    lesion[0, 0, 0] = odd
    write_map(files["lesion"], lesion, AFFINE, (2, 2, 5))
    with pytest.raises(IslesError, match=f"OT.nii holds {named}"):
        read(files)


def test_another_grid_is_refused(files):
    write_map(files["MTT"], np.ones((5, 4, 2)), AFFINE, (2, 2, 5))
    with pytest.raises(IslesError, match=r"MR_MTT.nii has the grid \(5, 4, 2\), but .*MR_ADC"):
        read(files)


@pytest.mark.parametrize(("shift", "fits"), [(0.9, True), (1.1, False)])
def test_affines_may_differ_by_half_a_voxel(files, shift, fits):
    moved = AFFINE.copy()
    moved[0, 3] += shift  # voxels of 2 mm
    write_map(files["lesion"], np.ones(SHAPE), moved, (2, 2, 5), np.uint8)
    if fits:
        assert read(files).lesion.all()
    else:
        with pytest.raises(IslesError, match="different affines"):
            read(files)


def test_a_file_that_says_nothing_about_its_place_is_taken_by_its_voxels(files):
    image = nib.Nifti1Image(np.ones(SHAPE, np.float32), None)
    image.header.set_zooms((2, 2, 5))
    nib.save(image, files["CBV"])
    assert read(files).image[0, 0, 0, 1] == 1


def header_claiming(shape, datatype=np.float32):
    header = nib.Nifti1Header()
    header.set_data_dtype(datatype)
    header["dim"] = [len(shape), *shape] + [1] * (7 - len(shape))
    header["pixdim"][1:4] = 1
    header["vox_offset"] = 352
    header["magic"] = b"n+1"
    return header.binaryblock + bytes(4)


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((32767, 32767, 32767), "header is damaged"),
        ((200, 200, 200), "is cut off"),
        ((5, 4, -3), "MR_ADC.nii"),
        ((5, 4), "expected three axes"),
        ((5, 4, 3, 2), "expected three axes"),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_size_that_cannot_be_is_refused_before_memory_is_taken(
    files, shape, words, pack, monkeypatch
):
    def load(*arguments, **options):
        raise AssertionError("the voxels were asked for")

    monkeypatch.setattr(nifti, "read_values", load)
    file = files["ADC"]
    if pack is gzip.compress:
        file.unlink()
        file = file.with_name("MR_ADC.nii.gz")
    file.write_bytes(pack(header_claiming(shape) + bytes(1000)))
    with pytest.raises(IslesError, match=words):
        read(files | {"ADC": file}, ["ADC"])


@pytest.mark.parametrize("share", [0, 0.3, 0.7, 0.95])
@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_a_truncated_file_is_named(files, share, suffix, rng):
    file = files["Tmax"].with_name("MR_Tmax" + suffix)
    write_map(file, rng.normal(size=SHAPE), AFFINE, (2, 2, 5))
    if suffix == ".nii.gz":
        files["Tmax"].unlink()
    content = file.read_bytes()
    file.write_bytes(content[: int(share * len(content))])
    with pytest.raises(IslesError, match=re.escape(file.name)):
        read(files)


def test_any_byte_of_the_header_may_be_wrong(files, rng):
    whole = bytearray(files["MTT"].read_bytes())
    for place in range(0, 352, 3):
        broken = bytearray(whole)
        broken[place : place + 3] = rng.bytes(3)
        files["MTT"].write_bytes(broken)
        try:
            read(files, ["MTT"])
        except IslesError as error:
            assert "MR_MTT.nii" in str(error)


@pytest.mark.parametrize("kind", [np.complex64, np.dtype([(c, "u1") for c in "RGB"])])
def test_colours_and_complex_numbers_are_no_map(files, kind):
    nib.save(nib.Nifti1Image(np.zeros(SHAPE, kind), AFFINE), files["ADC"])
    with pytest.raises(IslesError, match="expected real numbers"):
        read(files)


def test_a_vanished_file_is_named(files):
    (case,) = find_cases(files["ADC"].parent)
    files["TTP"].unlink()
    with pytest.raises(IslesError, match="MR_TTP.nii cannot be opened, because it is not there"):
        read_case(case)


def test_a_geometry_without_numbers_is_refused(files):
    image = nib.load(files["ADC"], mmap=False)
    data, header = np.asarray(image.dataobj), image.header.copy()
    header["srow_x"] = np.nan
    files["ADC"].write_bytes(header.binaryblock + bytes(4) + data.tobytes(order="F"))
    with pytest.raises(IslesError, match="expected finite numbers"):
        read(files)


def test_real_patients(shared):
    for case in find_cases(shared / "real" / "isles22"):
        patient = read_case(case, ("ADC", "DWI"))
        assert patient.image.shape[:2] == (112, 112) and patient.image.shape[3] == 2
        assert patient.lesion.shape == patient.image.shape[:3] and patient.lesion.any()
        np.testing.assert_allclose(patient.spacing, 2, rtol=1e-5)


# Values that are none


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_air_as_0_is(files, odd, rng):
    values = rng.normal(800, 80, SHAPE)
    values[0] = 0
    for channel in CHANNELS:
        write_map(files[channel], values, AFFINE, (2, 2, 5))
    zero = read(files)
    for channel in CHANNELS:
        write_map(files[channel], np.where(values == 0, odd, values), AFFINE, (2, 2, 5))
    other = read(files)
    np.testing.assert_array_equal(other.image, zero.image)
    np.testing.assert_array_equal(other.brain, zero.brain)
    assert not other.brain[0].any() and other.brain[1:].all()


def test_a_gap_inside_the_brain_counts_as_0_and_is_told(files):
    values = np.full(SHAPE, 4.0)
    values[1, 2, 0] = np.inf
    write_map(files["Tmax"], values, AFFINE, (2, 2, 5))
    with pytest.warns(UserWarning, match="MR_Tmax.nii holds NaN or infinity in 1 voxels in which"):
        patient = read(files)
    assert patient.image[1, 2, 0, 5] == 0 and patient.brain[1, 2, 0]


def scaled_by(file, slope, kind=np.int16, value=800):
    image = nib.Nifti1Image(np.full(SHAPE, value, kind), AFFINE)
    nib.save(image, file)
    content = bytearray(file.read_bytes())
    content[112:116] = np.float32(slope).tobytes()  # scl_slope
    file.write_bytes(content)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"slope": 3e38}, "60 values beyond 3.4e38, the largest float32, .* 3e[+]38; expected"),
        ({"slope": -3e38}, "60 values beyond"),
        ({"slope": 3e38, "kind": np.float32}, "60 values beyond"),
        ({"slope": 1, "kind": np.float64, "value": 1e300}, "60 values beyond"),
        ({"slope": np.inf}, "MR_ADC.nii has the scale factor .scl_slope. inf; expected finite"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_values_that_overflow_are_refused_by_reading_check_and_browser(files, options, words):
    scaled_by(files["ADC"], **options)
    for attempt in (read, lambda files: SliceBrowser(files["ADC"])):
        with pytest.raises(IslesError, match=words):
            attempt(files)
    assert [problem for problem in check_folder(files["ADC"].parent) if problem.fatal]


@pytest.mark.parametrize("slope", [0, np.nan, 1])
def test_a_slope_that_says_nothing_changes_nothing(files, slope):
    scaled_by(files["ADC"], slope)
    assert (read(files, ["ADC"]).image == 800).all()


def test_infinity_that_lies_in_the_file_is_no_overflow(files):
    values = np.full(nib.load(files["ADC"]).shape, np.inf)
    values[0, 0, 0] = 5
    nib.save(nib.Nifti1Image(values, nib.load(files["ADC"]).affine), files["ADC"])
    assert np.flatnonzero(read(files, ["ADC"]).image).tolist() == [0]


def test_a_map_without_any_finite_value_is_refused(files):
    scaled_by(files["ADC"], 1, np.float64, np.inf)
    with pytest.raises(IslesError, match="holds no finite value"):
        read(files, ["ADC"])
    assert any("NaN or infinite" in p and p.fatal for p in check_folder(files["ADC"].parents[1]))


def test_the_lesion_of_a_patient_is_a_mask_on_its_grid():
    image, ones = np.ones((2, 2, 2, 1)), np.ones((2, 2, 2))
    patient = Patient("a", image, ones, (1, 1, 1), np.eye(4), {}, ("ADC",))
    assert patient.lesion.dtype == bool
    for lesion, words in ((0.5 * ones, "lesion of a holds 0.5"), (ones[:1], "has the grid")):
        with pytest.raises(ValueError, match=words):
            Patient("a", image, lesion, (1, 1, 1), np.eye(4), {}, ("ADC",))


def test_nan_in_a_lesion_file_is_background_outside_the_brain_only(tmp_path):
    adc, lesion = np.zeros((4, 4, 2)), np.full((4, 4, 2), np.nan)
    adc[1:3], lesion[1:3] = 800, 0
    lesion[1, 1, 0] = 1
    place = np.eye(4), (1, 1, 1)
    write_map(tmp_path / "training_1" / "MR_ADC.nii", adc, *place)
    write_map(tmp_path / "training_1" / "OT.nii", lesion, *place)
    (case,) = find_cases(tmp_path)
    assert read_case(case, ["ADC"]).lesion.sum() == 1
    assert not [p for p in check_folder(tmp_path, ["ADC"]) if p.fatal]
    lesion[2, 2, 1] = np.nan
    write_map(case.lesion, lesion, *place)
    with pytest.raises(IslesError, match="nan"):
        read_case(case, ["ADC"])
    assert any("nan" in str(p) for p in check_folder(tmp_path, ["ADC"]) if p.fatal)
