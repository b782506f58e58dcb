"""Infarct growth: how long tissue survives, what treatment saves, and the lesion after 90 days.

Tissue that gets a share f of its flow survives for T(f): minutes at a tenth of it, a day at a
third, for ever above. The time that passes at each flow adds up; where the sum of time / T is over
1, the tissue dies. Images show the flow at one moment, not when and where the artery will be
opened again, which is why the same images can have different ends.

Source of the thresholds: Jones et al., J Neurosurg 54:773, 1981 (10 to 12 ml/100 g/min kill in two
to three hours, 17 to 18 if they last).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from scipy import ndimage

from islesedu.phantom.circulation import Circulation
from islesedu.phantom.stroke import Stroke
from islesedu.phantom.template import Tissue, smooth_noise

REOPENED = {"0": 0.0, "1": 0.15, "2a": 0.4, "2b": 0.75, "3": 1.0}
"""Share of the region that has flow again, for each grade of the TICI scale."""
_LASTS = 24.0
"""Hours after which a flow that has not come back does no more harm: new vessels have opened."""
_TAKES = 1.0
"""Hours from the begin of the treatment until the artery is open."""
SMALLEST = (0.2, 0.8)
"""Volume in ml of the smallest lesion: the challenge has no patient without one."""


def survival_hours(flow: np.ndarray) -> np.ndarray:
    """Return for how many hours tissue survives with a share `flow` (0-1) of its blood flow.

    Examples
    --------
    >>> survival_hours(np.array([0.1, 0.22, 0.35, 0.7])).round(1).tolist()
    [0.3, 2.5, 24.0, 10552.5]
    """
    return 2.5 * np.exp((np.asarray(flow, float) - 0.22) / 0.0575)


@dataclass(frozen=True)
class TissueFate:
    """What decides whether a voxel (X, Y, Z) dies, whatever the treatment.

    Attributes
    ----------
    blocked, at_scan : ndarray
        Share of the flow while the artery is occluded, and from the scan on, 0-1.
    tolerance : ndarray
        Factor on the hours that the tissue survives.
    order : ndarray
        Which parts of the region are reopened first: 0 first, 1 last.
    reopened_after : float
        Share of the time to the scan after which flow came back by itself, 0-1.
    tissue : ndarray of bool
        Voxels that can die: gray and white matter, no old scar.
    """

    blocked: np.ndarray
    at_scan: np.ndarray
    tolerance: np.ndarray
    order: np.ndarray
    reopened_after: float
    tissue: np.ndarray

    @classmethod
    def draw(
        cls,
        tissue: Tissue,
        blood: Circulation,
        stroke: Stroke,
        spacing: Sequence[float],
        rng: np.random.Generator,
    ) -> "TissueFate":
        """Draw each part's tolerance of ischemia, and in which order the parts are reopened."""
        noise = partial(smooth_noise, rng, tissue.gray.shape, spacing)
        tolerance = stroke.resilience * np.exp(0.5 * noise(9))
        tolerance = tolerance * np.where(tissue.gray > tissue.white, 0.8, 1.3)
        wave = noise(14)
        region = np.sort(wave[blood.blocked < 0.9])
        order = np.searchsorted(region, wave) / max(len(region), 1)
        solid = (tissue.gray + tissue.white > 0.5) & (blood.old < 0.3)
        after = float(rng.uniform(0.5, 1.0))
        return cls(
            blood.blocked, np.maximum(blood.at_scan, blood.blocked), tolerance, order, after, solid
        )

    def damage_at_scan(self, stroke: Stroke) -> np.ndarray:
        """Return the damage (X, Y, Z) done when the scan is made; 1 and more is dead."""
        hours = stroke.onset / 60
        first = hours * self.reopened_after / survival_hours(self.blocked)
        rest = hours * (1 - self.reopened_after) / survival_hours(self.at_scan)
        return (first + rest) / self.tolerance

    def damage(self, stroke: Stroke) -> np.ndarray:
        """Return the damage (X, Y, Z) in the end, with the treatment that a stroke has had."""
        reopened = self.order < REOPENED[stroke.tici]
        hours = np.where(reopened, stroke.treatment / 60 + _TAKES, _LASTS)
        return self.damage_at_scan(stroke) + hours / survival_hours(self.at_scan) / self.tolerance

    def dead(self, stroke: Stroke, **treatment: Any) -> np.ndarray:
        """Return the voxels (X, Y, Z) that die, perhaps with another treatment.

        Parameters
        ----------
        stroke : Stroke
            What happened.
        **treatment
            What should be otherwise: ``tici``, ``onset``, ``treatment``.
        """
        return (self.damage(replace(stroke, **treatment)) > 1) & self.tissue


def manual_outline(
    damage: np.ndarray,
    tissue: Tissue,
    able: np.ndarray,
    spacing: Sequence[float],
    rng: np.random.Generator,
) -> np.ndarray:
    """Return the manual outline of the lesion on day 90, (X, Y, Z) bool.

    The scar has shrunk and shifted, the image of day 90 is not registered exactly to that of day
    0, and the outline is smooth.

    Parameters
    ----------
    damage : ndarray, (X, Y, Z)
        Above 1 the tissue is dead.
    tissue : Tissue
        What the voxels are made of.
    able : ndarray of bool, (X, Y, Z)
        Voxels that can die.
    spacing : tuple of float
        Voxel size in mm.
    rng : Generator
        Draws shift and warp.
    """
    size = np.reshape(spacing, (3, 1, 1, 1))
    shape = damage.shape
    shift = rng.normal(0, [1.5, 1.5, 2.0]).reshape(3, 1, 1, 1)
    shift = shift + np.stack([1.8 * smooth_noise(rng, shape, spacing, 12) for _ in range(3)])
    where = np.indices(shape, dtype=np.float32) + shift / size
    pen = [2.0 / s for s in spacing]
    score = np.log(damage + 1e-9).astype(np.float32)
    score = able * (np.tanh(score) + 0.001 * score)  # above 0: dead
    score = ndimage.gaussian_filter(score, pen)  # by the share that can die: the same sign
    score = ndimage.map_coordinates(score, where, order=1, mode="nearest")
    score = np.where(tissue.brain, score, -np.inf)
    least = max(1, round(1000 * rng.uniform(*SMALLEST) / np.prod(spacing)))
    limit = min(0.0, float(np.partition(score, -least, axis=None)[-least]))
    return score >= limit
