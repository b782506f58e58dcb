import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest

from islesedu.networks.backend import backend_name
from islesedu.networks.vnet import build_vnet


def other_backends():
    """Return marks for the backends of Keras; a test is skipped where one is not installed."""
    missing = {name: importlib.util.find_spec(name) is None for name in ("jax", "torch")}
    return [
        pytest.param(name, marks=pytest.mark.skipif(none, reason=f"{name} is not installed"))
        for name, none in missing.items()
    ]


OTHER = """
import sys, numpy as np, keras
from islesedu.networks import film, losses, vnet
kept = np.load(sys.argv[1] + ".npz")
model = keras.models.load_model(sys.argv[1])
output = keras.ops.convert_to_numpy(model([kept["image"], kept["told"]]))
np.testing.assert_allclose(output, kept["output"], atol=1e-4)
SMALL = {"filters": 2, "kernel_size": 3, "convolutions": (1, 2), "bottom_convolutions": 1}
vnet.build_vnet(channels=2, clinical_features=3, fusion=sys.argv[2], **SMALL)
print(keras.config.backend())
"""


@pytest.mark.parametrize("fusion", ["film", "concat"])
@pytest.mark.parametrize("backend", other_backends())
def test_a_conditioned_network_is_built_and_gives_the_same_on_every_backend(
    backend, fusion, tmp_path, rng
):
    small = {"filters": 2, "kernel_size": 3, "convolutions": (1, 2), "bottom_convolutions": 1}
    model = build_vnet(channels=2, clinical_features=3, fusion=fusion, **small)
    model.set_weights([rng.normal(0.3, 0.3, w.shape) ** 2 for w in model.get_weights()])
    image = rng.normal(size=(1, 9, 8, 5, 2)).astype("float32")
    told = np.float32([[2, np.nan, 90]])
    file = tmp_path / "model.keras"
    model.save(file)
    np.savez(f"{file}.npz", image=image, told=told, output=model([image, told]))
    done = subprocess.run(
        [sys.executable, "-c", OTHER, file, fusion],
        env=os.environ | {"KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == backend, done.stderr


@pytest.mark.parametrize("backend", other_backends())
def test_a_conditioned_network_is_trained_and_asked_on_every_backend(backend, cohort, tmp_path):
    def islesedu(*arguments):
        command = [sys.executable, "-m", "islesedu", *map(str, arguments)]
        names = os.environ | {"KERAS_BACKEND": backend}
        done = subprocess.run(command, env=names, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    how = ["--filters", 2, "--clinical", "TICI,TTT", "--output", tmp_path / "run"]
    how += ["--network", '{"kernel_size": 3, "convolutions": [1, 1]}']
    islesedu("train", cohort / "training", "--steps", 1, *how)
    said = islesedu("train", cohort / "training", "--steps", 2, "--resume", *how)
    assert "step 2: loss" in said
    said = islesedu("predict", tmp_path / "run", cohort / "test", "--output", tmp_path / "masks")
    assert "2 masks" in said


@pytest.mark.parametrize("name", ["jax", "caffe"])
def test_a_backend_that_will_not_do_is_named_with_a_remedy(name, tmp_path):
    names = os.environ | {"KERAS_BACKEND": name}

    def islesedu(*arguments):
        command = [sys.executable, "-m", "islesedu", *arguments, "--output", tmp_path / "run"]
        done = subprocess.run(command, env=names, capture_output=True, text=True)
        assert done.returncode == 2 and "Traceback" not in done.stderr
        return done.stderr

    for action in ("local", "run"):
        said = islesedu("cluster", action, "x")
        assert f"on TensorFlow, and its backend is '{name}'; give" in said
    if importlib.util.find_spec(name) is None:
        assert f"no backend '{name}' here" in islesedu("train", tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_backend_is_read_from_where_keras_reads_it(tmp_path, monkeypatch):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert backend_name() == "tensorflow"
    (tmp_path / "keras.json").write_text('{"backend": "torch"}')
    assert backend_name() == "torch"
    (tmp_path / "keras.json").write_text("[")
    assert backend_name() == "tensorflow"
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert backend_name() == "jax"
