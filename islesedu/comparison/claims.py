"""Share tasks between processes, and between machines that see one folder, without doing any twice.

A claim is a lock of the task's name, see `islesedu.locks`, whose files are kept: they tell who did
what. Its ``step`` says how far the owner is.
"""

import os

from islesedu.errors import LockLostError
from islesedu.locks import LIFETIME, Lock, newest_lock, read_lock, take_lock

ClaimLost, STALE = LockLostError, LIFETIME
newest, read = newest_lock, read_lock
__all__ = ["STALE", "ClaimLost", "newest", "read", "take"]


def take(folder: str | os.PathLike[str], task: str) -> Lock | None:
    """Take a task, if nobody has it or its owner is gone; see `islesedu.locks.take_lock`."""
    return take_lock(folder, task, kept=True)
