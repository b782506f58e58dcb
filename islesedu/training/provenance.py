"""Who was trained on whom: so that no score on a training patient passes for a test."""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np

from islesedu.common.files import write_text
from islesedu.common.stored import COUNT, FLAG, NUMBER, TEXT, dict_of, fields, read_json
from islesedu.errors import IslesError
from islesedu.isles.case import Case
from islesedu.isles.geometry import affine_of
from islesedu.isles.nifti import load, open_volume
from islesedu.training.patients import patient_of

_RECORD = "predictions.json"
_RECORD_FORM = dict_of(
    fields(
        {"fingerprint": TEXT, "seen": FLAG | {"type": ["boolean", "null"]}},
        {"run": TEXT, "networks": COUNT, "threshold": NUMBER, "component_share": NUMBER}
        | {"mirror": FLAG, "crop": FLAG, "clinical": {"type": ["object", "null"]}},
    )
)
_FORM = "voxels-"
"""What a fingerprint begins with. Older ones have only 16 digits: they are of the bytes of a file,
and differ for the same image packed anew."""
_AFFINE_STEP = 0.1
"""Affines are compared in steps of this size, in mm; float32 rounds them a thousand times finer."""
_OFF_GRID = 0.3183
"""Moves the limits between steps away from round numbers, on which real affines lie."""


def fingerprint(case: Case) -> str:
    """Return a text that tells patients apart by the image of one map: voxels, shape and affine.

    Neither the name of a case nor its folder will do: two cohorts name their cases alike, and
    folders are moved. Nor will the bytes of a file: the same image may be packed, stored in another
    number format that holds its values, or with its axes in another order. Values count as
    float32, nan as 0. Only the map that stands for the case is read (`Case.reference`).

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from islesedu.isles import find_cases, write_map
    >>> with TemporaryDirectory() as folder:
    ...     for file in ("training_1/MR_ADC.nii", "training_2/MR_ADC.nii.gz"):
    ...         values = np.arange(24.0).reshape(2, 3, 4)
    ...         _ = write_map(f"{folder}/{file}", values, np.eye(4), (1, 1, 1))
    ...     one, other = map(fingerprint, find_cases(folder))
    >>> one == other
    True
    """
    image = open_volume(_reference_file(case))
    values, affine = load(image), affine_of(image)
    axes = nib.io_orientation(affine)
    if not np.isnan(axes).any():
        affine = affine @ nib.orientations.inv_ornt_aff(axes, values.shape)
        values = nib.apply_orientation(values, axes)
    steps = np.floor(affine[:3] / _AFFINE_STEP + _OFF_GRID).astype("<i8")
    voxels = np.nan_to_num(values, nan=0.0) + np.float32(0)  # -0.0 becomes 0.0
    digest = hashlib.sha256(repr((values.shape, steps.tolist())).encode())
    digest.update(np.ascontiguousarray(voxels, "<f4"))
    return _FORM + digest.hexdigest()[:16]


def _reference_file(case: Case) -> Path:
    """Return the file of the map that stands for a case."""
    if case.reference is None:
        raise IslesError(
            f"case {case.name} in {case.folder} has no map that could stand for it; it has "
            f"{', '.join(case.maps) or 'none'}"
        )
    return case.maps[case.reference]


def _older_fingerprint(case: Case) -> str:
    """Return the fingerprint that earlier versions recorded, of the bytes of the file."""
    return hashlib.sha256(_reference_file(case).read_bytes()).hexdigest()[:16]


def is_older(fingerprint: str) -> bool:
    """Tell whether an earlier version recorded a fingerprint, of a file's bytes.

    Examples
    --------
    >>> is_older("6fda8b867ffccec4"), is_older("voxels-6fda8b867ffccec4")
    (True, False)
    """
    return not fingerprint.startswith(_FORM)


def renewed(record: dict[str, Any], cases: Sequence[Case]) -> dict[str, Any]:
    """Return a record with today's fingerprints of the cases whose files are still the same.

    Parameters
    ----------
    record : dict
        What ``run.json`` or ``compare.json`` holds.
    cases : sequence of Case
        The cases that it may speak of.

    Examples
    --------
    >>> renewed({"steps": 8}, [])
    {'steps': 8}
    """
    return json.loads(_renewed_text(json.dumps(record), cases))


def _renewed_text(text: str, cases: Sequence[Case]) -> str:
    """Return the text of a record with today's fingerprints."""
    older = set(re.findall(r'"([0-9a-f]{16})"', text))
    for case in cases if older else ():
        if (own := _older_fingerprint(case)) in older:
            text = text.replace(f'"{own}"', f'"{fingerprint(case)}"')
    return text


def renew(file: Path, cases: Sequence[Case]) -> None:
    """Write a record anew as `renewed` returns it; nothing happens if that changes nothing.

    Examples
    --------
    >>> renew(Path("no run yet/run.json"), [])
    """
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    if (changed := _renewed_text(text, cases)) != text:
        write_text(file, changed)


def was_seen(case: Case, own: str, runs: Iterable[dict[str, Any]]) -> bool | None:
    """Tell whether networks were trained on a patient; None where that cannot be known.

    It cannot where a run was recorded with fingerprints of files, and this case's file is none of
    them; and where a training case of another image has this patient's BIDS name (``sub-``), which
    may be another visit, or another data set's patient.

    Parameters
    ----------
    case : Case
        Of the patient.
    own : str
        Its `fingerprint`.
    runs : iterable of dict
        Settings of the networks' trainings, as in ``run.json``.

    Examples
    --------
    >>> run = {"fingerprints": ["voxels-01"], "training": ["training_1"]}
    >>> case = Case("training_1", Path(), "flat", {})
    >>> was_seen(case, "voxels-01", [run]), was_seen(case, "voxels-02", [run])
    (True, False)
    """
    runs = list(runs)
    recorded = {one for run in runs for one in run["fingerprints"]}
    if own in recorded:
        return True
    older = {one for one in recorded if is_older(one)}
    if older:
        return True if _older_fingerprint(case) in older else None
    subjects = {patient_of(name) for run in runs for name in run["training"]}
    is_bids = case.name.startswith("sub-") or patient_of(case.name) != case.name
    return None if is_bids and patient_of(case.name) in subjects else False


def read_record(folder: str | os.PathLike[str]) -> dict[str, dict[str, Any]]:
    """Return what ``predictions.json`` says of each mask, by the name of its case.

    Each entry has ``run``, ``networks`` (how many were averaged), ``threshold``,
    ``component_share``, ``mirror``, ``fingerprint`` of the patient, and ``seen``: whether a network
    was trained on it, null if unknown. Empty if there is no such file.
    """
    file = Path(folder) / _RECORD
    try:
        return read_json(file, _RECORD_FORM, "remove it and predict again")
    except FileNotFoundError:
        return {}


def note(folder: str | os.PathLike[str], case: Case, entry: dict[str, Any]) -> None:
    """Add the entry of one mask; those of other cases stay."""
    record = read_record(folder) | {case.name: entry}
    write_text(Path(folder) / _RECORD, json.dumps(record, indent=1) + "\n")


def status(record: dict[str, dict[str, Any]], case: Case) -> str:
    """Return "held out", "seen in training", or "unknown" without a record of this patient."""
    entry = record.get(case.name)
    if entry is None:
        return "unknown"
    if is_older(
        entry["fingerprint"]
    ):  # a file that is the same was seen; another one may have been
        is_same = entry["fingerprint"] == _older_fingerprint(case)
        return "seen in training" if is_same and entry["seen"] else "unknown"
    if entry["fingerprint"] != fingerprint(case) or entry["seen"] is None:
        return "unknown"
    return "seen in training" if entry["seen"] else "held out"
