"""The sample patient in data/ is the one that the stated command makes."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from islesedu import metrics
from islesedu.cli import main
from islesedu.isles.check import check_folder
from islesedu.isles.find import find_cases
from islesedu.isles.read import read_case
from islesedu.phantom.cohort import MARKER, read_state, read_truth

DATA = Path(__file__).resolve().parents[2] / "data"


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    """Run the command that data/README.md states, for another folder."""
    text = (DATA / "README.md").read_text(encoding="utf-8")
    command = re.search(r"`\.venv/bin/islesedu (data make data/sample .*?)`", text)[1]
    folder = tmp_path_factory.mktemp("made again") / "sample"
    words = [str(folder) if word == "data/sample" else word for word in shlex.split(command)]
    with pytest.raises(SystemExit) as end:
        main(words)
    assert not end.value.code
    return folder


def test_the_stated_command_makes_the_sample_patient(again):
    (ours,), (made,) = find_cases(DATA / "sample"), find_cases(again)
    one, other = read_case(ours), read_case(made)
    assert one.clinical == other.clinical and one.spacing == other.spacing
    # The last digit depends on the processor, and may move a voxel over a limit.
    close = np.isclose(one.image, other.image, rtol=1e-3, atol=1e-3)
    assert close.mean() > 0.9999
    assert metrics.dice(one.lesion, other.lesion) > 0.999
    states = read_state(DATA / "sample", ours.name), read_state(again, made.name)
    assert (states[0] == states[1]).mean() > 0.999
    truths = [read_truth(folder, ours.name) for folder in (DATA / "sample", again)]
    for word in ("occluded", "TICI", "TSS", "TTT", "mRS", "forgotten"):
        assert truths[0][word] == truths[1][word]
    assert truths[0]["volumes_ml"] == pytest.approx(truths[1]["volumes_ml"], rel=1e-2)
    markers = [(folder / MARKER).read_text(encoding="utf-8") for folder in (DATA / "sample", again)]
    assert markers[0] == markers[1]


def test_the_sample_patient_is_small_and_whole():
    size = sum(file.stat().st_size for file in (DATA / "sample").rglob("*") if file.is_file())
    assert size < 1e6
    assert not any(problem.fatal for problem in check_folder(DATA / "sample"))


def test_the_sample_patient_has_a_stroke_worth_looking_at():
    volumes = read_truth(DATA / "sample", "training_1")["volumes_ml"]
    assert 20 < volumes["core"] < 100 and 20 < volumes["penumbra"] < 100
    patient = read_case(find_cases(DATA / "sample")[0])
    assert volumes["lesion"] == pytest.approx(
        metrics.volume_ml(patient.lesion, patient.spacing), abs=1e-3
    )
    left = patient.lesion.sum(axis=(1, 2)).cumsum() / patient.lesion.sum()
    middle = patient.lesion.shape[0] // 2
    assert left[middle] < 0.1  # x grows to the patient's right
