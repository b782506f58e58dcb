"""Export lessons as the source of an nbgrader course."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from islesedu.common.files import write_text
from islesedu.course.assessment import own_numbers
from islesedu.course.assessment.assignment import (
    START,
    cells_of,
    check_choice,
    code_cell,
    copy_data,
    notebook_text,
    question_in,
)
from islesedu.course.assessment.points import points_of, points_table
from islesedu.course.lessons import Lesson
from islesedu.errors import LessonError

_CONFIG = '''"""nbgrader's settings for assignments of islesedu."""

import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821
course = Path(__file__).resolve().parent

# A student sees the lesson's own stub, which stops nothing; no line is put in its place.
c.ClearSolutions.code_stub = {{"python": ""}}
# Students may change every cell; grading puts all but the answers back.
c.LockCells.lock_readonly_cells = False
c.OverwriteCells.add_missing_cells = True
c.CourseDirectory.root = str(course)
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "build"]
c.Execute.timeout = {timeout}  # seconds for a cell
# On a busy machine a kernel starts slowly, and what a cell printed may come late.
c.Execute.startup_timeout = 300
c.Execute.iopub_timeout = 60

# All submissions share the patients that lessons make, and none keeps a record of progress.
os.environ.setdefault("ISLESEDU_BUILD", str(course / "islesedu-build"))
os.environ["ISLESEDU_RECORD"] = "0"
# nbgrader calls alembic by its name alone.
os.environ["PATH"] = str(Path(sys.executable).parent) + os.pathsep + os.environ.get("PATH", "")
'''
_NOTE = """**Assignment.** {points:g} points in {count} exercises. Write your answers in the cells
that begin with `your_...`, run them, and hand in this notebook. A check says whether an answer is
right. The points come when your work is graded, which runs the notebook from its first cell. You
may change the other cells to try something; they are put back before grading."""


def export_nbgrader(
    chosen: Sequence[Lesson],
    output: str | os.PathLike[str],
    *,
    points_file: str | os.PathLike[str] | None = None,
    slip_share: float = 0.5,
    students: Sequence[str] = (),
) -> dict[str, float]:
    """Write lessons as assignments of an nbgrader course.

    Parameters
    ----------
    chosen : sequence of Lesson
        Which.
    output : path-like
        Folder of the course; ``source/NAME`` in it must not be there yet. An
        ``nbgrader_config.py`` that is there is kept.
    points_file : path-like, optional
        See `islesedu.course.assessment.points.read_points`.
    slip_share : float
        Share of the points that an answer with a known slip gets.
    students : sequence of str
        Each of them gets a notebook of their own, with own numbers where an exercise has such, in
        ``students/STUDENT/NAME``; ``own_numbers.csv`` lists what is right. A lesson without such
        exercises is released as usual.

    Returns
    -------
    dict of str to float
        The points of each exercise; ``points.csv`` in the folder has them, too.

    Raises
    ------
    LessonError
        The bank has no exercises for a lesson, an assignment is there already, or the file of
        points has a mistake. Nothing is written then.
    """
    folder = check_choice(chosen, output, "source")
    points = points_of([lesson.name[:2] for lesson in chosen], points_file)
    personal = [lesson for lesson in chosen if students and own_numbers.of_lesson(lesson)]
    if students and not personal:
        raise LessonError(
            f"no exercise of {', '.join(lesson.name for lesson in chosen)} has other numbers for "
            f"each student; lessons {', '.join(own_numbers.lessons())} have"
        )
    own = [lesson in personal for lesson in chosen]
    texts = [
        assignment(one, points, slip_share, mine) for one, mine in zip(chosen, own, strict=True)
    ]
    for lesson, text in zip(chosen, texts, strict=True):
        place = folder / "source" / lesson.name
        copy_data(lesson, place)
        write_text(place / lesson.file.name, text)
    for lesson in personal:
        own_numbers.write_notebooks(lesson, texts[chosen.index(lesson)], students, folder)
    if personal:
        write_text(folder / "own_numbers.csv", own_numbers.key(personal, students))
    config = folder / "nbgrader_config.py"
    if not config.exists():
        longest = max(lesson.minutes for lesson in chosen)
        write_text(config, _CONFIG.format(timeout=round(max(300, 300 * longest))))
    write_text(folder / "points.csv", points_table(points))
    return points


def assignment(
    lesson: Lesson, points: dict[str, float], slip_share: float, personal: bool = False
) -> str:
    """Return the notebook of an assignment, with solutions and hidden tests, as nbgrader's source.

    Each exercise becomes a cell for the answer and a locked one with the hidden test; all other
    cells of code are read only, so that the state that answers are judged by is the lesson's. With
    `personal` the set-up cell asks for the numbers of the student who is graded.
    """
    own = {name: value for name, value in points.items() if name[:2] == lesson.name[:2]}
    about, cells = cells_of(lesson, _NOTE.format(points=sum(own.values()), count=len(own)))
    graded: list[dict[str, Any]] = []
    for number, cell in enumerate(cells):
        question = question_in(cell["source"], own) if cell["cell_type"] == "code" else None
        if question:
            key = question.name.replace(".", "_")
            region = f"### BEGIN SOLUTION\n{question.solution}\n### END SOLUTION"
            source = f"{question.before}\n{region}\n{question.after}"
            graded.append(_marked({**cell, "source": source}, f"answer_{key}", solution=True))
            hidden = f"from islesedu.course import grade\n\n{question.grade(slip_share)}"
            test = f"{question.test}\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"
            made = code_cell(test, f"test-{key}")
            graded.append(_marked(made, f"test_{key}", question.points))
        elif cell["cell_type"] == "code":
            if personal and cell["source"] == START:
                cell = {**cell, "source": own_numbers.MASTER_START}
            graded.append(_marked(cell, f"code_{number:03d}"))
        else:
            graded.append(cell)
    return notebook_text(about, graded)


def _marked(
    cell: dict[str, Any], name: str, points: float | None = None, solution: bool = False
) -> dict[str, Any]:
    """Return a cell marked for nbgrader: an answer, a test if it has points, else read only."""
    told = {
        "grade": points is not None,
        "grade_id": name,
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    if points is not None:
        told["points"] = points
    return {**cell, "metadata": {**cell["metadata"], "nbgrader": told}}


def next_steps(folder: str | os.PathLike[str], name: str) -> str:
    """Return the commands that go on from here."""
    return (
        f"cd {Path(folder)}\n"
        f"nbgrader generate_assignment {name}   # release/{name}: what students get\n"
        f"nbgrader autograde {name}             # of submitted/STUDENT/{name}\n"
        "nbgrader export                        # grades.csv\n"
        f"nbgrader generate_feedback {name}     # feedback/STUDENT/{name}"
    )
