"""Try the kit with another Python or other versions of packages; print a row of measurements.md.

    .venv/bin/python -m pip install uv
    .venv/bin/python -m benchmarks.versions 3.12 constraints
    .venv/bin/python -m benchmarks.versions 3.11 lowest
    .venv/bin/python -m benchmarks.versions 3.13 latest --keep -- -n 2

"constraints" installs the versions of constraints.txt, "lowest" the lowest that pyproject.toml
allows, "latest" the newest that it allows. Into an environment of its own (build/versions, 3.5 GB,
removed at the end; --keep leaves it to the next call) goes this checkout, editable, with every
extra but view3d.
Then: ``islesedu --help``, a widget of each kind made, the quick suite (``pytest --quick``: all but
notebook runs, browser, website and wheel), and the lessons 01 and 12 with small parameters. Needs
the network, and uv, which finds a Python or fetches one. What comes after ``--`` goes to pytest.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = ".[lab,dev,onnx,grading,search]"
"""Without view3d, whose k3d asks for a newer anywidget than the lowest."""
RESOLUTIONS = {
    "constraints": ["--constraints", "constraints.txt"],
    "lowest": ["--resolution", "lowest-direct"],
    "latest": ["--resolution", "highest"],
}
SHOWN = ("tensorflow", "keras", "numpy", "jupyterlab", "nbconvert", "anywidget")
WIDGETS = """
import numpy as np, islesedu
stepper = islesedu.ConvolutionStepper([[1, 2, 3]], [[1, -1]])
browser = islesedu.SliceBrowser(np.arange(24).reshape(2, 3, 4))
assert len(browser.to_html("")) > 1000 and stepper.comm and browser.comm
"""
VERSIONS = f"""
import platform
from importlib.metadata import version
print(platform.python_version(), *map(version, {SHOWN}))
"""


def run(log: Path, *command: str | Path) -> int:
    """Run a command in the project's folder, its output into the log; return its exit status."""
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    with open(log, "a", encoding="utf-8") as file:
        print("$", *command, file=file, flush=True)
        done = subprocess.run(
            command, cwd=ROOT, env=clean, stdout=file, stderr=subprocess.STDOUT, check=False
        )
    return done.returncode


def install(uv: str, folder: Path, python: str, resolution: str, log: Path) -> None:
    """Make the environment."""
    seed = [uv, "venv", "--allow-existing", "--seed", "--python", python, folder]
    packages = [uv, "pip", "install", "--python", folder, *RESOLUTIONS[resolution], "-e", EXTRAS]
    if run(log, *seed) or run(log, *packages):
        sys.exit(f"the installation failed, see {log}")


def count(report: Path) -> tuple[int, int, list[str]]:
    """Return how many tests passed and were skipped, and the names of those that failed."""
    cases = list(ElementTree.parse(report).iter("testcase"))
    kinds = [{child.tag for child in case} for case in cases]
    bad = [
        f"{case.get('classname')}::{case.get('name')}"
        for case, kind in zip(cases, kinds, strict=True)
        if kind & {"failure", "error"}
    ]
    skipped = sum("skipped" in kind for kind in kinds)
    return len(cases) - skipped - len(bad), skipped, bad


def attempt(folder: Path, log: Path, options: list[str]) -> tuple[str, list[str]]:
    """Try everything in the environment; return the end of the table's row, and what failed."""
    python, start = folder / "bin" / "python", time.monotonic()
    failed = []
    if run(log, folder / "bin" / "islesedu", "--help"):
        failed.append("islesedu --help")
    if run(log, python, "-c", WIDGETS):
        failed.append("widgets")
    found = []
    lessons = ["tests/course/test_notebooks.py", "-k", "runs_with and (01_ or 12_)"]
    for name, chosen in (("quick", ["--quick"]), ("lessons", lessons)):
        report = folder / f"{name}.xml"
        run(log, python, "-m", "pytest", "-q", f"--junitxml={report}", *chosen, *options)
        if not report.exists():
            sys.exit(f"pytest did not start, see {log}")
        found.append(count(report))
    (passed, skipped, bad), (lessons_passed, _, lessons_bad) = found
    minutes = (time.monotonic() - start) / 60
    cells = f"{passed} passed, {skipped} skipped, {len(bad)} failed | {lessons_passed} of "
    cells += f"{lessons_passed + len(lessons_bad)} | {minutes:.0f}"
    return cells, failed + bad + lessons_bad


def main() -> None:
    """Make an environment, try everything, print the row."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("python", help="3.11, 3.12 or 3.13, or the path of one")
    parser.add_argument("resolution", choices=RESOLUTIONS)
    parser.add_argument("--keep", action="store_true", help="leave the environment there")
    words = [*sys.argv[1:], "--"]
    arguments = parser.parse_args(words[: words.index("--")])
    options = words[words.index("--") + 1 : -1]
    if not (uv := shutil.which("uv") or shutil.which("uv", path=Path(sys.executable).parent)):
        parser.error("uv is not installed: python -m pip install uv")
    name = f"{Path(arguments.python).name}-{arguments.resolution}"
    folder = ROOT / "build" / "versions" / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    log = folder.with_suffix(folder.suffix + ".log")
    log.unlink(missing_ok=True)
    print(f"{name}: what happens is written to {log}", flush=True)
    install(uv, folder, arguments.python, arguments.resolution, log)
    told = subprocess.check_output([folder / "bin" / "python", "-c", VERSIONS], text=True).split()
    cells, failed = attempt(folder, log, options)
    command = f"`.venv/bin/python -m benchmarks.versions {arguments.python} {arguments.resolution}`"
    row = [told[0], arguments.resolution, *told[1:], cells, f"{date.today():%d %B %Y}", command]
    print("|", " | ".join(row), "|")
    print(*failed, sep="\n")
    if not arguments.keep:
        shutil.rmtree(folder)
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
