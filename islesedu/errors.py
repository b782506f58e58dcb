"""What can go wrong, by name. Each message says what was found, and what to give instead."""

import errno
import os
import re


class IslesError(ValueError):
    """Data that cannot be used; the message names the file and what to do."""


class ClinicalError(ValueError):
    """Treatment information that cannot be used; the message says which and what to give."""


class TrainingError(ValueError):
    """A training that cannot start or go on; the message says why and what to do."""


class FolderInUseError(TrainingError):
    """A folder that another process works in; the message says which, and what to do."""


class LockLostError(OSError):
    """A folder or task that another process has taken over while this one was asleep."""


class ServerLostError(TrainingError):
    """A parameter server of a cluster, and with it the weights, is gone."""


class OrderError(TrainingError):
    """A case that a worker of a cluster could not read; the message says which worker and why."""


class DivergedError(TrainingError):
    """A loss that became infinite or nan; the message says at which step."""


class RecipeError(ValueError):
    """A recipe that makes no sense; the message says which part and what to give instead."""


class LessonError(ValueError):
    """A lesson or parameter that does not exist or fit; the message says what does."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows: the sentence, for where it was raised helps nobody."""
        return [f"{type(self).__name__}: {self}"]


class NoRoomError(OSError):
    """A disk that is full; the message says how much room is needed, and where."""


_PARTIAL_NAME = re.compile(r"\.partial-\d+-(?:\d+-)?")
_REMEDIES = {
    "EACCES EPERM": "change its permissions, or give another path that you may use",
    "ENOENT": "check its spelling",
    "EEXIST ENOTEMPTY": "move away what is there, or give another path",
    "ENOTDIR": "a part of this path is a file, not a folder; give another path",
    "EISDIR": "give the path of a file",
    "ENAMETOOLONG": "give a shorter path",
    "ENOSPC": "free some room on its disk, or give a path on another one",
    "EDQUOT": "your share of its disk is used up; free some room, or give a path on another disk",
    "EFBIG": "its disk does not take files of this size; give a path on another one",
    "EROFS": "give a path on a disk that can be written to",
    "EMFILE ENFILE": "close other programs, or raise the limit with 'ulimit -n 4096'",
    "ENOMEM EAGAIN": "close other programs, or use smaller options (--jobs, --filters)",
    "ELOOP": "a link on this path leads back to itself; remove it, or give another path",
    "EIO ESTALE ENODEV ENXIO ETIMEDOUT EHOSTDOWN ENOTCONN EREMOTEIO": "its disk, or the network to "
    "it, does not answer; check it, then give the same command again",
    "EBUSY ETXTBSY": "another program uses it; close that, then give the same command again",
    "EINVAL EILSEQ": "its disk does not take this name; give one of plain letters and digits",
}
_REMEDY = {
    getattr(errno, name): text
    for names, text in _REMEDIES.items()
    for name in names.split()
    if hasattr(errno, name)
}


def explain(error: BaseException) -> str:
    """Return the sentence that a user reads: what is wrong, with which file, and what to do.

    The kit's own errors say so themselves; those of the operating system get a remedy here.

    Examples
    --------
    >>> explain(PermissionError(13, "Permission denied", "run/.partial-17-run.json"))
    'run/run.json: permission denied; change its permissions, or give another path that you may use'
    >>> explain(ValueError("steps is 0; give a whole number from 1 up"))
    'steps is 0; give a whole number from 1 up'
    """
    if isinstance(error, MemoryError):
        text = str(error) or "there is too little memory"
        return f"{text}; close other programs, or use smaller options (--jobs, --filters)"
    if not isinstance(error, OSError) or error.errno is None:
        return str(error) or type(error).__name__
    return f"{_place(error)}{reason(error)}; {remedy(error)}"


def reason(error: OSError) -> str:
    """Return what the operating system says, without number and file.

    Examples
    --------
    >>> reason(IsADirectoryError(21, "Is a directory", "scores.csv"))
    'is a directory'
    """
    text = " ".join((error.strerror or str(error)).split())
    return text[:1].lower() + text[1:]


def remedy(error: OSError) -> str:
    """Return what to do about an error of the operating system.

    Examples
    --------
    >>> remedy(FileNotFoundError(2, "No such file or directory"))
    'check its spelling'
    """
    return _REMEDY.get(error.errno, "check the path and its disk, or give another path")


def _place(error: OSError) -> str:
    """Return the file that an error is about, by the name that it was to get at last."""
    file = error.filename2 or error.filename
    if not isinstance(file, (str, bytes, os.PathLike)):  # none, or an open file's number
        return ""
    folder, name = os.path.split(os.fsdecode(file))
    name = _PARTIAL_NAME.sub("", name)
    hidden = name.startswith((".lock", "clock-"))  # files that only the kit knows
    return f"{(folder or '.') if hidden else os.path.join(folder, name)}: "
