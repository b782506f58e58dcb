"""How a made-up patient is after 90 days, and what is written down about it.

The truth of a patient is a plain dictionary: it goes into a file, and the clinical table is made of
those files, with what hospitals forget left out.
"""

from dataclasses import asdict

import numpy as np

from islesedu.phantom.patient import SyntheticPatient
from islesedu.phantom.stroke import TERRITORIES

STATES = {"oligaemia": 1, "penumbra": 2, "core": 3}
"""Short of blood but safe; dies unless the artery is opened; dead when the scan is made."""
_FORGOTTEN = {"TICI": 0.03, "TSS": 0.05, "TTT": 0.1}
"""How often a value is missing in the clinical table."""


def truth_of(patient: SyntheticPatient, name: str) -> tuple[dict, np.ndarray]:
    """Return what was behind the images of a patient.

    Parameters
    ----------
    patient : SyntheticPatient
        Just made.
    name : str
        Such as ``training_1``.

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
    handicap = _handicap_of(patient, volumes["lesion"]) + rng.normal(0, 0.8)
    truth = {
        "name": name,
        "occluded": f"{stroke.territory}, {'right' if stroke.side > 0 else 'left'}",
        "volumes_ml": volumes,
        "TICI": stroke.tici,
        "TSS": stroke.onset,
        "TTT": stroke.treatment,
        "mRS": int(np.clip(round(handicap), 0, 6)),
        "days_to_mRS": int(rng.normal(90, 6)),
        "forgotten": [word for word, share in _FORGOTTEN.items() if rng.random() < share],
        "stroke": asdict(stroke),
        "scanner": asdict(patient.scanner),
        "dt": patient.scanner.dt,
        "artery": [round(float(value), 4) for value in patient.scanner.artery],
        "made_by": "islesedu: synthetic, no real patient",
    }
    return truth, state


def _handicap_of(patient: SyntheticPatient, volume: float) -> float:
    """Return where on the modified Rankin Scale a lesion leads, before chance has its say.

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
    """Return a patient's row of the clinical table, with gaps where something was forgotten."""
    row = [truth["name"].capitalize()]
    row += [truth["mRS"], truth["days_to_mRS"]] if outcome else []
    return row + ["" if word in truth["forgotten"] else truth[word] for word in _FORGOTTEN]
