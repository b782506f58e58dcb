"""Paths that are given: of folders to read, and of folders to write. Nothing is made or opened."""

import os
from pathlib import Path
from typing import Any

from islesedu.common.arguments import shown


def as_path(name: str, value: Any, error: type[ValueError] = ValueError) -> Path:
    """Return a path; an error that names the argument if it is empty or none.

    Examples
    --------
    >>> as_path("output", " ")
    Traceback (most recent call last):
    ValueError: output is ' '; give the name of a file or folder
    """
    text = os.fspath(value) if isinstance(value, str | os.PathLike) else ""
    if not isinstance(text, str) or not text.strip() or "\0" in text:
        raise error(f"{name} is {shown(value)}; give the name of a file or folder")
    return Path(text)


def folder_to_read(name: str, value: Any, error: type[ValueError] = ValueError) -> Path:
    """Return the path of a folder that there is.

    Examples
    --------
    >>> folder_to_read("folder", "no/such")
    Traceback (most recent call last):
    ValueError: no/such is not a folder; give the folder that holds the cases
    """
    path = as_path(name, value, error)
    if not os.path.isdir(path):
        raise error(f"{path} is not a folder; give the folder that holds the cases")
    return path


def folder_to_write(name: str, value: Any, error: type[ValueError] = ValueError) -> Path:
    """Return the path of a folder that is there or can be made.

    Examples
    --------
    >>> folder_to_write("output", os.devnull + "/run")
    Traceback (most recent call last):
    ValueError: output is /dev/null/run, but /dev/null is a file; give a folder
    """
    path = as_path(name, value, error)
    for place in (path, *path.parents):
        try:
            os.lstat(place)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as found:
            raise error(f"{name} is {shown(str(path))} ({found.strerror}); give another") from None
        if not os.path.isdir(place):
            what = "a link to nothing" if not os.path.exists(place) else "a file"
            raise error(f"{name} is {path}, but {place} is {what}; give a folder")
        break
    return path


def check_apart(
    name: str,
    output: Path,
    folder: Path,
    inside: bool = False,
    error: type[ValueError] = ValueError,
) -> None:
    """Raise an error if a folder to write is the one that is read, or, with `inside`, lies in it.

    Examples
    --------
    >>> check_apart("output", Path("data"), Path("./data"))
    Traceback (most recent call last):
    ValueError: output is data, which is the folder to read; give another folder
    """
    written, read = Path(os.path.realpath(output)), Path(os.path.realpath(folder))
    if written == read:
        raise error(f"{name} is {output}, which is the folder to read; give another folder")
    if inside and read in written.parents:
        raise error(
            f"{name} is {output}, which lies in {folder}: what is written there would be read as "
            "cases; give a folder outside it"
        )
