import gzip
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import partial

import keras
import nbformat
import numpy as np
import psutil
import pytest

from islesedu import losses
from islesedu.common import locks
from islesedu.course.lessons import choose, list_lessons
from islesedu.errors import FolderInUseError, TrainingError
from islesedu.isles.read import read_case
from islesedu.networks.losses import dice
from islesedu.networks.vnet import build_vnet
from islesedu.training.dataset import cases_with_lesion
from islesedu.training.fitting import train
from islesedu.training.plan import OPTIMIZERS, make_optimizer, new_model
from islesedu.training.prediction import predict_probability
from islesedu.training.preprocess import head_box
from islesedu.training.provenance import fingerprint
from islesedu.training.run_folder import RunFolder

NETWORK = {"kernel_size": 3, "convolutions": (1,), "bottom_convolutions": 1}
TINY = {"filters": 2, "network": NETWORK, "progress": False}


def weights(run):
    return [w.copy() for w in RunFolder(run).load_model().get_weights()]


def assert_same_weights(run, other):
    for mine, its in zip(weights(run), weights(other), strict=True):
        np.testing.assert_array_equal(mine, its)


@pytest.fixture(scope="module")
def run(cohort, tmp_path_factory):
    """An uninterrupted training of 12 steps in rounds of 4."""
    return train(cohort, tmp_path_factory.mktemp("runs") / "whole", steps=12, **TINY)


def test_a_run_says_everything_needed_to_repeat_it(run, cohort, tmp_path):
    settings = json.loads((run.path / "run.json").read_text())
    assert settings["training"] == ["training_1", "training_2", "training_4", "training_5"]
    assert settings["seed"] == 2017 and settings["versions"]["keras"]
    again = train(
        settings["folder"],
        tmp_path / "again",
        steps=settings["steps"],
        filters=settings["filters"],
        loss=settings["loss"],
        seed=settings["seed"],
        network=settings["network"],
        progress=False,
    )
    assert_same_weights(run, again)


def test_history_has_a_row_a_round_and_tensorboard_a_log(run):
    assert list(run.history["step"]) == [4, 8, 12]
    assert np.isfinite(run.history[["loss", "dice"]]).all(axis=None)
    assert list(run.tensorboard.rglob("events.out.tfevents.*"))


def lesson_12s_network():
    """Return what lesson 12's ``compiled_vnet`` makes, with a tiny V-Net."""
    (lesson,) = choose(list_lessons(), ["12"])
    cells = nbformat.read(lesson.file, as_version=4).cells
    (source,) = (cell.source for cell in cells if "def compiled_vnet" in cell.source)
    names = {
        "keras": keras,
        "losses": losses,
        "dice": dice,
        "build_vnet": partial(build_vnet, **NETWORK),
        "schedule": 0.01,
        "seed": 1,
        "filters": 1,
    }
    exec(source.split("\n\n\n")[0], names)
    return names["compiled_vnet"]()


@pytest.mark.parametrize("whose", ["train", "lesson 12"])
def test_a_training_step_is_traced_once(run, whose, monkeypatch):
    model = lesson_12s_network() if whose == "lesson 12" else new_model(run.settings)
    step, traced = keras.Model.train_step, []
    monkeypatch.setattr(keras.Model, "train_step", lambda *a: traced.append(1) or step(*a))
    image = np.zeros((1, 8, 8, 4, 6), np.float32)
    model.fit(image, image[..., :1], epochs=2, verbose=0)
    assert len(traced) == 1


def test_training_lowers_the_loss(cohort, tmp_path):
    run = train(cohort, tmp_path / "run", steps=80, optimizer="adam", **TINY)
    assert run.history["loss"].iloc[-1] < run.history["loss"].iloc[0] - 0.2


def test_held_out_cases_are_scored_and_never_trained_on(cohort, tmp_path):
    run = train(cohort, tmp_path / "run", steps=4, validation_split=0.25, **TINY)
    assert len(run.settings["validation"]) == 1
    assert not set(run.settings["validation"]) & set(run.settings["training"])
    assert {"val_loss", "val_dice"} <= set(run.history.columns)


@pytest.mark.parametrize("stop", [3, 8, 11])
def test_a_longer_run_equals_a_short_one_gone_on_with(stop, run, cohort, tmp_path):
    train(cohort, tmp_path / "run", steps=stop, **TINY)
    resumed = train(cohort, tmp_path / "run", steps=12, resume=True, **TINY)
    assert resumed.settings["steps"] == 12
    assert_same_weights(run, resumed)


def test_kill_and_resume_ends_with_the_weights_of_an_uninterrupted_run(cohort, tmp_path):
    arguments = TINY | {"steps": 60, "checkpoint_every": 5}
    code = f"from islesedu import train; train({str(cohort)!r}, 'run', **{arguments!r})"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path)
    killed = RunFolder(tmp_path / "run")
    while killed.history.empty or not killed.checkpoint.exists():
        assert process.poll() is None, "the training ended before it could be killed"
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not killed.model_file.exists()
    train(cohort, killed.path, resume=True, **arguments)
    whole = train(cohort, tmp_path / "whole", **arguments)
    assert_same_weights(killed, whole)
    assert list(killed.history["step"]) == list(whole.history["step"]) == list(range(5, 61, 5))
    np.testing.assert_array_equal(killed.history["loss"], whole.history["loss"])


def test_a_run_killed_while_it_wrote_its_first_file_can_be_resumed(cohort, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".partial-1-run.json").write_text("{")
    assert train(cohort, tmp_path / "run", steps=1, resume=True, **TINY).model_file.exists()


def test_a_run_goes_on_where_the_data_has_moved_to(cohort, tmp_path):
    train(cohort, tmp_path / "run", steps=1, **TINY)
    moved = shutil.copytree(cohort / "training", tmp_path / "moved")
    assert len(train(moved, tmp_path / "run", steps=2, resume=True, **TINY).history) == 2


def test_callbacks_are_called_and_may_end_a_training(cohort, tmp_path):
    seen = []

    def on_step(step):
        seen.append(step)
        if step == 3:
            raise KeyboardInterrupt

    rounds = TINY | {"steps": 5, "checkpoint_every": 2}
    with pytest.raises(KeyboardInterrupt):
        train(cohort, tmp_path / "run", on_step=on_step, **rounds)
    assert seen == [1, 2, 3]
    again, batches = [], []
    count = keras.callbacks.LambdaCallback(on_train_batch_end=lambda *_, **__: batches.append(1))
    how = {"resume": True, "on_step": again.append, "callbacks": [count]}
    run = train(cohort, tmp_path / "run", **how, **rounds)
    assert len(batches) == 3 and again == [3, 4, 5] and list(run.history["step"]) == [2, 4, 5]


def test_a_run_begun_before_there_was_an_option_can_be_resumed(cohort, tmp_path):
    arguments = TINY | {"steps": 2, "recipe": "flip=0.5", "checkpoint_every": 2}
    old = train(cohort, tmp_path / "old", **arguments)
    settings = old.settings
    del settings["optimizer"], settings["recipe"]["crop"]
    old.settings_file.write_text(json.dumps(settings))
    train(cohort, old.path, resume=True, **(arguments | {"steps": 4}))
    assert RunFolder(old.path).settings["steps"] == 4
    with pytest.raises(TrainingError, match="was begun with optimizer = 'adagrad', not 'sgd'"):
        train(cohort, old.path, resume=True, optimizer="sgd", **(arguments | {"steps": 4}))


def test_a_run_of_an_earlier_version_is_resumed_on_the_same_files_and_renewed(cohort, tmp_path):
    old = train(cohort, tmp_path / "old", steps=1, **TINY)
    today = old.settings_file.read_text()
    text = today
    for case in cases_with_lesion(cohort):
        bytes_of = hashlib.sha256(case.maps["ADC"].read_bytes()).hexdigest()[:16]
        text = text.replace(fingerprint(case), bytes_of)
    old.settings_file.write_text(text)
    repacked = shutil.copytree(cohort / "training", tmp_path / "repacked")
    for file in repacked.rglob("*.nii"):
        file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()
    with pytest.raises(TrainingError, match="with other images of its training cases"):
        train(repacked, old.path, steps=1, resume=True, **TINY)
    train(cohort, old.path, steps=1, resume=True, **TINY)
    assert old.settings_file.read_text() == today
    train(repacked, old.path, steps=1, resume=True, **TINY)  # known by their images now


def test_finished_run_resumed_is_left_alone(run, cohort):
    before = run.model_file.stat().st_mtime_ns
    train(cohort, run.path, steps=12, resume=True, **TINY)
    np.testing.assert_equal(len(run.history), 3)
    assert run.model_file.stat().st_mtime_ns == before


def test_a_loss_that_is_no_number_stops_with_the_step_and_a_remedy(cohort, tmp_path):
    with pytest.raises(TrainingError, match=r"became nan at step \d+; lower --learning-rate"):
        train(cohort, tmp_path / "run", steps=40, optimizer="sgd", learning_rate=1e30, **TINY)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"loss": "tversky"}, "loss is 'tversky'; choose one of combined, cross_entropy"),
        ({"optimizer": "lion"}, "optimizer is 'lion'; choose one of adagrad"),
        ({"validation_split": 1.0}, r"validation_split is 1.0; give a share in \[0, 1\)"),
        ({"validation_split": 0.9}, "validation_split 0.9 of 4 patients is 4"),
        ({"validation_split": 0.1}, "validation_split 0.1 of 4 patients is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"steps": 0}, "steps is 0"),
        ({"checkpoint_every": 0}, "checkpoint_every is 0"),
        ({"learning_rate": -1.0}, "learning_rate is -1.0"),
    ],
)
def test_a_wrong_argument_is_named_before_anything_is_written(wrong, message, cohort, tmp_path):
    with pytest.raises(TrainingError, match=message):
        train(cohort, tmp_path / "run", **(TINY | {"steps": 2} | wrong))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("damage", ["truncated", "missing", "channel", "filters"])
def test_what_cannot_be_trained_on_leaves_nothing_behind(cohort, tmp_path, damage):
    folder = shutil.copytree(cohort / "training", tmp_path / "data")
    file = sorted(folder.glob("*/*Tmax*/*.nii"))[-1]
    wrong = {}
    if damage == "truncated":
        file.write_bytes(file.read_bytes()[:999])
    elif damage == "missing":
        file.unlink()
    elif damage == "channel":
        wrong = {"channels": ["DWI"]}
    else:
        wrong = {"filters": 0}
    with pytest.raises(ValueError, match=file.name if damage == "truncated" else ""):
        train(folder, tmp_path / "run", **(TINY | {"steps": 2} | wrong))
    assert not (tmp_path / "run").exists()


def test_clear_removes_a_run_and_nothing_else(cohort, tmp_path):
    run = train(cohort, tmp_path / "run", steps=1, **TINY)
    (run.path / "thesis.txt").write_text("do not lose me")
    before = sorted(run.path.iterdir())
    with pytest.raises(TrainingError, match="holds thesis.txt"):
        run.clear()
    assert sorted(run.path.iterdir()) == before
    (run.path / "thesis.txt").unlink()
    run.clear()
    assert not run.path.exists()
    run.clear()  # nothing there: nothing to do


def test_two_trainings_do_not_share_a_folder(cohort, tmp_path):
    run = train(cohort, tmp_path / "run", steps=1, **TINY)
    parent = psutil.Process(os.getppid())  # somebody who lives
    owner = {"host": locks.this_host(), "pid": parent.pid, "born": parent.create_time()}
    lock = run.path / ".lock.claim-1"
    lock.write_text(json.dumps(owner))
    with pytest.raises(TrainingError, match=f"is being trained in by process {os.getppid()}"):
        train(cohort, run.path, steps=2, resume=True, **TINY)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    lock.write_text(json.dumps(owner | {"pid": dead.pid}))  # killed in the middle
    half = run.path / f".partial-{dead.pid}-checkpoint.keras"
    half.touch()
    train(cohort, run.path, steps=2, resume=True, **TINY)
    assert not list(run.path.glob(".*"))


def test_who_does_not_get_the_lock_changes_nothing(cohort, tmp_path, monkeypatch):
    """The finished network stays, though a longer run would have to remove it."""
    run = train(cohort, tmp_path / "run", steps=1, **TINY)
    before = {file.name: file.read_bytes() for file in run.path.glob("*.*") if file.is_file()}
    with run.locked(), pytest.raises(FolderInUseError):
        train(cohort, run.path, steps=2, resume=True, **TINY)
    after = {file.name: file.read_bytes() for file in run.path.glob("*.*") if file.is_file()}
    assert "model.keras" in before and before == after
    locked = []
    load = keras.models.load_model
    look = lambda file: locked.append(any(run.path.glob(".lock*"))) or load(file)  # noqa: E731
    monkeypatch.setattr(keras.models, "load_model", look)
    train(cohort, run.path, steps=2, resume=True, **TINY)
    assert locked == [True]  # the checkpoint is read once nobody else can write another


def test_a_damaged_record_is_named(cohort, tmp_path):
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(TrainingError, match="run.json is damaged"):
        train(cohort, tmp_path, steps=1, resume=True, **TINY)


def test_a_run_is_never_overwritten(run, cohort, tmp_path):
    with pytest.raises(TrainingError, match="already holds a run; go on with --resume"):
        train(cohort, run.path, steps=12, **TINY)
    with pytest.raises(TrainingError, match="was begun with seed = 2017, not 1"):
        train(cohort, run.path, steps=12, seed=1, resume=True, **TINY)
    with pytest.raises(TrainingError, match="was begun for 12 steps; 4 would be fewer"):
        train(cohort, run.path, steps=4, resume=True, **TINY)
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("do not lose me")
    with pytest.raises(TrainingError, match="exists and is not a run folder"):
        train(cohort, tmp_path / "letters", steps=4, **TINY)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_learning_rate_falls_a_little_each_step(name):
    steps = np.array([0, 1, 100, 199, 200, 450, 1500])
    schedule = make_optimizer(name, 0.01)._learning_rate
    rates = [float(schedule(step)) for step in steps]
    np.testing.assert_allclose(rates, 0.01 * 0.95 ** (steps / 200), rtol=1e-6)
    schedule = make_optimizer(name, 0.01, "stairs")._learning_rate
    rates = [float(schedule(step)) for step in steps]
    np.testing.assert_allclose(rates, 0.01 * 0.95 ** (steps // 200), rtol=1e-6)


def forget_decay(folder):
    """Make a run what it would be if an earlier version had begun it."""
    file = folder / "run.json"
    settings = json.loads(file.read_text())
    assert settings.pop("decay") == "stairs"
    file.write_text(json.dumps(settings))


def test_a_run_begun_in_stairs_goes_on_in_stairs(run, cohort, tmp_path):
    whole = train(cohort, tmp_path / "whole", steps=12, decay="stairs", **TINY)
    assert not np.array_equal(weights(whole)[0], weights(run)[0])
    for name, steps in (("older", 4), ("killed early", 1)):
        begun = train(cohort, tmp_path / name, steps=steps, decay="stairs", **TINY)
        forget_decay(begun.path)
        assert begun.history["step"].tolist() == [steps]
        gone_on = train(cohort, begun.path, steps=12, resume=True, **TINY)
        assert gone_on.settings["decay"] == gone_on.config.decay == "stairs"
        assert_same_weights(gone_on, whole)
    with pytest.raises(TrainingError, match="begun with decay = 'stairs', not 'continuous'"):
        train(cohort, whole.path, steps=12, resume=True, **TINY)


def test_held_out_cases_are_shown_as_predictions_show_them(cohort, tmp_path):
    options = TINY | {"steps": 3, "validation_split": 0.25, "recipe": "crop=true;flip=0.5"}
    run = train(cohort, tmp_path / "run", **options)
    (case,) = cases_with_lesion(cohort / "training", run.settings["validation"])
    patient = read_case(case)
    probability = predict_probability(run.load_model(), patient.image, crop=True)
    box = head_box(patient.image)
    loss = losses.combined(patient.lesion[box].astype("float32"), probability[box])
    assert float(loss) == pytest.approx(run.history["val_loss"].iloc[-1], abs=1e-4)
