"""The synthetic cohort: made-up patients, written to disk just as ISLES 2017 is."""

import csv
import io
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
from tqdm.auto import tqdm

from islesedu.anatomy import scanner_affine
from islesedu.files import write_text
from islesedu.isles import write_map
from islesedu.patients import (
    GRIDS,
    TEST_NUMBERS,
    TRAINING_NUMBERS,
    case_rng,
    make_patient,
    numbers,
)
from islesedu.stroke import Stroke

__all__ = ["GRIDS", "make_cohort", "make_patient"]

FIELDS = {
    "ADC": "MR_ADC",
    "MTT": "MR_MTT",
    "CBF": "MR_rCBF",
    "CBV": "MR_rCBV",
    "TTP": "MR_TTP",
    "Tmax": "MR_Tmax",
    "lesion": "OT",
}
MARKER = "cohort.json"
VERSION = 2
"""Raised whenever the same arguments give other patients."""


def make_cohort(
    folder: str | os.PathLike[str],
    training: int = 43,
    test: int = 32,
    seed: int = 2017,
    scale: float = 1.0,
    progress: bool = True,
) -> Path:
    """Write a cohort of made-up patients in the layout of ISLES 2017.

    The folder holds ``training``, ``test`` (without lesions), ``truth`` (the test cases' lesions)
    and both clinical tables. A finished cohort is left as it is; one that was interrupted is gone
    on with; two processes may work on one folder. The same arguments give the same bytes, and a
    case is the same whatever the number of the others.

    Parameters
    ----------
    folder : path-like
        Where to.
    training, test : int
        Number of cases; the defaults are those of the challenge.
    seed : int
        Another seed, other patients.
    scale : float
        Multiplies X and Y of the grids and divides the voxel size: 0.4 makes a training quick.
    progress : bool
        Show a progress bar.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ValueError
        An argument makes no sense, or the folder holds something else.
    """
    folder, wanted = Path(folder), check_arguments(training, test, seed, scale)
    cases = [("training", n) for n in numbers(TRAINING_NUMBERS, training)]
    cases += [("test", n) for n in numbers(TEST_NUMBERS, test)]
    if begin(folder, wanted) and all(place.exists() for c in cases for place in places(folder, *c)):
        return folder
    for part in ("training", "test"):
        chosen = [number for kind, number in cases if kind == part]
        name = f"ISLES2017_{part.capitalize()}.csv"
        write_text(folder / name, clinical_table(part, chosen, seed))
    for part, number in tqdm(cases, desc="patients", unit="patient", disable=not progress):
        write_case(folder, part, number, seed, scale)
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


def check_arguments(training: int, test: int, seed: int, scale: float) -> dict:
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


def places(folder: Path, part: str, number: int) -> dict[Path, list[str]]:
    """Return the folders of one case, and which maps lie there: lesions of test cases lie apart."""
    name = f"{part}_{number}"
    if part == "training":
        return {folder / part / name: list(FIELDS)}
    maps = [channel for channel in FIELDS if channel != "lesion"]
    return {folder / part / name: maps, folder / "truth" / name: ["ADC", "MTT", "lesion"]}


def write_case(folder: Path, part: str, number: int, seed: int, scale: float) -> None:
    """Write one case and, for a test case, its lesion apart; whole or not at all."""
    missing = {p: maps for p, maps in places(folder, part, number).items() if not p.exists()}
    if not missing:
        return
    maps, spacing, _ = make_patient(seed, part, number, scale)
    affine = scanner_affine(maps["ADC"].shape, spacing)
    first = 127014 + 100_000 * (part == "test") + 20 * number  # of the files' numbers
    for place, wanted in missing.items():
        partial = place.with_name(f".partial-{os.getpid()}-{place.name}")
        for channel in wanted:
            stem = f"VSD.Brain.XX.O.{FIELDS[channel]}.{first + list(FIELDS).index(channel)}"
            dtype = np.uint8 if channel == "lesion" else np.float32
            write_map(partial / stem / f"{stem}.nii", maps[channel], affine, spacing, dtype)
        try:
            os.rename(partial, place)
        except OSError:
            if not place.exists():
                raise
            shutil.rmtree(partial)  # another process was first; its case has the same bytes


def clinical_table(part: str, chosen: list[int], seed: int) -> str:
    """Return the clinical table of a part; the test table has no mRS, as in the challenge."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    outcome = ["mRS", "Days to mRS"] if part == "training" else []
    table.writerow(["Case", *outcome, "TICI", "TSS", "TTT"])
    table.writerows(clinical_rows(part, chosen, seed, bool(outcome)))
    return text.getvalue()


def clinical_rows(part: str, chosen: list[int], seed: int, outcome: bool) -> Iterator[list]:
    """Yield a row a case: what the stroke model drew, and how the patient is after 90 days."""
    for number in chosen:
        stroke = Stroke.draw(case_rng(seed, part, number))
        rng = np.random.default_rng([seed, 90, part == "test", number])
        handicap = 9 * (stroke.survival_limit - 0.2) * stroke.extent + rng.normal(0, 0.8)
        row = [f"{part.capitalize()}_{number}"]
        row += [int(np.clip(round(handicap), 0, 6)), int(rng.normal(90, 6))] if outcome else []
        # One treatment time in ten was not written down.
        missing = rng.random() < 0.1
        yield [*row, stroke.tici, stroke.onset, "" if missing else stroke.treatment]
