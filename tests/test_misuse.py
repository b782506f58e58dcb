"""Arguments without sense: one sentence, at once, and nothing is loaded or written."""

import json
import sys

import pytest

from islesedu.cli import main

PLACES = ("", " ", "file", "file/below", "link")
WRITES = (
    "train data --output",
    "compare data --output",
    "cluster local data --output",
    "predict runs data --output",
    "data make",
    "lessons run 01 --output",
    "evaluate masks data --csv",
    "export-network runs -o",
    "network-lab data --run runs --output",
)
READS = (
    "train {} --output o",
    "compare {} --output o",
    "cluster local {} --output o",
    "predict runs {} --output o",
    "predict {} data --output o",
    "evaluate masks {}",
    "evaluate {} data",
    "data check {}",
    "lessons list --notebooks {}",
    "export-network {} -o o.onnx",
    "network-lab {} --run runs --output o",
)
VALUES = {
    "train data --output o": {
        "--channels": ["", "ADC,ADC", "adc,ADC", "XYZ"],
        "--filters": ["0", "3000", "2.5", "9" * 5000],
        "--loss": ["", "dice"],
        "--steps": ["0", "-1", "99999999999"],
        "--seed": ["-1", "4294967296"],
        "--optimizer": ["lion"],
        "--learning-rate": ["inf", "nan", "0", "-1", "1e-300", "x"],
        "--decay": ["", "cosine"],
        "--validation-split": ["1.0", "nan", "-0.5"],
        "--checkpoint-every": ["0", "1.5"],
        "--network": ['{"foo": 3}', "3", "[]", "{", "[" * 9999, '{"filters": 2}']
        + ['{"kernel_size": 100000}', '{"initial_bias": NaN}', '{"convolutions": "12"}'],
        "--recipe": ["", "x", "flip=nan", "flip=1;flip=1", "patch=0x1x1"],
        "--clinical": ["", "TICI,TICI", "mRS"],
        "--fusion": ["concat"],  # and no clinical columns
    },
    "compare data --output o": {
        "--losses": ["", "combined,combined"],
        "--folds": ["1", "-2"],
        "--threshold": ["nan", "2"],
        "--component-share": ["inf", "-1"],
        "--search": ["", "rate=nan", "rate=0.1,0.1", "filters=3000", "steps=0"],
        "--inner-folds": ["0", "2"],  # 2, and no search
        "--sampler": ["random"],
        "--trials": ["0"],
        "--jobs": ["0", "x"],
        "--seed": ["4294967295"],  # each fold has its own
    },
    "cluster local data --output o": {
        "--wait": ["nan", "inf", "0"],
        "--threads": ["-1", "100000"],
        "--workers": ["0", "1000000"],
        "--ps": ["-1", "1000000"],
    },
    "predict runs data --output o": {"--threshold": ["nan", "1.1"], "--component-share": ["-1"]},
    "data make o --scale 1": {"--training": ["1000000", "-1", "x"], "--seed": ["-1", "9" * 40]},
    "data make o --training 9000": {"--scale": ["0", "nan", "3"], "--jobs": ["0", "100000"]},
    "lessons run 01": {"--jobs": ["0", "-1", "x"], "--timeout": ["0", "nan", "inf"]},
}
CASES = [(*words.split(), place) for words in WRITES for place in PLACES]
CASES += [
    tuple(place if word == "{}" else word for word in words.split())
    for words in READS
    for place in ("", " ", "file", "nowhere")
]
CASES += [
    (*words.split(), option, value)
    for words, options in VALUES.items()
    for option, values in options.items()
    for value in values
]
CASES += [
    ("train", "data", "--output", "data"),
    ("compare", "data", "--output", "data/../data"),
    ("predict", "runs", "data", "--output", "data/masks"),
    ("predict", "runs", "data", "--output", "runs"),
    ("evaluate", "masks", "data", "--csv", "data/ISLES2017_Training.csv"),
    ("evaluate", "masks", "data", "--csv", "masks"),
    ("export-network", "runs", "-o", "network.pb"),
    ("network-lab", "data", "--run", "runs", "--output", "data"),
    ("lessons", "run", "01", "-p", "size", "1", "-p", "size", "2"),
]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with something of each kind in it."""
    monkeypatch.chdir(tmp_path)
    for folder in ("data/training_1", "masks", "runs"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("MR_ADC.nii", "OT.nii"):
        (tmp_path / "data" / "training_1" / name).touch()
    (tmp_path / "data" / "ISLES2017_Training.csv").write_text("Case,mRS\nTraining_1,2\n")
    record = {"steps": 1, "channels": ["ADC"], "training": [], "fingerprints": []}
    (tmp_path / "runs" / "run.json").write_text(json.dumps(record))
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to("nothing")
    return tmp_path


def contents(folder):
    return {f: f.read_bytes() if f.is_file() else b"" for f in folder.rglob("*")}


@pytest.mark.parametrize("arguments", CASES, ids=lambda words: " ".join(words)[:60])
def test_misuse_is_one_sentence_and_nothing_is_loaded_or_written(
    here, capsys, monkeypatch, arguments
):
    for package in ("tensorflow", "keras", "papermill"):
        monkeypatch.setitem(sys.modules, package, None)  # an import of it would fail
    before = contents(here)
    with pytest.raises(SystemExit) as exit:
        main(list(arguments))
    said = capsys.readouterr()
    assert exit.value.code == 2 and not said.out
    assert said.err.startswith("islesedu: ") and said.err.count("\n") == 1, said.err
    assert len(said.err) < 6000 and contents(here) == before


def test_the_lessons_themselves_are_not_overwritten(here, capsys):
    (here / "01_add.ipynb").write_text(
        '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    )
    with pytest.raises(SystemExit):
        main(["lessons", "run", "01", "--notebooks", ".", "--output", "."])
    assert "output is ., which is the folder to read" in capsys.readouterr().err
