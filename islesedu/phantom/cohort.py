"""The synthetic cohort: patients written to disk just as ISLES 2017 is."""

import csv
import io
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import active_children, get_context
from pathlib import Path

from islesedu.common.arguments import whole
from islesedu.common.files import remove_partials, room_for, write_first, write_text
from islesedu.common.locks import folder_lock
from islesedu.common.paths import folder_to_write
from islesedu.common.processes import follow_parent, progress_bar
from islesedu.common.stored import COUNT, FLAG, fields, read_json
from islesedu.errors import IslesError
from islesedu.phantom.case_files import case_bytes, is_there, write_case
from islesedu.phantom.cohort_size import DEFAULTS, VERSION, check_arguments, check_room
from islesedu.phantom.ground_truth_files import read_state, read_truth
from islesedu.phantom.outcome import clinical_row
from islesedu.phantom.patient import GRIDS, case_numbers, make_patient

__all__ = ["GRIDS", "make_cohort", "make_patient", "read_state", "read_truth"]
MARKER = "cohort.json"
_OWN = (MARKER, "ISLES2017_*.csv", "training_*", "test_*", "VSD.*")
"""What is written into a cohort, by name."""
_FORM = fields({"version": COUNT, "finished": FLAG})


def make_cohort(
    folder: str | os.PathLike[str],
    training: int = 43,
    test: int = 32,
    seed: int = 2017,
    scale: float = 1.0,
    progress: bool = True,
    *,
    jobs: int = 1,
    with_pwi: bool = False,
    packed: bool = False,
    population: str = "isles",
    assignment: str = "random",
) -> Path:
    """Write a cohort of synthetic patients in the layout of ISLES 2017.

    The folder holds ``training``, ``test`` (without lesions), ``truth`` (the test cases' lesions),
    both clinical tables, and ``physiology``: for each patient a ``.json`` with what happened and a
    ``.nii.gz`` with the tissue's state (1 oligaemia, 2 penumbra, 3 core). A finished cohort is left
    as it is; what is missing or cut off is made again; of two processes the second waits. The same
    arguments give the same bytes, and a case is the same however many others there are.

    Parameters
    ----------
    folder : path-like
        Where to.
    training, test : int
        Number of cases; the defaults are those of the challenge.
    seed : int
        Another seed, other patients.
    scale : float
        Multiplies X and Y of the grids and divides the voxel size: 0.4 makes a training quick. The
        patients are the same ones, seen more coarsely.
    progress : bool
        Show a progress bar.
    jobs : int
        Processes side by side; each takes up to 1 GB at scale 1. A script that asks for more than
        one needs ``if __name__ == "__main__":`` around the call.
    with_pwi : bool
        Also write the DSC time series, MR_4DPWI (X, Y, Z, 1, T): 30 to 250 MB a case at scale 1.
    packed : bool
        Write ``.nii.gz`` instead of ``.nii``.
    population : str
        ``isles``, patients like those of the challenge; or ``trial``, in whom treatment decides
        much: see `islesedu.phantom.population`. Of each test patient of a trial, ``physiology``
        also holds the lesions under failed and under complete recanalization, see `read_outcome`.
    assignment : str
        For a trial: treatments at ``random``, or by ``severity`` of the stroke, as in a hospital.

    Returns
    -------
    Path
        The folder; a ValueError if it holds something else, or an argument makes no sense.
    """
    wanted = check_arguments(training, test, seed, scale, with_pwi, packed, population, assignment)
    folder, jobs = folder_to_write("folder", folder), whole(1)("jobs", jobs)
    if not (folder / MARKER).exists():
        check_room(folder, wanted, jobs)
    cases = [("training", n) for n in case_numbers("training", training)]
    cases += [("test", n) for n in case_numbers("test", test)]
    files = {"with_pwi": with_pwi, "packed": packed}
    how = files | {"population": population}

    def missing() -> list[tuple[str, int]]:
        return [case for case in cases if not is_there(folder, *case, **how)]

    left = missing()
    needed = sum(case_bytes(seed, *case, scale, **files) for case in left)
    with room_for(folder, needed, f"{len(left)} patient{'s' if len(left) != 1 else ''}"):
        if _begin(folder, wanted) and not left and _tables_are_there(folder, cases):
            return folder
        with folder_lock(folder, "written", wait=True), _cleared(folder):
            write = partial(
                write_case, folder, seed=seed, scale=scale, assignment=assignment, **how
            )
            _write_cases(write, missing(), jobs, progress)
            for table, text in _clinical_tables(folder, cases).items():
                write_text(table, text)
            write_text(folder / MARKER, _marker(wanted, finished=True))
    return folder


@contextmanager
def _cleared(folder: Path) -> Iterator[None]:
    """Remove what ended processes have left unfinished, also those ended by this one."""
    remove_partials(folder, *_OWN)
    try:
        yield
    finally:
        remove_partials(folder, *_OWN)


def _write_cases(
    write: Callable[..., None], missing: list[tuple[str, int]], jobs: int, progress: bool
) -> None:
    """Write cases, several at once; the processes end with this one, however that ends."""
    bar = {"desc": "patients", "unit": "patient", "total": len(missing), "progress": progress}
    if jobs == 1 or len(missing) < 2:
        for case in progress_bar(missing, **bar):
            write(*case)
        return
    others = set(active_children())
    spawn = get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=spawn, initializer=follow_parent) as pool:
        try:
            for _ in progress_bar(pool.map(write, *zip(*missing, strict=True)), **bar):
                pass
        except BaseException as error:
            for process in set(active_children()) - others:
                process.kill()  # a case takes up to two minutes; what is whole stays
            pool.shutdown(cancel_futures=True)  # waits for its thread, or that complains at exit
            if isinstance(error, BrokenProcessPool):
                raise IslesError(
                    "a process ended in the middle of a patient, often for want of memory; give "
                    "the same command with fewer --jobs, it makes what is missing"
                ) from error
            raise


def _marker(wanted: dict, finished: bool) -> str:
    """Return the text of the marker; what is as in ISLES goes without saying."""
    told = {name: value for name, value in wanted.items() if DEFAULTS.get(name) != value}
    return json.dumps(told | {"finished": finished}, indent=2) + "\n"


def _begin(folder: Path, wanted: dict) -> bool:
    """Write the marker, or compare with the one there; return whether the cohort is finished."""
    marker = folder / MARKER
    # Look into the folder first: the marker is the first thing another process writes, under a
    # name with a dot until it is whole, so whoever sees more than that also finds the marker.
    entries = folder.iterdir() if folder.exists() else ()
    strange = any(not entry.name.startswith(".") for entry in entries)
    if marker.exists():
        return _compare(marker, wanted)
    if strange:
        raise ValueError(f"{folder} is not empty and holds no cohort; give another folder")
    if write_first(marker, _marker(wanted, finished=False)):
        return False
    return _compare(marker, wanted)


def _compare(marker: Path, wanted: dict) -> bool:
    """Return whether the cohort of a marker is finished; a ValueError if it is another one."""
    folder = marker.parent
    there = read_json(marker, _FORM, f"remove {folder}, and make the cohort again", ValueError)
    if there.get("version") != VERSION:
        raise ValueError(
            f"{folder} holds a cohort of version {there.get('version')} and this kit makes "
            f"version {VERSION}; remove the folder, or give another one"
        )
    for name, value in wanted.items():
        found = there.get(name, DEFAULTS.get(name))
        if found != value:
            raise ValueError(
                f"{folder} holds a cohort with {name} = {found!r}, not {value!r}; "
                "give another folder, or remove this one"
            )
    return bool(there.get("finished"))


def _clinical_tables(folder: Path, cases: list[tuple[str, int]]) -> dict[Path, str]:
    """Return the text of each clinical table by its file."""
    tables = {}
    for part in ("training", "test"):
        truths = [read_truth(folder, f"{kind}_{n}") for kind, n in cases if kind == part]
        if truths:
            tables[folder / f"ISLES2017_{part.capitalize()}.csv"] = _clinical_table(part, truths)
    return tables


def _tables_are_there(folder: Path, cases: list[tuple[str, int]]) -> bool:
    """Tell whether no clinical table is missing or cut off."""
    for file, text in _clinical_tables(folder, cases).items():
        if not file.is_file() or file.stat().st_size < len(text.encode()):
            return False
    return True


def _clinical_table(part: str, truths: list[dict]) -> str:
    """Return the clinical table of a part; the test table has no mRS, as in the challenge."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    outcome = ["mRS", "Days to mRS"] if part == "training" else []
    table.writerow(["Case", *outcome, "TICI", "TSS", "TTT"])
    table.writerows(clinical_row(truth, bool(outcome)) for truth in truths)
    return text.getvalue()
