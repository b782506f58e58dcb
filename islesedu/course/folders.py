"""Where the project's data and results lie, whatever the current folder is."""

import os
from pathlib import Path

from islesedu.errors import IslesError

_INSTALLED = "course_files"
"""Folder in the package that a wheel brings, with notebooks and data (setup.py puts them there)."""


def project_folder(start: str | os.PathLike[str] = ".") -> Path:
    """Return the folder that holds ``data/sample``: `start` or one above it, or the package's own.

    The package's own is the checkout that it lies in, or, where it was installed from a wheel, the
    copy of lessons and data that came with it.

    Raises
    ------
    IslesError
        There is none.

    Examples
    --------
    >>> (project_folder() / "data" / "sample").is_dir()
    True
    """
    try:
        start = Path(start).resolve()
    except OSError:  # a current folder that has been removed
        start = Path(__file__)
    package = Path(__file__).resolve().parents[1]
    for folder in (start, *start.parents, package.parent, package / _INSTALLED):
        if (folder / "data" / "sample").is_dir():
            return folder
    raise IslesError(
        f"neither {start} nor a folder above it holds data/sample, which comes with the course; "
        "start in the folder of the course (islesedu lessons copy DIR makes one), or set "
        "ISLESEDU_DATA to its folder data"
    )


def data_folder(path: str | os.PathLike[str] = "", *, start: str | os.PathLike[str] = ".") -> Path:
    """Return the project's folder ``data``, or a path seen from it.

    Parameters
    ----------
    path : path-like
        Relative to the folder, such as "sample"; a whole path is returned as it is.
    start : path-like
        Where to begin to look for the project, upwards; where there is none, the one that the
        package lies in is taken. The environment variable ISLESEDU_DATA names the folder itself.

    Raises
    ------
    IslesError
        There is no such folder.

    Examples
    --------
    >>> data_folder().name, data_folder("sample") == data_folder("../data/sample")
    ('data', True)
    """
    own = os.environ.get("ISLESEDU_DATA")
    if own and not Path(own).is_dir():
        raise IslesError(f"ISLESEDU_DATA is {own!r}, which is not a folder; correct or unset it")
    return _seen_from(Path(own) if own else project_folder(start) / "data", path)


def build_folder(path: str | os.PathLike[str] = "", *, start: str | os.PathLike[str] = ".") -> Path:
    """Return the project's folder ``build``, where lessons write, or a path seen from it.

    Where the project is the copy in an installed package, or cannot be written to, it is
    ``islesedu/build`` in the home folder: lessons in any folder then share their patients.

    Parameters
    ----------
    path, start
        As for `data_folder`. The environment variable ISLESEDU_BUILD names the folder itself.

    Examples
    --------
    >>> build_folder("cohort").parts[-2:], build_folder("../build/cohort") == build_folder("cohort")
    (('build', 'cohort'), True)
    """
    own = os.environ.get("ISLESEDU_BUILD")
    return _seen_from(Path(own) if own else _place_to_write(project_folder(start)), path)


def _place_to_write(project: Path) -> Path:
    """Return the folder ``build`` of a project, or the one at home if it must not be used."""
    build = project / "build"
    if project.name == _INSTALLED or not os.access(build if build.is_dir() else project, os.W_OK):
        return Path.home() / "islesedu" / "build"
    return build


def _seen_from(folder: Path, path: str | os.PathLike[str]) -> Path:
    """Return a path seen from a folder, without ``..``: the folder need not be there."""
    return Path(os.path.normpath(folder.absolute() / Path(path).expanduser()))
