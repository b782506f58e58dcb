"""The ground truth of synthetic patients on disk, beside the maps in the layout of ISLES 2017."""

import os
from pathlib import Path

import numpy as np

from islesedu.common.stored import NUMBER, TEXT, dict_of, fields, list_of, read_json
from islesedu.isles.nifti import load, open_volume
from islesedu.phantom.population import POPULATIONS

_TRUTH = "physiology"
"""Sub-folder with the ground truth of each patient."""
_TRUTH_FORM = fields(
    {"name": TEXT, "stroke": {"type": "object"}, "scanner": {"type": "object"}}
    | {"volumes_ml": dict_of(NUMBER), "artery": list_of(NUMBER), "dt": NUMBER}
    | {"TICI": TEXT, "forgotten": list_of(TEXT)}
    | dict.fromkeys(("TSS", "TTT", "mRS", "days_to_mRS"), NUMBER)
)


def truth_file(folder: Path, name: str) -> Path:
    """Return the file with what happened to a patient."""
    return folder / _TRUTH / f"{name}.json"


def outcome_files(folder: Path, part: str, number: int, population: str) -> dict[str, Path]:
    """Return the files of a case's lesions under other treatments, by grade of TICI."""
    grades = POPULATIONS[population].potential_outcomes if part == "test" else ()
    place = folder / _TRUTH
    return {grade: place / f"{part}_{number}.TICI{grade}.nii.gz" for grade in grades}


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
    file = truth_file(Path(folder), name)
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
    file = truth_file(Path(folder), name).with_suffix(".nii.gz")
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
    place = truth_file(Path(folder), name).parent
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
