"""The lessons as a list: which there are and how long they take."""

import json
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from islesedu.course.folders import project_folder
from islesedu.errors import IslesError, LessonError


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
    """Return the folder of the lessons: the one given, ./notebooks, or the project's."""
    places = [Path("notebooks") if folder is None else Path(folder)]
    if folder is None:
        with suppress(IslesError):  # no project: the error below says more
            places.append(project_folder() / "notebooks")
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
    try:
        notebook = json.loads(file.read_text(encoding="utf-8"))
        cells = [(cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]]
        own = dict(notebook.get("metadata", {}).get("islesedu", {}))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise LessonError(f"{file} is no notebook ({reason}); fetch it again") from error
    text = "\n".join(source for kind, source in cells if kind == "markdown")
    heading = re.search(r"^# (.+)$", text, re.MULTILINE)
    lesson = Lesson(
        name=file.stem,
        file=file,
        title=heading[1] if heading else file.stem,
        minutes=own.get("minutes", 2),
        smoke=own.get("smoke", {}),
        cells=sum(kind == "code" for kind, _ in cells),
        alone=own.get("alone", False),
    )
    for name, kind in {"minutes": (int, float), "smoke": dict, "alone": bool}.items():
        value = getattr(lesson, name)
        if not isinstance(value, kind) or (name == "minutes" and not 0 < value < 1e6):
            raise LessonError(
                f"{file} is damaged: its metadata say {name} = {value!r}, which makes no sense; "
                "fetch it again"
            )
    return lesson


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
