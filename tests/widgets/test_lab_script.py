"""NetworkLab's JavaScript without a browser: files, edits and scores, beside NumPy's."""

import gzip
import json
import shutil
import subprocess
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

import islesedu.widgets
from islesedu import CHANNELS
from islesedu.isles.orientation import directions
from islesedu.training.preprocess import standardize
from islesedu.widgets.browser.packing import levels
from islesedu.widgets.lab.about import probe_image
from tests.widgets.lab_pages import normal_numbers

pytestmark = pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
FOLDER = Path(islesedu.widgets.__file__).parent
SHAPE = (21, 18, 9)
AFFINES = {
    "LAS": np.diag([-2.0, 2, 5, 1]),
    "turned": np.array([[0, 2.0, 0, 3], [-2, 0, 0, 1], [0, 0, 4, 0], [0, 0, 0, 1]]),
}
SCRIPT = """
import fs from "fs";
import { applyEdits, normalNumbers } from "./widgets/lab/edits.js";
import { complete, countsOf, levelsOf } from "./widgets/lab/describe.js";
import { channelOfFile, patientOfFiles } from "./widgets/lab/patient.js";
import { probeOf } from "./widgets/lab/predictor.js";
import { cutInput, mirrorInput, standardize, uncut, xFastest } from "./widgets/lab/standardize.js";
const { channels, edits, names } = JSON.parse(fs.readFileSync("given.json"));
const files = {};
for (const name of fs.readdirSync("files")) {
  files[channelOfFile(name, channels)] = { name, bytes: new Uint8Array(fs.readFileSync(`files/${name}`)) };
}
const patient = complete(await patientOfFiles("one", files, channels)), { shape, box } = patient;
const numbers = (array) => Array.from(array), input = standardize(patient.maps, shape);
const after = Object.fromEntries(Object.entries(edits).map(([name, list]) => {
  const { maps, lesion } = applyEdits(patient, list.map((e) => ({ ...e, region: patient.lesion })));
  return [name, { maps: maps.map(numbers), lesion: numbers(lesion) }];
}));
const { image, sizes } = cutInput(input, shape, channels.length, box);
const probability = Float32Array.from({ length: 2000 }, (_, i) => i / 1999), normal = normalNumbers(3);
fs.writeFileSync("found.json", JSON.stringify({ after, box, sizes, input: numbers(input),
  directions: patient.directions, affine: patient.affine, spacing: patient.spacing,
  cut: numbers(image), back: numbers(uncut(Float32Array.from(image.filter((_v, i) => i % channels.length === 0)), shape, box)),
  flipped: numbers(mirrorInput(input, shape, channels.length, 0)), swapped: numbers(xFastest(input.filter((_v, i) => i % channels.length === 2), shape)),
  levels: numbers(levelsOf(probability)), counts: countsOf(levelsOf(probability), null).probability[0],
  normal: Array.from({ length: 5 }, () => normal()), probe: numbers(probeOf([2, 3, 1, 6])), names: names.map((name) => channelOfFile(name, channels)) }));
"""  # noqa: E501
EVERY = list(range(6))
EDITS = {
    "off": [{"kind": "off", "channel": 5}],
    "on": [{"kind": "off", "channel": 5}, {"kind": "on", "channel": 5}],
    "scale": [{"kind": "scale", "channel": 2, "factor": 3, "shift": -4}],
    "noise": [{"kind": "noise", "channel": 0, "amount": 0.7, "seed": 3}],
    "flip": [{"kind": "flip"}],
    "occlude": [{"kind": "fill", "head": True}, {"kind": "occlude", "channels": [1, 2]}],
    "replace": [{"kind": "replace", "channels": EVERY}],
    "move": [{"kind": "move", "by": [-2, 1, 0]}],
}
NAMES = {
    "VSD.Brain.XX.O.MR_rCBF.128020.nii": "CBF",
    "sub-strokecase0001_ses-0001_adc.nii.gz": "ADC",
    "MR_Tmax.nii": "Tmax",
    "OT.nii.gz": "lesion",
    "other.nii": None,
}


@pytest.fixture(scope="module")
def image():
    image = np.random.default_rng(1).gamma(2, 50, size=(*SHAPE, 6)).astype(np.float32)
    image[:3] = 0
    image[2, 3, 4, 1] = 0  # NaN in the file
    return image


@pytest.fixture(scope="module")
def lesion():
    return (np.arange(np.prod(SHAPE)) % 7 == 0).reshape(SHAPE, order="F")


@pytest.fixture(scope="module", params=AFFINES)
def found(request, image, lesion, tmp_path_factory):
    """What the script makes of six maps and a lesion, of several types."""
    place, affine = tmp_path_factory.mktemp("lab"), AFFINES[request.param]
    shutil.copytree(FOLDER, place / "widgets")
    (place / "package.json").write_text('{"type": "module"}')
    (place / "files").mkdir()
    for number, channel in enumerate(CHANNELS):
        values = image[..., number].copy()
        values[2, 3, 4] = np.nan if number == 1 else values[2, 3, 4]
        kind = (">f4", "f8", "f4")[number % 3]
        content = nib.Nifti1Image(values.astype(kind), affine).to_bytes()
        (place / "files" / f"MR_{channel}.nii.gz").write_bytes(gzip.compress(content))
    volume = nib.Nifti1Image((lesion * 4).astype(np.int16), None)
    volume.header.set_qform(affine, 1)
    volume.header.set_sform(None, 0)
    volume.header.set_slope_inter(0.25, 0)
    (place / "files" / "OT.nii").write_bytes(volume.to_bytes())
    given = {"channels": CHANNELS, "edits": EDITS, "names": list(NAMES)}
    (place / "given.json").write_text(json.dumps(given))
    (place / "try.mjs").write_text(SCRIPT)
    subprocess.run(["node", "try.mjs"], cwd=place, check=True, timeout=300)
    return json.loads((place / "found.json").read_text()) | {"wanted": affine}


def test_files_are_read_and_standardized_as_in_python(found, image):
    np.testing.assert_allclose(
        np.reshape(found["input"], image.shape), standardize(image), atol=1e-6
    )
    np.testing.assert_allclose(found["affine"], found["wanted"], atol=1e-6)
    assert tuple(map(tuple, found["directions"])) == directions(found["wanted"])
    np.testing.assert_allclose(found["spacing"], np.linalg.norm(found["wanted"][:3, :3], axis=0))
    assert dict(zip(NAMES, found["names"], strict=True)) == NAMES


def test_edits_are_what_numpy_makes_of_them(found, image, lesion):
    axis = directions(found["wanted"])[0][0]
    inside = np.flatnonzero((image != 0).any(-1).any(tuple({0, 1, 2} - {axis})))
    opposite = inside[0] + inside[-1] - np.arange(SHAPE[axis])
    exists = (opposite >= 0) & (opposite < SHAPE[axis])
    other = image.take(np.where(exists, opposite, np.arange(SHAPE[axis])), axis=axis)
    wanted = {name: image.astype(np.float64) for name in EDITS}
    wanted["off"][..., 5] = image[..., 5].astype(float).mean()
    wanted["scale"][..., 2] = wanted["scale"][..., 2] * 3 - 4
    noise = normal_numbers(3, lesion.size).reshape(SHAPE, order="F")
    wanted["noise"][..., 0] += 0.7 * image[..., 0].astype(float).std() * noise
    wanted["flip"] = np.flip(wanted["flip"], axis)
    brain = (image != 0).any(-1)
    for channel in (1, 2):
        wanted["occlude"][lesion, channel] = image[brain, channel].astype(float).mean()
    for name in ("replace", "move"):
        wanted[name][lesion] = other[lesion]
    places = np.argwhere(lesion)
    to = places + [-2, 1, 0]
    kept = ((to >= 0) & (to < SHAPE)).all(1)
    wanted["move"][tuple(to[kept].T)] = image[tuple(places[kept].T)]
    for name, expected in wanted.items():
        maps = found["after"][name]["maps"]
        maps = np.stack([np.reshape(one, SHAPE, order="F") for one in maps], -1)
        np.testing.assert_allclose(maps, expected, atol=1e-3, rtol=1e-5, err_msg=name)
    moved = np.zeros(SHAPE, bool)
    moved[tuple(to[kept].T)] = True
    masks = {"off": lesion, "flip": np.flip(lesion, axis), "replace": np.zeros(SHAPE, bool)}
    for name, expected in (masks | {"move": moved}).items():
        mask = np.reshape(found["after"][name]["lesion"], SHAPE, order="F").astype(bool)
        np.testing.assert_array_equal(mask, expected, err_msg=name)


def test_the_box_the_mirror_and_the_order_of_voxels(found, image):
    input_ = standardize(image)
    box = tuple(slice(*ends) for ends in found["box"])
    assert found["box"][0] == [3, 21]
    cut = np.reshape(found["cut"], (*found["sizes"], 6))
    np.testing.assert_allclose(cut, input_[box], atol=1e-6)
    back = np.zeros(SHAPE, np.float32)
    back[box] = input_[box][..., 0]
    np.testing.assert_allclose(np.reshape(found["back"], SHAPE), back, atol=1e-6)
    np.testing.assert_allclose(np.reshape(found["flipped"], image.shape), input_[::-1], atol=1e-6)
    swapped = np.reshape(found["swapped"], SHAPE, order="F")
    np.testing.assert_allclose(swapped, input_[..., 2], atol=1e-6)


def test_levels_counts_and_the_probe_are_those_of_python(found):
    probability = (np.arange(2000) / 1999).astype(np.float32)
    np.testing.assert_array_equal(found["levels"], levels(probability))
    above = [int((probability > np.float32(k / 200)).sum()) for k in range(201)]
    assert found["counts"] == above
    np.testing.assert_array_equal(np.float32(found["probe"]), probe_image((2, 3, 1, 6)).ravel())
    np.testing.assert_allclose(found["normal"], normal_numbers(3, 5))
