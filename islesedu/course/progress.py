"""What has been solved: a small JSON file in the project's build folder, for nobody but the reader.

``progress.keep(False)``, or the environment variable ISLESEDU_RECORD=0, keeps no record.
"""

import json
import os
import sys
from pathlib import Path

from islesedu.common.files import write_text
from islesedu.common.stored import dict_of, read_json
from islesedu.course.folders import build_folder
from islesedu.errors import IslesError, LessonError

_FILE = "progress.json"
_FORM = dict_of({"enum": ["right", "wrong"]})
keeping = os.environ.get("ISLESEDU_RECORD", "1") != "0"
_said: set[str] = set()


def keep(record: bool) -> None:
    """Keep a record from now on, or none; what is on disk stays."""
    global keeping
    keeping = record


def read(folder: str | os.PathLike[str] | None = None) -> dict[str, str]:
    """Return the state of each exercise that was answered: "right" or "wrong", by its name.

    Parameters
    ----------
    folder : path-like, optional
        Where the record lies; `islesedu.build_folder` if None. A missing file counts as empty; so
        does a damaged one, of which one line tells.
    """
    try:
        return read_json(_file(folder), _FORM, "it is not counted", LessonError)
    except LessonError as error:
        _say_once(str(error))
    except (OSError, IslesError):  # none yet, or no project
        pass
    return {}


def note(name: str, state: str, folder: str | os.PathLike[str] | None = None) -> None:
    """Note the state of an exercise; one that was right once stays so.

    A damaged record is kept beside the new one. What cannot be written stops no lesson: one line
    tells of it.
    """
    if not keeping or not name or state == "waiting":
        return
    record = read(folder)
    if record.get(name) in (state, "right"):
        return
    record[name] = state
    try:
        file = _file(folder)
        if len(record) == 1 and file.is_file() and file.stat().st_size:  # damaged
            os.replace(file, file.with_name(f"{_FILE}.damaged"))
        write_text(file, json.dumps(dict(sorted(record.items())), indent=1) + "\n")
    except (OSError, IslesError) as error:
        reason = getattr(error, "strerror", None) or error
        _say_once(f"what you solve is not noted ({reason}); the lesson goes on without")


def _file(folder: str | os.PathLike[str] | None) -> Path:
    """Return the file of the record."""
    return build_folder(_FILE) if folder is None else Path(folder) / _FILE


def _say_once(text: str) -> None:
    """Print a line, unless it was printed before."""
    if text not in _said:
        _said.add(text)
        print(text, file=sys.stderr)


def show(folder: str | os.PathLike[str] | None = None) -> str:
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
    known = read(folder)
    for name in sorted(known, key=_in_order):
        lesson, _, exercise = name.partition(".")
        lessons.setdefault(lesson, {})[exercise] = known[name]
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


def _in_order(name: str) -> tuple[str, int, str]:
    """Return a key that puts exercise 10 behind exercise 9.

    Examples
    --------
    >>> sorted(["03.10", "03.9", "02.1"], key=_in_order)
    ['02.1', '03.9', '03.10']
    """
    lesson, _, exercise = name.partition(".")
    return lesson, len(exercise), exercise
