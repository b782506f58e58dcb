"""What has been solved: a small JSON file beside the notebooks, for nobody but the reader.

``progress.keep(False)``, or the environment variable ISLESEDU_RECORD=0, keeps no record.
"""

import json
import os
import warnings
from pathlib import Path

from islesedu.errors import LessonError
from islesedu.files import write_text
from islesedu.stored import dict_of, read_json

_FILE = "progress.json"
_FORM = dict_of({"enum": ["right", "wrong"]})
keeping = os.environ.get("ISLESEDU_RECORD", "1") != "0"


def keep(record: bool) -> None:
    """Keep a record from now on, or none; what is on disk stays."""
    global keeping
    keeping = record


def read(folder: str | os.PathLike[str] = ".") -> dict[str, str]:
    """Return the state of each exercise that was answered: "right" or "wrong", by its name.

    Raises
    ------
    LessonError
        The file is damaged; without one the record is empty.
    """
    try:
        return read_json(Path(folder) / _FILE, _FORM, "remove it to begin anew", LessonError)
    except OSError:
        return {}


def note(name: str, state: str, folder: str | os.PathLike[str] = ".") -> None:
    """Note the state of an exercise; one that was right once stays so.

    A damaged file stays as it is, and is named in a warning.
    """
    if not keeping or not name or state == "waiting":
        return
    try:
        record = read(folder)
    except LessonError as error:
        warnings.warn(str(error), stacklevel=2)
        return
    if record.get(name) in (state, "right"):
        return
    record[name] = state
    try:
        write_text(Path(folder) / _FILE, json.dumps(dict(sorted(record.items())), indent=1) + "\n")
    except OSError:  # a folder one cannot write to is no reason to stop a lesson
        pass


def show(folder: str | os.PathLike[str] = ".") -> str:
    """Return one line a lesson with what was solved.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     note("01.1", "right", place)
    ...     note("01.2", "wrong", place)
    ...     print(show(place))
    lesson 01: 1 solved (1), 1 not yet (2)
    """
    lessons: dict[str, dict[str, str]] = {}
    try:
        record = read(folder)
    except LessonError as error:
        return str(error)
    for name, state in sorted(record.items()):
        lesson, _, exercise = name.partition(".")
        lessons.setdefault(lesson, {})[exercise] = state
    lines = []
    for lesson, own in lessons.items():
        solved = [exercise for exercise, state in own.items() if state == "right"]
        others = [exercise for exercise, state in own.items() if state != "right"]
        parts = [
            f"{len(some)} {word} ({', '.join(some)})"
            for some, word in ((solved, "solved"), (others, "not yet"))
            if some
        ]
        lines.append(f"lesson {lesson}: {', '.join(parts)}")
    return "\n".join(lines) or "Nothing answered yet."
