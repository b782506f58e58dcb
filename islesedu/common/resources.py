"""What a task needs of this machine, estimated before it begins: memory and disk."""

import os
import shutil
from pathlib import Path

import psutil

_UNITS = ("MB", "GB", "TB", "PB", "EB")


def in_words(size: int) -> str:
    """Return a number of bytes in words.

    Examples
    --------
    >>> in_words(352_000_000), in_words(6 * 10**12), in_words(10**40)
    ('352 MB', '6 TB', 'more than 1000 EB')
    """
    for power, unit in enumerate(_UNITS, start=2):
        if size < 1000 ** (power + 1):
            return f"{size / 1000**power:.3g} {unit}"
    return "more than 1000 EB"


def memory(free: bool = True) -> int:
    """Return the bytes of memory that are free, or that the machine has.

    Examples
    --------
    >>> 0 < memory() <= memory(free=False)
    True
    """
    found = psutil.virtual_memory()
    return found.available if free else found.total


def check_memory(
    what: str, needed: int, instead: str, *, free: bool = True, error: type[ValueError] = ValueError
) -> None:
    """Raise an error if something needs more memory than there is.

    Parameters
    ----------
    what : str
        What needs it, and how that was estimated.
    needed : int
        Bytes.
    instead : str
        What to give instead.
    free : bool
        Compare with what is free now, rather than with all that the machine has.
    error : type
        Of the error.

    Examples
    --------
    >>> check_memory("a network of 3 parameters", 12, "give fewer filters")
    """
    there = memory(free)
    if needed > there:
        has = f"{in_words(there)} {'are free' if free else 'is what this machine has'}"
        raise error(f"{what} needs about {in_words(needed)} of memory, and {has}; {instead}")


def check_disk(
    what: str,
    needed: int,
    folder: str | os.PathLike[str],
    instead: str,
    error: type[ValueError] = ValueError,
) -> None:
    """Raise an error if something needs more room than the disk of a folder, made or not, has.

    Parameters
    ----------
    what, needed, instead, error
        As for `check_memory`.
    folder : path-like
        Where it will be written.

    Examples
    --------
    >>> check_disk("a cohort", 12, "no/such/folder", "give fewer patients")
    """
    path = Path(os.path.abspath(folder))
    place = next(one for one in (path, *path.parents) if os.path.isdir(one))
    there = shutil.disk_usage(place).free
    if needed > there:
        raise error(
            f"{what} needs about {in_words(needed)} on the disk of {folder}, and "
            f"{in_words(there)} are free; {instead}"
        )
