"""What has been solved: a small JSON file beside the notebooks, for nobody but the reader.

``progress.keep(False)``, or the environment variable ISLESEDU_RECORD=0, keeps no record.
"""

import json
import os
from pathlib import Path

from islesedu.files import write_text

_FILE = "progress.json"
keeping = os.environ.get("ISLESEDU_RECORD", "1") != "0"


def keep(record: bool) -> None:
    """Keep a record from now on, or none; what is on disk stays."""
    global keeping
    keeping = record


def read(folder: str | os.PathLike[str] = ".") -> dict[str, str]:
    """Return the state of each exercise that was answered: "right" or "wrong", by its name.

    A file that is missing or damaged counts as empty.
    """
    try:
        record = json.loads((Path(folder) / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def note(name: str, state: str, folder: str | os.PathLike[str] = ".") -> None:
    """Note the state of an exercise; one that was right once stays so."""
    if not keeping or not name or state == "waiting":
        return
    record = read(folder)
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
    for name, state in sorted(read(folder).items()):
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
