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

from islesedu.anatomy import Pose, scanner_affine, smooth_noise, tissue_on_grid
from islesedu.files import write_text
from islesedu.isles import write_map
from islesedu.stroke import Stroke, diffusion, final_lesion, flow_left, perfusion

GRIDS = (
    ((192, 192, 19),) * 17
    + ((192, 192, 30),) * 6
    + ((192, 192, 24),)
    + ((128, 128, 25),) * 10
    + ((256, 256, 24),) * 9
)
"""Grids (X, Y, Z) of the 43 training cases of ISLES 2017."""
FIELD_OF_VIEW = 240.0
"""Edge of a slice in mm."""
THICKNESS = {19: 6.5, 24: 5.5, 25: 5.5, 30: 5.0}
"""Slice thickness in mm for each number of slices."""
TRAINING_NUMBERS = [n for n in range(1, 49) if n not in (3, 17, 25, 29, 34)]
TEST_NUMBERS = [*range(1, 9), 10, 11, *range(14, 22), *range(27, 41)]
FIELDS = {
    "ADC": "MR_ADC",
    "MTT": "MR_MTT",
    "CBF": "MR_rCBF",
    "CBV": "MR_rCBV",
    "TTP": "MR_TTP",
    "Tmax": "MR_Tmax",
    "lesion": "OT",
}
NOISE = {"ADC": 80.0, "CBV": 0.3, "CBF": 3.5, "MTT": 0.9, "TTP": 0.7, "Tmax": 0.9}
"""Standard deviation of the scanner's noise, in each map's unit."""
MARKER = "cohort.json"
VERSION = 1


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
    folder = Path(folder)
    if training < 0 or test < 0 or training + test == 0:
        raise ValueError(f"training is {training} and test {test}; give numbers of patients")
    if not 0.05 <= scale <= 2:
        raise ValueError(f"scale is {scale}; give a number between 0.05 and 2")
    wanted = {
        "training": training,
        "test": test,
        "seed": seed,
        "scale": scale,
        "version": VERSION,
        "made_by": "islesedu.phantom.make_cohort: synthetic, no real patient",
    }
    if begin(folder, wanted):
        return folder
    cases = [("training", n) for n in numbers(TRAINING_NUMBERS, training)]
    cases += [("test", n) for n in numbers(TEST_NUMBERS, test)]
    for part in ("training", "test"):
        chosen = [number for kind, number in cases if kind == part]
        name = f"ISLES2017_{part.capitalize()}.csv"
        write_text(folder / name, clinical_table(part, chosen, seed))
    for part, number in tqdm(cases, desc="patients", unit="patient", disable=not progress):
        write_case(folder, part, number, seed, scale)
    for leftover in folder.glob("*/.partial-*"):
        if not psutil.pid_exists(int(leftover.name.split("-")[1])):
            shutil.rmtree(leftover, ignore_errors=True)
    write_text(folder / MARKER, json.dumps(wanted | {"finished": True}, indent=2) + "\n")
    return folder


def begin(folder: Path, wanted: dict) -> bool:
    """Write the marker, or compare with the one there; return whether the cohort is finished."""
    marker = folder / MARKER
    if marker.exists():
        there = json.loads(marker.read_text())
        for name, value in wanted.items():
            if there.get(name) != value:
                raise ValueError(
                    f"{folder} holds a cohort with {name} = {there.get(name)!r}, not {value!r}; "
                    "give another folder, or remove this one"
                )
        return there["finished"]
    if folder.exists() and any(folder.iterdir()):
        raise ValueError(f"{folder} is not empty and holds no cohort; give another folder")
    write_text(marker, json.dumps(wanted | {"finished": False}, indent=2) + "\n")
    return False


def numbers(real: list[int], count: int) -> list[int]:
    """Return case numbers: those of the challenge first, then on from the last."""
    return real[:count] + list(range(real[-1] + 1, real[-1] + 1 + count - len(real)))


def case_rng(seed: int, part: str, number: int) -> np.random.Generator:
    """Return the random numbers of one case, which depend on nothing else."""
    return np.random.default_rng([seed, part == "test", number])


def draw_grid(rng: np.random.Generator, scale: float) -> tuple[tuple, tuple]:
    """Draw one of the 43 grids and return it at `scale`, with the voxel size in mm."""
    x, y, z = GRIDS[rng.integers(len(GRIDS))]
    size = round(x * scale), round(y * scale), z
    return size, (FIELD_OF_VIEW / size[0], FIELD_OF_VIEW / size[1], THICKNESS[z])


def make_patient(seed: int, part: str, number: int, scale: float):
    """Make up one patient.

    Returns
    -------
    maps : dict of str to ndarray, (X, Y, Z), float32
        The six maps in their units, and ``"lesion"``, bool.
    spacing : tuple of float
        Voxel size in mm.
    stroke : Stroke
        What happened.
    """
    rng = case_rng(seed, part, number)
    stroke, pose = Stroke.draw(rng), Pose.draw(rng)
    grid, spacing = draw_grid(rng, scale)
    tissue = tissue_on_grid(grid, spacing, pose)
    flow = flow_left(tissue, stroke, spacing, rng)
    lesion = final_lesion(tissue, flow, stroke, spacing, rng) & tissue.brain
    adc, old = diffusion(tissue, flow, stroke, spacing, rng)
    healthy = 1 - old  # an old stroke has little blood, and it is no part of today's lesion
    maps = {"ADC": adc} | perfusion(tissue, flow * (0.25 + 0.75 * healthy), spacing, rng)
    for channel, noise in NOISE.items():
        grain = noise * smooth_noise(rng, grid, spacing, 1.2)
        maps[channel] = np.where(tissue.brain, maps[channel] + grain, 0).astype(np.float32)
    for channel in ("ADC", "MTT", "TTP", "Tmax"):  # the scanner's software cuts these at 0
        maps[channel] = np.maximum(maps[channel], 0)
    maps["lesion"] = lesion & (old < 0.3)
    return maps, spacing, stroke


def write_case(folder: Path, part: str, number: int, seed: int, scale: float) -> None:
    """Write one case and, for a test case, its lesion apart; whole or not at all."""
    name, channels = f"{part}_{number}", [c for c in FIELDS if part == "training" or c != "lesion"]
    places = {folder / part / name: channels}
    if part == "test":
        places[folder / "truth" / name] = ["ADC", "MTT", "lesion"]
    if all(place.exists() for place in places):
        return
    maps, spacing, _ = make_patient(seed, part, number, scale)
    affine = scanner_affine(maps["ADC"].shape, spacing)
    first = 127014 + 100_000 * (part == "test") + 20 * number  # of the files' numbers
    for place, wanted in places.items():
        partial = place.with_name(f".partial-{os.getpid()}-{name}")
        for channel in wanted:
            stem = f"VSD.Brain.XX.O.{FIELDS[channel]}.{first + list(FIELDS).index(channel)}"
            dtype = np.uint8 if channel == "lesion" else np.float32
            write_map(partial / stem / f"{stem}.nii", maps[channel], affine, spacing, dtype)
        try:
            os.rename(partial, place)
        except OSError:  # another process was first; its case has the same bytes
            shutil.rmtree(partial)


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
