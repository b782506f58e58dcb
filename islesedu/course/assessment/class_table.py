"""The table of a class, out of the records that students' checks have kept (progress.json)."""

import csv
import io
import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from islesedu.common.stored import dict_of, parse_json
from islesedu.course import bank
from islesedu.errors import LessonError

_EXERCISE = re.compile(r"\d\d\.\d+")
_STATES = ("right", "wrong")
_OWN = ("progress", "build", "notebooks", "islesedu-build")
"""Names that say nothing about whose record it is."""


@dataclass
class ClassRecord:
    """What a class has answered.

    Attributes
    ----------
    students : dict of str to dict
        For each student the state of each exercise that was answered: "right" or "wrong".
    passed_over : list of str
        A sentence for each file, or entry of one, that was not used.
    """

    students: dict[str, dict[str, str]] = field(default_factory=dict)
    passed_over: list[str] = field(default_factory=list)

    @property
    def exercises(self) -> list[str]:
        """All exercises of the lessons that somebody has begun, in order, and others found."""
        found = {name for own in self.students.values() for name in own}
        known = {name[:2] for name in found} & set(bank.lessons())
        found |= {name for lesson in known for name in bank.exercises_of(lesson)}
        return sorted(found, key=_place)

    def points(self, student: str) -> int:
        """Return the bank's points for what a student has right."""
        right = (name for name, state in self.students[student].items() if state == "right")
        return sum(_points_of(name) for name in right)

    def stuck(self, student: str) -> list[str]:
        """Return what a student has tried and not solved yet, in order."""
        own = self.students[student]
        return sorted((name for name, state in own.items() if state == "wrong"), key=_place)


def _place(name: str) -> list[int]:
    """Return what exercises are sorted by: 01.10 comes behind 01.9."""
    return [int(part) for part in name.split(".")]


def _points_of(name: str) -> int:
    """Return the points of an exercise; 0 for one that the bank does not have."""
    known = bank.exercises_of(name[:2]) if name[:2] in bank.lessons() else {}
    return known[name].points if name in known else 0


def read_class(folders: Iterable[str | os.PathLike[str]]) -> ClassRecord:
    """Read the records below folders.

    A record is a file whose name ends in ``.json`` and holds the word progress, wherever it lies. A
    student is called as the folder that holds it, from the given folder on and without the
    kit's own folders ``build`` and ``notebooks``; or as the file, where many lie in one folder
    (``anna_progress.json``). Two records of one student are taken together: what was right once
    is right.

    Parameters
    ----------
    folders : iterable of path-like
        Folders, or single files.

    Raises
    ------
    LessonError
        A folder is not there, or none of them holds a record.
    """
    record = ClassRecord()
    places = [Path(folder) for folder in folders]
    for place in places:
        if not place.exists():
            raise LessonError(f"{place} is not there; give the folder that holds the students'")
        inside = sorted(place.rglob("*progress*")) if place.is_dir() else [place]
        for file in inside:
            if file.is_file():
                _read_file(file, place if place.is_dir() else place.parent, record)
    if not record.students and not record.passed_over:
        named = ", ".join(map(str, places))
        raise LessonError(f"{named}: there is no progress.json in it, nor in a folder inside")
    return record


def _read_file(file: Path, root: Path, record: ClassRecord) -> None:
    """Add a file to the record, or a sentence that says why not."""
    if file.suffix != ".json":
        record.passed_over.append(f"{file}: passed over, its name does not end in .json")
        return
    try:
        held = parse_json(file.read_bytes(), dict_of({}))
    except OSError as error:
        record.passed_over.append(f"{file}: passed over, it cannot be read ({error.strerror})")
        return
    except ValueError as error:
        record.passed_over.append(f"{file}: passed over, {str(error).splitlines()[0]}")
        return
    good = {k: v for k, v in held.items() if _EXERCISE.fullmatch(k) and v in _STATES}
    if held and not good:
        record.passed_over.append(f"{file}: passed over, it is no record of exercises")
        return
    record.passed_over += [
        f"{file}: its entry {name!r} is left out, it is no state of an exercise"
        for name in held
        if name not in good
    ]
    own = record.students.setdefault(student_of(file, root), {})
    for name, state in good.items():
        own[name] = "right" if "right" in (state, own.get(name)) else state


def student_of(file: Path, root: Path) -> str:
    """Return what a student is called, by the place of the record.

    Examples
    --------
    >>> student_of(Path("class/anna/build/progress.json"), Path("class"))
    'anna'
    >>> student_of(Path("class/group 2/ben_progress.json"), Path("class"))
    'group 2/ben'
    """
    parts = [part for part in file.relative_to(root).parts[:-1] if part not in _OWN]
    own = re.sub(r"[-_. ]*progress[-_. ]*", "", file.stem)
    name = "/".join([*parts, own] if own else parts)
    return name or root.resolve().name


def csv_text(record: ClassRecord) -> str:
    r"""Return the table as CSV: a row a student, a column an exercise.

    Examples
    --------
    >>> print(csv_text(ClassRecord({"anna": {"00.1": "right"}})).splitlines()[0][:30])
    student,solved,tried,points,00
    >>> csv_text(ClassRecord({"anna": {"77.1": "wrong"}}))
    'student,solved,tried,points,77.1\nanna,0,1,0,wrong\n'
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["student", "solved", "tried", "points", *record.exercises])
    for student, own in sorted(record.students.items()):
        solved = sum(state == "right" for state in own.values())
        cells = [own.get(name, "") for name in record.exercises]
        writer.writerow([student, solved, len(own), record.points(student), *cells])
    return out.getvalue()


def table_text(record: ClassRecord) -> str:
    """Return the table for people: a row a student with points, a column a lesson, who is stuck.

    Examples
    --------
    >>> print(table_text(ClassRecord({"anna": {"77.1": "right"}, "ben": {"77.1": "wrong"}})))
    student   77  all  points  stuck at
    anna     1/1    1       0
    ben      0/1    0       0      77.1
    <BLANKLINE>
    answered, but not right yet: 77.1 (1 of 2)
    """
    exercises = record.exercises
    lessons = sorted({name[:2] for name in exercises})
    rows = [["student", *lessons, "all", "points", "stuck at"]]
    for student, own in sorted(record.students.items()):
        right = [name for name, state in own.items() if state == "right"]
        counts = []
        for lesson in lessons:
            of = sum(name[:2] == lesson for name in exercises)
            counts.append(f"{sum(name[:2] == lesson for name in right)}/{of}")
        stuck = record.stuck(student)
        more = f" and {len(stuck) - 3} more" if len(stuck) > 3 else ""
        sums = [str(len(right)), str(record.points(student)), " ".join(stuck[:3]) + more]
        rows.append([student, *counts, *sums])
    text = _aligned(rows)
    open_, tried = Counter(), Counter()
    for own in record.students.values():
        tried.update(list(own))
        open_.update(name for name, state in own.items() if state == "wrong")
    if hard := [f"{name} ({n} of {tried[name]})" for name, n in open_.most_common(5)]:
        text += f"\n\nanswered, but not right yet: {', '.join(hard)}"
    return text


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as lines, the first column flush left, the others flush right."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if n else cell.ljust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
