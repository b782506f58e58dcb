"""What an assignment is made of, whatever system grades it: cells, solutions, calls, data."""

import ast
import json
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from islesedu.common.paths import check_apart, folder_to_write
from islesedu.course import bank
from islesedu.course.folders import data_folder
from islesedu.course.lessons import Lesson
from islesedu.course.parameters import default_parameters
from islesedu.course.solved import exercise_in, stubs
from islesedu.errors import LessonError

START = """# Set-up of the assignment: leave this cell as it is, and run it first.
from islesedu.course import start_assignment

start_assignment()"""
_ELSEWHERE = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?:|#|attachment:|mailto:)[^)]+\)")
"""A link to a file that does not come with the assignment, such as the next lesson."""


@dataclass(frozen=True)
class Question:
    """An exercise of an assignment.

    Attributes
    ----------
    name : str
        "01.3".
    points : float
        What a right answer gets.
    before, solution, after : str
        The student's cell is `before` and `after`; the solution goes between them.
    arguments : str
        What `check` is given after the name, as code: ``your_conv2d, image=image``.
    """

    name: str
    points: float
    before: str
    solution: str
    after: str
    arguments: str

    @property
    def test(self) -> str:
        """Comment that stays where the hidden test was."""
        points = f"{self.points:g} point{'' if self.points == 1 else 's'}"
        return f"# Exercise {self.name}: {points}, given when your work is graded."

    def grade(self, slip_share: float, quiet: bool = False) -> str:
        """Return the call that grades the answer, as code."""
        options = f", slip_share={slip_share:g}" + (", quiet=True" if quiet else "")
        return f'grade("{self.name}", {self.points:g}, {self.arguments}{options})'


def question_in(source: str, points: dict[str, float]) -> Question | None:
    r"""Return the exercise that a cell checks, or None.

    Examples
    --------
    >>> found = question_in('your_average = None\ncheck("01.1", your_average)', {"01.1": 1})
    >>> found.before, found.solution, found.after
    ('your_average = None', 'your_average = (3 + 9 + 6) / 3', 'check("01.1", your_average)')
    >>> found.grade(0.5)
    'grade("01.1", 1, your_average, slip_share=0.5)'
    """
    name = exercise_in(source)
    if name is None:
        return None
    places, lines = stubs(source), source.splitlines()
    calls = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "check"
    ]
    if not places or len(calls) != 1:
        raise LessonError(f"the cell that checks {name} needs one stub your_... and one check")
    end = places[-1][1]
    arguments = ", ".join(ast.unparse(one) for one in (*calls[0].args[1:], *calls[0].keywords))
    return Question(
        name=name,
        points=points[name],
        before="\n".join(lines[:end]),
        solution=bank.find(name).solution,
        after="\n".join(lines[end:]).lstrip("\n"),
        arguments=arguments,
    )


def cells_of(lesson: Lesson, note: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the metadata of a lesson's notebook and the cells of the assignment.

    Left out is the last cell, which asserts what the lesson claims. After the title come `note`
    and the cell that sets up the assignment. Links to other files become plain text.
    """
    notebook = json.loads(lesson.file.read_text(encoding="utf-8"))
    cells = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if "asserts" in cell["metadata"].get("tags", []):
            continue
        if cell["cell_type"] == "markdown":
            source = _ELSEWHERE.sub(r"\1", source)
        cells.append({**cell, "source": source})
    cells[1:1] = [text_cell(note, "about-this-assignment"), code_cell(START, "set-up")]
    about = {key: notebook["metadata"][key] for key in notebook["metadata"]}
    return about, cells


def text_cell(source: str, name: str, kind: str = "markdown") -> dict[str, Any]:
    """Return a cell of text."""
    return {"cell_type": kind, "id": name, "metadata": {}, "source": source}


def code_cell(source: str, name: str) -> dict[str, Any]:
    """Return a cell of code."""
    more = {"execution_count": None, "outputs": []}
    return text_cell(source, name, "code") | more


def notebook_text(about: dict[str, Any], cells: Sequence[dict[str, Any]]) -> str:
    """Return a notebook as the text of its file."""
    whole = {"cells": list(cells), "metadata": about, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def data_used(lesson: Lesson) -> list[str]:
    """Return the folders of ``data`` that a lesson reads; [""] where nobody can tell.

    Always among them is the sample, by which a folder is known as the course's.
    """
    defaults = default_parameters(lesson)
    used = {"sample"}
    for cell in json.loads(lesson.file.read_text(encoding="utf-8"))["cells"]:
        tree = ast.parse("".join(cell["source"])) if cell["cell_type"] == "code" else ast.Module([])
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "data_folder":
                given = node.args[0] if node.args else None
                value = getattr(given, "value", defaults.get(getattr(given, "id", "")))
                if not isinstance(value, str):
                    return [""]
                used.add(Path(value).parts[0])
    return sorted(used)


def copy_data(lesson: Lesson, folder: Path) -> None:
    """Copy the data that a lesson reads into the folder of its assignment."""
    for name in data_used(lesson):
        place = data_folder(name)
        if place.is_dir():
            shutil.copytree(place, folder / "data" / name, dirs_exist_ok=True)


def can_be_graded(lesson: Lesson) -> bool:
    """Tell whether a lesson checks exercises of the bank."""
    number = lesson.name[:2]
    cells = json.loads(lesson.file.read_text(encoding="utf-8"))["cells"]
    return number in bank.lessons() and any(
        cell["cell_type"] == "code" and exercise_in("".join(cell["source"])) for cell in cells
    )


def check_choice(chosen: Sequence[Lesson], output: str | os.PathLike[str], inside: str) -> Path:
    """Return the folder to write, or raise a LessonError about lessons or a folder.

    What is there already is not overwritten: an instructor may have changed it.
    """
    if missing := [lesson.name for lesson in chosen if not can_be_graded(lesson)]:
        raise LessonError(
            f"nothing can be graded in {', '.join(missing)}: a lesson needs exercises of the bank, "
            f"which has {', '.join(bank.lessons())}"
        )
    folder = folder_to_write("folder", output, LessonError)
    for lesson in chosen:
        check_apart("folder", folder, lesson.file.parent, error=LessonError)
        place = folder / inside / lesson.name
        if place.exists():
            raise LessonError(f"{place} is there already; move it away, or name another folder")
    return folder
