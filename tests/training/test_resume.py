"""What cannot be gone on with is refused before anything in its folder is changed."""

import json
import os
import shutil
import time
import zipfile

import keras
import numpy as np
import pytest

from islesedu.cluster import chief
from islesedu.cluster.spec import read_task
from islesedu.errors import FolderInUseError, TrainingError
from islesedu.networks.vnet import build_vnet
from islesedu.training import prediction
from islesedu.training.fitting import train
from islesedu.training.plan import make_optimizer
from islesedu.training.run_folder import RunFolder

NETWORK = {"kernel_size": 3, "convolutions": (1,), "bottom_convolutions": 1}
TINY = {"filters": 2, "network": NETWORK, "progress": False}
ROUNDS = TINY | {"checkpoint_every": 2}


@pytest.fixture(scope="module")
def finished(cohort, tmp_path_factory):
    """A finished run of four steps in rounds of two. Read only."""
    return train(cohort, tmp_path_factory.mktemp("runs") / "run", steps=4, **ROUNDS)


@pytest.fixture
def run(finished, tmp_path):
    """A copy of it."""
    shutil.copytree(finished, tmp_path / "run")
    return RunFolder(tmp_path / "run")


def contents(run):
    return {f: f.read_bytes() for f in run.path.rglob("*") if f.is_file()}


def cut(file):
    file.write_bytes(file.read_bytes()[:5000])


def other(file, steps=4, optimizer="adagrad", **how):
    """Put a network of another kind there."""
    keras.utils.set_random_seed(7)
    small = {"filters": 2} | NETWORK | how
    model = build_vnet(**{"channels": 6} | small)
    if optimizer:
        model.compile(make_optimizer(optimizer), loss="mse")
        model.optimizer.build(model.trainable_variables)
        model.optimizer.iterations.assign(steps)
    model.save(file)


def three_outputs(file):
    volume = keras.Input((None, None, None, 6))
    keras.Model(volume, keras.layers.Conv3D(3, 1)(volume)).save(file)


def unsafe(file):
    """Let the file name a function to be called, as an attacker would."""
    with zipfile.ZipFile(file) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    harm = {"module": "os", "class_name": "system", "config": {"command": "true"}}
    parts["config.json"] = json.dumps(harm | {"registered_name": None}).encode()
    with zipfile.ZipFile(file, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)


NETWORKS = {
    "cut": (cut, "cannot be loaded as a network"),
    "empty": (lambda file: file.write_bytes(b""), "cannot be loaded as a network"),
    "page": (lambda file: file.write_text("<html>"), "cannot be loaded as a network"),
    "unsafe": (unsafe, "cannot be loaded as a network"),
    "outputs": (three_outputs, "gives 3 channels, not 6 channels and 1 channel; "),
    "channels": (lambda file: other(file, channels=2), "takes 2 channels and gives"),
    "clinical": (lambda file: other(file, clinical_features=3), "takes 6 channels and 3 numbers"),
}
CHECKPOINTS = NETWORKS | {
    "filters": (lambda file: other(file, filters=3), "another network or optimizer than run.json"),
    "optimizer": (lambda file: other(file, optimizer="adam"), "another network or optimizer"),
    "uncompiled": (lambda file: other(file, optimizer=None), "another network or optimizer"),
    "steps": (lambda file: other(file, steps=9), "is that of step 9, and history.csv has no such"),
}


@pytest.mark.parametrize("kind", CHECKPOINTS)
def test_a_checkpoint_that_is_not_the_run_s_changes_nothing(kind, run, cohort):
    spoil, words = CHECKPOINTS[kind]
    run.model_file.unlink()
    spoil(run.checkpoint)
    before = contents(run)
    with pytest.raises(TrainingError, match=words) as error:
        train(cohort, run, steps=6, resume=True, **ROUNDS)
    assert contents(run) == before
    assert str(run.checkpoint) in str(error.value) and "put back a copy" in str(error.value)


@pytest.mark.parametrize("kind", ["cut", "same kind"])
def test_a_finished_network_is_not_given_up_for_another_checkpoint(kind, run, cohort):
    spoil = cut if kind == "cut" else other
    spoil(run.checkpoint)
    before = contents(run)
    with pytest.raises(TrainingError, match="checkpoint.keras and model.keras differ, and"):
        train(cohort, run, steps=6, resume=True, **ROUNDS)
    assert contents(run) == before


HISTORIES = ["", "step", "\0\1", "step,loss\n2,0.1\n", "step;loss;dice\n2;0;0\n", "<html>\n"]
HISTORIES += [
    "step,loss,dice\n2,0.1,0.2\n4,0.",
    "step,loss,dice\n2,0.1,0.2\n4\n",
    "step,loss,dice\n",
]


@pytest.mark.parametrize("text", [*HISTORIES[:-1], b"\xff\xfe\x00"])
def test_damaged_curves_are_named_and_nothing_is_changed(text, run, cohort):
    run.history_file.write_bytes(text if isinstance(text, bytes) else text.encode())
    before = contents(run)
    with pytest.raises(TrainingError, match="history.csv is damaged: .* or remove it"):
        train(cohort, run, steps=6, resume=True, **ROUNDS)
    assert contents(run) == before


RECORDS = ["{", "{}", "[1]", "5", "null", '{"channels": 6, "fingerprints": []}', "[" * 9999]


@pytest.mark.parametrize("text", RECORDS, ids=lambda text: text[:9])
def test_a_record_of_another_form_is_damaged(text, run, cohort, tmp_path):
    run.settings_file.write_text(text)
    before = contents(run)
    with pytest.raises(TrainingError, match="run.json is damaged: .*put back a copy, or"):
        train(cohort, run, steps=6, resume=True, **ROUNDS)
    with pytest.raises(TrainingError, match="run.json is damaged"):
        prediction.predict(run, cohort, tmp_path / "masks")
    assert contents(run) == before and not (tmp_path / "masks").exists()


def test_a_folder_locked_by_another_machine_is_left_alone(run, cohort):
    lock = run.path / ".lock.claim-1"
    lock.write_text(json.dumps({"host": "elsewhere 1", "pid": 1, "born": 1.0}))
    os.utime(lock, (time.time() - 60,) * 2)
    before = contents(run)
    with pytest.raises(FolderInUseError, match="by process 1 of elsewhere"):
        train(cohort, run, steps=6, resume=True, **ROUNDS)
    assert contents(run) == before


def test_a_run_whose_checkpoint_is_gone_goes_on_from_its_finished_network(run, finished, cohort):
    run.checkpoint.unlink()
    longer = train(cohort, run, steps=6, resume=True, **ROUNDS)
    assert longer.history["step"].tolist() == [2, 4, 6]
    np.testing.assert_array_equal(longer.history["loss"][:2], finished.history["loss"])


def test_a_run_with_curves_and_no_network_does_not_begin_again_at_0(run, cohort):
    run.checkpoint.unlink()
    run.model_file.unlink()
    before = contents(run)
    with pytest.raises(TrainingError, match="checkpoint.keras is gone, although history.csv has 4"):
        train(cohort, run, steps=6, resume=True, **ROUNDS)
    assert contents(run) == before


@pytest.mark.parametrize("kind", NETWORKS)
def test_predict_refuses_a_network_that_is_not_the_run_s(kind, run, cohort, tmp_path):
    spoil, words = NETWORKS[kind]
    spoil(run.model_file)
    with pytest.raises(TrainingError, match=words) as error:
        prediction.predict(run, cohort, tmp_path / "masks", progress=False)
    assert "model.keras" in str(error.value) and "move it away: checkpoint.keras" in str(
        error.value
    )
    assert not (tmp_path / "masks").exists()


@pytest.mark.parametrize("spoil", [cut, three_outputs, None])
def test_a_cluster_refuses_before_it_changes_anything(spoil, run, cohort, monkeypatch):
    monkeypatch.setattr(chief, "open_run", lambda *_: None)  # it was begun by `train`

    def wait_for(*_):
        raise TrainingError("no worker came up")

    monkeypatch.setattr(chief, "wait_for", wait_for)
    if spoil:
        run.model_file.unlink()
        spoil(run.checkpoint)
    before = contents(run)
    cluster = {"chief": ["a:1"], "worker": ["a:2"], "ps": ["a:3"]}
    task = read_task(
        {"TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": "chief", "index": 0}})}
    )
    with pytest.raises(TrainingError, match="checkpoint.keras" if spoil else "no worker came up"):
        chief.train_on_cluster(
            cohort,
            run,
            task,
            steps=6,
            resume=True,
            progress=False,
            **{k: v for k, v in ROUNDS.items() if k != "progress"},
        )
    assert contents(run) == before
