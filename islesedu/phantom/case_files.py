"""The files of one synthetic patient: maps in the layout of ISLES 2017, and the ground truth."""

import json
import math
import os
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from islesedu.common.files import whole, write_text
from islesedu.errors import IslesError
from islesedu.isles.case import SERIES
from islesedu.isles.nifti import open_volume
from islesedu.isles.save import write_map
from islesedu.phantom.ground_truth_files import outcome_files, read_truth, truth_file
from islesedu.phantom.outcome import ground_truth
from islesedu.phantom.patient import SyntheticPatient, case_grid, make_patient
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


def _places(folder: Path, part: str, number: int, with_pwi: bool = False) -> dict[Path, list[str]]:
    """Return the folders of one case, and which maps lie there: lesions of test cases lie apart."""
    name = f"{part}_{number}"
    left_out = {"lesion"} if with_pwi else {"lesion", SERIES}
    maps = [channel for channel in _FIELDS if channel not in left_out]
    if part == "training":
        return {folder / part / name: [*maps, "lesion"]}
    return {folder / part / name: maps, folder / "truth" / name: ["ADC", "MTT", "lesion"]}


def _maps(folder: Path, part: str, number: int, with_pwi: bool, packed: bool) -> dict[Path, str]:
    """Return the files of the maps of one case, with the map that each holds."""
    first = 127014 + 100_000 * (part == "test") + 20 * number  # of the files' numbers
    files = {}
    for place, wanted in _places(folder, part, number, with_pwi).items():
        for channel in wanted:
            stem = f"VSD.Brain.XX.O.{_FIELDS[channel]}.{first + list(_FIELDS).index(channel)}"
            files[place / stem / f"{stem}{'.nii.gz' if packed else '.nii'}"] = channel
    return files


def is_there(
    folder: Path, part: str, number: int, *, with_pwi: bool, packed: bool, population: str = "isles"
) -> bool:
    """Return whether a case has been written, with all that belongs to it, none of it cut off."""
    truth = truth_file(folder, f"{part}_{number}")
    volumes = [*_maps(folder, part, number, with_pwi, packed), truth.with_suffix(".nii.gz")]
    volumes += outcome_files(folder, part, number, population).values()
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
    file = truth_file(folder, truth["name"])
    volumes = {file.with_suffix(".nii.gz"): state}
    for grade, outcome in outcome_files(folder, part, number, population).items():
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
