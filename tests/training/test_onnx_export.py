"""A network as an ONNX file: kept only if it computes what Keras computes."""

import importlib.util
import os
import sys

import numpy as np
import pytest

from islesedu.errors import TrainingError
from islesedu.training import onnx_export
from islesedu.training.onnx_export import TOLERANCE, export_network, run_onnx
from islesedu.training.onnx_model import convert
from tests.small_runs import made_run, needs_onnx

LEVEL = "TF_CPP_MIN_LOG_LEVEL"


@needs_onnx
@pytest.mark.parametrize("half", [False, True])
def test_the_file_computes_what_keras_computes_on_a_grid_it_was_not_checked_on(tmp_path, rng, half):
    run = made_run(tmp_path / "run")
    done = export_network(run.path, tmp_path / "network.onnx", half)
    assert done.difference < TOLERANCE / 10 and (done.rounding > 0) == half
    image = rng.normal(size=(1, 19, 10, 5, 6)).astype(np.float32)
    (found,) = run_onnx(done.file, [[image]])
    wanted = np.asarray(run.load_model()(image, training=False))
    assert np.abs(found - wanted).max() < (0.05 if half else 1e-5)
    assert done.size == done.file.stat().st_size


@needs_onnx
def test_half_precision_halves_the_file_and_the_file_says_what_it_takes(tmp_path):
    import onnx

    run = made_run(tmp_path / "run", filters=6)
    sizes = [export_network(run, tmp_path / f"{half}.onnx", half).size for half in (False, True)]
    weights = run.load_model().count_params() * 4
    assert sizes[0] - sizes[1] > 0.4 * weights
    model = onnx.load(tmp_path / "True.onnx")
    facts = {one.key: one.value for one in model.metadata_props}
    assert facts["channels"] == "ADC,CBV,CBF,MTT,TTP,Tmax" and facts["weights"] == "float16"
    assert [one.name for one in model.graph.output] == ["probability"]


@needs_onnx
def test_a_conditioned_network_takes_missing_values(tmp_path, rng):
    run = made_run(tmp_path / "run", clinical={"columns": ["TICI", "TTT"], "fusion": "film"})
    file = export_network(run.path, tmp_path / "network.onnx").file
    image = rng.normal(size=(1, 9, 10, 5, 6)).astype(np.float32)
    for numbers in ([3, 60], [np.nan, 60]):
        clinical = np.array([numbers], np.float32)
        wanted = np.asarray(run.load_model()([image, clinical], training=False))
        np.testing.assert_allclose(run_onnx(file, [[image, clinical]])[0], wanted, atol=1e-5)


@needs_onnx
def test_a_file_that_differs_is_not_kept_and_an_older_one_stays(tmp_path, monkeypatch):
    run, file = made_run(tmp_path / "run"), tmp_path / "network.onnx"
    file.write_text("older")
    shifted = lambda *given: [one + 2 * TOLERANCE for one in run_onnx(*given)]  # noqa: E731
    monkeypatch.setattr(onnx_export, "run_onnx", shifted)
    with pytest.raises(TrainingError, match="would differ from Keras by 0.0002"):
        export_network(run, file)
    assert file.read_text() == "older" and len(list(tmp_path.iterdir())) == 2


@needs_onnx
@pytest.mark.parametrize("level", ["1", None])
def test_the_converter_leaves_the_environment_as_it_was(monkeypatch, level):
    seen = []

    class Network:
        def export(self, place, **how):
            importlib.import_module("tf2onnx.convert")
            seen.append(os.environ[LEVEL])
            raise ValueError("no such operation")

    monkeypatch.setenv(LEVEL, level or "1")
    if level is None:
        monkeypatch.delenv(LEVEL)
    monkeypatch.delitem(sys.modules, "tf2onnx.convert", raising=False)
    with pytest.raises(TrainingError, match="could not write this network .*no such operation"):
        convert(Network())
    assert seen == ["3"] and os.environ.get(LEVEL) == level


def test_what_cannot_be_written_is_said_before_anything_is_loaded(tmp_path, monkeypatch):
    run = made_run(tmp_path / "run")
    with pytest.raises(TrainingError, match=r"has not the name of an ONNX file"):
        export_network(tmp_path, tmp_path / "network.pb")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if "onnx" in name else 1)
    with pytest.raises(TrainingError, match=r"pip install 'islesedu\[onnx\]'"):
        export_network(run.path, tmp_path / "network.onnx")


@needs_onnx
def test_no_run_folder_is_one_sentence(tmp_path):
    with pytest.raises(TrainingError, match="is not a run folder"):
        export_network(tmp_path, tmp_path / "network.onnx")
