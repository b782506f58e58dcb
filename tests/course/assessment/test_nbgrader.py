"""Lessons as nbgrader assignments: what students see, and a whole course graded by nbgrader."""

import csv
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from islesedu.course import bank
from islesedu.course.assessment.assignment import can_be_graded
from islesedu.course.assessment.nbgrader import export_nbgrader
from islesedu.course.lessons import choose, list_lessons
from islesedu.errors import LessonError

ROOT = Path(__file__).resolve().parents[3]
LESSON = "01_convolve_by_hand"
IN_BANK = [lesson for lesson in list_lessons() if can_be_graded(lesson)]
each_lesson = pytest.mark.parametrize("lesson", IN_BANK, ids=lambda lesson: lesson.name)


def cells(file: Path) -> list[dict]:
    """Return the cells of a notebook, with their sources as text."""
    found = json.loads(file.read_text(encoding="utf-8"))["cells"]
    return [{**cell, "source": "".join(cell["source"])} for cell in found]


def mark(cell: dict) -> dict:
    return cell["metadata"].get("nbgrader", {})


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course of all lessons of the bank, as exported."""
    folder = tmp_path_factory.mktemp("assessment") / "a course"
    export_nbgrader(IN_BANK, folder)
    return folder


@each_lesson
def test_the_source_has_a_solution_and_a_hidden_test_for_each_exercise(course, lesson):
    found = cells(course / "source" / lesson.name / lesson.file.name)
    exercises = bank.exercises_of(lesson.name[:2])
    tests = [cell for cell in found if mark(cell).get("grade")]
    answers = [cell for cell in found if mark(cell).get("solution")]
    assert [mark(cell)["points"] for cell in tests] == [one.points for one in exercises.values()]
    for name, answer, test in zip(exercises, answers, tests, strict=True):
        assert (
            f'check("{name}"' in answer["source"] and exercises[name].solution in answer["source"]
        )
        assert f'grade("{name}", {exercises[name].points}, your_' in test["source"]
        assert mark(test)["locked"] and not mark(answer)["locked"]
    code = [cell for cell in found if cell["cell_type"] == "code"]
    assert all(mark(cell) for cell in code), "all that is no answer is put back before grading"
    ids = [mark(cell)["grade_id"] for cell in code]
    assert len(set(ids)) == len(ids) and not any("assert " in cell["source"] for cell in code)


@each_lesson
def test_what_students_get_gives_no_answer_away(course, lesson):
    """What nbgrader takes out is taken out here, and the rest is searched."""
    place = course / "source" / lesson.name
    for cell in cells(place / lesson.file.name):
        source = re.sub(r"### BEGIN (.+)\n[\s\S]+?### END \1\n?", "", cell["source"])
        assert not re.search(r"grade\(|course\.bank|SOLUTION", source)
        if 'check("' in source:
            name = re.search(r'check\("([\d.]+)"', source)[1]
            assert "None" in source and bank.find(name).solution not in source
        assert not re.search(r"\]\((\d\d_|\.\.)", source), "a link out of the assignment"
    assert not list(place.rglob("*.py")), "no bank beside the assignment"
    assert (place / "data" / "sample").is_dir()


def test_points_of_a_file_replace_those_of_the_bank(tmp_path):
    file = tmp_path / "points.csv"
    file.write_text("exercise,points\n01.3,10\n01.9,0\n")
    points = export_nbgrader(choose(IN_BANK, ["01"]), tmp_path / "course", points_file=file)
    assert points["01.3"] == 10 and points["01.9"] == 0 and points["01.1"] == 1
    found = cells(tmp_path / "course" / "source" / LESSON / f"{LESSON}.ipynb")
    assert "19 points in 9 exercises" in found[1]["source"]
    assert [mark(c)["points"] for c in found if mark(c).get("grade")][2] == 10
    assert "01.3,10\n" in (tmp_path / "course" / "points.csv").read_text()


def test_what_is_there_is_not_overwritten(tmp_path):
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()")
    export_nbgrader(choose(IN_BANK, ["01"]), tmp_path)
    assert (tmp_path / "nbgrader_config.py").read_text() == "c = get_config()"
    with pytest.raises(LessonError, match="is there already; move it away"):
        export_nbgrader(choose(IN_BANK, ["00", "01"]), tmp_path)
    assert not (tmp_path / "source" / "00_start_here").exists()


RIGHT = {name: bank.find(name).solution for name in bank.exercises_of("01")}
SLIPS = {  # half of the points, but none for a letter; 01.8 has many right answers
    "01.2": "your_second = 8",
    "01.4": "your_shape = (95, 95)",
    "01.9": 'your_letter = "a"',
}
WRONG = {"01.2": "your_second = 99", "01.4": 'your_shape = "many"', "01.5": "1 / 0"}


def hand_in(course: Path, student: str, answers: dict[str, str], change=None) -> None:
    """Put a notebook where nbgrader looks for what a student handed in."""
    place = course / "submitted" / student / LESSON
    shutil.copytree(course / "release" / LESSON, place)
    file = place / f"{LESSON}.ipynb"
    notebook = json.loads(file.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        for name, answer in answers.items():
            if f'check("{name}"' in source:
                cell["source"] = f'{answer}\ncheck("{name}", {answer.split(" =")[0]})'
                if answer.startswith("def "):
                    cell["source"] = f"{answer}\n"
    if change:
        change(notebook)
    file.write_text(json.dumps(notebook), encoding="utf-8")


def meddle(notebook: dict) -> None:
    """Change what answers are judged by, take out a test, and let another give all points."""
    kept = [cell for cell in notebook["cells"] if mark(cell).get("grade_id") != "test_01_5"]
    for cell in kept:
        if mark(cell).get("grade_id") == "test_01_2":
            cell["source"] = "1"
        elif "".join(cell["source"]).startswith("image = np.array("):
            cell["source"] = "image = np.zeros((6, 6))\nkernel = np.zeros((3, 3))"
    notebook["cells"] = kept


@pytest.mark.skipif(not importlib.util.find_spec("nbgrader"), reason="needs the extra grading")
def test_a_course_is_released_graded_and_given_feedback_on(tmp_path):
    course = tmp_path / "a course"
    export_nbgrader(choose(IN_BANK, ["01"]), course)
    environment = os.environ | {"PYTHONPATH": str(ROOT), "JUPYTER_CONFIG_DIR": str(tmp_path / "j")}

    def nbgrader(*command: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *command],
            cwd=course,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr[-3000:]

    nbgrader("generate_assignment", LESSON)
    released = (course / "release" / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf-8")
    assert "grade(" not in released and "SOLUTION" not in released
    students = {"right": RIGHT, "slip": RIGHT | SLIPS, "wrong": RIGHT | WRONG, "untouched": {}}
    for student, answers in students.items():
        hand_in(course, student, answers)
    hand_in(
        course, "meddles", {"01.2": "your_second = 0", "01.6": "your_output = 0 * image"}, meddle
    )
    nbgrader("autograde", LESSON)
    nbgrader("export")
    with open(course / "grades.csv", encoding="utf-8") as file:
        scores = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    points = {name: bank.find(name).points for name in RIGHT}
    total = sum(points.values())
    expected = {"right": total, "untouched": 0, "meddles": 0}
    expected["slip"] = total - points["01.2"] / 2 - points["01.4"] / 2 - points["01.9"]
    expected["wrong"] = total - points["01.2"] - points["01.4"] - points["01.5"]
    assert scores == expected
    nbgrader("generate_feedback", LESSON)
    pages = {
        student: (course / "feedback" / student / LESSON / f"{LESSON}.html").read_text("utf-8")
        for student in students
    }
    assert "One too few: count positions, not steps between them" in pages["slip"]
    assert "(96, 96)" not in pages["wrong"].replace("a pair such as (100, 100)", "")
    assert not (course / "autograded" / "right" / LESSON / "build").exists()
