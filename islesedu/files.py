"""Write files whole or not at all, and clear what was left unfinished."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

LOCK = ".lock"
"""Name of the lock of a whole folder, see `islesedu.locks.folder_lock`."""
_PARTIAL = re.compile(r"\.partial-(\d+)-.+")


def is_unfinished(file: Path) -> bool:
    """Tell whether a file is what a process was just writing, or its lock.

    Examples
    --------
    >>> is_unfinished(Path("run/.partial-123-model.keras")), is_unfinished(Path(".partial-notes"))
    (True, False)
    """
    return bool(_PARTIAL.fullmatch(file.name)) or file.name.startswith(f"{LOCK}.claim-")


def remove_unfinished(*folders: Path) -> None:
    """Remove what processes that do not run any more have left half-written in some folders."""
    for file in (file for folder in folders for file in folder.glob(".partial-*")):
        pid = _PARTIAL.fullmatch(file.name)
        if not pid or psutil.pid_exists(int(pid[1])):
            continue
        if file.is_dir():
            shutil.rmtree(file, ignore_errors=True)
        else:
            file.unlink(missing_ok=True)


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
    partial = file.with_name(f".partial-{os.getpid()}-{file.name}")
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
    partial = file.with_name(f".partial-{os.getpid()}-{file.name}")
    partial.write_text(text, encoding="utf-8")
    try:
        os.link(partial, file)  # unlike a rename, it fails where there is a file
    except FileExistsError:
        return False
    except OSError:  # a disk without hard links
        if file.exists():
            return False
        os.replace(partial, file)
    finally:
        partial.unlink(missing_ok=True)
    return True
