"""Export lessons as master notebooks of Otter-Grader."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from islesedu.common.files import write_text
from islesedu.course.assessment.assignment import (
    Question,
    cells_of,
    check_choice,
    code_cell,
    copy_data,
    notebook_text,
    question_in,
    text_cell,
)
from islesedu.course.assessment.grading import SLIP_SHARE
from islesedu.course.assessment.points import points_of, points_table
from islesedu.course.lessons import Lesson

_CONFIG = """# ASSIGNMENT CONFIG
name: {name}
init_cell: false
export_cell: false
check_all_cell: false
files:
{files}"""
_NOTE = """**Assignment.** {points:g} points in {count} exercises. Write your answers in the cells
that begin with `your_...`, run them, and hand in this notebook. A check says whether an answer is
right. The points come when your work is graded, which runs the notebook from its first cell: leave
the cells above an answer as they are, or put them back."""


def export_otter(
    chosen: Sequence[Lesson],
    output: str | os.PathLike[str],
    *,
    points_file: str | os.PathLike[str] | None = None,
    slip_share: float = SLIP_SHARE,
) -> dict[str, float]:
    """Write lessons as master notebooks, which ``otter assign`` splits in two editions.

    Parameters and errors are those of `islesedu.course.assessment.nbgrader.export_nbgrader`. The
    master of a lesson is ``NAME/NAME.ipynb`` in the folder, beside the data that it reads.
    """
    folder = check_choice(chosen, output, "")
    points = points_of([lesson.name[:2] for lesson in chosen], points_file)
    for lesson in chosen:
        place = folder / lesson.name
        copy_data(lesson, place)
        files = sorted(
            one.relative_to(place).as_posix() for one in place.rglob("*") if one.is_file()
        )
        write_text(place / lesson.file.name, master(lesson, points, slip_share, files))
    write_text(folder / "points.csv", points_table(points))
    return points


def master(
    lesson: Lesson, points: dict[str, float], slip_share: float, files: Sequence[str]
) -> str:
    """Return a master notebook, with solutions and hidden tests in Otter's marks."""
    own = {name: value for name, value in points.items() if name[:2] == lesson.name[:2]}
    about, cells = cells_of(lesson, _NOTE.format(points=sum(own.values()), count=len(own)))
    listed = "\n".join(f"  - {file}" for file in files)
    marked = [_raw(_CONFIG.format(name=lesson.name, files=listed), "assignment-config")]
    for cell in cells:
        question = question_in(cell["source"], own) if cell["cell_type"] == "code" else None
        marked += _question_cells(cell, question, slip_share) if question else [cell]
    return notebook_text(about, marked)


def _question_cells(
    cell: dict[str, Any], question: Question, slip_share: float
) -> list[dict[str, Any]]:
    """Return the cells of an exercise: begin, answer, hidden tests, end."""
    key = "q" + question.name.replace(".", "_")
    region = f"# BEGIN SOLUTION NO PROMPT\n{question.solution}\n# END SOLUTION"
    answer = {**cell, "source": f"{question.before}\n{region}\n{question.after}"}
    head = f"# BEGIN QUESTION\nname: {key}\npoints: {question.points:g}\ncheck_cell: false"
    call = Question(**{**vars(question), "points": 1}).grade(slip_share, quiet=True)
    tests = [("> 0", question.points * slip_share), ("== 1", question.points * (1 - slip_share))]
    found = [
        code_cell(
            f'""" # BEGIN TEST CONFIG\nhidden: true\npoints: {value:g}\n""" # END TEST CONFIG\n'
            f"from islesedu.course import grade\n\nassert {call} {wanted}",
            f"{key}-test-{number}",
        )
        for number, (wanted, value) in enumerate(tests)
        if value or (not question.points and number)
    ]
    return [
        _raw(head, f"{key}-begin"),
        _raw("# BEGIN SOLUTION", f"{key}-begin-solution"),
        answer,
        _raw("# END SOLUTION", f"{key}-end-solution"),
        _raw("# BEGIN TESTS", f"{key}-begin-tests"),
        *found,
        _raw("# END TESTS", f"{key}-end-tests"),
        _raw("# END QUESTION", f"{key}-end"),
    ]


def _raw(source: str, name: str) -> dict[str, Any]:
    return text_cell(source, name, "raw")


def next_steps(folder: str | os.PathLike[str], name: str) -> str:
    """Return the commands that go on from here."""
    return (
        f"cd {Path(folder)}\n"
        f"otter assign {name}/{name}.ipynb dist/{name}\n"
        f"    # dist/{name}/student: what students get\n"
        f"    # dist/{name}/autograder: for Gradescope, otter grade or otter run"
    )
