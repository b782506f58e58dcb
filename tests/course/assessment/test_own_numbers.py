"""A notebook for each student: own numbers, no answers, graded by nbgrader for what they are."""

import csv
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from islesedu.course import bank
from islesedu.course.assessment.nbgrader import export_nbgrader
from islesedu.course.lessons import choose, list_lessons
from islesedu.course.personal import exercise_for
from islesedu.errors import LessonError

ROOT = Path(__file__).resolve().parents[3]
LESSON = "01_convolve_by_hand"
STUDENTS = ("anna", "dora")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own") / "a course"
    export_nbgrader(choose(list_lessons(), ["00", "01"]), folder, students=STUDENTS)
    return folder


def sources(file):
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells]


def test_each_student_gets_a_notebook_without_answers(course):
    whole = {
        name: sources(course / "students" / name / LESSON / f"{LESSON}.ipynb") for name in STUDENTS
    }
    for student, found in whole.items():
        assert any(f'start_assignment("{student}")' in source for source in found)
        text = "\n".join(found)
        assert "BEGIN" not in text and "grade(" not in text
        asked = [source for source in found if "with your own numbers" in source]
        assert len(asked) == sum(name[:2] == "01" for name in bank.own_numbers())
        assert all(f"({student})" in source for source in asked)
        for name in bank.exercises_of("01"):
            assert exercise_for(name, student).solution not in text
    assert whole["anna"] != whole["dora"]
    assert (course / "students" / "dora" / LESSON / "data" / "sample").is_dir()
    assert not (course / "students" / "anna" / "00_start_here").exists()  # released as usual


def test_the_instructor_gets_the_key(course):
    rows = list(csv.DictReader((course / "own_numbers.csv").open(encoding="utf-8")))
    assert {row["student"] for row in rows} == set(STUDENTS)
    assert all(exercise_for(r["exercise"], r["student"]).solution == r["solution"] for r in rows)


def test_a_lesson_without_other_numbers_alone_is_refused(tmp_path):
    with pytest.raises(LessonError, match="no exercise of 00_start_here has other numbers"):
        export_nbgrader(choose(list_lessons(), ["00"]), tmp_path, students=STUDENTS)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not importlib.util.find_spec("nbgrader"), reason="needs the extra grading")
def test_nbgrader_judges_each_by_their_own_numbers(course, tmp_path):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "JUPYTER_CONFIG_DIR": str(tmp_path / "j")}
    for student, numbers_of in {"anna": "anna", "dora": "anna"}.items():  # Dora copies from Anna
        place = course / "submitted" / student / LESSON
        shutil.copytree(course / "students" / student / LESSON, place)
        file = place / f"{LESSON}.ipynb"
        notebook = json.loads(file.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            for name in (name for name in bank.own_numbers() if name[:2] == "01"):
                if f'check("{name}"' in "".join(cell["source"]):
                    cell["source"] = exercise_for(name, numbers_of).solution
        file.write_text(json.dumps(notebook), encoding="utf-8")
    for command in (["generate_assignment", LESSON], ["autograde", LESSON], ["export"]):
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *command],
            cwd=course,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
    rows = csv.DictReader((course / "grades.csv").open(encoding="utf-8"))
    scores = {row["student_id"]: float(row["score"]) for row in rows}
    assert scores == {"anna": 3.0, "dora": 0.0}
