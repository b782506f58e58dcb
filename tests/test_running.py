"""Configuration files of other platforms are in order; the image is built where Docker runs."""

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def docker_runs():
    docker = shutil.which("docker")
    if not docker:
        return False
    return not subprocess.run([docker, "info"], capture_output=True, timeout=60).returncode


def test_the_devcontainer_installs_what_make_installs():
    told = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    assert "'.[lab,dev]' -c constraints.txt" in told["postCreateCommand"]
    assert (
        "touch .venv/installed" in told["postCreateCommand"]
    )  # so that make does not install again
    assert int(told["hostRequirements"]["cpus"]) >= 2


def test_the_image_copies_what_it_installs_from():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    copied = [name for line in lines if line.startswith("COPY") for name in line.split()[1:-1]]
    assert all((ROOT / name).exists() for name in copied), copied
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {*project["license-files"], project["readme"], "setup.py", "data"} <= {*copied}
    base = next(re.search(r"python:(3\.\d+)", line)[1] for line in lines if line.startswith("FROM"))
    assert base in ("3.11", "3.12", "3.13")
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert not {*copied} & {*ignored} and {".venv", "build"} <= {*ignored}


@pytest.mark.skipif(not docker_runs(), reason="no Docker daemon")
@pytest.mark.timeout(3600)
def test_the_image_is_built_and_lists_the_lessons():
    subprocess.run(["docker", "build", "-t", "islesedu-test", "."], cwd=ROOT, check=True)
    run = ["docker", "run", "--rm", "islesedu-test", "islesedu", "lessons", "list"]
    said = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    assert "01_convolve_by_hand" in said
