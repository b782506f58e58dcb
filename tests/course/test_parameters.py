"""Parameters that do not fit are refused before a lesson runs, by the runner and in the lesson."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook
from papermill.exceptions import PapermillExecutionError

from islesedu.course.lessons import choose, list_lessons
from islesedu.course.parameters import assign, check_values, default_parameters
from islesedu.errors import LessonError

OWN = {
    "folder": "cohort",
    "training": 43,
    "test": 8,
    "scale": 0.4,
    "seed": 2017,
    "whom": "training_43",
    "afresh": True,
    "hours": [1, 2],
    "size": [37, 53, 19],
    "wait": 120.0,
}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("training", 7.0, 7),
        ("test", 0, 0),
        ("scale", 1, 1),
        ("folder", "7", "7"),
        ("afresh", False, False),
        ("hours", (0, 5), [0, 5]),
        ("whom", "training_1", "training_1"),
    ],
)
def test_what_fits_comes_in_the_type_of_the_lessons_own(name, value, expected):
    found = check_values({name: value}, OWN)[name]
    assert found == expected and type(found) is type(expected)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("scale", "0,2", "is '0,2'; expected a number such as 0.4"),
        ("scale", float("nan"), "a number such as"),
        pytest.param("scale", 10**5000, "from 0.05 to 2", id="huge"),
        ("scale", 3, "from 0.05 to 2"),
        ("training", "abc", "a whole number such as 43"),
        ("training", 1.5, "a whole number"),
        ("training", True, "a whole number"),
        ("training", 0, "from 1 up"),
        ("test", -1, "from 0 up"),
        ("seed", 2**32, "from 0 to"),
        ("wait", 0, "above 0"),
        ("folder", " ", "text such as 'cohort'"),
        ("folder", None, "text such as 'cohort'"),
        ("whom", "training_99", "with training = 43 there are training_1, training_2, training_4"),
        ("whom", "test_1", "there are training_1"),
        ("afresh", "yes", "true or false"),
        ("hours", [], "a list such as"),
        ("hours", 3, "a list such as"),
        ("hours", [1, "a"], "a whole number"),
        ("size", [1, 2], "a list such as"),
        ("sise", 3, "no parameter 'sise'; this lesson has folder, training"),
    ],
)
def test_what_does_not_fit_is_refused(name, value, words):
    with pytest.raises(LessonError, match=words):
        check_values({name: value}, OWN)


@pytest.mark.parametrize(
    ("lesson", "given", "words"),
    [
        ("13", {"folds": "99"}, "there are 8 patients"),
        ("15", {"training": "5"}, "a multiple of 4 and of training"),
        ("06", {"scale=0.2": "09"}, "write -p NAME VALUE, without ="),
    ],
)
def test_parameters_that_do_not_fit_one_another_are_refused(lesson, given, words):
    with pytest.raises(LessonError, match=words):
        assign(choose(list_lessons(), [lesson]), given)


def test_every_lesson_takes_its_own_values_and_those_of_its_short_run():
    for lesson in list_lessons():
        own = default_parameters(lesson)
        assert check_values(own, own) == own
        for name, value in lesson.smoke.items():
            check_values({name: value}, own)


def run_lesson(folder, **parameters):
    """Run a lesson of three cells as papermill does."""
    import nbformat
    import papermill

    first = new_code_cell(
        "training = 43  # patients\nscale = 0.4", metadata={"tags": ["parameters"]}
    )
    second = new_code_cell("from islesedu.course import check_parameters\ncheck_parameters()")
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cells = [first, second, new_code_cell("print('ran')")]
    nbformat.write(new_notebook(cells=cells, metadata=kernel), folder / "01_a.ipynb")
    out = folder / "out.ipynb"
    papermill.execute_notebook(
        folder / "01_a.ipynb", out, parameters=parameters, progress_bar=False, kernel_name="python3"
    )
    return out.read_text()


def test_a_lesson_started_by_papermill_alone_checks_its_parameters_too(tmp_path):
    assert "ran\\n" in run_lesson(tmp_path, scale=1)
    with pytest.raises(PapermillExecutionError) as caught:
        run_lesson(tmp_path, scale="0,2")
    said = str(caught.value)
    assert "LessonError: the parameter scale is '0,2'; expected" in said and 'File "' not in said
    with pytest.raises(PapermillExecutionError, match="there is no parameter 'skale'"):
        run_lesson(tmp_path, skale=1)
