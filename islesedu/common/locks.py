"""Locks: one process at a time works in a folder, also on a disk that several machines share.

The owner of a lock named ``task`` has made the file ``task.claim-1``: making a file that must not
exist yet succeeds for one process only, also on network folders. It says who the owner is (machine,
process, when that was born), and the owner writes it anew every `HEARTBEAT` seconds. A lock is
stale if its process is gone from this machine, or if the last heartbeat is `LIFETIME` seconds away
from now. Who takes a stale lock over makes ``task.claim-2``, in which again only one succeeds. The
highest number owns the lock, so an owner that was only asleep finds out and steps back.
Ages are differences between times of files, all by the clock of the one disk.
"""

import json
import os
import platform
import re
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import psutil

from islesedu.common.files import partial_of, write_first, write_text
from islesedu.common.processes import is_alive
from islesedu.errors import FolderInUseError, LockLostError

HEARTBEAT = 10.0  # seconds between two
LIFETIME = 300.0
"""Seconds without heartbeat after which a lock counts no more."""
_FOLDER = ".lock"  # name of the lock of a whole folder
_CLAIM = re.compile(r"(.+)\.claim-([1-9][0-9]{0,8})")


@cache
def this_host() -> str:
    """Return what tells machines apart, and containers of one machine, whose process ids differ."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{platform.node()} {boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:  # not Linux
        return f"{platform.node()} {uuid.getnode():x}"


class Lock:
    """A lock that this process holds. Made by `take_lock`; a context that gives it up at the end.

    Attributes
    ----------
    step : int
        How far the work is, for others to read.
    lost : bool
        Another process has taken the lock over.
    """

    def __init__(self, file: Path, kept: bool):
        """Make the file; FileExistsError if another process was first."""
        self.file, self.kept, self.token = file, kept, uuid.uuid4().hex
        self.step, self.lost = 0, False
        if not write_first(file, self._record()):
            raise FileExistsError(file)
        self._ended = threading.Event()
        self._heart = threading.Thread(target=self._keep_beating, daemon=True)
        self._heart.start()

    def __enter__(self) -> "Lock":
        return self

    def __exit__(self, *error: object) -> None:
        """Stop the heart; others may take the lock at once."""
        self._ended.set()
        self._heart.join()
        with suppress(OSError):  # the network is away, or the folder: it will be stale
            if self.kept:
                write_text(self.file, self._record(released=True))
            elif not self._is_taken_over():
                self.file.unlink()

    def check(self) -> None:
        """Raise a LockLostError if another process has taken the lock over."""
        if self.lost:
            raise LockLostError(
                f"{self.file} was taken over by another process, as this one had shown no sign of "
                f"life for {LIFETIME:.0f} s; let the other one finish"
            )

    def _record(self, released: bool = False) -> str:
        record = {
            "host": this_host(),
            "pid": os.getpid(),
            "born": psutil.Process().create_time(),
            "token": self.token,
            "step": self.step,
            "time": time.strftime("%Y-%m-%d %H:%M:%S"),
            "released": released,
        }
        return json.dumps(record) + "\n"

    def _keep_beating(self) -> None:
        while not self._ended.wait(HEARTBEAT):
            with suppress(OSError):  # the network is away: the next beat may get through
                if self._is_taken_over():
                    self.lost = True
                    return
                write_text(self.file, self._record())

    def _is_taken_over(self) -> bool:
        name, number = _parse(self.file)
        newer = newest_lock(self.file.parent, name) != number
        return newer or _read(self.file).get("token", self.token) != self.token


def _parse(file: str | Path) -> tuple[str, int]:
    """Return name and number of a lock file; number 0 if it is none."""
    match = _CLAIM.fullmatch(Path(file).name)
    return (match[1], int(match[2])) if match else ("", 0)


def newest_lock(folder: str | os.PathLike[str], name: str) -> int:
    """Return the highest number among the files of a lock, 0 if there is none."""
    parsed = map(_parse, os.listdir(folder) if os.path.isdir(folder) else ())
    return max((number for own, number in parsed if own == name), default=0)


def read_lock(folder: str | os.PathLike[str], name: str) -> dict[str, Any] | None:
    """Return what a lock file says; None if there is none, or it is half-written."""
    with suppress(FileNotFoundError):
        return _read(Path(folder, f"{name}.claim-{newest_lock(folder, name)}")) or None
    return None


def take_lock(folder: str | os.PathLike[str], name: str, kept: bool = False) -> Lock | None:
    """Take a lock, if nobody has it or its owner is gone; None while another process has it.

    Parameters
    ----------
    folder, name : path-like and str
        Where its file lies, made if it is not there; and what it is called.
    kept : bool
        Keep the file afterwards, as a record of who had the lock; else remove it.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, take_lock(folder, "a") as lock:
    ...     lock.file.name, take_lock(folder, "a")
    ('a.claim-1', None)
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    number = newest_lock(folder, name)
    before = folder / f"{name}.claim-{number}"
    if number and not _is_stale(before):
        return None
    try:
        lock = Lock(folder / f"{name}.claim-{number + 1}", kept)
    except FileExistsError:
        return None
    # Between the look and the claim a third process may have come and gone: look again.
    if newest_lock(folder, name) != number + 1 or (number and not _is_stale(before, True)):
        lock.kept = False
        lock.__exit__()
        return None
    if number and not kept:
        with suppress(OSError):  # it is a folder, and not ours to remove
            before.unlink()
    return lock


def _is_stale(file: Path, missing: bool = False) -> bool:
    """Tell whether a lock counts no more; `missing` is the answer if there is none."""
    try:
        owner = _read(file)
        here = owner.get("host") == this_host()
        dead = here and not is_alive(owner.get("pid"), owner.get("born"))
        return bool(owner.get("released") or dead) or abs(_age(file)) > LIFETIME
    except FileNotFoundError:  # just given up
        return missing


def _read(file: Path) -> dict[str, Any]:
    """Return what a lock file says; nothing if it is a folder or garbage: its age decides then."""
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise
    except (ValueError, TypeError, RecursionError, OSError):
        return {}


def _age(file: Path) -> float:
    """Return the seconds since a file was written, by the clock of its disk."""
    probe = partial_of(file.with_name(f"clock-{uuid.uuid4().hex}"))
    try:
        probe.touch()
        return probe.stat().st_mtime - file.stat().st_mtime
    finally:
        probe.unlink(missing_ok=True)


@contextmanager
def folder_lock(
    folder: str | os.PathLike[str], what: str = "used", wait: bool = False
) -> Iterator[Lock]:
    """Keep other processes out of a folder.

    Parameters
    ----------
    folder : path-like
        Made if it is not there.
    what : str
        What is being done with it, for the message: "trained in".
    wait : bool
        Wait, saying so, until the other process is done, rather than raise.

    Raises
    ------
    FolderInUseError
        Another process has the lock; who, and what to do about it.
    LockLostError
        At the end: another process took the folder over while this one was asleep.
    """
    said = False
    while (lock := take_lock(folder, _FOLDER)) is None:
        if not wait:
            raise FolderInUseError(f"{_who_has(folder, what)}; wait for it, or stop it")
        if not said:
            said = True
            print(f"islesedu: {_who_has(folder, what)}; waiting for it", file=sys.stderr)
        time.sleep(0.2)
    with lock:
        yield lock
    lock.check()


def _who_has(folder: str | os.PathLike[str], what: str) -> str:
    owner = read_lock(folder, _FOLDER) or {}  # nothing if it was given up by now, or is garbage
    if owner and owner.get("host") == this_host():
        return f"{folder} is being {what} by process {owner.get('pid')}"
    who = f"process {owner.get('pid')} of {str(owner.get('host')).partition(' ')[0]}"
    until = f"whose lock counts until {LIFETIME:.0f} s after its last renewal"
    return f"{folder} is being {what} by {who if owner else 'another process'}, {until}"
