import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from islesedu.course.lessons import choose, list_lessons, notebooks_folder
from islesedu.course.parameters import assign, default_parameters, read_value
from islesedu.errors import LessonError

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


@pytest.fixture
def folder(tmp_path):
    """Folder of two lessons and of what is none."""
    for name, title in (("02_add", "02 · Add"), ("10_take_away", "10 · Take away")):
        first = new_code_cell("size = 3\nrate = 0.5\nname = 'x'", metadata={"tags": ["parameters"]})
        cells = [new_markdown_cell(f"# {title}\n\ntext"), first, new_code_cell("size")]
        about = KERNEL | {"islesedu": {"minutes": 1.5, "smoke": {"size": 1}}}
        nbformat.write(new_notebook(cells=cells, metadata=about), tmp_path / f"{name}.ipynb")
    first = new_code_cell("depth = 1", metadata={"tags": ["parameters"]})
    plain = new_notebook(cells=[first], metadata=KERNEL)
    nbformat.write(plain, tmp_path / "11_no_heading.ipynb")
    (tmp_path / "notes.ipynb").write_text("{}")
    return tmp_path


def test_a_lesson_says_what_it_is(folder):
    lesson = list_lessons(folder)[0]
    assert (lesson.name, lesson.title, lesson.minutes) == ("02_add", "02 · Add", 1.5)
    assert (lesson.smoke, lesson.cells) == ({"size": 1}, 2)


def test_only_numbered_notebooks_are_lessons_and_come_in_order(folder):
    names = [lesson.name for lesson in list_lessons(folder)]
    assert names == ["02_add", "10_take_away", "11_no_heading"]


def test_without_heading_the_title_is_the_name(folder):
    assert list_lessons(folder)[2].title == "11_no_heading"


def test_lessons_are_found_beside_the_code_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert (notebooks_folder() / "00_start_here.ipynb").is_file()
    (tmp_path / "notebooks").mkdir()  # of another project
    assert notebooks_folder() != tmp_path / "notebooks"
    (tmp_path / "notebooks" / "01_own.ipynb").write_text("{}")
    assert notebooks_folder() == tmp_path / "notebooks"


def test_no_folder_and_no_lesson_are_errors(tmp_path):
    with pytest.raises(LessonError, match="missing is not a folder.*--notebooks"):
        list_lessons(tmp_path / "missing")
    with pytest.raises(LessonError, match="holds no lesson"):
        list_lessons(tmp_path)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", "7", '{"cells": 3}', '{"cells": [{"cell_type": "markdown"}]}']
    + ['{"cells": [], "metadata": {"islesedu": 3}}', '{"cells": [], "metadata": 3}', "[" * 10**5],
    ids=range(10),
)
def test_a_broken_notebook_is_named(folder, text):
    (folder / "03_broken.ipynb").write_text(text)
    with pytest.raises(LessonError, match="03_broken.ipynb is no notebook"):
        list_lessons(folder)


@pytest.mark.parametrize(
    "own", [{"minutes": "many"}, {"minutes": -1}, {"smoke": 3}, {"alone": "no"}]
)
def test_metadata_that_make_no_sense_are_named(folder, own):
    text = json.dumps({"cells": [], "metadata": {"islesedu": own}})
    (folder / "03_broken.ipynb").write_text(text)
    with pytest.raises(LessonError, match=f"03_broken.ipynb is damaged: .* {next(iter(own))} = "):
        list_lessons(folder)


@pytest.mark.parametrize("name", ["10", "10_take_away", "notebooks/10_take_away.ipynb"])
def test_a_lesson_is_chosen_by_number_name_or_file(folder, name):
    assert [lesson.name for lesson in choose(list_lessons(folder), [name])] == ["10_take_away"]


def test_numbers_need_no_leading_zero_and_order_stays(folder):
    names = [lesson.name for lesson in choose(list_lessons(folder), ["10", "2", "02_add"])]
    assert names == ["02_add", "10_take_away"]


def test_no_name_means_all(folder):
    assert len(choose(list_lessons(folder), [])) == 3


@pytest.mark.parametrize("name", ["1", "take", "02_ad", "12"])
def test_an_unknown_lesson_is_an_error_that_lists_all(folder, name):
    with pytest.raises(LessonError, match=f"no lesson '{name}'.*\n  02_add\n  10_take_away"):
        choose(list_lessons(folder), [name])


def test_parameters_are_those_of_the_tagged_cell(folder):
    assert default_parameters(list_lessons(folder)[0]) == {"size": 3, "rate": 0.5, "name": "x"}


def test_each_lesson_gets_the_parameters_it_knows(folder):
    given = assign(list_lessons(folder), {"size": "7", "depth": "2"})
    assert given == {
        "02_add": {"size": 7},
        "10_take_away": {"size": 7},
        "11_no_heading": {"depth": 2},
    }


def test_a_misspelt_parameter_is_an_error_that_lists_the_right_ones(folder):
    with pytest.raises(LessonError, match="parameter 'sise'.*\n.*02_add: size, rate, name"):
        assign(list_lessons(folder), {"sise": "7"})


def test_no_parameter_opens_no_notebook(folder):
    lessons = list_lessons(folder)
    lessons[0].file.unlink()
    assert assign(lessons, {}) == {lesson.name: {} for lesson in lessons}


@pytest.mark.parametrize(
    "text, value",
    [
        ("3", 3),
        ("-0.4", -0.4),
        ("TRUE", True),
        ("none", None),
        ("[1, 2]", [1, 2]),
        ("../a b", "../a b"),
    ],
)
def test_values_are_read_as_they_look(text, value):
    assert read_value(text) == value and type(read_value(text)) is type(value)


def test_minutes_and_smoke_have_defaults(folder):
    file = folder / "02_add.ipynb"
    notebook = json.loads(file.read_text())
    notebook["metadata"] = {}
    file.write_text(json.dumps(notebook))
    lesson = list_lessons(folder)[0]
    assert (lesson.minutes, lesson.smoke) == (2, {})
