"""What each exercise counts: the bank's points, or those of a file."""

import csv
import io
import math
import os
from collections.abc import Iterable
from pathlib import Path

from islesedu.common.stored import decode
from islesedu.course import bank
from islesedu.errors import LessonError

_HEAD = ["exercise", "points"]


def points_of(
    lessons: Iterable[str], file: str | os.PathLike[str] | None = None
) -> dict[str, float]:
    """Return the points of each exercise of lessons.

    Parameters
    ----------
    lessons : iterable of str
        Two digits each, such as "01".
    file : path-like, optional
        Points that differ from the bank's, as `read_points` reads them.

    Examples
    --------
    >>> points_of(["01"])["01.1"]
    1
    """
    own = {} if file is None else read_points(file)
    return {
        name: own.get(name, exercise.points)
        for lesson in lessons
        for name, exercise in bank.exercises_of(lesson).items()
    }


def read_points(file: str | os.PathLike[str]) -> dict[str, float]:
    r"""Return the points that a CSV file gives to exercises.

    Parameters
    ----------
    file : path-like
        Two columns with the heads ``exercise`` and ``points``; exercises that it leaves out keep
        the bank's points.

    Raises
    ------
    LessonError
        There is no such file, or a line names an exercise that the bank does not have, names one
        twice, or gives what is no number from 0 up.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / "points.csv"
    >>> _ = place.write_text("exercise,points\n01.3,4\n01.4,0.5\n")
    >>> read_points(place)
    {'01.3': 4, '01.4': 0.5}
    >>> _ = place.write_text("exercise,points\n01.3,-4\n")
    >>> try:
    ...     read_points(place)
    ... except LessonError as said:
    ...     print(str(said).removeprefix(f"{place}, "))
    line 2: the points of 01.3 are '-4'; give a number from 0 up
    """
    try:
        text = decode(Path(file).read_bytes())
    except OSError as error:
        raise LessonError(f"{file} cannot be read ({error.strerror}); give a CSV file") from None
    except ValueError as error:
        raise LessonError(f"{file} cannot be used: {error}; give a CSV file") from None
    lines = list(csv.reader(io.StringIO(text)))
    head = [word.strip().lower() for word in lines[0]]
    if head != _HEAD:
        raise LessonError(
            f"{file} begins with {','.join(lines[0])!r}; its first line must be {','.join(_HEAD)}"
        )
    points: dict[str, float] = {}
    for number, line in enumerate(lines[1:], 2):
        if any(word.strip() for word in line):
            name, value = _read_line(f"{file}, line {number}", line)
            if name in points:
                raise LessonError(f"{file}, line {number}: {name} has its points already")
            points[name] = value
    return points


def _read_line(place: str, line: list[str]) -> tuple[str, float]:
    """Return the exercise of a line and its points."""
    if len(line) != len(_HEAD):
        raise LessonError(f"{place}: {len(line)} values; give two, such as 01.3,2")
    name, text = (word.strip() for word in line)
    known = bank.exercises_of(name[:2]) if name[:2] in bank.lessons() else {}
    if name not in known:
        has = f"the lesson has {', '.join(known)}" if known else _lessons()
        raise LessonError(f"{place}: there is no exercise {name!r}; {has}")
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise LessonError(f"{place}: the points of {name} are {text!r}; give a number from 0 up")
    return name, int(value) if value.is_integer() else value


def _lessons() -> str:
    return f"the exercise bank has the lessons {', '.join(bank.lessons())}"


def points_table(points: dict[str, float]) -> str:
    r"""Return points as the text of a CSV file that `read_points` reads.

    Examples
    --------
    >>> points_table({"01.3": 2, "01.4": 0.5})
    'exercise,points\n01.3,2\n01.4,0.5\n'
    """
    rows = [f"{name},{value:g}" for name, value in points.items()]
    return "\n".join([",".join(_HEAD), *rows]) + "\n"
