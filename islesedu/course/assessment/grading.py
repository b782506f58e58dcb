"""`grade`: the points of an answer, for the hidden tests of an assignment."""

import io
import os
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from islesedu.course.exercise import Complaint, Exercise
from islesedu.course.personal import VARIABLE, exercise_for
from islesedu.course.sandbox import CodeStopped, patient, run, shorten
from islesedu.errors import LessonError

_PATIENCE = 12
"""How much longer than in a lesson an answer may take: a minute."""
SLIP_SHARE = 0.5
"""Share of the points that an answer with a known slip gets, unless told otherwise."""


def grade(
    name: str,
    points: float,
    answer: Any,
    /,
    *,
    slip_share: float = SLIP_SHARE,
    quiet: bool = False,
    **state: Any,
) -> float:
    """Return the points of an answer: all, a share for a known slip, or none.

    The answer is compared with the exercise bank of the installation in which this runs, which is
    the instructor's. It prints the sentence that a student may read in the feedback, never the
    right answer.

    Parameters
    ----------
    name : str
        Of the exercise, such as "01.3".
    points : float
        What a right answer gets.
    answer : anything
        None gets nothing.
    slip_share : float
        From 0 to 1. Where one letter of three is asked for, a wrong letter gets nothing, for every
        wrong letter is a known slip.
    quiet : bool
        Print nothing, nor what the answer prints when it is called.
    **state
        What the exercise needs from the notebook, as for `islesedu.check`.

    Examples
    --------
    >>> grade("01.4", 2, (96, 96))
    Right.
    2.0
    >>> grade("01.4", 2, (94, 94))
    You left the padding out.
    1.0
    >>> grade("01.4", 2, (90, 90), quiet=True), grade("01.4", 2, None, quiet=True)
    (0.0, 0.0)
    """
    exercise = exercise_for(name)
    with ExitStack() as stack:  # nbgrader gives no point to a cell that writes on stderr
        stack.enter_context(redirect_stderr(io.StringIO()))
        if quiet:
            stack.enter_context(redirect_stdout(io.StringIO()))
        stack.enter_context(patient(_PATIENCE))
        share, said = _judge(exercise, answer, slip_share, state)
        print(said)
    return float(points * share)


def _judge(
    exercise: Exercise, answer: Any, slip_share: float, state: dict[str, Any]
) -> tuple[float, str]:
    """Return the share of the points and what is said of the answer."""
    try:
        if run(lambda: exercise.is_open(answer)):
            return 0, "Not answered."
        found = run(lambda: exercise.complaint(answer, **state))
        if found is None:
            return 1, "Right."
        guessed = isinstance(exercise.answer, str)
    except CodeStopped as error:
        found = Complaint(f"Your answer of type {type(answer).__name__} cannot be read ({error}).")
        guessed = False
    said = shorten(found.text, 1000) if found.helps else "Not right."
    return (slip_share if found.slip and not guessed else 0), said


def start_assignment(student: str | None = None, *, own_numbers: bool = False) -> None:
    """Set up an assignment, in its first cell: feedback, data, folder for results, own numbers.

    Checks say whether an answer is right and name known mistakes, but show neither hints nor
    solutions. The data is what came with the assignment, in its own folder; what lessons make, such
    as patients, goes to a folder beside it, which the assignments of a course share. What is
    set already (ISLESEDU_DATA, ISLESEDU_BUILD) is kept.

    Parameters
    ----------
    student : str, optional
        Whose numbers some exercises have; the lessons' own if None.
    own_numbers : bool
        Whether the numbers are those of the student in whose folder nbgrader grades,
        ``autograded/STUDENT/NAME``.

    Raises
    ------
    LessonError
        `own_numbers` is asked for in another folder, where nobody can tell whose they are.

    Examples
    --------
    >>> start_assignment()  # doctest: +SKIP
    """
    os.environ["ISLESEDU_FEEDBACK"] = "graded"
    here = Path.cwd()
    student = student or (_graded_in(here) if own_numbers else None)
    if student:
        os.environ[VARIABLE] = student
    else:
        os.environ.pop(VARIABLE, None)
    if (here / "data" / "sample").is_dir():
        os.environ.setdefault("ISLESEDU_DATA", str(here / "data"))
    beside = here.parent / "islesedu-build"
    shared = beside.is_dir() or os.access(here.parent, os.W_OK)
    os.environ.setdefault("ISLESEDU_BUILD", str(beside if shared else here / "build"))


def _graded_in(folder: Path) -> str:
    """Return the student in whose folder a notebook is graded."""
    if folder.parent.parent.name != "autograded":
        raise LessonError(
            f"{folder} is not autograded/STUDENT/NAME, so whose numbers are asked for is not "
            'known; say so, for instance start_assignment("anna")'
        )
    return folder.parent.name
