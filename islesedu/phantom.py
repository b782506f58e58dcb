"""The synthetic cohort: made-up patients, written to disk just as ISLES 2017 is."""

import csv
import io
import json
import os
import shutil
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import psutil
from threadpoolctl import threadpool_limits
from tqdm.auto import tqdm

from islesedu.anatomy import scanner_affine
from islesedu.files import write_text
from islesedu.isles import SERIES, write_map
from islesedu.isles.volumes import load, open_volume
from islesedu.outcome import clinical_row, truth_of
from islesedu.patients import GRIDS, TEST_NUMBERS, TRAINING_NUMBERS, MadeUp, make_patient, numbers
from islesedu.scanner import resample

__all__ = ["GRIDS", "make_cohort", "make_patient", "read_state", "read_truth"]

FIELDS = {
    "ADC": "MR_ADC",
    "MTT": "MR_MTT",
    "CBF": "MR_rCBF",
    "CBV": "MR_rCBV",
    "TTP": "MR_TTP",
    "Tmax": "MR_Tmax",
    "lesion": "OT",
    SERIES: "MR_4DPWI",
}
MARKER = "cohort.json"
TRUTH = "physiology"
"""Sub-folder that says of each patient what was behind the images."""
VERSION = 3
"""Raised whenever the same arguments give other patients."""


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
) -> Path:
    """Write a cohort of made-up patients in the layout of ISLES 2017.

    The folder holds ``training``, ``test`` (without lesions), ``truth`` (the test cases' lesions),
    both clinical tables, and ``physiology``: for each patient a ``.json`` with what happened and a
    ``.nii.gz`` with the tissue's state (1 oligaemia, 2 penumbra, 3 core). A finished cohort is left
    as it is; one that was interrupted is gone on with; two processes may work on one folder. The
    same arguments give the same bytes, and a case is the same whatever the number of the others.

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
        Also write the film of the bolus, MR_4DPWI (X, Y, Z, 1, T): 70 to 230 MB a case at scale 1.
    packed : bool
        Write ``.nii.gz`` instead of ``.nii``.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ValueError
        An argument makes no sense, or the folder holds something else.
    """
    folder, wanted = Path(folder), check_arguments(training, test, seed, scale, with_pwi, packed)
    if isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 1:
        raise ValueError(f"jobs is {jobs!r}; give the number of processes, 1 or more")
    cases = [("training", n) for n in numbers(TRAINING_NUMBERS, training)]
    cases += [("test", n) for n in numbers(TEST_NUMBERS, test)]
    missing = [case for case in cases if not is_there(folder, *case)]
    if begin(folder, wanted) and not missing:
        return folder
    write = partial(write_case, folder, seed=seed, scale=scale, with_pwi=with_pwi, packed=packed)
    bar = {"desc": "patients", "unit": "patient", "total": len(missing), "disable": not progress}
    if jobs == 1:
        for case in tqdm(missing, **bar):
            write(*case)
    else:
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            try:
                for _ in tqdm(pool.map(write, *zip(*missing, strict=True)), **bar):
                    pass
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    for part in ("training", "test"):
        truths = [read_truth(folder, f"{kind}_{n}") for kind, n in cases if kind == part]
        if truths:
            write_text(folder / f"ISLES2017_{part.capitalize()}.csv", clinical_table(part, truths))
    remove_leftovers(folder)
    write_text(folder / MARKER, json.dumps(wanted | {"finished": True}, indent=2) + "\n")
    return folder


def remove_leftovers(folder: Path) -> None:
    """Remove what processes that do not run any more have left half-written."""
    for leftover in [*folder.glob(".partial-*"), *folder.glob("*/.partial-*")]:
        if psutil.pid_exists(int(leftover.name.split("-")[1])):
            continue
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)


def check_arguments(
    training: int, test: int, seed: int, scale: float, with_pwi: bool, packed: bool
) -> dict:
    """Return what the marker says, or a ValueError about the first argument without sense."""
    for name, value in {"training": training, "test": test, "seed": seed}.items():
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 0:
            raise ValueError(f"{name} is {value!r}; give a whole number from 0 up")
    if training + test == 0:
        raise ValueError("training and test are both 0; give the number of patients")
    if not 0.05 <= scale <= 2:
        raise ValueError(f"scale is {scale}; give a number between 0.05 and 2")
    return {
        "training": int(training),
        "test": int(test),
        "seed": int(seed),
        "scale": float(scale),
        "with_pwi": bool(with_pwi),
        "packed": bool(packed),
        "version": VERSION,
        "made_by": "islesedu.phantom.make_cohort: synthetic, no real patient",
    }


def begin(folder: Path, wanted: dict) -> bool:
    """Write the marker, or compare with the one there; return whether the cohort is finished."""
    marker = folder / MARKER
    # Look into the folder first: the marker is the first thing another process writes, under a
    # name with a dot until it is whole, so whoever sees more than that also finds the marker.
    entries = folder.iterdir() if folder.exists() else ()
    strange = any(not entry.name.startswith(".") for entry in entries)
    if marker.exists():
        return compare(marker, wanted)
    if strange:
        raise ValueError(f"{folder} is not empty and holds no cohort; give another folder")
    write_text(marker, json.dumps(wanted | {"finished": False}, indent=2) + "\n")
    return False


def compare(marker: Path, wanted: dict) -> bool:
    """Return whether the cohort of a marker is finished; a ValueError if it is another one."""
    folder = marker.parent
    try:
        there = dict(json.loads(marker.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise ValueError(f"{marker} cannot be read ({error}); remove {folder}") from error
    if there.get("version") != VERSION:
        raise ValueError(
            f"{folder} holds a cohort of version {there.get('version')} and this kit makes "
            f"version {VERSION}; remove the folder, or give another one"
        )
    for name, value in wanted.items():
        if there.get(name) != value:
            raise ValueError(
                f"{folder} holds a cohort with {name} = {there.get(name)!r}, not {value!r}; "
                "give another folder, or remove this one"
            )
    return bool(there.get("finished"))


def places(folder: Path, part: str, number: int, with_pwi: bool = False) -> dict[Path, list[str]]:
    """Return the folders of one case, and which maps lie there: lesions of test cases lie apart."""
    name = f"{part}_{number}"
    maps = [
        channel for channel in FIELDS if channel != "lesion" and (with_pwi or channel != SERIES)
    ]
    if part == "training":
        return {folder / part / name: [*maps, "lesion"]}
    return {folder / part / name: maps, folder / "truth" / name: ["ADC", "MTT", "lesion"]}


def truth_file(folder: Path, name: str) -> Path:
    """Return the file that says what was behind the images of a case."""
    return folder / TRUTH / f"{name}.json"


def is_there(folder: Path, part: str, number: int) -> bool:
    """Return whether a case has been written, with all that belongs to it."""
    wanted = [*places(folder, part, number), truth_file(folder, f"{part}_{number}")]
    return all(place.exists() for place in wanted)


def write_case(
    folder: Path, part: str, number: int, *, seed: int, scale: float, with_pwi: bool, packed: bool
) -> None:
    """Write one case, for a test case its lesion apart, and its truth; whole or not at all."""
    with threadpool_limits(1, user_api="blas"):  # small matrices: more threads only wait
        patient = make_patient(seed, part, number, scale)
    grid, spacing = patient.maps["ADC"].shape, patient.spacing
    affine = scanner_affine(grid, spacing)
    first = 127014 + 100_000 * (part == "test") + 20 * number  # of the files' numbers
    end = ".nii.gz" if packed else ".nii"
    for place, wanted in places(folder, part, number, with_pwi).items():
        if place.exists():
            continue
        partial = place.with_name(f".partial-{os.getpid()}-{place.name}")
        for channel in wanted:
            stem = f"VSD.Brain.XX.O.{FIELDS[channel]}.{first + list(FIELDS).index(channel)}"
            file = partial / stem / f"{stem}{end}"
            if channel == SERIES:
                write_film(file, patient, affine)
            else:
                dtype = np.uint8 if channel == "lesion" else np.float32
                write_map(file, patient.maps[channel], affine, spacing, dtype)
        try:
            os.rename(partial, place)
        except OSError:
            if not place.exists():
                raise
            shutil.rmtree(partial)  # another process was first; its case has the same bytes
    truth, state = truth_of(patient, f"{part}_{number}")
    file = truth_file(folder, truth["name"])
    write_map(file.with_suffix(".nii.gz"), state, affine, spacing, np.uint8)
    write_text(file, json.dumps(truth, indent=2) + "\n")


def write_film(file: Path, patient: MadeUp, affine: np.ndarray) -> None:
    """Write the film of the bolus (X, Y, Z, 1, T) on the grid of the maps, in whole numbers."""
    grid = patient.maps["ADC"].shape
    film = resample(patient.film, grid)[:, :, :, None, :]  # (X, Y, Z, T) -> (X, Y, Z, 1, T)
    spacing = (*patient.spacing, 1.0, patient.scanner.dt)
    write_map(file, film, affine, spacing, np.int16)


def read_truth(folder: str | os.PathLike[str], name: str) -> dict:
    """Return what was behind the images of one patient of a synthetic cohort.

    Parameters
    ----------
    folder : path-like
        The cohort.
    name : str
        Such as ``training_1``.

    Returns
    -------
    dict
        "stroke" and "scanner" (their parameters), "volumes_ml" (core, penumbra, oligaemia and
        lesion), "TICI", "TSS", "TTT", "mRS", "days_to_mRS", and "artery" and "dt" of the film.

    Raises
    ------
    ValueError
        There is no such patient.
    """
    file = truth_file(Path(folder), name)
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(
            f"{file} cannot be read ({error.strerror}); give the folder that make_cohort wrote and "
            "the name of one of its patients, such as training_1"
        ) from error


def read_state(folder: str | os.PathLike[str], name: str) -> np.ndarray:
    """Return the state of each voxel (X, Y, Z) of a patient of a synthetic cohort, uint8.

    0, or one of `islesedu.outcome.STATES`: 1 oligaemia, 2 penumbra, 3 core. Arguments and errors
    as for `read_truth`.
    """
    read_truth(folder, name)  # whose error says what to do
    return load(open_volume(truth_file(Path(folder), name).with_suffix(".nii.gz"))).astype(np.uint8)


def clinical_table(part: str, truths: list[dict]) -> str:
    """Return the clinical table of a part; the test table has no mRS, as in the challenge."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    outcome = ["mRS", "Days to mRS"] if part == "training" else []
    table.writerow(["Case", *outcome, "TICI", "TSS", "TTT"])
    table.writerows(clinical_row(truth, bool(outcome)) for truth in truths)
    return text.getvalue()
