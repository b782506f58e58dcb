"""A notebook for each student, made from nbgrader's source: own numbers in, solutions out."""

import csv
import io
import json
import re
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from islesedu.common.files import write_text
from islesedu.course import bank
from islesedu.course.assessment.assignment import START, text_cell
from islesedu.course.lessons import Lesson
from islesedu.course.personal import exercise_for, question_for

MASTER_START = START.replace("start_assignment()", "start_assignment(own_numbers=True)")
_SOLUTION = re.compile(r"### BEGIN SOLUTION\n.*?### END SOLUTION\n", re.DOTALL)
_TEST = re.compile(r"\n### BEGIN HIDDEN TESTS\n.*?### END HIDDEN TESTS", re.DOTALL)


def lessons() -> list[str]:
    """Return the numbers of the lessons with exercises that have other numbers."""
    return sorted({name[:2] for name in bank.own_numbers()})


def of_lesson(lesson: Lesson) -> list[str]:
    """Return the exercises of a lesson that have other numbers."""
    return [name for name in bank.own_numbers() if name[:2] == lesson.name[:2]]


def write_notebooks(lesson: Lesson, master: str, students: Iterable[str], folder: Path) -> None:
    """Write ``students/STUDENT/NAME`` in the folder of a course, with the data of the assignment.

    Parameters
    ----------
    lesson : Lesson
        Which; ``source/NAME`` of the folder holds its assignment.
    master : str
        The notebook of that, see `islesedu.course.assessment.nbgrader.assignment`.
    students : iterable of str
        For whom.
    """
    data = folder / "source" / lesson.name / "data"
    for student in students:
        place = folder / "students" / student / lesson.name
        write_text(place / lesson.file.name, notebook_for(master, student))
        if data.is_dir():
            shutil.copytree(data, place / "data", dirs_exist_ok=True)


def notebook_for(master: str, student: str) -> str:
    """Return a student's notebook: what nbgrader would release, with own numbers.

    Cells keep the marks by which nbgrader finds them when it grades.
    """
    notebook = json.loads(master)
    cells = []
    for cell in notebook["cells"]:
        source = _TEST.sub("", _SOLUTION.sub("", "".join(cell["source"])))
        if source == MASTER_START:
            source = START.replace("start_assignment()", f'start_assignment("{student}")')
        key = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        name = key.removeprefix("answer_").replace("_", ".")
        if key.startswith("answer_") and name in bank.own_numbers():
            ident = f"own-{name.replace('.', '-')}"
            cells.append(text_cell(question_for(name, student), ident))
        cells.append({**cell, "source": source})
    return json.dumps(notebook | {"cells": cells}, indent=1, ensure_ascii=False) + "\n"


def key(chosen: Sequence[Lesson], students: Iterable[str]) -> str:
    """Return the right answers as CSV, for the instructor."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["student", "exercise", "solution"])
    for student in students:
        for name in (name for lesson in chosen for name in of_lesson(lesson)):
            writer.writerow([student, name, exercise_for(name, student).solution])
    return out.getvalue()
