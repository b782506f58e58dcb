"""An exercise as one student is asked it, with numbers of their own where it has them."""

import os
import re
from pathlib import Path

from islesedu.common.stored import decode
from islesedu.course import bank
from islesedu.course.exercise import Exercise
from islesedu.errors import LessonError

VARIABLE = "ISLESEDU_STUDENT"
"""Environment variable that names the student whose numbers are asked for."""
_STUDENT = re.compile(r"[\w.@-]+")


def exercise_for(name: str, student: str | None = None) -> Exercise:
    """Return an exercise as a student is asked it.

    Parameters
    ----------
    name : str
        Such as "01.4".
    student : str, optional
        Whose numbers; the environment variable ISLESEDU_STUDENT says if None. Without a student,
        and where there are no other numbers, it is the lesson's own.

    Examples
    --------
    >>> exercise_for("01.4").expected(), exercise_for("01.4", "anna").expected()
    ((96, 96), (88, 88))
    """
    exercise = bank.find(name)
    student = student or os.environ.get(VARIABLE)
    own = bank.own_numbers().get(name)
    return own.applied(exercise, f"{student}/{name}") if student and own else exercise


def question_for(name: str, student: str) -> str:
    """Return the Markdown that asks an exercise with a student's own numbers.

    Examples
    --------
    >>> print(question_for("01.4", "anna").splitlines()[0])
    **Exercise 01.4 with your own numbers** (anna). Answer this one:
    """
    own = bank.own_numbers()[name]
    asked = own.question.format(**own.numbers(f"{student}/{name}", bank.find(name).tolerance))
    return f"**Exercise {name} with your own numbers** ({student}). Answer this one:\n\n{asked}"


def read_students(file: str | os.PathLike[str]) -> list[str]:
    r"""Return the students of a file: one a line, or the first column of a CSV file.

    Parameters
    ----------
    file : path-like
        A first line that begins with ``student`` or ``id`` is passed over as a heading.

    Raises
    ------
    LessonError
        There is no such file, nobody in it, somebody twice, or a name that can be no folder.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / "students.csv"
    >>> _ = place.write_text("id,email\nanna,a@b\nben,b@b\n")
    >>> read_students(place)
    ['anna', 'ben']
    """
    try:
        lines = decode(Path(file).read_bytes()).splitlines()
    except OSError as error:
        raise LessonError(
            f"{file} cannot be read ({error.strerror}); give a file of names"
        ) from None
    except ValueError as error:
        raise LessonError(f"{file} cannot be used: {error}; give a file of names") from None
    names = [(n, line.split(",")[0].split(";")[0].strip(' "')) for n, line in enumerate(lines, 1)]
    names = [(n, name) for n, name in names if name]
    if names and names[0][1].lower() in ("student", "student_id", "id"):
        names = names[1:]
    for number, name in names:
        if not _STUDENT.fullmatch(name) or not name.strip("."):
            raise LessonError(
                f"{file}, line {number}: {name!r} can be no student's name; use letters, digits "
                "and . _ @ -"
            )
    found = [name for _, name in names]
    if twice := [name for name in found if found.count(name) > 1]:
        raise LessonError(
            f"{file}: {twice[0]} is there twice; give each student a name of their own"
        )
    if not found:
        raise LessonError(f"{file} names no student; write one name a line")
    return found
