"""Write files whole or not at all, and remove what was left unfinished."""

import os
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from islesedu.processes import is_alive

_LOCK = re.compile(r"\.lock(\.claim-\d+)?")
_PARTIAL = re.compile(r"\.partial-(\d{1,10})-.+")


def partial_of(file: str | os.PathLike[str]) -> Path:
    """Return where this process writes a file, or a folder, until it is finished.

    Examples
    --------
    >>> partial_of("run/model.keras").name == f".partial-{os.getpid()}-model.keras"
    True
    """
    file = Path(file)
    return file.with_name(f".partial-{os.getpid()}-{file.name}")


@contextmanager
def whole(file: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a place to write to that becomes `file` when all went well.

    The place lies beside `file` and ends like it, so that writers that look at the suffix are
    content. If the block fails, it is removed and an older `file` stays as it was; a reader sees
    the old content or the new one, never half.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with whole(folder / "sum.txt") as place:
    ...     _ = place.write_text("9")
    >>> [file.name for file in folder.iterdir()]
    ['sum.txt']
    """
    file = Path(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = partial_of(file)
    try:
        yield partial
        os.replace(partial, file)
    finally:
        partial.unlink(missing_ok=True)


def write_text(file: str | os.PathLike[str], text: str) -> None:
    """Write a text file (UTF-8), whole or not at all."""
    with whole(file) as partial:
        partial.write_text(text, encoding="utf-8")


def write_first(file: str | os.PathLike[str], text: str) -> bool:
    """Write a text file unless it is there; of several processes that try at once, one succeeds.

    Returns
    -------
    bool
        Whether it was this call that wrote it. A reader sees the whole text or no file.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "name.txt"
    >>> write_first(file, "Ada"), write_first(file, "Bob"), file.read_text()
    (True, False, 'Ada')
    """
    file = Path(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = partial_of(file.with_name(f"{threading.get_ident()}-{file.name}"))
    partial.write_text(text, encoding="utf-8")
    try:
        os.link(partial, file)  # unlike a rename, it fails where there is a file
    except FileExistsError:
        return False
    except OSError:  # a disk without hard links
        try:
            with open(file, "x", encoding="utf-8") as new:
                new.write(text)
        except FileExistsError:
            return False
    finally:
        partial.unlink(missing_ok=True)
    return True


def is_partial(file: str | os.PathLike[str]) -> bool:
    """Tell by its name whether a file is unfinished, see `partial_of`, or the lock of its folder.

    Examples
    --------
    >>> is_partial("run/.partial-17-run.json"), is_partial("run/.partial-data")
    (True, False)
    """
    return bool(_PARTIAL.fullmatch(Path(file).name) or _LOCK.fullmatch(Path(file).name))


def remove_partials(folder: str | os.PathLike[str]) -> None:
    """Remove what ended processes of this machine have left unfinished in a folder or one below.

    What another machine may just be writing looks the same: lock a shared folder first.
    """
    folder = Path(folder)
    for file in [*folder.glob(".partial-*"), *folder.glob("*/.partial-*")]:
        match = _PARTIAL.fullmatch(file.name)
        if match is None or _may_be_written(file, int(match[1])):
            continue
        if file.is_dir() and not file.is_symlink():
            shutil.rmtree(file, ignore_errors=True)
        else:
            file.unlink(missing_ok=True)


def _may_be_written(file: Path, pid: int) -> bool:
    """Tell whether a process lives that has the number of a file's, and is not younger than it."""
    try:
        return is_alive(pid) and psutil.Process(pid).create_time() < file.stat().st_mtime + 60
    except psutil.AccessDenied:
        return True
    except (psutil.NoSuchProcess, FileNotFoundError):
        return False
