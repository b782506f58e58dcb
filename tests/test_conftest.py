"""What several processes share is made by one of them; the others wait for it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def test_a_shared_folder_is_filled_once_and_anew_after_a_failure(once):
    calls = []

    def fail(folder):
        (folder / "half").touch()
        raise RuntimeError("half way")

    def fill(folder):
        calls.append(folder)
        (folder / "file").write_text("whole")

    with pytest.raises(RuntimeError, match="half way"):
        once("a test of once", fail)
    for _ in range(2):
        folder = once("a test of once", fill)
        assert [file.name for file in folder.iterdir()] == ["file"]
    assert calls == [folder]


def test_two_processes_that_ask_at_once_get_one_folder(tmp_path):
    (tmp_path / "test_ask.py").write_text(
        "import os, time, pytest\n"
        "@pytest.mark.parametrize('n', range(2))\n"
        "def test_ask(once, n):\n"
        "    def fill(folder):\n"
        "        time.sleep(1)\n"
        "        (folder / os.environ['PYTEST_XDIST_WORKER']).touch()\n"
        "    assert len(list(once('shared', fill).iterdir())) == 1\n"
    )
    (tmp_path / "conftest.py").write_text("from tests.conftest import once  # noqa: F401\n")
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider"]
    command += ["--rootdir", str(tmp_path), "-c", "/dev/null", "test_ask.py"]
    done = subprocess.run(
        [*command, "--basetemp", str(tmp_path / "temporary")],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and "2 passed" in done.stdout, done.stdout
    assert len(list((tmp_path / "temporary" / "once" / "shared").iterdir())) == 1
