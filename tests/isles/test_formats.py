"""Files that are no NIfTI: each reader says what the file is and how to make a volume of it."""

import bz2
import gzip
import lzma
import re
import shutil
import subprocess
import zipfile

import nibabel as nib
import numpy as np
import pytest

from islesedu.errors import IslesError
from islesedu.isles.case import Case
from islesedu.isles.check import check_folder
from islesedu.isles.find import find_cases
from islesedu.isles.nifti import load, open_volume
from islesedu.isles.read import read_case
from islesedu.isles.save import write_map
from islesedu.widgets import SliceBrowser

VALUES = np.arange(1.0, 241).reshape(8, 6, 5)
AFFINE = np.diag([2.0, 2, 5, 1])
TARGET = "../.git/annex/objects/Xk/9/SHA256E-s9.nii/SHA256E-s9.nii"


@pytest.fixture
def plain(tmp_path):
    """Return the bytes of a good volume."""
    file = write_map(tmp_path / "good" / "MR_ADC.nii", VALUES, AFFINE, (2, 2, 5))
    return file.read_bytes()


def make(file, kind, plain):
    """Write one file that is no volume."""
    content = {
        "empty": b"",
        "lfs": b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
        "annex": b"/annex/objects/SHA256E-s9--4d7a.nii.gz\n",
        "html": b"\n<!DOCTYPE html><html><body>Sign in</body></html>",
        "text": b"404: Not Found",
        "plain": plain,
        "gzip": gzip.compress(plain),
        "twice": gzip.compress(gzip.compress(plain)),
        "html in gzip": gzip.compress(b"<html>Sign in</html>"),
        "bz2": bz2.compress(plain),
        "xz": lzma.compress(plain),
        "zstd": b"\x28\xb5\x2f\xfd" + bytes(500),
        "nrrd": b"NRRD0004\n# Complete NRRD file format\n",
        "dicom": bytes(128) + b"DICM" + bytes(300),
        "minc": b"CDF\1" + bytes(500),
    }
    if kind == "zip":
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("ADC.nii", plain)
    elif kind == "folder":
        file.mkdir()
    elif kind in ("datalad", "dangling"):
        file.symlink_to(TARGET if kind == "datalad" else "nowhere.nii")
    elif kind in ("mgz", "mgh"):
        nib.save(nib.MGHImage(VALUES.astype(np.float32), AFFINE), file)
    elif kind == "pair":
        nib.save(nib.Nifti1Pair(VALUES, AFFINE), file.with_suffix(".img"))
    elif kind == "analyze":
        nib.save(nib.AnalyzeImage(VALUES.astype(np.float32), AFFINE), file.with_suffix(".img"))
    elif kind != "missing":
        file.write_bytes(content[kind])
    return file


KINDS = [
    ("MR_ADC.nii", "empty", r"is empty \(0 bytes\); copy or download it again"),
    ("MR_ADC.nii.gz", "empty", r"is empty \(0 bytes\)"),
    ("MR_ADC.nii.gz", "lfs", "Git LFS pointer, not the image; run: git lfs pull"),
    ("MR_ADC.nii", "annex", "git-annex pointer, .*datalad get MR_ADC.nii"),
    ("MR_ADC.nii", "datalad", "git-annex link .*datalad get MR_ADC.nii"),
    ("MR_ADC.nii", "dangling", "is a link to nowhere.nii, which is not there"),
    ("MR_ADC.nii", "missing", "cannot be opened, because it is not there"),
    ("MR_ADC.nii.gz", "html", "is a web page"),
    ("MR_ADC.nii.gz", "html in gzip", "is a web page"),
    ("MR_ADC.nii", "text", "is a text file, not an image"),
    ("MR_ADC.nii", "folder", "is a folder; give the .nii"),
    ("MR_ADC.nii", "gzip", "packed with gzip, .*rename it to MR_ADC.nii.gz"),
    ("MR_ADC.NII", "gzip", "packed with gzip, .*rename it to MR_ADC.nii.gz"),
    ("MR_ADC.nii.gz", "plain", "not packed, .*rename it to MR_ADC.nii"),
    ("MR_ADC.nii.gz", "twice", "packed with gzip twice; unpack it twice"),
    ("MR_ADC.nii.bz2", "bz2", "packed with bzip2; unpack it"),
    ("MR_ADC.nii.xz", "xz", "packed with xz; unpack it"),
    ("MR_ADC.nii", "xz", "packed with xz; unpack it"),
    ("MR_ADC.nii.zst", "zstd", "packed with Zstandard; unpack it: unzstd MR_ADC.nii.zst"),
    ("MR_ADC.nii", "zip", "a ZIP archive; unpack it: unzip MR_ADC.nii"),
    ("MR_ADC.nii.zip", "zip", "a ZIP archive; unpack it: unzip MR_ADC.nii.zip"),
    ("a b.mgz", "mgz", r"FreeSurfer volume; convert it: nib-convert 'a b.mgz' 'a b'.nii.gz"),
    ("T1.mgh", "mgh", "FreeSurfer volume; convert it: nib-convert T1.mgh T1.nii.gz"),
    ("T1.MGZ", "mgz", "FreeSurfer volume"),
    ("MR_ADC.hdr", "pair", "half of an image pair .*nib-convert MR_ADC.hdr MR_ADC.nii"),
    ("MR_ADC.img", "pair", "half of an image pair"),
    ("MR_ADC.img", "analyze", "half of an image pair"),
    ("MR_ADC.nrrd", "nrrd", "an NRRD image; read it with SimpleITK"),
    ("IM0001.dcm", "dicom", "a DICOM file; convert the series: dcm2niix"),
    ("IM0001", "dicom", "a DICOM file; convert the series: dcm2niix"),
    ("MR_ADC.nii", "dicom", "a DICOM file"),
    ("MR_ADC.mnc", "minc", "a MINC image; convert it: nib-convert"),
]


@pytest.mark.parametrize(("name", "kind", "words"), KINDS)
def test_each_reader_says_what_a_file_is(tmp_path, plain, name, kind, words):
    file = make(tmp_path / name, kind, plain)
    with pytest.raises(IslesError, match=words) as caught:
        open_volume(file)
    assert str(file) in str(caught.value) and "\n" not in str(caught.value)
    with pytest.raises(IslesError, match=words):
        read_case(Case("p1", tmp_path, "flat", {"ADC": file}), ["ADC"])
    if kind != "missing":
        with pytest.raises(ValueError, match=words):
            SliceBrowser(file)


@pytest.mark.parametrize(("name", "kind", "words"), [k for k in KINDS if k[1] != "missing"])
def test_a_check_names_it_too(tmp_path, plain, name, kind, words):
    folder = tmp_path / "test_1"
    folder.mkdir()
    (folder / "MR_CBF.nii").write_bytes(plain)
    make(folder / name, kind, plain)
    words = words.replace(
        "is a folder; give", "a folder with the name of a file; put"
    ).removeprefix("is ")
    lines = "\n".join(check_folder(tmp_path, ["CBF"]))
    assert re.search(words, lines), lines


def test_capitals_doubled_suffixes_and_spaces_are_read(tmp_path, plain):
    for number, name in enumerate(("MR_ADC.NII", "MR_ADC.Nii", "mr_adc.nii.nii", "MR_ADC .nii")):
        file = tmp_path / f"p {number}" / name
        file.parent.mkdir()
        file.write_bytes(plain)
    for number, name in enumerate(
        ("MR_ADC.NII.GZ", "MR_ADC.nii.nii.gz", "MR_ADC.nii.gz.nii.gz"), 5
    ):
        file = tmp_path / f"p {number}" / name
        file.parent.mkdir()
        file.write_bytes(gzip.compress(plain))
    cases = find_cases(tmp_path)
    cases = [case for case in cases if case.name != "good"]
    assert [case.name for case in cases] == [f"p {n}" for n in (0, 1, 2, 3, 5, 6, 7)]
    for case in cases:
        np.testing.assert_array_equal(read_case(case, ["ADC"]).image[..., 0], VALUES)
        SliceBrowser(case.maps["ADC"])


def test_litter_of_windows_and_mac_is_no_image(tmp_path, plain):
    folder = tmp_path / "good"
    for name in ("._MR_ADC.nii", "MR_ADC.nii:Zone.Identifier", "MR_ADC.json", "MR_ADC.png"):
        (folder / name).write_bytes(b"x")
    assert check_folder(tmp_path, ["ADC"]) == []


def test_copies_are_listed_and_not_read(tmp_path, plain):
    folder = tmp_path / "good"
    for name in ("MR_ADC (1).nii", "MR_ADC(2).nii", "MR_ADC - Copy.nii", "MR_ADC copy.nii"):
        (folder / name).write_bytes(plain)
    (problem,) = check_folder(tmp_path, ["ADC"])
    assert (
        "passed over 4 files (good/MR_ADC (1).nii, " in problem and "looks like a copy" in problem
    )


def corrupt(file, plain):
    """Write a packed volume whose values unpack and whose check sum is wrong."""
    content = bytearray(gzip.compress(plain))
    content[-6] ^= 1
    file.write_bytes(content)
    return file


def test_a_wrong_check_sum_is_refused_by_every_reader(tmp_path, plain):
    file = corrupt(tmp_path / "good" / "MR_CBF.nii.gz", plain)
    case = find_cases(tmp_path)[0]
    for read in (
        lambda: load(open_volume(file)),
        lambda: read_case(case, ["ADC", "CBF"]),
        lambda: SliceBrowser(file),
    ):
        with pytest.raises(ValueError, match=r"MR_CBF.nii.gz is damaged or cut off \(CRC"):
            read()


def test_a_packed_file_is_read_once(tmp_path, plain, monkeypatch):
    file, opened = tmp_path / "a.nii.gz", []
    file.write_bytes(gzip.compress(plain))
    image, original = open_volume(file), gzip.open
    monkeypatch.setattr(gzip, "open", lambda *a, **k: opened.append(a) or original(*a, **k))
    np.testing.assert_array_equal(load(image), VALUES)
    assert len(opened) == 1


def test_packed_values_are_scaled_as_without_packing(tmp_path):
    image = nib.Nifti1Image(np.arange(60, dtype=np.int16).reshape(5, 4, 3), AFFINE)
    image.header.set_slope_inter(0.25, -3)
    for name in ("a.nii", "a.nii.gz"):
        nib.save(image, tmp_path / name)
    one, other = (load(open_volume(tmp_path / name)) for name in ("a.nii", "a.nii.gz"))
    np.testing.assert_array_equal(one, other)
    assert one.dtype == other.dtype == np.float32


@pytest.mark.skipif(not shutil.which("nib-convert"), reason="nibabel's command is not on the PATH")
def test_the_command_that_is_named_works(tmp_path):
    nib.save(nib.MGHImage(VALUES.astype(np.float32), AFFINE), tmp_path / "T1.mgz")
    subprocess.run(["nib-convert", "T1.mgz", "T1.nii.gz"], cwd=tmp_path, check=True)
    np.testing.assert_array_equal(load(open_volume(tmp_path / "T1.nii.gz")), VALUES)
