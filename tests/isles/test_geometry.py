"""Where voxels lie: units, voxel sizes, orientation codes and what contradicts them."""

import io
import logging
import struct
import warnings

import nibabel as nib
import numpy as np
import pytest

from islesedu.errors import IslesError
from islesedu.isles.check import check_folder, summarize_folder
from islesedu.isles.find import find_cases
from islesedu.isles.read import read_case
from islesedu.isles.write import read_prediction, write_patient_map, write_prediction
from islesedu.training.evaluation import evaluate
from islesedu.widgets import SliceBrowser
from islesedu.widgets.browser.inputs import BrowserError

SHAPE = (5, 4, 3)
AFFINE = np.array([[-2.0, 0, 0, 8], [0, 2, 0, -6], [0, 0, 5, -5], [0, 0, 0, 1]])
FILES = {"MR_ADC": 800, "MR_rCBF": 19, "OT": 1}
"""Median of each map; the lesion is 18 voxels of 1."""
QFORM, SFORM, PIXDIM, SROW = 252, 254, 80, 280
"""Bytes of the NIfTI-1 header at which these fields begin."""


def write(file, affine=AFFINE, *, unit="mm", poke=(), further=()):
    """Write a map or the lesion, and numbers over its header: (byte, format, number)."""
    values = np.zeros(SHAPE, np.float32)
    values[1:4, 1:3] = 1
    if (median := FILES.get(file.stem, 1)) > 1:
        values = median + np.random.default_rng(median).random(SHAPE, np.float32)
    image = nib.Nifti1Image(values.reshape(*SHAPE, *further), affine)
    image.set_qform(affine, 1)
    image.header.set_xyzt_units(unit)
    nib.save(image, file)
    content = bytearray(file.read_bytes())
    for place, kind, number in poke:
        struct.pack_into(kind, content, place, number)
    file.write_bytes(content)


def placeless(*more):
    return {"poke": [(QFORM, "<h", 0), (SFORM, "<h", 0), *more]}


def pixdim(*edges):
    return [(PIXDIM + 4 * axis, "<f", edge) for axis, edge in enumerate(edges)]


@pytest.fixture
def study(tmp_path):
    """Write one case; options for all files, and for single ones by their name."""

    def make(of=None, **options):
        folder = tmp_path / "study" / "training_1"
        folder.mkdir(parents=True)
        for name in FILES:
            write(folder / f"{name}.nii", **(options | (of or {}).get(name, {})))
        return folder

    return make


def read(folder, channels=("ADC", "CBF")):
    """Return a patient and the sentences that were said about it."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        patient = read_case(find_cases(folder)[0], channels)
    return patient, [str(warning.message).replace(f"{folder}/", "") for warning in caught]


def problems(folder):
    found = check_folder(folder.parent, ("ADC", "CBF"))
    return [problem.replace(f"{folder}/", "") for problem in found]


def every_voxel_size(folder, tmp_path):
    """Return the voxel size that each reader takes, and the lesion's volume from `evaluate`."""
    patient, _ = read(folder)
    write_prediction(patient, patient.lesion, tmp_path / "out")
    (row,) = evaluate(tmp_path / "out", folder).to_dict("records")
    browser = SliceBrowser(folder / "MR_ADC.nii")
    summary = summarize_folder(folder.parent)
    return patient.spacing, browser.sides[0].volume.spacing, summary, row["true_ml"]


def check_all_say(folder, tmp_path, spacing=(2.0, 2.0, 5.0)):
    own, shown, summary, volume = every_voxel_size(folder, tmp_path)
    assert own == spacing and shown == spacing
    assert "spacing {:.2f} x {:.2f} x {:.2f} mm".format(*spacing) in summary
    assert volume == pytest.approx(18 * np.prod(spacing) / 1000)


@pytest.mark.parametrize(("unit", "factor"), [("mm", 1), ("meter", 1e-3), ("micron", 1e3)])
def test_every_unit_becomes_mm(study, tmp_path, unit, factor):
    scale = np.diag([factor, factor, factor, 1])
    folder = study(affine=scale @ AFFINE, unit=unit)
    check_all_say(folder, tmp_path)
    patient, said = read(folder)
    np.testing.assert_array_equal(patient.affine, AFFINE)
    assert not said and not problems(folder)


def test_a_mask_in_another_unit_lies_where_the_maps_lie(study):
    micron = {"affine": np.diag([1e3, 1e3, 1e3, 1]) @ AFFINE, "unit": "micron"}
    assert read(study({"OT": micron}))[0].lesion.sum() == 18


def test_a_wrong_unit_is_told(study):
    folder = study(unit="micron")
    assert "(0.002, 0.002, 0.005) mm are none of a head; mend xyzt_units" in read(folder)[1][0]
    assert sum("none of a head" in problem for problem in problems(folder)) == 3


@pytest.mark.parametrize("edges", [(1, 1, 1), (0, 0, 0), (-2, 2, 5), (np.nan, 2, 5), (5, 2, 2)])
def test_the_sform_decides_and_another_pixdim_is_told(study, tmp_path, edges):
    folder = study(poke=pixdim(*edges))
    check_all_say(folder, tmp_path)
    words = f"MR_ADC.nii: pixdim says voxels of {edges} mm, the sform (2, 2, 5) mm"
    assert read(folder)[1] == [words + "; the sform is used"] == problems(folder)[:1]


def test_nibabel_says_nothing_of_its_own_repairs(study):
    folder, stream = study(poke=pixdim(0, 2, 5)), io.StringIO()
    handler = logging.StreamHandler(stream)
    nib.imageglobals.logger.addHandler(handler)
    try:
        read(folder)
    finally:
        nib.imageglobals.logger.removeHandler(handler)
    assert stream.getvalue() == ""  # it sets 0 to 1, the kit takes the sform


def test_without_sform_a_negative_pixdim_counts_without_its_sign(study, tmp_path):
    folder = study(poke=[(SFORM, "<h", 0), *pixdim(-2, 2, 5)])
    check_all_say(folder, tmp_path)
    assert read(folder)[1] == ["MR_ADC.nii: pixdim says voxels of (-2, 2, 5) mm, (2, 2, 5) is used"]


@pytest.mark.parametrize(
    ("poke", "words"),
    [
        ([(SFORM, "<h", 0), *pixdim(0, 2, 5)], r"\(pixdim\) of \(0, 2, 5\) and no sform"),
        (placeless(*pixdim(2, np.inf, 5))["poke"], r"\(pixdim\) of \(2, inf, 5\) and no sform"),
        (
            [(SROW + 4 * n, "<f", 0) for n in range(12)],
            r"voxels of \(0, 0, 0\) mm .* mend the sform",
        ),
        ([(SROW, "<f", np.nan)], "expected finite numbers"),
        ([(SROW + 16, "<f", -2), (SROW + 20, "<f", 0)], "three axes that span the space"),
        ([(SROW + 4, "<f", -2), (SROW + 20, "<f", 0)], "three axes that span the space"),
    ],
)
def test_a_geometry_that_is_none_is_refused_by_all(study, poke, words):
    folder = study(poke=poke)
    for attempt in (read, lambda folder: SliceBrowser(folder / "MR_ADC.nii")):
        with pytest.raises(IslesError, match=words):
            attempt(folder)
    assert all(problem.fatal for problem in check_folder(folder.parent, ("ADC", "CBF")))


def test_a_qform_elsewhere_is_told_and_the_sform_is_used(study):
    folder = study(poke=[(268, "<f", 28)])  # qoffset_x
    patient, said = read(folder)
    np.testing.assert_array_equal(patient.affine, AFFINE)
    words = "its qform lies up to 10.0 voxels away from its sform; the sform is used"
    assert said == [f"MR_ADC.nii: {words}"] and len(problems(folder)) == 3


def test_a_qform_within_half_a_voxel_is_no_matter(study):
    assert read(study(poke=[(268, "<f", 8.9)]))[1] == []


def test_a_sheared_sform_is_told(study):
    folder = study(poke=[(SROW + 4, "<f", 0.5)])
    assert "MR_ADC.nii: the axes of its sform are not at right angles" in problems(folder)[0]
    assert "not at right angles" in read(folder)[1][0]


# Orientation codes


def test_the_place_comes_from_a_map_that_has_one(study, tmp_path):
    folder = study({"MR_ADC": placeless()})
    patient, said = read(folder)
    np.testing.assert_array_equal(patient.affine, AFFINE)
    assert patient.placed and len(said) == 1
    assert said[0].endswith("its voxels are taken to lie as those of MR_rCBF.nii")
    assert said == problems(folder)
    written = nib.load(write_prediction(patient, patient.lesion, tmp_path)).header
    np.testing.assert_array_equal(written.get_best_affine(), AFFINE)
    assert (written["qform_code"], written["sform_code"]) == (1, 2)


def test_the_place_may_come_from_a_map_that_was_not_asked_for(study):
    folder = study({"MR_ADC": placeless(), "OT": placeless()})
    np.testing.assert_array_equal(read(folder, ["ADC"])[0].affine, AFFINE)


def test_a_voxel_size_other_than_that_of_the_place_is_told(study, tmp_path):
    folder = study({"MR_ADC": placeless(*pixdim(1, 1, 1))})
    patient, said = read(folder)
    assert patient.spacing == (2, 2, 5) and len(said) == 2
    assert "voxels of (1, 1, 1) mm, but MR_rCBF.nii has (2, 2, 5); the latter are used" in said[1]


@pytest.mark.parametrize("name", ["MR_rCBF", "OT"])
def test_a_file_elsewhere_than_the_place_is_refused_although_the_first_has_none(study, name):
    far, codes = {"affine": AFFINE + np.eye(4, k=3) * 40}, {"MR_ADC": placeless()}
    folder = study(codes | {"OT": {}} | {name: far})
    with pytest.raises(IslesError, match=r"lies up to 20.0 voxels away from MR_rCBF.nii"):
        read(folder)
    assert [problem for problem in check_folder(folder.parent, ("ADC", "CBF")) if problem.fatal]


def test_a_prediction_elsewhere_is_refused_for_an_adc_without_codes(study, tmp_path):
    folder = study({"MR_ADC": placeless()})
    patient, _ = read(folder)
    file = write_prediction(patient, patient.lesion, tmp_path / "out")
    with pytest.warns(UserWarning, match="taken to lie"):  # for `evaluate` reads the ADC only
        assert evaluate(tmp_path / "out", folder)["dice"].tolist() == [1]
    image = nib.load(file, mmap=False)
    shifted = AFFINE + np.eye(4, k=3) * 40
    nib.save(nib.Nifti1Image(np.asarray(image.dataobj), shifted), file)
    with pytest.raises(IslesError, match="20.0 voxels away from MR_rCBF.nii"):
        read_prediction(tmp_path / "out", patient.case)


def test_left_and_right_are_unknown_where_no_file_says(study, tmp_path):
    folder = study(**placeless())
    check_all_say(folder, tmp_path)
    patient, said = read(folder)
    assert not patient.placed and said == problems(folder) and len(said) == 1
    assert said[0].startswith("MR_ADC.nii") and said[0].endswith("left and right are unknown")


@pytest.mark.parametrize("plane", ["axial", "coronal", "sagittal"])
def test_the_browser_draws_no_letters_where_they_are_unknown(study, plane):
    folder = study(**placeless())
    with pytest.warns(UserWarning, match="left and right are unknown"):
        by_path = SliceBrowser(folder / "MR_ADC.nii", plane=plane)
    for browser in (by_path, SliceBrowser(read(folder)[0], plane=plane)):
        (side,) = browser.meta["sides"]
        assert side["planes"][plane]["labels"] == ("",) * 4 and side["placed"] is False
        assert side["name"].endswith("left and right unknown")
        texts = [text.get_text() for ax in browser.figure().axes for text in ax.texts]
        assert not set(texts) & set("RLAPSI")
    known = SliceBrowser(folder / "MR_ADC.nii", affine=AFFINE)
    assert known.meta["sides"][0]["planes"]["axial"]["labels"] == ("R", "L", "A", "P")


# Other grids, further axes, what is written


@pytest.mark.parametrize("kind", ["lesion", "prediction", "probability"])
def test_all_eight_corners_must_lie_together(study, tmp_path, kind):
    turned = AFFINE.copy()  # the first and the last voxel stay where they are
    turned[0, 0] += 6 / 4
    turned[0, 1] -= 6 / 3
    write(tmp_path / "other.nii", turned)
    folder = study()
    with pytest.raises(BrowserError, match=f"{kind} lies 6.0 mm from the patient"):
        SliceBrowser(folder / "MR_ADC.nii", **{kind: tmp_path / "other.nii"})


def test_axes_of_one_are_no_axes(study, tmp_path):
    folder = study({"OT": {"further": (1, 1)}, "MR_rCBF": {"further": (1,)}}, further=(1,))
    check_all_say(folder, tmp_path)
    patient, _ = read(folder)
    written = nib.load(write_prediction(patient, patient.lesion[..., None], tmp_path / "out"))
    assert written.shape == SHAPE
    browser = SliceBrowser(folder / "MR_ADC.nii", lesion=folder / "OT.nii")
    assert browser.sides[0].truth.shape == SHAPE
    array = np.ones((*SHAPE, 1, 1))
    assert SliceBrowser(array, lesion=array).sides[0].volume.image.shape == (*SHAPE, 1)


def test_a_batch_of_one_map_is_no_volume():
    with pytest.raises(BrowserError, match="take one patient of the batch"):
        SliceBrowser(np.ones((2, *SHAPE, 1)))


@pytest.mark.parametrize("unit", ["mm", "meter"])
def test_a_probability_has_the_geometry_of_the_mask(study, tmp_path, unit):
    factor = 1e-3 if unit == "meter" else 1
    folder = study(affine=np.diag([factor, factor, factor, 1]) @ AFFINE, unit=unit)
    patient, _ = read(folder)
    mask = nib.load(write_prediction(patient, patient.lesion, tmp_path / "out")).header
    file = write_patient_map(patient, tmp_path / "p.nii.gz", np.full(SHAPE, 0.3, np.float32))
    assert (nib.load(file).get_fdata(dtype=np.float32) == np.float32(0.3)).all()
    own = nib.load(file).header
    fields = "qform_code sform_code quatern_b quatern_c quatern_d qoffset_x qoffset_y qoffset_z"
    for field in [*fields.split(), "srow_x", "srow_y", "srow_z", "xyzt_units", "pixdim"]:
        np.testing.assert_array_equal(own[field], mask[field], err_msg=field)


@pytest.mark.parametrize("signs", [(1, 1, 1), (-1, 1, 1), (1, 1, -1)])
@pytest.mark.parametrize("kind", [">f8", "<i2", "<u2", ">i2", "<i8"])
def test_orientations_types_and_nifti2_are_read_right(tmp_path, signs, kind, rng):
    values = rng.integers(0, 100, SHAPE)
    affine = np.diag([*signs, 1.0]) @ AFFINE
    folder = tmp_path / "training_1"
    folder.mkdir()
    image = nib.Nifti2Image(values.astype(kind), affine, dtype=np.dtype(kind))
    image.header.set_slope_inter(0.5, -3)
    nib.save(image, folder / "MR_ADC.nii")
    patient, said = read(folder, ["ADC"])
    assert patient.spacing == (2, 2, 5) and not said
    np.testing.assert_array_equal(patient.affine, affine)
    np.testing.assert_allclose(patient.image[..., 0], values * 0.5 - 3)
