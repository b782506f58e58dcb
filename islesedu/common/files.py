"""Write files whole or not at all, and remove what was left unfinished."""

import errno
import os
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fnmatch import fnmatchcase
from pathlib import Path

import psutil

from islesedu.common.processes import is_alive
from islesedu.errors import NoRoomError

_LOCK = re.compile(r"\.lock(\.claim-\d+)?")
_LOCK_FILES = ("*.claim-*", "clock-*")
_PARTIAL = re.compile(r"\.partial-(\d{1,10})-(.+)")


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
    content; it may become a folder. If the block fails, it is removed and an older `file` stays as
    it was; a reader sees the old content or the new one, never half.

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
        _remove(partial)


def _remove(path: Path) -> None:
    """Remove a file, or a folder with all in it, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


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
    try:
        partial.write_text(text, encoding="utf-8")
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


def remove_partials(folder: str | os.PathLike[str], *names: str) -> None:
    """Remove what ended processes of this machine have left unfinished in a folder or below it.

    What another machine may just be writing looks the same: lock a shared folder first.

    Parameters
    ----------
    folder : path-like
        Where to look, down to three folders below.
    *names : str
        What the caller writes there, such as ``"history.csv"`` or ``"*.nii"``: a file of any other
        name is a stranger's and stays. Locks need not be named.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> for name in ("run.json", "thesis.txt"):
    ...     (folder / f".partial-99999999-{name}").touch()
    >>> remove_partials(folder, "*.json")
    >>> [file.name for file in folder.iterdir()]
    ['.partial-99999999-thesis.txt']
    """
    folder = Path(folder)
    for file in [f for depth in range(4) for f in folder.glob("*/" * depth + ".partial-*")]:
        match = _PARTIAL.fullmatch(file.name)
        if match is None or not any(fnmatchcase(match[2], n) for n in (*names, *_LOCK_FILES)):
            continue
        if not _may_be_written(file, int(match[1])):
            with suppress(OSError):  # not ours to remove, or somebody else has just done it
                _remove(file)


def _may_be_written(file: Path, pid: int) -> bool:
    """Tell whether a process lives that has the number of a file's, and is not younger than it."""
    try:
        return is_alive(pid) and psutil.Process(pid).create_time() < file.stat().st_mtime + 60
    except psutil.AccessDenied:
        return True
    except (psutil.NoSuchProcess, FileNotFoundError):
        return False


@contextmanager
def room_for(folder: str | os.PathLike[str], needed: float, what: str) -> Iterator[None]:
    """See that a disk has room for what a block writes, and say how much if it has not.

    Parameters
    ----------
    folder : path-like
        Where the block writes; it need not exist yet.
    needed : float
        Bytes.
    what : str
        What needs them, for the message: "75 patients".

    Raises
    ------
    NoRoomError
        At once, if less is free; or when the disk is full in the middle.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> with room_for(folder, 100, "a table"):
    ...     write_text(f"{folder}/table.csv", "case,dice")
    """
    if _free(folder) < needed:
        raise _no_room(folder, needed, what)
    try:
        yield
    except Exception as error:  # TensorFlow, HDF5 and zip have errors of their own
        if not _is_full(error):
            raise
        raise _no_room(folder, needed, what) from error


def _free(folder: str | os.PathLike[str]) -> float:
    """Return the bytes that are free on a folder's disk; infinity if it does not say."""
    place = Path(folder).absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        usage = shutil.disk_usage(place)
    except OSError:
        return float("inf")
    return usage.free if usage.total else float("inf")


def _no_room(folder: str | os.PathLike[str], needed: float, what: str) -> NoRoomError:
    return NoRoomError(
        f"{os.fspath(folder)}: there is too little room for {what}: {_megabytes(needed)} are "
        f"needed and {_megabytes(_free(folder))} are free on this disk; free some, or give one on "
        "another disk"
    )


def _megabytes(size: float) -> str:
    return f"{size / 2**20:,.0f} MB" if size >= 2**20 else f"{size / 2**20:.2f} MB"


def _is_full(error: BaseException | None) -> bool:
    """Tell whether an error, or the one that it comes from, is about a full disk."""
    while error is not None:
        if getattr(error, "errno", None) in (errno.ENOSPC, getattr(errno, "EDQUOT", None)):
            return True
        if "No space left on device" in str(error) or "quota exceeded" in str(error).lower():
            return True
        error = error.__cause__ or error.__context__
    return False
