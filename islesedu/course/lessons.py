"""The lessons as a list: which there are and how long they take."""

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from islesedu.common.paths import as_path
from islesedu.common.stored import COUNT, FLAG, NUMBER, TEXT, fields, list_of, read_json
from islesedu.course.folders import project_folder
from islesedu.errors import IslesError, LessonError

_SOURCE = {"type": ["string", "array"], "items": TEXT}
_CELL = fields(
    {"cell_type": {"enum": ["code", "markdown", "raw"]}, "source": _SOURCE}
    | {"metadata": {"type": "object"}}
)
_OWN = {"minutes": NUMBER | {"exclusiveMinimum": 0}, "smoke": {"type": "object"}, "alone": FLAG}
_NOTEBOOK = fields(
    {"cells": list_of(_CELL), "metadata": fields({}, {"islesedu": fields({}, _OWN)})}
    | {"nbformat": COUNT | {"minimum": 4, "maximum": 4}}
)
"""What a notebook of version 4 says of itself, as far as it is read here."""


@dataclass(frozen=True)
class Lesson:
    """One notebook.

    Attributes
    ----------
    name : str
        "09_score_a_segmentation".
    file : Path
        The notebook.
    title : str
        Its first heading.
    minutes : float
        How long it takes on two cores.
    alone : bool
        Whether no other lesson may run meanwhile, because it measures time.
    smoke : dict
        Parameters with which it takes seconds, for tests.
    cells : int
        Number of code cells.
    """

    name: str
    file: Path
    title: str
    minutes: float
    smoke: dict[str, Any]
    cells: int
    alone: bool = False


def notebooks_folder(folder: str | Path | None = None) -> Path:
    """Return the folder of the lessons: the one given, ./notebooks, the project's, the package's.

    Where there is none, such as in an assignment, it is the current one if it holds lessons.
    """
    places = [Path("notebooks") if folder is None else as_path("notebooks", folder, LessonError)]
    if folder is None:
        with suppress(IslesError):  # no project: the error below says more
            places.append(project_folder() / "notebooks")
        places += [Path(__file__).resolve().parents[2] / "notebooks", Path()]
    for place in places:
        if place.is_dir() and (folder is not None or any(place.glob("[0-9]*.ipynb"))):
            return place.resolve()
    raise LessonError(
        f"{places[0]} is not a folder; start from the folder that holds notebooks/, or name it "
        "with --notebooks"
    )


def list_lessons(folder: str | Path | None = None) -> list[Lesson]:
    """Return the lessons of a folder in the order of their numbers.

    Raises
    ------
    LessonError
        No such folder, no notebook in it, or one that is not valid JSON.
    """
    folder = notebooks_folder(folder)
    lessons = [_read_lesson(file) for file in sorted(folder.glob("[0-9]*.ipynb"))]
    if not lessons:
        raise LessonError(f"{folder} holds no lesson (a notebook whose name begins with a number)")
    return lessons


def _read_lesson(file: Path) -> Lesson:
    """Read what a notebook says about itself."""
    notebook = read_json(file, _NOTEBOOK, "fetch it again", LessonError)
    cells, own = notebook["cells"], notebook["metadata"].get("islesedu", {})
    text = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    heading = re.search(r"^# (.+)$", text, re.MULTILINE)
    return Lesson(
        name=file.stem,
        file=file,
        title=heading[1] if heading else file.stem,
        minutes=own.get("minutes", 2),
        smoke=own.get("smoke", {}),
        cells=sum(cell["cell_type"] == "code" for cell in cells),
        alone=own.get("alone", False),
    )


def choose(lessons: Sequence[Lesson], names: Iterable[str]) -> list[Lesson]:
    """Return the lessons with these names; a number such as "09" is enough. No name: all.

    Raises
    ------
    LessonError
        A name fits no lesson.
    """
    names = [Path(name).name.removesuffix(".ipynb") for name in names]
    for name in names:
        if not any(_fits(name, lesson) for lesson in lessons):
            known = "\n  ".join(lesson.name for lesson in lessons)
            raise LessonError(f"there is no lesson {name!r}; there are\n  {known}")
    return [les for les in lessons if not names or any(_fits(name, les) for name in names)]


def _fits(name: str, lesson: Lesson) -> bool:
    """Tell whether a lesson is meant by a name or number."""
    number = lesson.name.split("_")[0]
    return name == lesson.name or (name.isdigit() and int(name) == int(number))
