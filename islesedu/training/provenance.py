"""Who was trained on whom: so that no score on a training patient passes for a test."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from islesedu.files import write_text
from islesedu.isles.case import Case
from islesedu.stored import COUNT, FLAG, NUMBER, TEXT, dict_of, fields, read_json

_RECORD = "predictions.json"
_FORM = dict_of(
    fields(
        {"fingerprint": TEXT, "seen": FLAG},
        {"run": TEXT, "networks": COUNT, "threshold": NUMBER, "component_share": NUMBER}
        | {"mirror": FLAG, "crop": FLAG, "clinical": {"type": ["object", "null"]}},
    )
)


def fingerprint(case: Case) -> str:
    """Return a number that tells patients apart by the content of one map.

    Neither the name of a case nor its folder will do: two cohorts name their cases alike, and
    folders are moved.
    """
    return hashlib.sha256(case.maps[case.reference].read_bytes()).hexdigest()[:16]


def read_record(folder: str | os.PathLike[str]) -> dict[str, dict[str, Any]]:
    """Return what ``predictions.json`` says of each mask, by the name of its case.

    Each entry has ``run``, ``networks`` (how many were averaged), ``threshold``,
    ``component_share``, ``mirror``, ``fingerprint`` of the patient, and ``seen``: whether a network
    was trained on it. Empty if there is no such file.
    """
    file = Path(folder) / _RECORD
    try:
        return read_json(file, _FORM, "remove it and predict again")
    except FileNotFoundError:
        return {}


def note(folder: str | os.PathLike[str], case: Case, entry: dict[str, Any]) -> None:
    """Add the entry of one mask; those of other cases stay."""
    record = read_record(folder) | {case.name: entry}
    write_text(Path(folder) / _RECORD, json.dumps(record, indent=1) + "\n")


def status(record: dict[str, dict[str, Any]], case: Case) -> str:
    """Return "held out", "seen in training", or "unknown" without a record of this patient."""
    entry = record.get(case.name)
    if entry is None or entry["fingerprint"] != fingerprint(case):
        return "unknown"
    return "seen in training" if entry["seen"] else "held out"
