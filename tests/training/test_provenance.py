import dataclasses
import gzip
import hashlib
import json

import nibabel as nib
import numpy as np
import pytest

from islesedu.isles.case import Case
from islesedu.training.provenance import fingerprint, is_older, renew, status, was_seen

AFFINE = np.array([[-1.125, 0, 0, 98.765], [0, 1.125, 0, -120.5], [0, 0, 6.5, 0.05], [0, 0, 0, 1]])


def case_of(file, name="training_1", channel="ADC"):
    return Case(name, file.parent, "flat", {channel: file})


@pytest.fixture
def values(rng):
    return np.where(rng.random((7, 6, 4)) < 0.3, 0, rng.integers(1, 2000, (7, 6, 4)))


@pytest.fixture
def case(values, tmp_path):
    """A case whose map holds whole numbers as float32."""
    nib.save(nib.Nifti1Image(values.astype(np.float32), AFFINE), tmp_path / "MR_ADC.nii")
    return case_of(tmp_path / "MR_ADC.nii")


def saved(case, name, change=lambda image: image):
    """Return a case whose map another program has changed and saved."""
    file = case.folder / name
    nib.save(change(nib.load(case.maps["ADC"])), file)
    return case_of(file)


def as_type(kind):
    return lambda image: nib.Nifti1Image(image.get_fdata().astype(kind), image.affine)


def noisy_place(image):
    affine = image.affine.astype(np.float32)
    return nib.Nifti1Image(image.get_fdata(), np.nextafter(affine, np.float32(1e9)))


def qform_only(image):
    again = nib.Nifti1Image(np.asarray(image.dataobj), None, image.header)
    again.set_qform(image.affine, 1)
    again.set_sform(None, 0)
    return again


def nan_outside(image):
    values = image.get_fdata()
    return nib.Nifti1Image(np.where(values == 0, np.nan, values), image.affine)


SAME = {
    "float64.nii": as_type(np.float64),
    "int16.nii.gz": as_type(np.int16),
    "big.nii": lambda image: nib.Nifti1Image(
        image.get_fdata().astype(">f4"), image.affine, nib.Nifti1Header(endianness=">")
    ),
    "NIfTI-2.nii": lambda image: nib.Nifti2Image(np.asarray(image.dataobj), image.affine),
    "one more axis.nii": lambda image: nib.Nifti1Image(image.get_fdata()[..., None], image.affine),
    "RAS.nii.gz": nib.as_closest_canonical,
    "noise.nii": noisy_place,
    "qform.nii": qform_only,
    "nan.nii": nan_outside,
    "minus zero.nii": lambda image: nib.Nifti1Image(
        np.where(image.get_fdata() == 0, -0.0, image.get_fdata()), image.affine
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_the_same_image_in_another_file_is_the_same_patient(case, name):
    again = saved(case, name, SAME[name])
    assert again.maps["ADC"].read_bytes() != case.maps["ADC"].read_bytes()
    assert fingerprint(again) == fingerprint(case)


@pytest.mark.parametrize("level, time", [(1, 0), (9, 0), (9, 12345)])
def test_packed_by_any_program_it_is_the_same_patient(case, level, time):
    file = case.folder / "again.nii.gz"
    file.write_bytes(gzip.compress(case.maps["ADC"].read_bytes(), level, mtime=time))
    assert fingerprint(case_of(file)) == fingerprint(case)


def test_values_that_a_header_scales_are_the_same_however_they_are_stored(case):
    file = case.folder / "scaled.nii"
    content = bytearray(
        case.folder.joinpath(saved(case, "i.nii", as_type("i2")).maps["ADC"]).read_bytes()
    )
    content[112:120] = np.array([0.1, 3.3], "<f4").tobytes()  # scl_slope, scl_inter
    file.write_bytes(content)
    scaled = case_of(file)
    assert nib.load(file).get_fdata().max() < 300
    for name, change in SAME.items():
        if name in ("float64.nii", "big.nii", "NIfTI-2.nii"):  # the others round to 16 bits anew
            assert fingerprint(saved(scaled, name, change)) == fingerprint(scaled), name


def changed_voxel(image):
    values = image.get_fdata()
    values[3, 3, 2] += 1
    return nib.Nifti1Image(values, image.affine)


OTHER = {
    "voxel.nii": changed_voxel,
    "size.nii": lambda image: nib.Nifti1Image(
        image.get_fdata(), image.affine @ np.diag([2, 2, 1, 1])
    ),
    "shape.nii": lambda image: nib.Nifti1Image(image.get_fdata().reshape(6, 7, 4), image.affine),
    "mirrored.nii": lambda image: nib.Nifti1Image(image.get_fdata()[::-1], image.affine),
}


@pytest.mark.parametrize("name", OTHER)
def test_another_image_is_another_patient(case, name):
    assert fingerprint(saved(case, name, OTHER[name])) != fingerprint(case)


def test_only_the_map_that_stands_for_the_case_is_read(case):
    maps = case.maps | {name: case.folder / "nowhere.nii" for name in ("CBF", "Tmax", "4DPWI")}
    assert fingerprint(dataclasses.replace(case, maps=maps)) == fingerprint(case)
    series = dataclasses.replace(case, maps={"4DPWI": case.maps["ADC"]})
    with pytest.raises(ValueError, match="case training_1 in .* has no map that could stand for"):
        fingerprint(series)


def older(case):
    return hashlib.sha256(case.maps["ADC"].read_bytes()).hexdigest()[:16]


def test_an_older_record_is_renewed_where_the_files_are_still_the_same(case, tmp_path):
    other = saved(case, "other.nii", changed_voxel)
    record = {"seed": 2017, "fingerprints": [older(case), older(other)], "x": "0123456789abcdef"}
    file = tmp_path / "run.json"
    file.write_text(json.dumps(record))
    renew(file, [case, saved(other, "packed.nii.gz")])
    kept = record | {"fingerprints": [fingerprint(case), older(other)]}
    assert json.loads(file.read_text()) == kept
    time = file.stat().st_mtime_ns
    renew(file, [case])
    assert file.stat().st_mtime_ns == time
    renew(tmp_path / "nowhere.json", [case])
    assert not (tmp_path / "nowhere.json").exists()


def run_of(*prints, training=("training_1",)):
    return {"fingerprints": list(prints), "training": list(training)}


def test_what_an_older_run_cannot_know_is_unknown(case):
    packed = saved(case, "packed.nii.gz")
    old, new = run_of(older(case)), run_of(fingerprint(case))
    assert was_seen(case, fingerprint(case), [old]) is True
    assert was_seen(packed, fingerprint(packed), [old]) is None
    assert was_seen(packed, fingerprint(packed), [old, new]) is True
    other = saved(case, "other.nii", changed_voxel)
    assert was_seen(other, fingerprint(other), [new]) is False
    assert was_seen(other, fingerprint(other), [run_of()]) is False


def test_another_visit_of_a_training_patient_is_not_held_out(case):
    visit = dataclasses.replace(case, name="sub-01_ses-02")
    for name in ("sub-01_ses-01", "sub-01"):
        run = run_of("voxels-0", training=[name])
        assert was_seen(visit, fingerprint(visit), [run]) is None
    run = run_of("voxels-0", training=["sub-02_ses-01"])
    assert was_seen(visit, fingerprint(visit), [run]) is False


def test_the_status_of_a_mask_follows_the_record(case):
    own, packed = fingerprint(case), saved(case, "packed.nii.gz")

    def said(one, seen, recorded):
        return status({"training_1": {"fingerprint": recorded, "seen": seen}}, one)

    assert said(packed, True, own) == "seen in training" and said(packed, False, own) == "held out"
    assert said(case, None, own) == said(case, False, "voxels-0") == "unknown"
    assert status({}, case) == "unknown"
    assert said(case, True, older(case)) == "seen in training"
    assert said(case, False, older(case)) == said(packed, True, older(case)) == "unknown"
    assert is_older(older(case)) and not is_older(own)
