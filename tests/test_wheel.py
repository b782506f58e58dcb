"""The wheel brings the course: built offline, installed read-only, a lesson run from its copy."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
CLEAN = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("ISLESEDU_", "PYTHONPATH", "PIP_"))
}


def done(command, **options):
    run = subprocess.run(command, capture_output=True, text=True, **options)
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    return run.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built from a copy of the committed files, so that the checkout stays as it is."""
    source, folder = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("no git checkout")
    for name in listed.stdout.split("\0")[:-1]:
        if not name.startswith(("tests/", "docs/", "benchmarks/")) and (ROOT / name).is_file():
            target = source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
    offline = ["--no-build-isolation", "--no-deps", "--no-index", "-q", "-w", str(folder)]
    done([sys.executable, "-m", "pip", "wheel", *offline, str(source)], env=CLEAN)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """The Python of an environment that has the wheel, read-only, and everything else of ours."""
    folder = tmp_path_factory.mktemp("installed")
    done([sys.executable, "-m", "venv", "--without-pip", str(folder)])
    python = folder / "bin" / "python"
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    here, there = (Path(done([one, "-c", code]).strip()) for one in (sys.executable, python))
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(there)
    # A plain line adds the folder only, without the editable islesedu that its own .pth files name.
    (there / "shared.pth").write_text(f"{here}\n")
    for place in (there / "islesedu").rglob("*"):
        place.chmod(0o555 if place.is_dir() else 0o444)
    return python


def test_the_wheel_holds_the_course_and_is_small(wheel):
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
    course = {name for name in names if name.startswith("islesedu/course_files/")}
    expected = [*(ROOT / "notebooks").glob("[0-9]*.ipynb"), *(ROOT / "data").rglob("*.keras")]
    assert {
        f"islesedu/course_files/{file.relative_to(ROOT).as_posix()}" for file in expected
    } <= course
    assert not [name for name in names if "checkpoint" in name and name.endswith(".ipynb")]
    assert wheel.stat().st_size < 25e6


def test_a_lesson_runs_from_the_copy_of_a_read_only_installation(python, tmp_path):
    installed = next(python.parents[1].glob("lib/*/site-packages/islesedu"))
    before = {file: file.stat().st_mtime_ns for file in installed.rglob("*")}
    environment = CLEAN | {"HOME": str(tmp_path / "home"), "PYTHONDONTWRITEBYTECODE": "1"}
    (tmp_path / "home").mkdir()

    def islesedu(*arguments, where=tmp_path):
        return done([python, "-m", "islesedu", *arguments], cwd=where, env=environment)

    said = islesedu("lessons", "copy", "my course")
    assert "lessons were written to my course" in said
    course = tmp_path / "my course"
    out = tmp_path / "out.ipynb"
    code = (
        "import json, papermill, sys; "
        "smoke = json.load(open(sys.argv[1]))['metadata']['islesedu']['smoke']; "
        "papermill.execute_notebook(sys.argv[1], sys.argv[2], parameters=smoke, "
        "cwd=sys.argv[3], kernel_name='python3', progress_bar=False)"
    )
    notebook = course / "notebooks" / "09_score_a_segmentation.ipynb"
    # Without a kernel of its own the environment would start the one of another.
    kernel = course / "kernels" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text(
        f'{{"argv": ["{python}", "-m", "ipykernel_launcher", "-f", "{{connection_file}}"], '
        '"display_name": "Python 3", "language": "python"}'
    )
    environment["JUPYTER_PATH"] = str(course / "kernels")
    done([python, "-c", code, notebook, out, notebook.parent], cwd=tmp_path, env=environment)
    executed = nbformat.read(out, as_version=4)
    ran = [cell for cell in executed.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in ran)
    assert (course / "build" / "progress.json").is_file() or not (
        tmp_path / "home/islesedu"
    ).exists()
    # Somewhere else the data is the package's, and results go home.
    code = (
        "import islesedu; print(islesedu.__file__, islesedu.data_folder(), islesedu.build_folder())"
    )
    told = done([python, "-c", code], cwd="/", env=environment).split()
    assert told == [
        str(installed / "__init__.py"),
        str(installed / "course_files" / "data"),
        str(tmp_path / "home" / "islesedu" / "build"),
    ]
    assert before == {file: file.stat().st_mtime_ns for file in installed.rglob("*")}
