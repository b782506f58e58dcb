"""`check`: an answer to an exercise of the bank, or to a question of one's own."""

import os
import re
from typing import Any

from islesedu.course import exercises, progress
from islesedu.course.answers import is_missing
from islesedu.course.bank import lessons
from islesedu.course.exercise import Complaint
from islesedu.course.personal import exercise_for
from islesedu.course.sandbox import CodeStopped, is_stub, run, shorten
from islesedu.course.verdict import Verdict

_NAME = re.compile(r"\d\d\.\d+")


def check(*answer: Any, **options: Any) -> Verdict:
    """Check an answer: ``check("01.3", your_shape)``.

    The answer is compared with the exercise bank (`islesedu.course.bank`). A wrong one is told so,
    with the name of the mistake if it is a known one, never with the right answer; hints unfold
    one by one, a solution after the first attempt. With the environment variable
    ISLESEDU_FEEDBACK=graded there are neither hints nor solutions, with ISLESEDU_STUDENT=anna some
    exercises have Anna's own numbers. In an installation from which
    the bank's lessons were removed an answer is taken, and judged where it is graded.

    Parameters
    ----------
    *answer : str, and anything
        Name of the exercise and the answer; None means that nobody has answered.
    **options
        What the exercise needs from the notebook, such as ``y_test=y_test``. For a question of
        your own give only the answer and the options of `islesedu.course.exercises.check`:
        ``check(your_dice, expected=0.5, slips=..., hint=...)``.

    Returns
    -------
    Verdict
        Shown by the notebook when it is the last expression of a cell.

    Raises
    ------
    KeyError
        There is no exercise of that name.

    Examples
    --------
    >>> check("01.4", None)
    ○ Not answered yet.
    >>> check("01.4", (94, 94))
    ✗ Not yet. You left the padding out.
    >>> check("01.4", (90, 96))
    ✗ Not yet. The number in position 1 is too small.
    >>> check("01.4", (96, 96))
    ✓ Correct.
    """
    if "expected" in options or len(answer) != 2 or not _is_name(answer[0]):
        return exercises.check(*answer, **options)
    return _check_exercise(answer[0], answer[1], options)


def _is_name(text: Any) -> bool:
    """Tell whether a text is the name of an exercise."""
    return isinstance(text, str) and bool(_NAME.fullmatch(text))


def _check_exercise(name: str, answer: Any, state: dict[str, Any]) -> Verdict:
    """Judge an answer, note it, and say what may be said."""
    if not lessons():  # an installation for students, without the answers
        return Verdict("waiting" if _is_open(answer) else "taken")
    exercise = exercise_for(name)
    graded = os.environ.get("ISLESEDU_FEEDBACK") == "graded"
    hints = () if graded else exercise.hints
    try:
        if run(lambda: exercise.is_open(answer)):
            return Verdict("waiting", hints=hints)
        if missing := sorted(exercise.needs() - {*state}):
            given = ", ".join(f"{one}={one}" for one in missing)
            told = f'This check needs more than an answer: check("{name}", ..., {given}).'
            return Verdict("waiting", f"{told} Put that back.", hints=hints)
        found = run(lambda: exercise.complaint(answer, **state), exercise.seconds)
    except CodeStopped as error:  # an answer can be any object; a check must outlive it
        kind = type(answer).__name__
        found = Complaint(f"Your answer of type {kind} cannot be read ({error}).")
    verdict = "wrong" if found else "right"
    progress.note(name, verdict)
    message = shorten(found.text, 1000) if found and (found.helps or not graded) else ""
    return Verdict(verdict, message, hints=hints, solution="" if graded else exercise.solution)


def _is_open(answer: Any) -> bool:
    """Tell whether an answer is none, or a function that is still the stub."""
    try:
        return run(lambda: is_missing(answer) or (callable(answer) and is_stub(answer)))
    except CodeStopped:
        return False
