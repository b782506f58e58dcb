import errno
import json
import os
import subprocess
import sys
from types import SimpleNamespace

import nibabel
import numpy as np
import pandas as pd
import pytest

from islesedu import __version__, cli
from islesedu.cli import main
from islesedu.common.processes import progress_bar
from islesedu.isles import write_map
from islesedu.isles.find import find_cases
from islesedu.isles.read import read_case
from islesedu.isles.write import write_prediction

SMALL = ["--filters", 2]
SMALL += ["--network", '{"kernel_size": 3, "convolutions": [1], "bottom_convolutions": 1}']
"""Options of a network that is compiled in a second; the whole chain has the usual one."""


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
    islesedu("train", cohort / "training", "--output", run, "--steps", 1, *SMALL)
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
    train = ["--output", run, "--steps", 1, *SMALL, "--channels", "adc, TMAX"]
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
    train = ["--output", run, "--steps", 1, *SMALL]
    status, _, said = islesedu("train", data, *train, *names, "--channels", "ADC,SWI")
    assert status == 2 and "has no map ADC; it has Tmax, SWI" in said
    assert islesedu("train", data, *train, *names, "--channels", "tmax,SWI")[0] == 0
    assert islesedu("predict", run, data, "--output", masks)[0] == 0  # named as in training
    assert islesedu("evaluate", masks, data)[0] == 2
    status, said, _ = islesedu("evaluate", masks, data, *names)
    assert status == 0 and "2 cases (seen in training" in said
    both = ["--output", tmp_path / "folds", "--folds", 2, "--losses", "combined", "--steps", 1]
    compare = ["compare", data, *both, *SMALL, *names, "--channels", "Tmax,SWI"]
    assert islesedu(*compare)[0] == 0


def test_real_patients_go_the_same_way(islesedu, shared, tmp_path):
    folder = shared / "real" / "isles22"
    status, said, _ = islesedu("data", "check", folder, "--channels", "ADC,DWI")
    assert status == 0 and "3 cases" in said
    options = ["--channels", "ADC,DWI", "--steps", 2, *SMALL]
    assert islesedu("train", folder, "--output", tmp_path / "run", *options)[0] == 0
    assert islesedu("predict", tmp_path / "run", folder, "--output", tmp_path / "masks")[0] == 0
    status, said, _ = islesedu("evaluate", tmp_path / "masks", folder)
    assert status == 0 and "3 cases (seen in training" in said


def test_resuming_nothing_is_said(islesedu, cohort, tmp_path):
    train = ["train", cohort / "training", "--output", tmp_path / "run", *SMALL, "--resume"]
    status, said, _ = islesedu(*train, "--steps", 1)
    assert status == 0 and "holds no run to resume; the training begins at step 0" in said
    status, said, _ = islesedu(*train, "--steps", 2)
    assert status == 0 and "no run" not in said


def test_an_unfinished_run_is_used_but_said(islesedu, cohort, tmp_path):
    run = tmp_path / "run"
    islesedu("train", cohort / "training", "--output", run, "--steps", 1, *SMALL)
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
        (["predict", "no such run", "x", "--output", "y"], "x is not a folder"),
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
            "09_score_a_segmentation: cases, largest_radius",
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
    assert status == 0 and "12_train_the_vnet" in said and "3 min" in said


def test_lessons_run_gives_smoke_parameters_and_those_typed(islesedu, tmp_path):
    arguments = ["09", "--smoke", "-p", "cases", "20", "--output", tmp_path]
    status, said, _ = islesedu("lessons", "run", *arguments)
    assert status == 0 and said.count("09_score_a_segmentation") == 2  # as it ends, and the table
    text = (tmp_path / "09_score_a_segmentation.ipynb").read_text()
    assert "cases = 20" in text and "largest_radius = 5" in text


def run_alone(*arguments, code="", **how):
    """Run a command as a process of its own."""
    start = ["-c", code] if code else ["-m", "islesedu"]
    command = [sys.executable, *start, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, errors="replace", **how)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1"])
def test_what_a_terminal_cannot_show_is_replaced(encoding, tmp_path):
    names = os.environ | {"PYTHONIOENCODING": encoding}
    for arguments in (["lessons", "list"], ["data", "check", tmp_path / "脑 🧠 ü"]):
        done = run_alone(*arguments, env=names)
        assert "Traceback" not in done.stderr
        assert done.returncode == (0 if arguments[0] == "lessons" else 2)
    assert done.stderr.startswith("islesedu: ") and "?" in done.stderr


def test_the_command_needs_no_streams(tmp_path):
    code = """
import sys
from islesedu.cli import main
sys.{0} = None
main(["data", "make", sys.argv[1], "--training", "1", "--test", "0", "--scale", "0.1"])
"""
    for number, name in enumerate(("stdout", "stderr", "stdin")):
        done = run_alone(tmp_path / str(number), code=code.format(name))
        assert done.returncode == 0 and "Traceback" not in done.stderr
    wrong = code.format("stderr").replace('"1"', '"-1"')
    done = run_alone(tmp_path / "wrong", code=wrong)
    assert done.returncode == 2 and not done.stderr


@pytest.mark.parametrize("arguments", [["lessons", "list"], ["train", "--help"], ["--version"]])
def test_who_reads_only_the_first_line_gets_it_and_no_complaint(arguments):
    command = [sys.executable, "-m", "islesedu", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()  # at once: nobody reads anything
        status = 141 if arguments[0] == "lessons" else 0  # or 0: argparse minds no closed pipe
        assert process.stderr.read() == b"" and process.wait() in (141, status)


@pytest.mark.parametrize(
    "error, words",
    [
        (ValueError("steps is 0"), "steps is 0"),
        (PermissionError(13, "Permission denied", "run"), "run: permission denied; change its"),
        (MemoryError(), "there is too little memory; close"),
        (KeyboardInterrupt(), "interrupted"),
    ],
)
def test_an_error_stands_on_a_line_of_its_own(islesedu, monkeypatch, error, words):
    def fail(arguments):
        bar = progress_bar(total=3, desc="train", unit="step")
        bar.update(1)
        raise error

    monkeypatch.setattr(cli, "_run", fail)
    status, _, said = islesedu("train")
    assert status == (130 if words == "interrupted" else 2)
    assert said.splitlines()[-1].startswith(f"islesedu: {words}")


def test_data_and_evaluate_import_no_keras(cohort, tmp_path):
    for case in find_cases(cohort / "truth"):
        patient = read_case(case, ["ADC"])
        write_prediction(patient, patient.lesion, tmp_path / "masks")
    code = """
import sys
from islesedu.cli import main
try:
    main(sys.argv[1:])
finally:
    assert not {"tensorflow", "keras", "torch", "jax"} & set(sys.modules)
"""
    made = ["--training", "1", "--test", "0", "--scale", "0.1"]
    for arguments in (
        ["data", "make", tmp_path / "c", *made],
        ["data", "check", cohort],
        ["evaluate", tmp_path / "masks", cohort / "truth"],
    ):
        done = run_alone(*arguments, code=code)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("how", ["folder", "read-only", "full"])
def test_scores_are_shown_though_they_cannot_be_written(
    islesedu, cohort, tmp_path, monkeypatch, how
):
    masks = tmp_path / "masks"
    for case in find_cases(cohort / "truth"):
        patient = read_case(case, ["ADC"])
        write_prediction(patient, patient.lesion, masks)
    if how == "folder":
        (masks / "scores.csv").mkdir()
    else:
        number = {"read-only": errno.EROFS, "full": errno.ENOSPC}[how]

        def refuse(file, text):
            raise OSError(number, os.strerror(number), str(file))

        monkeypatch.setattr("islesedu.training.evaluation.write_text", refuse)
    status, said, error = islesedu("evaluate", masks, cohort / "truth")
    assert status == 2 and "2 cases" in said and "DC" in said and "one row a case" not in said
    assert str(masks / "scores.csv") in error and error.endswith("with --csv FILE\n")


def test_a_comparison_is_shown_though_its_report_cannot_be_written(islesedu, monkeypatch):
    def refuse(result, folder):
        raise OSError(errno.EROFS, "Read-only file system", "x/report/cases.csv")

    tables = SimpleNamespace(to_string=lambda: "the table")
    result = SimpleNamespace(table=lambda unit: tables, collapsed=list, path=None)
    monkeypatch.setattr("islesedu.comparison.cross_validation.compare", lambda *_, **__: result)
    monkeypatch.setattr("islesedu.comparison.report.write_report", refuse)
    status, said, error = islesedu("compare", "data", "--output", "x")
    assert status == 2 and said.count("the table") == 2
    assert "x/report/cases.csv: read-only file system; give" in error
