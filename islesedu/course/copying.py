"""A folder of one's own to work in: the lessons and the data that they read."""

import os
import shutil
from pathlib import Path

from islesedu.common.files import whole
from islesedu.common.paths import check_apart, folder_to_write
from islesedu.course.folders import data_folder
from islesedu.course.lessons import notebooks_folder
from islesedu.errors import LessonError


def copy_lessons(output: str | os.PathLike[str]) -> list[Path]:
    """Write a working course folder: ``notebooks`` and ``data``; results go to ``build`` in it.

    Lessons that are there already are kept, for there may be answers in them.

    Parameters
    ----------
    output : path-like
        The folder, made if it is not there.

    Returns
    -------
    list of Path
        The notebooks that were written.

    Raises
    ------
    LessonError
        `output` cannot be a folder, or is the folder of the course itself.
    """
    folder = folder_to_write("folder", output, LessonError)
    lessons, data = notebooks_folder(), data_folder()
    check_apart("folder", folder, lessons.parent, error=LessonError)
    _copy_tree(data, folder / "data")
    return _copy_tree(lessons, folder / "notebooks", "*.ipynb")


def _copy_tree(source: Path, goal: Path, pattern: str = "*") -> list[Path]:
    """Copy the files that are not there yet, each whole or not at all; return the copies.

    Copies can be written to, though an installation be read-only.
    """
    written = []
    for file in sorted(source.rglob(pattern)):
        inside = file.relative_to(source)
        target = goal / inside
        hidden = any(part.startswith(".") for part in inside.parts)
        if hidden or not file.is_file() or target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        with whole(target) as partial:
            shutil.copyfile(file, partial)
        written.append(target)
    return written
