import json
import subprocess
import sys

import nibabel
import numpy as np
import pandas as pd
import pytest

from islesedu import __version__
from islesedu.cli import main
from islesedu.isles import write_map


@pytest.fixture
def islesedu(capsys):
    """Run a command in this process; return its exit status and what it wrote."""

    def run(*arguments):
        with pytest.raises(SystemExit) as exit:
            main([str(argument) for argument in arguments])
        written = capsys.readouterr()
        return exit.value.code, written.out, written.err

    return run


def test_help_imports_nothing_heavy():
    code = (
        "import sys\nfrom islesedu.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print([m for m in ('numpy', 'pandas', 'keras', 'tensorflow') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.startswith("usage: islesedu") and said.stdout.splitlines()[-1] == "[]"


def test_version(islesedu):
    assert islesedu("--version") == (0, f"islesedu {__version__}\n", "")


def test_the_whole_chain_gives_a_table(islesedu, cohort, tmp_path):
    run, masks = tmp_path / "runs" / "first", tmp_path / "masks"
    status, said, _ = islesedu("data", "check", cohort / "training")
    assert status == 0 and "4 cases (4 training)" in said and "\n0 errors, " in said
    train = ["--output", run, "--steps", 6, "--filters", 2, "--seed", 1]
    status, said, _ = islesedu("train", cohort / "training", *train)
    assert status == 0 and "step 6: loss" in said and str(run) in said
    assert (run / "model.keras").is_file() and (run / "history.csv").is_file()
    status, said, _ = islesedu("predict", run, cohort / "test", "--output", masks)
    assert status == 0 and "2 masks" in said
    status, said, _ = islesedu("evaluate", masks, cohort / "truth")
    assert status == 0 and "DC" in said and "HD (mm)" in said and "failed" in said
    assert len(pd.read_csv(masks / "scores.csv")) == 2


def test_options_of_predict_reach_the_files(islesedu, cohort, tmp_path):
    run = tmp_path / "run"
    islesedu("train", cohort / "training", "--output", run, "--steps", 1, "--filters", 2)
    options = ["--threshold", 0, "--component-share", 0.5, "--probabilities", "--mirror"]
    status, _, _ = islesedu("predict", run, cohort / "test", "--output", tmp_path / "out", *options)
    assert status == 0
    masks = sorted((tmp_path / "out").rglob("SMIR.*.nii"))
    assert len(masks) == 2 and all(nibabel.load(m).get_fdata().all() for m in masks)  # p > 0
    assert len(list((tmp_path / "out").rglob("*probability*"))) == 2
    record = json.loads((tmp_path / "out" / "predictions.json").read_text())
    assert [entry["mirror"] for entry in record.values()] == [True, True]


def test_two_channels_are_enough(islesedu, cohort, tmp_path):
    run = tmp_path / "run"
    train = ["--output", run, "--steps", 1, "--filters", 2, "--channels", "adc, TMAX"]
    assert islesedu("train", cohort / "training", *train)[0] == 0
    assert islesedu("predict", run, cohort / "test", "--output", tmp_path / "masks")[0] == 0


def test_files_of_other_names_go_the_same_way(islesedu, tmp_path, rng):
    data, run, masks = (tmp_path / name for name in ("data", "run", "masks"))
    for case in ("p1", "p2"):
        for name in ("perf", "struct", "roi"):
            values = rng.random((8, 8, 4)) > 0.5 if name == "roi" else rng.random((8, 8, 4))
            write_map(data / f"{case}_{name}.nii.gz", values, np.eye(4), (1, 1, 1))
    (data / "p1_more.nii").write_bytes(b"")
    status, _, said = islesedu("data", "check", data)
    assert status == 2 and "passed over 7 files" in said and "--map" in said
    file = tmp_path / "names.json"
    file.write_text(json.dumps({"struct": "SWI", "roi": "lesion"}))
    names = ["--map", "perf=tmax", "--map", file]
    status, said, _ = islesedu("data", "check", data, *names, "--channels", "Tmax,SWI")
    assert status == 0 and "passed over 1 file (p1_more.nii)" in said and "2 cases" in said
    train = ["--output", run, "--steps", 1, "--filters", 1]
    status, _, said = islesedu("train", data, *train, *names, "--channels", "ADC,SWI")
    assert status == 2 and "has no map ADC; it has Tmax, SWI" in said
    assert islesedu("train", data, *train, *names, "--channels", "tmax,SWI")[0] == 0
    assert islesedu("predict", run, data, "--output", masks)[0] == 0  # named as in training
    assert islesedu("evaluate", masks, data)[0] == 2
    status, said, _ = islesedu("evaluate", masks, data, *names)
    assert status == 0 and "2 cases (seen in training" in said
    both = ["--output", tmp_path / "folds", "--folds", 2, "--losses", "combined", "--steps", 1]
    compare = ["compare", data, *both, "--filters", 1, *names, "--channels", "Tmax,SWI"]
    assert islesedu(*compare)[0] == 0


def test_real_patients_go_the_same_way(islesedu, shared, tmp_path):
    folder = shared / "real" / "isles22"
    status, said, _ = islesedu("data", "check", folder, "--channels", "ADC,DWI")
    assert status == 0 and "3 cases" in said
    options = ["--channels", "ADC,DWI", "--steps", 2, "--filters", 2]
    assert islesedu("train", folder, "--output", tmp_path / "run", *options)[0] == 0
    assert islesedu("predict", tmp_path / "run", folder, "--output", tmp_path / "masks")[0] == 0
    status, said, _ = islesedu("evaluate", tmp_path / "masks", folder)
    assert status == 0 and "3 cases (seen in training" in said


def test_resuming_nothing_is_said(islesedu, cohort, tmp_path):
    train = ["train", cohort / "training", "--output", tmp_path / "run", "--filters", 2, "--resume"]
    status, said, _ = islesedu(*train, "--steps", 1)
    assert status == 0 and "holds no run to resume" in said
    status, said, _ = islesedu(*train, "--steps", 2)
    assert status == 0 and "no run" not in said


def test_an_unfinished_run_is_used_but_said(islesedu, cohort, tmp_path):
    run = tmp_path / "run"
    islesedu("train", cohort / "training", "--output", run, "--steps", 1, "--filters", 2)
    (run / "model.keras").unlink()
    _, said, _ = islesedu("predict", run, cohort / "test", "--output", tmp_path / "masks")
    assert "is not finished; its last checkpoint is used" in said


def test_data_make_writes_a_cohort_once(islesedu, tmp_path):
    make = ["data", "make", tmp_path / "c", "--training", 1, "--test", 1, "--scale", 0.1]
    status, said, bar = islesedu(*make)
    assert status == 0 and "1 training and 1 test patients" in said and "2/2" in bar
    assert islesedu(*make) == (0, said, "")  # found finished: no bar


def test_data_check_ends_with_1_when_a_case_cannot_be_used(islesedu, tmp_path):
    islesedu("data", "make", tmp_path / "c", "--training", 2, "--test", 0, "--scale", 0.1)
    broken = next((tmp_path / "c" / "training").glob("training_1/*Tmax*/*.nii"))
    broken.write_bytes(broken.read_bytes()[:1000])
    status, said, _ = islesedu("data", "check", tmp_path / "c")
    assert status == 1 and "ERROR" in said and broken.name in said and "1 errors" in said


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["data", "check", "no such folder"], "no such folder"),
        (["data", "make", "x", "--scale", "9"], "scale is 9"),
        (["train", "no such folder", "--output", "x"], "no such folder"),
        (["predict", "no such run", "x", "--output", "y"], "no such run"),
        (
            ["train", "x", "--output", "y", "--recipe", "bst"],
            "recipe is 'bst'; give original or best",
        ),
        (["evaluate", "no such masks", "x"], "x is not a folder"),
        (["train", "x", "--output", "y", "--channels", "ADC,"], "no map ''"),
        (["data", "check", "x", "--map", "adx"], "'adx' is neither PART=CHANNEL"),
        (["data", "check", "x", "--map", "adx="], "two texts"),
        (["lessons", "run", "nine"], "there is no lesson 'nine'"),
        (
            ["lessons", "run", "09", "-p", "sise", "3"],
            "09_score_a_segmentation: size, largest_radius",
        ),
        (["lessons", "list", "--notebooks", "nowhere"], "nowhere is not a folder"),
    ],
)
def test_misuse_is_one_clear_line_and_leaves_nothing(
    islesedu, tmp_path, monkeypatch, arguments, words
):
    if arguments[0] != "lessons" or "--notebooks" in arguments:
        monkeypatch.chdir(tmp_path)
    status, said, error = islesedu(*arguments)
    assert status == 2 and words in error
    assert error.startswith(("islesedu: ", "usage: "))
    assert "Traceback" not in error and not list(tmp_path.iterdir())


@pytest.mark.parametrize("arguments", [["data", "check", "x", "--chanels", "ADC"], ["dta"], []])
def test_an_unknown_option_or_command_shows_the_right_ones(islesedu, arguments):
    status, _, error = islesedu(*arguments)
    assert status == 2 and error.startswith("usage: islesedu")
    assert "--channels" in error or "lessons" in error or "COMMAND" in error


def test_lessons_list_names_every_lesson(islesedu):
    status, said, _ = islesedu("lessons", "list")
    assert status == 0 and "12_train_the_vnet" in said and "6 min" in said


def test_lessons_run_gives_smoke_parameters_and_those_typed(islesedu, tmp_path):
    arguments = ["09", "--smoke", "-p", "size", "10", "--output", tmp_path]
    status, said, _ = islesedu("lessons", "run", *arguments)
    assert status == 0 and said.count("09_score_a_segmentation") == 2  # as it ends, and the table
    text = (tmp_path / "09_score_a_segmentation.ipynb").read_text()
    assert "size = 10" in text and "largest_radius = 5" in text
