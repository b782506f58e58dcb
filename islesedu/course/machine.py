"""Is this machine fit for the course? Said in words, before a lesson fails half-way."""

import os
import re
import shutil
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import psutil

from islesedu.course.folders import build_folder

MEMORY, DISK, CORES = 2.0, 2.0, 2
"""What the lessons are made for: free GB of memory, free GB of disk, processor cores."""


@dataclass(frozen=True)
class Finding:
    """One thing looked at.

    Attributes
    ----------
    what : str
        "Python", "memory", or the name of a package.
    found : str
        What there is.
    advice : str
        What to do about it; empty if all is well.
    """

    what: str
    found: str
    advice: str = ""


def check_machine(folder: str | os.PathLike[str] | None = None) -> list[Finding]:
    """Look at Python, the packages, cores, memory and the disk that holds a folder.

    Parameters
    ----------
    folder : path-like, optional
        Where lessons write; it must exist. Where `build_folder` lies if None.

    Returns
    -------
    list of Finding
        Those with advice want attention; nothing is raised.
    """
    if folder is None:
        folder = next(place for place in build_folder().parents if place.is_dir())
    free = psutil.virtual_memory().available / 1e9
    disk = shutil.disk_usage(folder).free / 1e9
    cores = os.cpu_count() or 1
    version = ".".join(map(str, sys.version_info[:3]))
    fits = (3, 11) <= sys.version_info[:2] < (3, 14)
    return [
        Finding("Python", version, "" if fits else "use Python 3.11, 3.12 or 3.13"),
        *check_packages(),
        Finding("cores", str(cores), "" if cores >= CORES else "lessons 12 and 13 will be slow"),
        Finding(
            "free memory",
            f"{free:.1f} GB",
            "" if free >= MEMORY else f"close other programs: some lessons need {MEMORY:g} GB",
        ),
        Finding(
            "free disk",
            f"{disk:.1f} GB",
            "" if disk >= DISK else f"make room: cohorts and runs need up to {DISK:g} GB",
        ),
        Finding(
            "folder",
            str(Path(folder).resolve()),
            "" if os.access(folder, os.W_OK) else "not writable; copy the course elsewhere",
        ),
    ]


def check_packages() -> list[Finding]:
    """Return the version of each package that islesedu needs, and what is missing."""
    findings = []
    for requirement in metadata.requires("islesedu") or []:
        if "extra ==" in requirement:
            continue
        name = re.match(r"[\w.-]+", requirement)[0]
        try:
            findings.append(Finding(name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            findings.append(Finding(name, "missing", "run `make lessons` or install again"))
    return findings


def devices() -> list[str]:
    """Return the devices that Keras computes on, such as "gpu:0"; "cpu:0" alone without a GPU."""
    import keras

    return keras.distribution.list_devices("gpu") or keras.distribution.list_devices("cpu")
