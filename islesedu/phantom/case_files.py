"""The files of one synthetic patient: maps in the layout of ISLES 2017, and the ground truth."""

import json
import math
import os
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from islesedu.common.files import whole, write_text
from islesedu.common.stored import NUMBER, TEXT, dict_of, fields, list_of, read_json
from islesedu.errors import IslesError
from islesedu.isles.case import SERIES
from islesedu.isles.nifti import load, open_volume
from islesedu.isles.save import write_map
from islesedu.phantom.outcome import ground_truth
from islesedu.phantom.patient import SyntheticPatient, case_grid, make_patient
from islesedu.phantom.population import POPULATIONS
from islesedu.phantom.scanner import resample
from islesedu.phantom.template import scanner_affine

_FIELDS = {
    "ADC": "MR_ADC",
    "MTT": "MR_MTT",
    "CBF": "MR_rCBF",
    "CBV": "MR_rCBV",
    "TTP": "MR_TTP",
    "Tmax": "MR_Tmax",
    "lesion": "OT",
    SERIES: "MR_4DPWI",
}
_TRUTH = "physiology"
"""Sub-folder with the ground truth of each patient."""
_TRUTH_FORM = fields(
    {"name": TEXT, "stroke": {"type": "object"}, "scanner": {"type": "object"}}
    | {"volumes_ml": dict_of(NUMBER), "artery": list_of(NUMBER), "dt": NUMBER}
    | {"TICI": TEXT, "forgotten": list_of(TEXT)}
    | dict.fromkeys(("TSS", "TTT", "mRS", "days_to_mRS"), NUMBER)
)


def _places(folder: Path, part: str, number: int, with_pwi: bool = False) -> dict[Path, list[str]]:
    """Return the folders of one case, and which maps lie there: lesions of test cases lie apart."""
    name = f"{part}_{number}"
    left_out = {"lesion"} if with_pwi else {"lesion", SERIES}
    maps = [channel for channel in _FIELDS if channel not in left_out]
    if part == "training":
        return {folder / part / name: [*maps, "lesion"]}
    return {folder / part / name: maps, folder / "truth" / name: ["ADC", "MTT", "lesion"]}


def _truth_file(folder: Path, name: str) -> Path:
    return folder / _TRUTH / f"{name}.json"


def _maps(folder: Path, part: str, number: int, with_pwi: bool, packed: bool) -> dict[Path, str]:
    """Return the files of the maps of one case, with the map that each holds."""
    first = 127014 + 100_000 * (part == "test") + 20 * number  # of the files' numbers
    files = {}
    for place, wanted in _places(folder, part, number, with_pwi).items():
        for channel in wanted:
            stem = f"VSD.Brain.XX.O.{_FIELDS[channel]}.{first + list(_FIELDS).index(channel)}"
            files[place / stem / f"{stem}{'.nii.gz' if packed else '.nii'}"] = channel
    return files


def _outcome_files(folder: Path, part: str, number: int, population: str) -> dict[str, Path]:
    """Return the files of a case's lesions under other treatments, by grade of TICI."""
    grades = POPULATIONS[population].potential_outcomes if part == "test" else ()
    place = folder / _TRUTH
    return {grade: place / f"{part}_{number}.TICI{grade}.nii.gz" for grade in grades}


def is_there(
    folder: Path, part: str, number: int, *, with_pwi: bool, packed: bool, population: str = "isles"
) -> bool:
    """Return whether a case has been written, with all that belongs to it, none of it cut off."""
    truth = _truth_file(folder, f"{part}_{number}")
    volumes = [*_maps(folder, part, number, with_pwi, packed), truth.with_suffix(".nii.gz")]
    volumes += _outcome_files(folder, part, number, population).values()
    return all(map(_is_whole, volumes)) and _is_truth(truth)


def case_bytes(
    seed: int, part: str, number: int, scale: float, *, with_pwi: bool, packed: bool
) -> float:
    """Return about how many bytes the files of a case take."""
    voxels = math.prod(case_grid(seed, part, number, scale)[0])
    each = {"lesion": 1, SERIES: 2 * 60}  # of a voxel; maps are float32, the series int16
    places = _places(Path(), part, number, with_pwi).values()
    size = voxels * sum(each.get(channel, 4) for maps in places for channel in maps)
    return size / 2 if packed else size


def _is_whole(file: Path) -> bool:
    """Tell whether a volume holds all the bytes that its header promises; not what they are."""
    try:
        image = open_volume(file, series=True)
        if file.suffix != ".gz":  # `open_volume` has compared the sizes
            return True
        with open(file, "rb") as packed:  # gzip ends with the size of what it holds
            packed.seek(-4, os.SEEK_END)
            size = int.from_bytes(packed.read(), "little")
        return size == image.dataobj.offset + math.prod(image.shape) * image.dataobj.dtype.itemsize
    except (IslesError, OSError):
        return False


def _is_truth(file: Path) -> bool:
    try:
        return "stroke" in read_truth(file.parents[1], file.stem)
    except (ValueError, TypeError):
        return False


def write_case(
    folder: Path,
    part: str,
    number: int,
    *,
    seed: int,
    scale: float,
    with_pwi: bool,
    packed: bool,
    population: str = "isles",
    assignment: str = "random",
) -> None:
    """Write what is missing of one case, for a test case its lesion apart, and its truth."""
    with threadpool_limits(1, user_api="blas"):  # small matrices: more threads only wait
        patient = make_patient(seed, part, number, scale, population, assignment)
    maps = _maps(folder, part, number, with_pwi, packed)
    for place in _places(folder, part, number):
        files = {file: channel for file, channel in maps.items() if place in file.parents}
        if place.exists():
            for file, channel in files.items():
                if not _is_whole(file):
                    _write_map(file, patient, channel)
            continue
        with whole(place) as partial:  # so that a case appears with all its maps
            for file, channel in files.items():
                _write_map(partial / file.relative_to(place), patient, channel)
    truth, state = ground_truth(patient, f"{part}_{number}", population)
    file = _truth_file(folder, truth["name"])
    volumes = {file.with_suffix(".nii.gz"): state}
    for grade, outcome in _outcome_files(folder, part, number, population).items():
        volumes[outcome] = patient.lesion_under(tici=grade)
    for place, volume in volumes.items():
        write_map(place, volume, _affine_of(patient), patient.spacing, np.uint8)
    write_text(file, json.dumps(truth, indent=2) + "\n")


def _affine_of(patient: SyntheticPatient) -> np.ndarray:
    return scanner_affine(patient.maps["ADC"].shape, patient.spacing)


def _write_map(file: Path, patient: SyntheticPatient, channel: str) -> None:
    """Write one map of a patient, or the lesion, or the DSC time series."""
    affine = _affine_of(patient)
    if channel == SERIES:
        _write_series(file, patient, affine)
    else:
        dtype = np.uint8 if channel == "lesion" else np.float32
        write_map(file, patient.maps[channel], affine, patient.spacing, dtype)


def _write_series(file: Path, patient: SyntheticPatient, affine: np.ndarray) -> None:
    """Write the DSC time series (X, Y, Z, 1, T) on the grid of the maps, in whole numbers."""
    grid = patient.maps["ADC"].shape
    series = resample(patient.series, grid)[:, :, :, None, :]  # (X, Y, Z, T) -> (X, Y, Z, 1, T)
    spacing = (*patient.spacing, 1.0, patient.scanner.dt)
    write_map(file, series, affine, spacing, np.int16)


def read_truth(folder: str | os.PathLike[str], name: str) -> dict:
    """Return the ground truth of one patient of a synthetic cohort.

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
        lesion), "TICI", "TSS", "TTT", "mRS", "days_to_mRS", "artery" and "dt" (of the DSC series).

    Raises
    ------
    ValueError
        There is no such patient.
    """
    file = _truth_file(Path(folder), name)
    mend = "remove it, and give the same 'islesedu data make' again"
    try:
        return read_json(file, _TRUTH_FORM, mend, ValueError)
    except OSError as error:
        raise ValueError(
            f"{file} cannot be read ({error.strerror}); give the folder that make_cohort wrote and "
            "the name of one of its patients, such as training_1"
        ) from error
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"{file} is damaged ({error}); the command that made the cohort makes it again"
        ) from error


def read_state(folder: str | os.PathLike[str], name: str) -> np.ndarray:
    """Return the state of each voxel (X, Y, Z) of a patient of a synthetic cohort, uint8.

    0, or one of `islesedu.phantom.outcome.STATES`: 1 oligaemia, 2 penumbra, 3 core. Arguments and
    errors as for `read_truth`.
    """
    read_truth(folder, name)  # whose error says what to do
    file = _truth_file(Path(folder), name).with_suffix(".nii.gz")
    return load(open_volume(file)).astype(np.uint8)


def read_outcome(folder: str | os.PathLike[str], name: str, tici: str) -> np.ndarray:
    """Return the lesion on day 90 that a test patient would have had under a treatment.

    Cohorts of the population ``trial`` keep both: one of them happened, the other never did, and
    only a simulation can show it.

    Parameters
    ----------
    folder : path-like
        The cohort.
    name : str
        Such as ``test_1``.
    tici : str
        Grade of recanalization, "0" or "3".

    Returns
    -------
    ndarray of bool, (X, Y, Z)

    Raises
    ------
    ValueError
        There is no such patient, or no lesion under that treatment was written.
    """
    read_truth(folder, name)  # whose error says what to do
    place = _truth_file(Path(folder), name).parent
    file = place / f"{name}.TICI{tici}.nii.gz"
    if not file.is_file():
        grades = [f.name.split(".TICI")[1][: -len(".nii.gz")] for f in place.glob(f"{name}.TICI*")]
        raise ValueError(
            f"{file} is not there; {name} has lesions under TICI {' and '.join(sorted(grades))}"
            if grades
            else f"{file} is not there; lesions under other treatments are written for the test "
            "patients of population='trial' only, see make_cohort"
        )
    return load(open_volume(file)).astype(bool)
