import logging
import os
import subprocess
import sys

import pytest

from islesedu.networks import backend
from islesedu.networks.backend import without_hints

HINT = "I0000 00:00:17.2 1 port.cc:153] oneDNN custom operations are on.\n"
FIRST = "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"
CUDA = (
    "E0000 00:00:17.3 1 cuda.cc:9] failed call to cuInit: UNKNOWN ERROR (303)\n"
    "2026-11-29 00:43:10.172155: E external/xla/cuda_fft.cc:467] Unable to register cuFFT factory: "
    "Attempting to register factory for plugin cuFFT when one has already been registered\n"
    "W0000 00:00:17.5 422 computation_placer.cc:177] computation placer already registered.\n"
)  # the last two are TensorFlow 2.19's
ERROR = "E0000 00:00:17.4 1 bfc.cc:1] out of memory\n"


def test_hints_go_and_errors_stay():
    assert without_hints(FIRST + HINT + ERROR + "Traceback\n") == ERROR + "Traceback\n"


def test_a_missing_gpu_is_worth_a_line_only_where_there_is_one(monkeypatch):
    monkeypatch.setattr(backend.os.path, "exists", lambda path: False)
    assert without_hints(CUDA) == ""
    monkeypatch.setattr(backend.os.path, "exists", lambda path: True)
    assert without_hints(CUDA) == CUDA


def test_keras_is_imported_without_a_word():
    code = "from islesedu.networks import import_keras as k; k(); import sys; sys.modules['keras']"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (said.stdout, said.stderr) == ("", "")


def test_one_network_after_the_other_is_no_news_and_other_warnings_are(caplog):
    backend.import_keras()
    logger = logging.getLogger("tensorflow")
    logger.warning("5 out of the last 9 calls to %s triggered tf.function retracing.", "f")
    logger.warning("the disk is full")
    said = [one.getMessage() for one in caplog.records if one.name == "tensorflow"]
    assert said == ["the disk is full"]


def test_what_is_no_hint_comes_through_even_if_the_import_fails(tmp_path):
    (tmp_path / "keras.py").write_text(
        f"import os\nos.write(2, {(HINT + ERROR).encode()!r})\nraise ImportError('no keras')"
    )
    code = "from islesedu.networks import backend; backend.import_keras()"
    said = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}"],
        capture_output=True,
        text=True,
    )
    assert said.returncode == 1 and ERROR in said.stderr and "oneDNN" not in said.stderr
    assert "no keras" in said.stderr


@pytest.mark.parametrize("set_before, found", [(None, "1"), ("0", "0")])
def test_fast_convolutions_are_on_unless_the_reader_says_otherwise(set_before, found):
    names = {name: value for name, value in os.environ.items() if name != "TF_ENABLE_ONEDNN_OPTS"}
    names |= {"TF_ENABLE_ONEDNN_OPTS": set_before} if set_before else {}
    code = "import os, islesedu; print(os.environ['TF_ENABLE_ONEDNN_OPTS'])"
    run = subprocess.run([sys.executable, "-c", code], env=names, capture_output=True, text=True)
    assert run.stdout.strip() == found
