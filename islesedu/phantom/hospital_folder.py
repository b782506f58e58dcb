"""A folder as a hospital hands it out: images under other names, some of them with faults."""

import os
from pathlib import Path

import numpy as np

from islesedu.errors import IslesError
from islesedu.isles.case import Case, Patient
from islesedu.isles.find import find_cases
from islesedu.isles.read import read_case
from islesedu.isles.save import write_map

HOSPITAL_NAMES = {"ADC": "trace_adc", "CBF": "perf_flow", "Tmax": "perf_delay", "lesion": "roi"}
"""What the files of `make_hospital_folder` are called; the kit knows none of these names."""
_SHIFT = 30.0
"""Millimetres along X between the first voxel of a mask and that of its patient."""


def make_hospital_folder(
    cohort: str | os.PathLike[str], folder: str | os.PathLike[str], patients: int = 14
) -> Path:
    """Write patients of a synthetic cohort as a hospital might hand them out.

    Each patient has four files, ``P01_trace_adc.nii.gz``, ``P01_perf_flow.nii.gz``,
    ``P01_perf_delay.nii.gz`` and ``P01_roi.nii.gz`` (ADC, CBF, Tmax, lesion), all in one folder.
    The faults are always the same:

    - P02, P05: ADC in mm²/s, not in 10⁻⁶ mm²/s;
    - P03: the mask was saved on a grid that begins about 30 mm further to one side; in millimetres
      it lies where it should, by index too far from the midline;
    - P04: the mask has two labels, 1 and 2;
    - P06: Tmax is NaN outside the brain;
    - P07: there is no mask;
    - the last patient: the images of P01 again.

    Parameters
    ----------
    cohort : path-like
        Folder of cases with lesions, from `islesedu.phantom.make_cohort`.
    folder : path-like
        Where to; files of the same names are written anew.
    patients : int
        How many, at least 8; the last one is a copy.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ValueError
        Fewer patients than 8, or more than the cohort has.
    """
    folder, cases = Path(folder), find_cases(cohort)
    if not 8 <= patients <= len(cases) + 1:
        raise ValueError(
            f"patients is {patients}; give a whole number from 8 to {len(cases) + 1}, one more "
            f"than the cases in {cohort}"
        )
    for number in range(1, patients + 1):
        case = cases[0] if number == patients else cases[number - 1]
        _write(folder, f"P{number:02d}", _read(case), fault=number)
    return folder


def _read(case: Case) -> Patient:
    patient = read_case(case, ("ADC", "CBF", "Tmax"))
    if patient.lesion is None:
        raise IslesError(f"{case.folder}: no lesion; give a folder of cases with lesions")
    return patient


def _write(folder: Path, name: str, patient: Patient, fault: int) -> None:
    """Write one patient with the fault of a number."""
    maps = {channel: patient.image[..., n] for n, channel in enumerate(patient.channels)}
    if fault in (2, 5):
        maps["ADC"] = maps["ADC"] * 1e-6
    if fault == 6:
        maps["Tmax"] = np.where(patient.brain, maps["Tmax"], np.nan)
    lesion, affine = patient.lesion.astype(np.uint8), patient.affine.copy()
    if fault == 3:
        outward = np.sign(_middle(lesion) - _middle(patient.brain)) or 1
        voxels = int(outward) * round(_SHIFT / patient.spacing[0])
        lesion = np.roll(lesion, voxels, axis=0)
        affine[:3, 3] -= affine[:3, 0] * voxels
    if fault == 4:
        half = np.cumsum(lesion) > lesion.sum() / 2
        lesion = lesion + (lesion > 0) * half.reshape(lesion.shape).astype(np.uint8)
    for channel, values in maps.items():
        file = folder / f"{name}_{HOSPITAL_NAMES[channel]}.nii.gz"
        write_map(file, values, patient.affine, patient.spacing, np.float32)
    if fault != 7:
        file = folder / f"{name}_{HOSPITAL_NAMES['lesion']}.nii.gz"
        write_map(file, lesion, affine, patient.spacing, np.uint8)


def _middle(mask: np.ndarray) -> float:
    """Return the mean index of a mask along X."""
    return float(np.argwhere(mask)[:, 0].mean())
