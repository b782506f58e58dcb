"""Locks that processes respect, also on several machines that see one folder: one owner at a time.

Whoever takes a lock makes the file ``<name>.claim-1`` in a folder that all see; making a file that
must not exist yet succeeds for one process only, also on network folders. The owner writes into it
every few seconds: its heartbeat. A claim whose owner has died, or whose heart has not beaten for
`STALE` seconds, may be taken over: by making ``<name>.claim-2``, which again only one succeeds in.
The highest number owns the lock, so an owner that was only asleep finds out and steps back.

A run folder is locked as a whole (`folder_lock`); a comparison has a claim for each of its tasks.
Ages are differences between times of files, all given by the clock of the one disk; the clocks of
the machines do not matter.
"""

import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from islesedu.errors import FolderInUseError, LockLostError
from islesedu.files import LOCK, write_text

HEARTBEAT = 10.0
"""Seconds between two heartbeats."""
STALE = 300.0
"""Seconds without heartbeat after which a claim counts no more."""


def this_host() -> str:
    """Return what tells machines apart, and containers of one machine, whose process ids differ."""
    try:
        return f"{socket.gethostname()} {os.readlink('/proc/self/ns/pid')}"
    except OSError:  # not Linux
        return socket.gethostname()


class Lock:
    """A lock that this process has taken. Made by `take`; a context that gives it up at the end.

    Parameters
    ----------
    file : Path
        The claim file, just made.
    """

    def __init__(self, file: Path):
        self.file, self.step, self.token = file, 0, uuid.uuid4().hex
        self.lost = False
        self.ended = threading.Event()
        self.beat()
        self.heart = threading.Thread(target=self.keep_beating, daemon=True)
        self.heart.start()

    def __enter__(self) -> "Lock":
        return self

    def __exit__(self, *error) -> None:
        """Stop the heart; what is not finished may be taken by others at once."""
        self.ended.set()
        self.heart.join()
        self.beat(released=True)

    def beat(self, released: bool = False) -> None:
        """Write who owns the lock and how far it is; the time of the file is the heartbeat."""
        record = {
            "host": this_host(),
            "pid": os.getpid(),
            "born": psutil.Process().create_time(),
            "token": self.token,
            "step": self.step,
            "time": time.strftime("%Y-%m-%d %H:%M:%S"),
            "released": released,
        }
        write_text(self.file, json.dumps(record) + "\n")

    def keep_beating(self) -> None:
        """Beat until the end, or until somebody else owns the lock."""
        while not self.ended.wait(HEARTBEAT):
            try:
                if self.is_taken_over():
                    self.lost = True
                    return
                self.beat()
            except OSError:  # the network is away for a moment; the next beat may get through
                continue

    def is_taken_over(self) -> bool:
        """Tell whether there is a claim with a higher number."""
        task, number = _parse(self.file)
        return newest(self.file.parent, task) != number

    def check(self) -> None:
        """Raise LockLostError if the heart has found that the task belongs to somebody else."""
        if self.lost:
            raise LockLostError(
                f"{self.file} was taken over by another process while this one slept; it stops"
            )


def _parse(file: Path) -> tuple[str, int]:
    """Return task and number of a claim file.

    Examples
    --------
    >>> _parse(Path("claims/combined-fold_1.claim-2"))
    ('combined-fold_1', 2)
    """
    task, _, number = file.name.rpartition(".claim-")
    return task, int(number)


def newest(folder: Path, task: str) -> int:
    """Return the highest number among the claims of a task, 0 if there is none."""
    return max((_parse(file)[1] for file in folder.glob(f"{task}.claim-*")), default=0)


def read(folder: Path, task: str) -> dict | None:
    """Return what the newest claim of a task says; None if there is none, or it is half-written."""
    try:
        return json.loads((folder / f"{task}.claim-{newest(folder, task)}").read_text())
    except (OSError, ValueError):
        return None


def take(folder: str | os.PathLike[str], task: str) -> Lock | None:
    """Take a task, if nobody has it or its owner is gone.

    Parameters
    ----------
    folder : path-like
        Where the claims lie; made if it is not there.
    task : str
        Name of the task, fit for a file name.

    Returns
    -------
    Lock or None
        None while somebody else has it.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    number = newest(folder, task)
    if number and not _is_stale(folder / f"{task}.claim-{number}"):
        return None
    file = folder / f"{task}.claim-{number + 1}"
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except FileExistsError:
        return None
    return Lock(file)


def _is_stale(file: Path) -> bool:
    """Tell whether a claim counts no more: given up, its process gone, or too long silent."""
    try:
        owner = json.loads(file.read_text())
    except (OSError, ValueError):  # just being made
        owner = {}
    if owner.get("released"):
        return True
    if owner.get("host") == this_host() and not _lives(owner["pid"], owner["born"]):
        return True
    return abs(_now(file.parent) - file.stat().st_mtime) > STALE  # a time to come is none


def _lives(pid: int, born: float) -> bool:
    """Tell whether a process of this machine still runs; a new one with an old number does not."""
    try:
        process = psutil.Process(pid)
        return abs(process.create_time() - born) < 10 and process.status() != "zombie"
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:  # somebody else's, so it runs
        return True


def _now(folder: Path) -> float:
    """Return the time by the clock of the disk that a folder is on."""
    probe = folder / f".clock-{uuid.uuid4().hex}"
    try:
        probe.touch()
        return probe.stat().st_mtime
    finally:
        probe.unlink(missing_ok=True)


@contextmanager
def folder_lock(folder: str | os.PathLike[str], what: str) -> Iterator[Lock]:
    """Keep others out of a folder while this process works in it.

    Parameters
    ----------
    folder : path-like
        Made if it is not there.
    what : str
        What is done there, for the message to others, such as "training".

    Raises
    ------
    FolderInUseError
        Somebody else is at work there; the message says who, and when the lock ends by itself.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with folder_lock(folder, "training"):
    ...     take(folder, LOCK) is None
    True
    >>> list(folder.iterdir())
    []
    """
    lock = take(folder, LOCK)
    if lock is None:
        owner: dict[str, Any] = read(Path(folder), LOCK) or {}
        who = f"process {owner.get('pid')} on {str(owner.get('host', '?')).split()[0]}"
        raise FolderInUseError(
            f"{folder} is in use for {what} by {who}; wait for it or stop it. A lock ends with its "
            f"process, and after {STALE:.0f} s without a sign of life from another machine"
        )
    try:
        with lock:
            yield lock
    finally:
        for number in range(_parse(lock.file)[1], 0, -1):  # what others may still look at goes last
            lock.file.with_name(f"{LOCK}.claim-{number}").unlink(missing_ok=True)
