"""Outcome of a synthetic patient after 90 days: ground truth and clinical variables.

The ground truth is a plain dictionary, written to a file; the clinical table is made of those
files, with missing values as in a hospital's table.
"""

from dataclasses import asdict

import numpy as np

from islesedu.phantom.patient import SyntheticPatient
from islesedu.phantom.population import POPULATIONS
from islesedu.phantom.stroke import TERRITORIES

STATES = {"oligaemia": 1, "penumbra": 2, "core": 3}
"""Short of blood but safe; dies without recanalization; dead when the scan is made."""


def ground_truth(
    patient: SyntheticPatient, name: str, population: str = "isles"
) -> tuple[dict, np.ndarray]:
    """Return the ground truth of a patient.

    Parameters
    ----------
    patient : SyntheticPatient
        From `make_patient`.
    name : str
        Such as ``training_1``.
    population : str
        One of `islesedu.phantom.population.POPULATIONS`: which values its table lacks.

    Returns
    -------
    truth : dict
        Plain numbers and texts, see `islesedu.phantom.read_truth`.
    state : ndarray, (X, Y, Z), uint8
        0, or one of `STATES`.
    """
    stroke, fate = patient.stroke, patient.fate
    state = np.zeros(fate.tissue.shape, np.uint8)
    state[(fate.blocked < 0.8) & fate.tissue] = STATES["oligaemia"]
    state[fate.dead(stroke, tici="0")] = STATES["penumbra"]
    state[(fate.damage_at_scan(stroke) > 1) & fate.tissue] = STATES["core"]
    voxel = float(np.prod(patient.spacing)) / 1000  # ml
    volumes = {
        word: round(float((state == number).sum()) * voxel, 3) for word, number in STATES.items()
    }
    volumes["lesion"] = round(float(patient.maps["lesion"].sum()) * voxel, 3)
    rng = np.random.default_rng([90, *name.encode(), stroke.onset, stroke.treatment])
    missing = POPULATIONS[population].missing
    disability = _expected_mrs(patient, volumes["lesion"]) + rng.normal(0, 0.8)
    truth = {
        "name": name,
        "occluded": f"{stroke.territory}, {'right' if stroke.side > 0 else 'left'}",
        "volumes_ml": volumes,
        "TICI": stroke.tici,
        "TSS": stroke.onset,
        "TTT": stroke.treatment,
        "mRS": int(np.clip(round(disability), 0, 6)),
        "days_to_mRS": int(rng.normal(90, 6)),
        "forgotten": [word for word, share in missing.items() if rng.random() < share],
        "stroke": asdict(stroke),
        "scanner": asdict(patient.scanner),
        "dt": patient.scanner.dt,
        "artery": [round(float(value), 4) for value in patient.scanner.artery],
        "made_by": "islesedu: synthetic, no real patient",
    }
    return truth, state


def _expected_mrs(patient: SyntheticPatient, volume: float) -> float:
    """Return the expected score on the modified Rankin Scale (mRS), before noise.

    It grows with the logarithm of the volume (ml), with the share of the deep white matter that is
    destroyed, through which all fibres to the limbs run, and on the left, where speech is.
    """
    middle, axes = (np.reshape(v, (3, 1, 1, 1)) for v in TERRITORIES["MCA, deep branches"])
    place = patient.tissue.place * np.reshape([patient.stroke.side, 1, 1], (3, 1, 1, 1))
    deep = (((place - middle) / axes) ** 2).sum(axis=0) < 1
    lost = float(patient.maps["lesion"][deep].mean()) if deep.any() else 0.0
    speech = 0.4 if patient.stroke.side < 0 and "MCA" in patient.stroke.territory else 0.0
    return 0.5 + 1.5 * np.log10(1 + volume / 4) + 2.0 * lost + speech


def clinical_row(truth: dict, outcome: bool) -> list:
    """Return a patient's row of the clinical table, with its missing values."""
    row = [truth["name"].capitalize()]
    row += [truth["mRS"], truth["days_to_mRS"]] if outcome else []
    return row + [
        "" if word in truth["forgotten"] else truth[word] for word in ("TICI", "TSS", "TTT")
    ]
