import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pandas as pd
import psutil
import pytest

from islesedu.cli import main
from islesedu.common import locks
from islesedu.comparison import fold, search, workers
from islesedu.comparison.cross_validation import compare, read_comparison
from islesedu.comparison.folder import CompareFolder
from islesedu.comparison.progress import Progress
from islesedu.errors import LockLostError, TrainingError
from islesedu.isles.read import read_case
from islesedu.metrics.scores import score_case
from islesedu.training import dataset, prediction
from islesedu.training.dataset import FoundCases, cases_with_lesion
from islesedu.training.prediction import to_mask
from islesedu.training.provenance import fingerprint

NETWORK = {"kernel_size": 3, "convolutions": (1,), "bottom_convolutions": 1}
TINY = {
    "losses": ["combined", "soft_dice"],
    "folds": 2,
    "filters": 1,
    "network": NETWORK,
    "steps": 12,
    "checkpoint_every": 3,
    "progress": False,
}
COMMAND = [sys.executable, "-m", "islesedu", "compare"]
OPTIONS = ["--losses", "combined,soft_dice", "--folds", "2", "--filters", "1", "--steps", "12"]
OPTIONS += ["--checkpoint-every", "3", "--network", json.dumps(NETWORK)]


@pytest.fixture(scope="module")
def whole(cohort, tmp_path_factory):
    """An uninterrupted comparison. Read only."""
    return compare(cohort, tmp_path_factory.mktemp("compare") / "whole", **TINY)


def cases_csv(path):
    return (path / "report" / "cases.csv").read_bytes()


def test_each_case_is_predicted_once_a_loss_by_a_network_that_never_saw_it(whole, cohort):
    names = [case.name for case in cases_with_lesion(cohort)]
    for loss in TINY["losses"]:
        assert whole.of(loss)["case"].tolist() == names
    for task in CompareFolder(whole.path).tasks:
        run = CompareFolder(whole.path).run(task)
        scored = set(pd.read_csv(run.path / "scores.csv")["case"])
        trained = set(run.settings["training"])
        assert trained and not trained & scored and trained | scored == set(names)
        assert run.settings["loss"] == task.loss
    assert whole.missing == []


def test_a_fold_is_a_run_folder_that_predict_and_evaluate_read(whole, cohort, tmp_path, capsys):
    run = str(whole.path / "combined" / "fold_1")
    for command in (
        ["predict", run, str(cohort / "training"), "--output", str(tmp_path)],
        ["evaluate", str(tmp_path), str(cohort / "training")],
    ):
        with pytest.raises(SystemExit) as end:
            main(command)
        assert end.value.code == 0
    assert "2 cases (held out)" in capsys.readouterr().out
    scores = pd.read_csv(tmp_path / "scores.csv").set_index("case")
    own = pd.read_csv(whole.path / "combined" / "fold_1" / "scores.csv").set_index("case")
    assert (scores.loc[own.index, "status"] == "held out").all()
    np.testing.assert_array_equal(scores.loc[own.index, "dice"], own["dice"])


def test_cases_are_found_once_and_each_is_read_once_before_the_first_step(
    cohort, tmp_path, monkeypatch
):
    found, checked = [], []
    find, read = dataset.find_cases, dataset.read_case

    def find_and_count(folder, names=None):
        found.append(folder)
        return find(folder, names)

    def read_and_count(case, *channels):
        if threading.current_thread() is threading.main_thread():  # not for a step of a training
            checked.append(case.name)
        return read(case, *channels)

    monkeypatch.setattr(dataset, "find_cases", find_and_count)
    monkeypatch.setattr(dataset, "read_case", read_and_count)
    arguments = TINY | {"steps": 1, "losses": ["combined"], "search": "rate=0.001,0.02"}
    names = [case.name for case in find(cohort) if case.lesion]
    result = compare(cohort, tmp_path / "run", **arguments)
    assert found == [cohort] and sorted(checked) == sorted(names)
    place = CompareFolder(result.path)
    assert {place.run(task).settings["folder"] for task in place.tasks} == {str(cohort.resolve())}
    place.scores_file(place.tasks[0]).unlink()
    compare(cohort, tmp_path / "run", **arguments)  # goes on: another process, once more
    assert found == [cohort] * 2 and sorted(checked) == sorted(names * 2)


def test_what_was_predicted_is_kept(whole, cohort):
    row = whole.of("combined").iloc[-1]
    mask, probability = whole.prediction("combined", row["case"])
    sure = np.abs(probability - 0.5) > 1 / 500  # probabilities are kept in steps of 1 / 255
    assert sure.any() and mask.dtype == bool
    np.testing.assert_array_equal(mask[sure], probability[sure] > 0.5)
    patient = read_case(next(c for c in cases_with_lesion(cohort) if c.name == row["case"]))
    again = score_case(mask, patient.lesion, patient.spacing)
    np.testing.assert_equal({name: row[name] for name in again}, again)
    with pytest.raises(ValueError, match="keeps no prediction of combined for nobody"):
        whole.prediction("combined", "nobody")


def test_the_report_has_the_learning_curve_of_each_loss(whole):
    text = (whole.path / "report" / "index.html").read_text()
    said = re.search(r'alt="(Learning curves[^"]*)"', text)[1]
    for loss in whole.losses:
        ends = sorted(whole.history(loss, fold)["dice"].iloc[-1] for fold in (1, 2))
        assert f"{loss}: {ends[0]:.3f} to {ends[1]:.3f}" in said
    with pytest.raises(ValueError, match="there is no fold 3 of 'combined'"):
        whole.history("combined", 3)


def test_losses_of_one_fold_start_from_the_same_network_and_folds_from_others(whole):
    seeds = {
        task.name: CompareFolder(whole.path).run(task).settings["seed"]
        for task in CompareFolder(whole.path).tasks
    }
    assert seeds["combined-fold_1"] == seeds["soft_dice-fold_1"] != seeds["combined-fold_2"]


def test_killed_and_gone_on_with_by_two_processes_it_ends_with_the_same_bytes(
    whole, cohort, tmp_path
):
    command = [*COMMAND, str(cohort), "--output", "run", *OPTIONS]
    first = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)
    place = CompareFolder(tmp_path / "run")
    until(lambda: started(place, 2), first)  # the second task is in the middle
    first.send_signal(signal.SIGKILL)
    first.wait()
    done = [task.name for task in place.tasks if place.is_finished(task)]
    assert 1 <= len(done) < 4 and not place.report.exists()
    both = [
        subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    said = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert cases_csv(place.path) == cases_csv(whole.path)
    for name in ("table.md", "index.html"):
        mine, its = (path / "report" / name for path in (place.path, whole.path))
        assert mine.read_bytes() == its.read_bytes(), name
    for task in place.tasks:
        assert list(place.run(task).history["step"]) == [3, 6, 9, 12]
        if task.name in done:  # left alone
            assert locks.newest_lock(place.claims, task.name) == 1
    # Nothing was done twice: each task has one owner, the one that was killed in, two.
    owners = sorted(locks.newest_lock(place.claims, task.name) for task in place.tasks)
    assert owners in ([1, 1, 1, 2], [1, 1, 1, 1])
    assert not list(place.path.rglob(".partial-*")) and b"the report is" in said[0][0]


def started(place, count):
    """Tell whether `count` tasks have been begun, and the last of them has a checkpoint."""
    if not place.settings_file.exists():
        return False
    runs = [place.run(task) for task in place.tasks]
    begun = [run for run in runs if run.checkpoint.exists()]
    return len(begun) >= count and not all(run.model_file.exists() for run in begun)


def until(condition, process, seconds=400):
    end = time.time() + seconds
    while not condition():
        assert process.poll() is None, "the process ended before it could be killed"
        assert time.time() < end, "it did not happen"
        time.sleep(0.05)


def test_jobs_share_the_work_and_end_with_the_same_bytes(whole, cohort, tmp_path):
    run = compare(cohort, tmp_path / "run", jobs=2, **TINY | {"losses": ["combined"]})
    pd.testing.assert_frame_equal(run.cases, whole.of("combined"), check_exact=True)
    place = CompareFolder(run.path)
    for task in place.tasks:
        scores = CompareFolder(whole.path).scores_file(task)
        assert place.scores_file(task).read_bytes() == scores.read_bytes()
    owners = [locks.read_lock(place.claims, task.name)["pid"] for task in place.tasks]
    assert len(set(owners)) == 2 and os.getpid() not in owners
    assert {locks.newest_lock(place.claims, task.name) for task in place.tasks} == {1}


def test_a_process_that_cannot_go_on_ends_all_with_its_sentence(whole, cohort, tmp_path):
    place = CompareFolder(shutil.copytree(whole.path, tmp_path / "copy"))
    place.scores_file(place.tasks[0]).unlink()
    cases = FoundCases(shutil.copytree(cohort / "training", tmp_path / "cases"))
    shutil.rmtree(tmp_path / "cases")
    with pytest.raises(TrainingError, match="cases is not a folder"):
        workers.work_together(place, cases, 1, Progress(place, progress=False))


def test_a_process_that_is_killed_is_named_and_not_started_for_ever(
    whole, cohort, tmp_path, monkeypatch
):
    place = CompareFolder(shutil.copytree(whole.path, tmp_path / "copy"))
    place.scores_file(place.tasks[0]).unlink()
    monkeypatch.setattr(workers, "_do_one_task", os._exit)  # arguments are no number: exit code 1
    with pytest.raises(TrainingError, match="ended early .exit code 1; .* fewer --jobs"):
        workers.work_together(place, FoundCases(cohort), 1, Progress(place, progress=False))


def test_a_loss_that_is_no_number_names_its_fold(cohort, tmp_path):
    wrong = TINY | {"optimizer": "sgd", "learning_rate": 1e30, "losses": ["combined"], "steps": 40}
    with pytest.raises(TrainingError, match="combined, fold 1: the loss became nan at step"):
        compare(cohort, tmp_path / "run", **wrong)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_processes_end_with_the_one_that_started_them(number, cohort, tmp_path):
    command = [*COMMAND, str(cohort), "--output", "run", *OPTIONS, "--jobs", "2"]
    parent = psutil.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)
    place = CompareFolder(tmp_path / "run")
    until(lambda: started(place, 1), parent)
    children = parent.children(recursive=True)
    assert len(children) >= 2
    parent.send_signal(number)
    assert parent.wait(60) != 0
    end = time.time() + 60
    while any(child.is_running() and child.status() != "zombie" for child in children):
        assert time.time() < end, "a process was left behind"
        time.sleep(0.05)


def test_finished_is_left_alone_and_reported_again(whole, cohort, tmp_path, monkeypatch):
    copy = shutil.copytree(whole.path, tmp_path / "copy")
    shutil.rmtree(copy / "report")
    monkeypatch.setattr(workers, "do_task", None)
    again = compare(cohort, copy, **TINY)
    assert cases_csv(copy) == cases_csv(whole.path)
    pd.testing.assert_frame_equal(again.cases, whole.cases)


def test_a_stale_claim_is_taken_over_and_a_living_one_waited_for(whole, cohort, tmp_path):
    copy = shutil.copytree(whole.path, tmp_path / "copy")
    place = CompareFolder(copy)
    task = place.tasks[-1]
    place.scores_file(task).unlink()
    file = place.claims / f"{task.name}.claim-1"
    owner = json.loads(file.read_text()) | {"released": False, "host": "elsewhere"}
    file.write_text(json.dumps(owner))
    progress, cases = Progress(place, progress=False), FoundCases(cohort)
    assert not workers.try_task(place, cases, task, progress)  # it lives elsewhere
    os.utime(file, (time.time() - locks.LIFETIME - 30,) * 2)
    assert workers.try_task(place, cases, task, progress) and place.is_finished(task)
    assert locks.newest_lock(place.claims, task.name) == 2
    assert (
        place.scores_file(task).read_bytes()
        == CompareFolder(whole.path).scores_file(task).read_bytes()
    )


def test_who_lost_the_claim_stops_without_writing_scores(whole, cohort, tmp_path, monkeypatch):
    place = CompareFolder(shutil.copytree(whole.path, tmp_path / "copy"))
    task = place.tasks[0]
    place.scores_file(task).unlink()

    def lose(place, cases, task, on_step):
        (place.claims / f"{task.name}.claim-3").write_text("{}")
        with pytest.raises(LockLostError):
            for _ in range(1000):
                time.sleep(0.05)
                on_step(1)
        raise LockLostError

    monkeypatch.setattr(locks, "HEARTBEAT", 0.02)
    monkeypatch.setattr(workers, "do_task", lose)
    assert workers.try_task(place, FoundCases(cohort), task, Progress(place, progress=False))
    assert not place.is_finished(task)


def test_the_bar_counts_steps_of_all_processes(whole, tmp_path):
    place = CompareFolder(shutil.copytree(whole.path, tmp_path / "copy"))
    assert Progress(place).count() == (4, 48)
    first, second, *_ = place.tasks
    place.scores_file(first).unlink()
    place.scores_file(second).unlink()
    file = place.claims / f"{first.name}.claim-1"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"step": 5}))
    progress = Progress(place, progress=False)
    progress.update(second, 2)
    assert progress.count() == (2, 24 + 5 + 2)


def test_a_recipe_reaches_every_training_and_every_prediction(cohort, tmp_path, monkeypatch):
    mirrored = []
    real = prediction.predict_mean

    def predict_mean(models, patient, mirror=False, clinical=(), crop=False):
        mirrored.append(mirror)
        return real(models, patient, mirror, clinical, crop)

    monkeypatch.setattr(prediction, "predict_mean", predict_mean)
    arguments = TINY | {"losses": ["combined"], "steps": 2, "recipe": "patch=8x8x8;mirror=true"}
    result = compare(cohort, tmp_path / "run", report=False, **arguments)
    place = CompareFolder(result.path)
    recipes = [place.run(task).settings["recipe"] for task in place.tasks]
    assert [recipe["patch"] for recipe in recipes] == [[8, 8, 8]] * 2
    assert mirrored == [True] * 4
    assert compare(cohort, tmp_path / "run", report=False, **arguments).missing == []


def test_the_search_never_sees_the_reported_fold_and_its_choice_is_used(
    cohort, tmp_path, monkeypatch
):
    arguments = TINY | {"losses": ["combined"], "steps": 2, "learning_rate": 0.5}
    spec = "rate=0.001,0.02;threshold=0.3,0.7;components=0,0.5"
    seen = []
    with monkeypatch.context() as patch:
        patch.setattr(CompareFolder, "unfinished", lambda self: [])
        with pytest.raises(TrainingError, match="holds no results yet"):
            compare(cohort, tmp_path / "run", search=spec, **arguments)
    place = CompareFolder(tmp_path / "run")
    task = place.tasks[0]

    def spy(case, *channels):
        seen.append(case.name)
        return read_case(case, *channels)

    choose = search.Search.choose

    def choose_and_look(self):
        chosen = choose(self)
        looked = set(seen)
        assert looked == set(task.fold.training) and not looked & set(task.fold.held_out)
        (part,) = self.inner  # without inner folds a quarter is held out
        assert set(part.training) | set(part.held_out) == looked
        assert part.training and part.held_out and not set(part.training) & set(part.held_out)
        return chosen

    for module in ("training.dataset", "comparison.search"):
        monkeypatch.setattr(f"islesedu.{module}.read_case", spy)
    monkeypatch.setattr(search.Search, "choose", choose_and_look)
    fold.do_task(place, FoundCases(cohort), task, lambda step: None)
    assert set(task.fold.held_out) <= set(seen)  # afterwards, to be reported
    tried = pd.read_csv(place.search(task) / "tried.csv")
    assert len(tried) == 8 and not (place.search(task) / "runs").exists()
    best = tried.loc[tried["dice"].idxmax()]
    scores = pd.read_csv(place.scores_file(task))
    for name in search.TUNED:
        assert (scores[name] == best[name]).all(), name
    assert place.run(task).settings["learning_rate"] == best["learning_rate"] != 0.5
    assert place.run(task).settings["training"] == list(task.fold.training)


def test_to_mask_is_what_threshold_and_filter_ask_for():
    probability = np.array([0.4, 0.4, 0.4, 0.0, 0.9])
    assert to_mask(probability, 0.5).tolist() == [False] * 4 + [True]
    assert to_mask(probability, 0.3, 0.5).tolist() == [True] * 3 + [False] * 2


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"folds": 5}, "folds is 5, but with a lesion there are only 4 patients"),
        ({"folds": 1}, "folds is 1"),
        ({"losses": ["dice"]}, "loss is 'dice'; choose one of combined, cross_entropy, soft_dice"),
        ({"losses": ["combined", "combined"]}, "name at least one loss, and each once"),
        ({"losses": []}, "name at least one loss"),
        ({"optimizer": "lion"}, "optimizer is 'lion'"),
        ({"steps": 0}, "steps is 0"),
        ({"filters": 0}, "filters is 0"),
        ({"jobs": 0}, "jobs is 0"),
        ({"threshold": 2}, "threshold is 2; give a number between 0 and 1"),
        ({"search": "speed=3"}, "search names 'speed'; what can be searched is rate, filters"),
        ({"search": "rate=0.1", "folds": 2, "losses": ["combined"], "sampler": "luck"}, "sampler"),
        ({"sampler": "random"}, "there is no search"),
        ({"inner_folds": 3}, "inner_folds is 3, but there is no search"),
        ({"search": "rate=0.1", "inner_folds": 0}, "inner_folds is 0; give a whole number from 1"),
        ({"channels": ["DWI"]}, "has no map DWI"),
        ({"recipe": "flop=1"}, "recipe names 'flop'"),
    ],
)
def test_a_wrong_argument_is_named_before_anything_is_written(wrong, words, cohort, tmp_path):
    with pytest.raises(ValueError, match=words):
        compare(cohort, tmp_path / "run", **(TINY | wrong))
    assert not (tmp_path / "run").exists()


def test_a_folder_without_lesions_is_refused(cohort, tmp_path):
    with pytest.raises(TrainingError, match="holds no case with a lesion mask"):
        compare(cohort / "test", tmp_path / "run", **TINY)


@pytest.mark.parametrize(
    "other, words",
    [
        ({"steps": 24}, "was begun with steps = 12, not 24; give the same arguments, or another"),
        ({"losses": ["combined"]}, "was begun with losses = "),
        ({"stratify": True}, "was begun with stratify = False, not True"),
        ({"recipe": "flip=1"}, "was begun with recipe = None, not {'flip': 1.0"),
    ],
)
def test_other_arguments_are_refused(other, words, whole, cohort):
    before = (whole.path / "compare.json").read_bytes()
    with pytest.raises(TrainingError, match=words):
        compare(cohort, whole.path, **(TINY | other))
    assert (whole.path / "compare.json").read_bytes() == before


def test_a_comparison_begun_in_stairs_goes_on_in_stairs(whole, cohort, tmp_path, monkeypatch):
    older = CompareFolder(shutil.copytree(whole.path, tmp_path / "older"))
    settings = json.loads(older.settings_file.read_text())
    assert settings.pop("decay") == "continuous"
    older.settings_file.write_text(json.dumps(settings))
    task = older.tasks[-1]
    shutil.rmtree(older.run(task).path)
    compare(cohort, older.path, report=False, **TINY)
    assert older.run(task).config.decay == "stairs"
    assert CompareFolder(whole.path).run(task).config.decay == "continuous"


def test_other_patients_are_refused_and_moved_ones_are_not(whole, cohort, tmp_path):
    fewer = shutil.copytree(cohort / "training", tmp_path / "fewer")
    assert compare(fewer, whole.path, **TINY).missing == []  # moved
    shutil.rmtree(sorted(fewer.glob("training_*"))[0])
    with pytest.raises(TrainingError, match="was begun with other patients"):
        compare(fewer, whole.path, **TINY)


def test_a_comparison_of_an_earlier_version_is_renewed_with_its_runs(whole, cohort, tmp_path):
    old = shutil.copytree(whole.path, tmp_path / "old")
    files = [old / "compare.json", *old.glob("*/fold_*/run.json")]
    before = {file: file.read_text() for file in files}
    for case in cases_with_lesion(cohort):
        bytes_of = hashlib.sha256(case.maps["ADC"].read_bytes()).hexdigest()[:16]
        for file in files:
            file.write_text(file.read_text().replace(fingerprint(case), bytes_of))
    assert len(files) == 5 and "voxels-" not in files[0].read_text()
    assert compare(cohort, old, **TINY).missing == []
    assert {file: file.read_text() for file in files} == before


def test_two_names_of_one_patient_are_no_two_patients(cohort, tmp_path):
    one = tmp_path / "two" / "training_1"
    shutil.copytree(cohort / "training" / "training_1", one)
    shutil.copytree(one, one.with_name("training_2"))
    words = "only 1 patient in 2 cases .training_1 and training_2 are one patient.; give a folder"
    with pytest.raises(TrainingError, match=words):
        compare(one.parent, tmp_path / "run", **TINY)
    shutil.copytree(cohort / "training" / "training_4", one.with_name("training_4"))
    with pytest.raises(TrainingError, match="search needs 2 training patients in each fold, and"):
        compare(one.parent, tmp_path / "run", search="rate=0.1", **TINY)
    assert not (tmp_path / "run").exists()


def test_a_comparison_that_parts_a_patient_is_not_gone_on_with(whole, cohort, tmp_path):
    old = shutil.copytree(whole.path, tmp_path / "old")
    visits = shutil.copytree(cohort / "training", tmp_path / "visits")
    settings = json.loads((old / "compare.json").read_text())
    held_out, training = (settings["held_out"][number][0] for number in (0, 1))
    shutil.rmtree(visits / held_out)
    shutil.copytree(visits / training, visits / held_out)
    settings["cases"][held_out] = settings["cases"][training]
    (old / "compare.json").write_text(json.dumps(settings))
    words = f"fold 1 trains on {training} and holds out {held_out}, which are one patient"
    with pytest.raises(TrainingError, match=words):
        compare(visits, old, **TINY)


def test_a_folder_with_something_else_is_left_alone(cohort, tmp_path):
    (tmp_path / "thesis.txt").write_text("do not lose me")
    with pytest.raises(TrainingError, match="holds thesis.txt and is no comparison"):
        compare(cohort, tmp_path, **TINY)
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


def test_recorded_tables_are_read_without_networks(whole, tmp_path):
    for name in ("compare.json", "report/cases.csv"):
        shutil.copy(whole.path / name, tmp_path)
    recorded = read_comparison(tmp_path)
    pd.testing.assert_frame_equal(recorded.cases, whole.cases)
    pd.testing.assert_frame_equal(recorded.table("mm"), whole.table("mm"))
    (tmp_path / "compare.json").unlink()
    assert read_comparison(tmp_path).losses == TINY["losses"]
    (tmp_path / "cases.csv").unlink()
    with pytest.raises(TrainingError, match="holds no results yet"):
        read_comparison(tmp_path)


def test_what_is_missing_is_named(whole, tmp_path):
    copy = shutil.copytree(whole.path, tmp_path / "copy")
    shutil.rmtree(copy / "report")
    (copy / "soft_dice" / "fold_2" / "scores.csv").unlink()
    assert read_comparison(copy).missing == ["soft_dice-fold_2"]


@pytest.mark.parametrize(
    "options, words",
    [
        (["--losses", "dice"], "loss is 'dice'; choose one of"),
        (["--network", "3"], "is no JSON object"),
        (["--search", "rate"], "search holds 'rate'; expected NAME=VALUE"),
        (["--folds", "9"], "folds is 9, but with a lesion there are only 4 patients"),
    ],
)
def test_misuse_of_the_command_is_one_clear_line(options, words, cohort, tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        main(["compare", str(cohort), "--output", str(tmp_path / "run"), *options])
    error = capsys.readouterr().err
    assert end.value.code == 2 and words in error and "Traceback" not in error
    assert not (tmp_path / "run").exists()
