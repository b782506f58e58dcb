"""The files around the package say the same thing, and the same thing as the package."""

import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import islesedu
from islesedu.course.lessons import list_lessons

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LAB, SITE, DEV = (PROJECT["optional-dependencies"][name] for name in ("lab", "site", "dev"))
INSTALLED = PROJECT["dependencies"] + LAB + [one for one in DEV if not one.startswith("islesedu[")]
REQUIREMENTS = INSTALLED + SITE
"""What `make` installs: those of environment.yml, and what builds the site."""
PYTHONS = [
    {"python_version": minor, "python_full_version": f"{minor}.0"}
    for minor in ("3.11", "3.12", "3.13")
]
"""What a requirement's marker is told by the Pythons that the kit runs on."""
LIST = subprocess.run(
    ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True
).stdout.split("\0")[:-1]
"""Committed files; empty where the project is not a git checkout."""


def test_environment_for_conda_is_the_same_set():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, pip, own = environment["dependencies"]
    assert (python, pip) == (f"python{PROJECT['requires-python']}", "pip")
    assert environment["channels"] == ["conda-forge"]
    assert own["pip"] == [*INSTALLED, "-e ."]


def test_what_make_installs_builds_the_site():
    assert DEV[0] == "islesedu[lab,site]"  # `pip install -e .[dev]` is enough for the tests, too


def test_make_and_the_extras_install_what_users_were_promised():
    names = {canonicalize_name(Requirement(text).name) for text in REQUIREMENTS}
    promised = "jupyterlab tensorflow nibabel matplotlib ipywidgets nilearn papermill medpy"
    assert set(promised.split()) <= names
    assert '-e ".[lab,dev]" -c constraints.txt' in (ROOT / "Makefile").read_text()
    assert not {canonicalize_name(Requirement(text).name) for text in LAB} & {
        canonicalize_name(Requirement(text).name) for text in PROJECT["dependencies"]
    }


def test_constraints_are_plain_lines_within_the_ranges():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+_-]+", line) for line in lines)
    pins = {canonicalize_name(line.split("==")[0]): line.split("==")[1] for line in lines}
    assert len(pins) == len(lines)
    for text in REQUIREMENTS:
        requirement = Requirement(text)
        assert Version(pins[canonicalize_name(requirement.name)]) in requirement.specifier, text


def requires(name):
    """Return what an installed package needs; nothing if only another Python would have it."""
    try:
        return metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []


def test_constraints_hold_everything_that_islesedu_pulls_in():
    """On every Python: a package may be needed by one alone, as aiohttp on 3.12 by papermill."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = {canonicalize_name(name): pin for name, pin in (line.split("==") for line in lines)}
    direct = {canonicalize_name(Requirement(text).name) for text in REQUIREMENTS} & {*pins}
    if any(Version(metadata.version(name)) != Version(pins[name]) for name in direct):
        pytest.skip("other versions are installed, which may pull in others")
    seen, waiting = set(), [Requirement(text) for text in REQUIREMENTS]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        for extra in requirement.extras or {""}:
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            for text in requires(name):
                child = Requirement(text)
                if not child.marker or any(
                    child.marker.evaluate({"extra": extra} | python) for python in PYTHONS
                ):
                    waiting.append(child)
    missing = {name for name, _ in seen} - {*pins}
    assert not missing, "run pip freeze again, see CONTRIBUTING.md"


def test_every_range_has_an_upper_end_and_a_reason():
    text = (ROOT / "pyproject.toml").read_text()
    for requirement in REQUIREMENTS:
        assert re.search(r">=[\d.]+,<[\d.]+$", requirement), requirement
        assert re.search(re.escape(f'"{requirement}",') + r" +# \w+", text), requirement


def test_the_readme_lists_every_lesson_with_its_minutes():
    rows = re.findall(
        r"^\| \[(\w+)\]\((notebooks/\w+\.ipynb)\) \| ([\d.]+) \| .{20,} \|$",
        (ROOT / "README.md").read_text(),
        re.MULTILINE,
    )
    lessons = list_lessons(ROOT / "notebooks")
    assert rows == [(x.name, f"notebooks/{x.file.name}", f"{x.minutes:g}") for x in lessons]


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_what_a_text_links_to_is_there(name):
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / name).read_text())
    here = [link for link in links if not link.startswith("https://")]
    assert all((ROOT / link).is_file() for link in here), here


@pytest.mark.parametrize("part", ["islesedu", "islesedu.cli"])
def test_importing_it_imports_nothing_heavy(part):
    code = f"import sys, {part}; print([m for m in {HEAVY} if m in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"


HEAVY = ("numpy", "pandas", "scipy", "matplotlib", "nibabel", "keras", "tensorflow", "papermill")


def test_the_version_is_said_once():
    assert metadata.version("islesedu") == islesedu.__version__
    assert f"version: {islesedu.__version__}\n" in (ROOT / "CITATION.cff").read_text()


@pytest.mark.skipif(not LIST, reason="no git checkout")
def test_no_committed_file_names_a_registry_or_this_machine():
    # Put together here, or this file would hold them itself.
    words = [
        "pypi" + ".org",
        "python" + "hosted",
        "npm" + "js",
        "/opt" + "/pypi",
        "/work" + "/",
        "/root" + "/",
    ]
    for file in LIST:
        data = (ROOT / file).read_bytes()
        assert not [word for word in words if word.encode() in data], file


@pytest.mark.skipif(not LIST, reason="no git checkout")
def test_what_is_committed_is_small():
    sizes = {file: (ROOT / file).stat().st_size for file in LIST}
    data = {file: size for file, size in sizes.items() if file.startswith("data/")}
    networks = {"data/network/model.keras", "data/network_trial/model.keras"}
    assert sum(data.values()) < 25e6 and networks < set(data)
    rest = {file: size for file, size in sizes.items() if file not in networks}
    assert max(rest.values()) < 5e6 and sum(rest.values()) < 25e6


@pytest.mark.parametrize("command", [["format", "--check"], ["check"]])
def test_ruff_has_nothing_to_say(command):
    run = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "--no-cache", "."], cwd=ROOT, capture_output=True
    )
    assert run.returncode == 0, run.stdout.decode()


def test_nothing_is_committed_beside_what_belongs_to_the_project():
    top = {Path(name).parts[0] for name in LIST if not name.startswith(".")}
    files = (
        "CHANGELOG.md CITATION.cff CONTRIBUTING.md Dockerfile LICENSE LICENSE-text MANIFEST.in "
        "Makefile README.md constraints.txt environment.yml pyproject.toml setup.py".split()
    )
    folders = "benchmarks data docs islesedu notebooks tests web".split()
    assert top <= {*files, *folders}
