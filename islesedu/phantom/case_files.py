"""The files of one synthetic patient: maps in the layout of ISLES 2017, and the ground truth."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from islesedu.files import partial_of, write_text
from islesedu.isles.case import SERIES
from islesedu.isles.nifti import load, open_volume
from islesedu.isles.save import write_map
from islesedu.phantom.outcome import ground_truth
from islesedu.phantom.patient import SyntheticPatient, make_patient
from islesedu.phantom.scanner import resample
from islesedu.phantom.template import scanner_affine
from islesedu.stored import NUMBER, TEXT, dict_of, fields, list_of, read_json

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


def is_there(folder: Path, part: str, number: int) -> bool:
    """Return whether a case has been written, with all that belongs to it."""
    wanted = [*_places(folder, part, number), _truth_file(folder, f"{part}_{number}")]
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
    for place, wanted in _places(folder, part, number, with_pwi).items():
        if place.exists():
            continue
        partial = partial_of(place)
        for channel in wanted:
            stem = f"VSD.Brain.XX.O.{_FIELDS[channel]}.{first + list(_FIELDS).index(channel)}"
            file = partial / stem / f"{stem}{end}"
            if channel == SERIES:
                _write_series(file, patient, affine)
            else:
                dtype = np.uint8 if channel == "lesion" else np.float32
                write_map(file, patient.maps[channel], affine, spacing, dtype)
        try:
            os.rename(partial, place)
        except OSError:
            if not place.exists():
                raise
            shutil.rmtree(partial)  # another process was first; its case has the same bytes
    truth, state = ground_truth(patient, f"{part}_{number}")
    file = _truth_file(folder, truth["name"])
    write_map(file.with_suffix(".nii.gz"), state, affine, spacing, np.uint8)
    write_text(file, json.dumps(truth, indent=2) + "\n")


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


def read_state(folder: str | os.PathLike[str], name: str) -> np.ndarray:
    """Return the state of each voxel (X, Y, Z) of a patient of a synthetic cohort, uint8.

    0, or one of `islesedu.phantom.outcome.STATES`: 1 oligaemia, 2 penumbra, 3 core. Arguments and
    errors as for `read_truth`.
    """
    read_truth(folder, name)  # whose error says what to do
    file = _truth_file(Path(folder), name).with_suffix(".nii.gz")
    return load(open_volume(file)).astype(np.uint8)
