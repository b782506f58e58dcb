import pytest

from islesedu.course.copying import copy_lessons
from islesedu.course.folders import build_folder, data_folder
from islesedu.course.lessons import list_lessons
from islesedu.errors import LessonError


def test_a_copy_is_a_course_of_its_own(tmp_path, monkeypatch):
    names = [lesson.file.name for lesson in list_lessons()]
    assert [file.name for file in copy_lessons(tmp_path / "my course")] == names
    monkeypatch.chdir(tmp_path / "my course" / "notebooks")
    assert data_folder("sample/training").is_dir()
    assert data_folder() == tmp_path / "my course" / "data"
    assert build_folder() == tmp_path / "my course" / "build"
    assert [lesson.file.name for lesson in list_lessons(".")] == names


def test_answers_that_are_there_are_kept(tmp_path):
    copy_lessons(tmp_path)
    answered = tmp_path / "notebooks" / "01_convolve_by_hand.ipynb"
    answered.write_text("mine")
    (tmp_path / "notebooks" / "00_start_here.ipynb").unlink()
    assert [file.name for file in copy_lessons(tmp_path)] == ["00_start_here.ipynb"]
    assert answered.read_text() == "mine"


def test_what_cannot_be_a_copy_is_refused(tmp_path):
    with pytest.raises(LessonError, match="is the folder to read"):
        copy_lessons(data_folder().parent)
    (tmp_path / "file").write_text("")
    with pytest.raises(LessonError, match="is a file; give a folder"):
        copy_lessons(tmp_path / "file")
