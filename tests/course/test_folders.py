import os
from pathlib import Path

import pytest

import islesedu
from islesedu.course.folders import build_folder, data_folder, project_folder
from islesedu.errors import IslesError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path):
    """Another copy of the course, with a folder deep in it."""
    (tmp_path / "a course" / "data" / "sample").mkdir(parents=True)
    (tmp_path / "a course" / "notebooks" / "mine").mkdir(parents=True)
    return tmp_path / "a course"


@pytest.mark.parametrize("place", [".", "notebooks", "notebooks/mine", "data/sample"])
def test_the_project_is_found_from_the_current_folder_upwards(project, place, monkeypatch):
    monkeypatch.chdir(project / place)
    assert islesedu.data_folder() == project / "data"
    assert islesedu.build_folder() == project / "build" and not (project / "build").exists()


def test_elsewhere_it_is_the_one_beside_the_package(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()  # of some other project
    monkeypatch.chdir(tmp_path)
    assert (data_folder(), build_folder()) == (ROOT / "data", ROOT / "build")
    assert not list((tmp_path / "data").iterdir())


def test_a_current_folder_that_is_gone_is_no_obstacle(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    os.rmdir(tmp_path / "gone")
    assert data_folder() == ROOT / "data"


def test_the_environment_names_the_folders(tmp_path, monkeypatch):
    monkeypatch.setenv("ISLESEDU_DATA", str(tmp_path))
    monkeypatch.setenv("ISLESEDU_BUILD", str(tmp_path / "out"))
    assert (data_folder(), build_folder("a")) == (tmp_path, tmp_path / "out" / "a")
    monkeypatch.setenv("ISLESEDU_DATA", str(tmp_path / "missing"))
    with pytest.raises(IslesError, match="ISLESEDU_DATA is '.*missing', which is not a folder"):
        data_folder()


def test_without_a_project_the_error_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr("islesedu.course.folders.__file__", str(tmp_path / "a" / "b" / "c.py"))
    with pytest.raises(IslesError, match="holds data/sample.*set ISLESEDU_DATA"):
        project_folder(tmp_path)


@pytest.mark.parametrize("path", ["cohort", "../build/cohort", "./cohort/", Path("cohort")])
def test_relative_paths_are_seen_from_the_folder(project, path):
    assert build_folder(path, start=project) == project / "build" / "cohort"


def test_whole_paths_stay_as_they_are(project, tmp_path):
    assert build_folder(tmp_path / "x", start=project) == tmp_path / "x"
    assert build_folder(build_folder("x")) == build_folder("x")


def test_results_of_an_installed_or_read_only_course_go_home(project, tmp_path, monkeypatch):
    home = tmp_path / "home" / "islesedu" / "build"
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    installed = tmp_path / "site" / "islesedu" / "course_files"
    (installed / "data" / "sample").mkdir(parents=True)
    assert build_folder("cohort", start=installed) == home / "cohort"
    assert data_folder("sample", start=installed) == installed / "data" / "sample"
    monkeypatch.setattr(os, "access", lambda place, mode: False)
    assert build_folder(start=project) == home


def test_an_installed_package_brings_its_course(tmp_path, monkeypatch):
    package = tmp_path / "site" / "islesedu"
    (package / "course_files" / "data" / "sample").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setattr("islesedu.course.folders.__file__", str(package / "course" / "folders.py"))
    assert data_folder(start=tmp_path / "elsewhere") == package / "course_files" / "data"
