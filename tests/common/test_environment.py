"""What the shell has set: a notebook shows its figures, Keras has the kit's conventions."""

import json
import os
import subprocess
import sys
import warnings

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from islesedu.common import environment

DRAW = "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2]);"


@pytest.mark.parametrize("backend", ["Qt5Agg", "agg", "", "no such backend"])
def test_a_notebook_shows_its_figures_whatever_the_shell_says(backend, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", backend)
    first = "import matplotlib" if backend == "agg" else ""  # imported before the kit, or after
    cells = [new_code_cell(f"{first}\nfrom islesedu import figures"), new_code_cell(DRAW)]
    notebook = new_notebook(cells=cells)
    NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
    assert "image/png" in nbformat.writes(notebook)


def test_outside_a_notebook_the_backend_stays():
    command = "import os, islesedu; print(os.environ['MPLBACKEND'])"
    said = subprocess.check_output(
        [sys.executable, "-c", command], env={**os.environ, "MPLBACKEND": "agg"}, text=True
    )
    assert said == "agg\n"


def test_warnings_as_errors_are_set_aside(monkeypatch):
    monkeypatch.setattr(sys, "warnoptions", ["error"])
    monkeypatch.setattr(os, "environ", {"PYTHONWARNINGS": "error", "HOME": "/"})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        environment.set_aside()
        warnings.warn("mild", DeprecationWarning, stacklevel=1)
        assert warnings.filters[-1][0] != "error" and not sys.warnoptions
    assert "PYTHONWARNINGS" not in os.environ and os.environ["HOME"] == "/"


def run_keras(tmp_path, **settings):
    """Import Keras as lessons do, with a file of Keras's settings."""
    (tmp_path / "keras.json").write_text(json.dumps(settings.pop("file", {})))
    code = "from islesedu.networks import import_keras; import_keras(); import keras; "
    code += "print(keras.config.image_data_format(), keras.config.floatx(), "
    code += "keras.layers.Dense(1).compute_dtype)"
    place = {**os.environ, "KERAS_HOME": str(tmp_path)} | settings
    return subprocess.run([sys.executable, "-c", code], env=place, capture_output=True, text=True)


def test_the_file_of_keras_changes_no_convention(tmp_path):
    own = {"image_data_format": "channels_first", "floatx": "float16", "epsilon": 0.1}
    done = run_keras(tmp_path, file=own | {"backend": "tensorflow"})
    assert done.stdout.split() == ["channels_last", "float32", "float32"], done.stderr


def test_a_backend_that_is_not_installed_is_said_in_a_sentence(tmp_path):
    pytest.importorskip("keras")
    name = next((n for n in ("jax", "torch") if not _installed(n)), None)
    if name is None:
        pytest.skip("all backends are installed")
    done = run_keras(tmp_path, KERAS_BACKEND=name)
    assert f"No module named '{name}'" in done.stderr and "unset KERAS_BACKEND" in done.stderr


def _installed(name):
    import importlib.util

    return importlib.util.find_spec(name) is not None
