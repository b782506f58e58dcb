"""Which cohorts can be made: their arguments, and what they take of disk and memory."""

from pathlib import Path
from typing import Any

from islesedu.common.arguments import flag, number, one_of, shown, whole
from islesedu.common.resources import check_disk, check_memory
from islesedu.phantom.patient import GRIDS
from islesedu.phantom.population import ASSIGNMENTS, POPULATIONS

VERSION = 3
"""Raised whenever the same arguments give other patients."""
_SEED = whole(0, 2**63 - 1)
_SCALE = number(lambda value: 0.05 <= value <= 2, "give a number between 0.05 and 2", "NUMBER")
DEFAULTS = {"population": "isles", "assignment": "random"}
"""What a marker of a cohort does not name."""
_BYTES = 25
"""Of a voxel: six maps of 4 bytes, and the lesion."""
_SERIES = 2 * 40
"""Of a voxel of the DSC series: 2 bytes a time point, of which there are 40 at the least."""
_FILES = 16 * 4096
"""Of a patient's files and folders, however small."""
_PACKED = 0.1
"""What packing leaves of a map, at the least."""


def check_arguments(
    training: int,
    test: int,
    seed: int,
    scale: float,
    with_pwi: bool,
    packed: bool,
    population: str = "isles",
    assignment: str = "random",
) -> dict[str, Any]:
    """Return what the marker of a cohort says, or a ValueError about an argument without sense.

    Examples
    --------
    >>> check_arguments(-1, 0, 2017, 1.0, False, False)
    Traceback (most recent call last):
    ValueError: training is -1; give a whole number from 0 up to 2147483647
    """
    kept = {name: whole(0)(name, n) for name, n in {"training": training, "test": test}.items()}
    if training + test == 0:
        raise ValueError("training and test are both 0; give the number of patients")
    kept |= {"seed": _SEED("seed", seed), "scale": _SCALE("scale", scale)}
    kept |= {"with_pwi": flag("with_pwi", with_pwi), "packed": flag("packed", packed)}
    kept["population"] = one_of(*POPULATIONS)("population", population)
    kept["assignment"] = one_of(*ASSIGNMENTS)("assignment", assignment)
    if population == "isles" and assignment != "random":
        raise ValueError(
            f"assignment is {assignment!r} and population 'isles', whose treatments are random; "
            "give population='trial'"
        )
    made_by = "islesedu.phantom.make_cohort: synthetic, no real patient"
    return kept | {"version": VERSION, "made_by": made_by}


def bytes_of_patient(scale: float, with_pwi: bool, packed: bool) -> int:
    """Return how many bytes a patient takes on disk, at the least.

    Examples
    --------
    >>> bytes_of_patient(1.0, with_pwi=False, packed=False) // 10**6
    21
    """
    voxels = sum(x * y * z for x, y, z in GRIDS) / len(GRIDS) * scale**2
    size = voxels * (_BYTES + _SERIES * with_pwi)
    return int(size * (_PACKED if packed else 1)) + _FILES


def check_room(folder: Path, wanted: dict[str, Any], jobs: int) -> None:
    """Raise a ValueError unless disk and memory can hold the making of a cohort.

    Parameters
    ----------
    folder : Path
        Where it will be written.
    wanted : dict
        What `check_arguments` returns.
    jobs : int
        Processes side by side.
    """
    count, scale = wanted["training"] + wanted["test"], wanted["scale"]
    size = bytes_of_patient(scale, wanted["with_pwi"], wanted["packed"])
    what = (
        f"training is {wanted['training']} and test {wanted['test']}: a cohort of {count} patients"
    )
    each = f"{what} ({size / 1e6:.3g} MB each at scale {scale:g})"
    check_disk(each, count * size, folder, "give fewer patients or a smaller scale")
    processes, memory = min(jobs, count), int(1e8 + 4e8 * scale**2)
    check_memory(
        f"jobs is {shown(jobs)}: running {processes} processes ({memory / 1e6:.0f} MB each)",
        processes * memory,
        "give fewer jobs",
    )
