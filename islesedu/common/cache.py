"""Arrays that take seconds to make and never change: made once on a machine, then read."""

import inspect
import os
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from islesedu.common.files import whole


def cache_file(name: str, packages: Sequence[str], make: Callable) -> Path:
    """Return where arrays are kept: in the cache folder, by the packages and code that make them.

    Examples
    --------
    >>> cache_file("t1", ["numpy"], cache_file).name
    't1-numpy-...-....npz'
    """
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    versions = [f"{package}-{version(package)}" for package in packages]
    code = f"{zlib.crc32(inspect.getsource(make).encode()):08x}"
    return folder / "islesedu" / f"{'-'.join([name, *versions, code])}.npz"


def kept(
    name: str, packages: Sequence[str], make: Callable[[], Sequence[np.ndarray]]
) -> list[np.ndarray]:
    """Return arrays as an earlier process has kept them, or make and keep them.

    Parameters
    ----------
    name : str
        Of the arrays; it says what `make` does not show, such as a resolution.
    packages : sequence of str
        Packages that make them; another version makes them anew.
    make : callable
        Returns the arrays, which are kept to the bit; other code makes them anew.
    """
    file = cache_file(name, packages, make)
    try:
        with np.load(file) as archive:  # a ZIP archive, with check sums
            return [archive[f"arr_{number}"] for number in range(len(archive.files))]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error):
        arrays = list(make())  # it is not there, or damaged
    with suppress(OSError):  # no room, or read-only: the next process makes them again
        with whole(file) as partial, partial.open("wb") as stream:
            np.savez_compressed(stream, *arrays)
    return arrays
