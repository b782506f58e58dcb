"""Voxelwise features with treatment interactions: inputs of a model that trains in seconds.

Lesson 16, before the V-Net. The model itself is any classifier of scikit-learn.
"""

from typing import Protocol

import numpy as np
from scipy import ndimage

from islesedu.isles.case import Patient

SIGMA = (0.7, 0.7, 0.3)  # of the smoothing, in voxels
CBF_RANGE = 0.05, 5  # multiples of the median


class Classifier(Protocol):
    """What `predict_voxels` needs of a model: scikit-learn's ``predict_proba``."""

    def predict_proba(self, features: np.ndarray) -> np.ndarray:
        """Return the probabilities of no lesion and of lesion, (N, 2), from features (N, F)."""
        ...


def voxel_features(
    patient: Patient, tici: str, *, conditioned: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return the features of each voxel of the brain, and the mask of the brain.

    Smoothed ADC, log CBF and Tmax, each relative to its median over the brain. If conditioned, also
    their interactions with the treatment: 1 and the three features times *reopened* (1 for TICI 3,
    else 0), and the same times the hours to the treatment.

    Parameters
    ----------
    patient : Patient
        With the maps ADC, CBF and Tmax, and TTT in minutes if conditioned.
    tici : str
        Grade under which the lesion is predicted, not necessarily the patient's own.
    conditioned : bool
        Whether to append the interactions.

    Returns
    -------
    features : ndarray, (N, 3) or (N, 11)
    brain : ndarray of bool, (X, Y, Z)
        With N voxels.

    Examples
    --------
    >>> from islesedu.phantom import make_patient
    >>> made = make_patient(2017, "training", 1, 0.1, "trial")
    >>> from dataclasses import replace
    >>> patient = replace(made.as_patient("training_1"), clinical={"TTT": 60})
    >>> features, brain = voxel_features(patient, "0", conditioned=True)
    >>> features.shape == (brain.sum(), 11), bool(features[:, 3:].any())
    (True, False)
    """
    brain = patient.image[..., 0] > 0
    weight = ndimage.gaussian_filter(brain.astype(float), SIGMA)[brain]
    smooth = []
    for channel in ("ADC", "CBF", "Tmax"):
        values = patient.image[..., patient.channels.index(channel)] * brain
        smooth.append(ndimage.gaussian_filter(values.astype(float), SIGMA)[brain] / weight)
    adc, cbf, tmax = smooth
    cbf = np.log(np.clip(cbf / np.median(cbf), *CBF_RANGE))
    features = np.column_stack([adc / np.median(adc), cbf, tmax - np.median(tmax)])
    if conditioned:
        reopened, hours = float(tici == "3"), patient.clinical["TTT"] / 60
        treated = np.column_stack([np.ones(len(features)), features]) * reopened
        features = np.concatenate([features, treated, treated * hours], axis=1)
    return features, brain


def predict_voxels(
    model: Classifier, patient: Patient, tici: str, *, conditioned: bool
) -> np.ndarray:
    """Return the probability of lesion, (X, Y, Z), under a grade; 0 outside of the brain.

    Parameters
    ----------
    model : Classifier
        Fitted to `voxel_features`, and conditioned as it is here.
    patient, tici, conditioned
        As for `voxel_features`.

    Examples
    --------
    >>> from islesedu.phantom import make_patient
    >>> patient = make_patient(2017, "training", 1, 0.1, "trial").as_patient("training_1")
    >>> from sklearn.dummy import DummyClassifier
    >>> model = DummyClassifier(strategy="prior").fit(np.zeros((4, 3)), [0, 0, 0, 1])
    >>> float(predict_voxels(model, patient, "0", conditioned=False).max())
    0.25
    """
    features, brain = voxel_features(patient, tici, conditioned=conditioned)
    volume = np.zeros(brain.shape)
    volume[brain] = model.predict_proba(features)[:, 1]
    return volume
