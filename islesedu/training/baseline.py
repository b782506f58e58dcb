"""Threshold baseline: the best threshold on one map, which any network has to exceed."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from islesedu.isles.case import Patient, finite


@dataclass(frozen=True)
class Threshold:
    """The baseline "a voxel is lesion if `channel` is above (or below) `value`".

    Attributes
    ----------
    channel : str
        Name of the map.
    above : bool
        True: lesion where the map is larger than `value`; False: where it is smaller.
    value : float
        In the map's own unit.
    dice : float
        Mean Dice over the patients on which the threshold was chosen.
    """

    channel: str
    above: bool
    value: float
    dice: float

    def __call__(self, patient: Patient) -> np.ndarray:
        """Return the predicted mask (X, Y, Z); voxels that are 0 in every map are air."""
        values = finite(patient.image[..., patient.channels.index(self.channel)])
        mask = values > self.value if self.above else values < self.value
        return mask & patient.brain

    def __str__(self) -> str:
        return f"{self.channel} {'>' if self.above else '<'} {self.value:.4g}"


def threshold_scores(patients: Iterable[Patient], levels: int = 64) -> list[Threshold]:
    """Score the best threshold of each map, on its high side and on its low side.

    For each map, `levels` values are tried: the quantiles of its brain voxels over all patients,
    closer together towards both ends, where lesions are. The Dice of all of them comes from one
    cumulated histogram a patient, not from that many masks.

    Parameters
    ----------
    patients : iterable of Patient
        With lesions, all with the same channels.
    levels : int
        Number of values tried for each map.

    Returns
    -------
    list of Threshold
        Two a map, best first.
    """
    patients = list(patients)
    thresholds = []
    for channel in patients[0].channels:
        brains = [_brain_values(patient, channel) for patient in patients]
        tail = np.geomspace(1e-3, 0.5, levels // 2)
        shares = np.concatenate([tail, 1 - tail[::-1]])
        values = np.unique(np.quantile(np.concatenate([v for v, _ in brains]), shares))
        above = np.mean([_dice_above(v, lesion, values) for v, lesion in brains], axis=0)
        below = np.mean([_dice_above(-v, lesion, -values) for v, lesion in brains], axis=0)
        for side, scores in ((True, above), (False, below)):
            best = int(np.argmax(scores))
            thresholds.append(Threshold(channel, side, float(values[best]), float(scores[best])))
    return sorted(thresholds, key=lambda one: -one.dice)


def _brain_values(patient: Patient, channel: str) -> tuple[np.ndarray, np.ndarray]:
    """Return a map's values and the lesion's, both (n,), at the n voxels that are not air."""
    brain, values = patient.brain, patient.image[..., patient.channels.index(channel)]
    return finite(values[brain]), patient.lesion[brain]


def _dice_above(values: np.ndarray, lesion: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Return the Dice of ``values > level`` with `lesion` (both (n,)) for each level (m,)."""
    every, inside = np.sort(values), np.sort(values[lesion])
    predicted = every.size - np.searchsorted(every, levels, side="right")
    hits = inside.size - np.searchsorted(inside, levels, side="right")
    size = predicted + inside.size
    return np.where(size > 0, 2 * hits / np.maximum(size, 1), 1.0)
