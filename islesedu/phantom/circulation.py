"""Blood flow in a brain with a occluded artery: less, later, and through collateral vessels.

A simple model with the difficulties of real patients. Here is what flows, whatever a scanner sees
of it (`islesedu.phantom.scanner`) and whatever becomes of the tissue (`islesedu.phantom.infarct`).
Where each number comes from, and which ones were set so that the cohort is like the real one:
docs/phantom.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from islesedu.phantom.population import POPULATIONS
from islesedu.phantom.stroke import TERRITORIES, Stroke
from islesedu.phantom.template import Tissue, smooth_noise

_Noise = Callable[[float], np.ndarray]  # width in mm -> (X, Y, Z)
_FLOW = {"gray": 53.0, "white": 25.0}
"""Healthy blood flow, ml/100 ml/min."""
_VOLUME = {"gray": 3.3, "white": 1.9}
"""Healthy blood volume, ml/100 ml."""
SHARE_OF_FLOW = (0.0, 0.1, 0.3, 0.5, 0.7, 1.0)
SHARE_OF_VOLUME = {
    "gray": (0.2, 0.4, 0.78, 0.92, 0.98, 1.0),
    "white": (0.4, 0.7, 1.2, 1.15, 1.05, 1.0),
}
"""How much blood is in the tissue for each share of its flow: vessels widen, then collapse."""


@dataclass(frozen=True)
class Circulation:
    """Blood in each voxel (X, Y, Z), float32.

    Attributes
    ----------
    healthy : ndarray
        Blood flow without the stroke, ml/100 ml/min.
    blocked : ndarray
        Share of it that is left while the artery is occluded, 0-1.
    at_scan : ndarray
        Share of it that flows while the scan is made, 0-1.
    volume : ndarray
        Blood volume while the scan is made, ml/100 ml.
    delay : ndarray
        How much later than in a healthy artery the blood comes, s.
    old : ndarray
        Share of the voxel that an old stroke has turned into CSF, 0-1.
    """

    healthy: np.ndarray
    blocked: np.ndarray
    at_scan: np.ndarray
    volume: np.ndarray
    delay: np.ndarray
    old: np.ndarray

    @property
    def flow(self) -> np.ndarray:
        """Blood flow while the scan is made, ml/100 ml/min."""
        return self.healthy * self.at_scan


def circulate(
    tissue: Tissue,
    stroke: Stroke,
    spacing: tuple[float, float, float],
    rng: np.random.Generator,
    population: str = "isles",
) -> Circulation:
    """Return the blood in a patient's voxels.

    Parameters
    ----------
    tissue : Tissue
        What the voxels are made of.
    stroke : Stroke
        What happened.
    spacing : tuple of float
        Voxel size in mm.
    rng : Generator
        Draws the form of the regions, emboli, narrowed arteries and an old stroke.
    population : str
        One of `islesedu.phantom.population.POPULATIONS`: how much flow comes back before the scan.
    """
    people = POPULATIONS[population]
    noise = partial(smooth_noise, rng, tissue.gray.shape, spacing)
    region, blocked = _blocked_flow(tissue, stroke, rng, noise)
    back = stroke.reopened_before + people.reopening_noise * noise(14)
    at_scan = blocked + (1 - blocked) * back.clip(people.reopening_floor, 0.6)
    clots = _emboli(tissue, stroke, region, rng, noise)  # these stay where they are
    blocked, at_scan = np.minimum(blocked, clots), np.minimum(at_scan, clots)
    late = _narrowed_artery(tissue, rng, noise)  # s
    old = _old_stroke(tissue, rng, noise)
    texture = np.exp(0.15 * noise(4))
    texture = texture * np.exp(0.15 * noise(20))
    healthy = (_FLOW["gray"] * tissue.gray + _FLOW["white"] * tissue.white) * texture
    far = _watershed(tissue) * rng.uniform(0, 1)
    share = at_scan * (1 - 0.06 * late) * (1 - 0.5 * far) * (1 - 0.85 * old)
    volume = sum(
        _VOLUME[name] * part * np.interp(share, SHARE_OF_FLOW, SHARE_OF_VOLUME[name])
        for name, part in {"gray": tissue.gray, "white": tissue.white}.items()
    )
    volume = volume * texture * np.exp(0.36 * noise(4))
    volume = volume * (1 + 0.01 * late)
    vessels = np.clip(noise(2.5) - 1.8, 0, 1.5)  # at the surface
    vessels = vessels * (0.4 * tissue.gray + tissue.fluid)
    detour = 4.5 * np.sqrt(1 - at_scan) * np.exp(0.5 * noise(9))
    delay = detour + late + 3 * far + 1.2 * noise(10)
    parts = healthy + 60 * vessels, blocked, share, volume + 4 * vessels, delay, old
    return Circulation(*(part.astype(np.float32) for part in parts))


def _blocked_flow(
    tissue: Tissue, stroke: Stroke, rng: np.random.Generator, noise: _Noise
) -> tuple[np.ndarray, np.ndarray]:
    """Return the region behind the occluded artery and the share of the flow that is left, 0-1.

    The flow is least in the middle and rises to the edge, where other arteries are near.
    """
    middle, axes = (np.array(numbers, float) for numbers in TERRITORIES[stroke.territory])
    middle, axes = middle + rng.normal(0, 5, 3), axes * stroke.extent
    mirror = np.array([stroke.side, 1, 1]).reshape(3, 1, 1, 1)
    place = tissue.place * mirror  # as if every stroke were on the right
    distance, region = _blob(place, middle, axes, noise)
    region = region / (1 + np.exp(-place[0] / 1.5))  # no artery crosses the midline
    patches = 0.07 * noise(8)
    inside = stroke.collaterals + (0.48 - stroke.collaterals) * distance.clip(0, 1) ** 3 + patches
    return region, 1 - region * (1 - inside.clip(0.02, 0.9))


def _blob(
    place: np.ndarray, middle: np.ndarray, axes: Sequence[float], noise: _Noise
) -> tuple[np.ndarray, np.ndarray]:
    """Return the distance (X, Y, Z) from a middle, 1 at a ragged edge, and 1 inside, 0 outside."""
    middle, axes = np.reshape(middle, (3, 1, 1, 1)), np.reshape(axes, (3, 1, 1, 1))
    distance = np.sqrt((((place - middle) / axes) ** 2).sum(axis=0))
    distance = distance + 0.16 * noise(8)
    return distance, 1 / (1 + np.exp(np.clip((distance - 1) / 0.07, -50, 50)))


def _emboli(
    tissue: Tissue, stroke: Stroke, region: np.ndarray, rng: np.random.Generator, noise: _Noise
) -> np.ndarray:
    """Return the share of the flow (X, Y, Z) that small clots leave: one or more.

    They come from the large one and stick in vessels too small to be opened.
    """
    left = np.ones(tissue.gray.shape)
    solid = region * (tissue.gray + tissue.white)
    for number in range(1 + rng.poisson(0.9)):
        u, direction = rng.random(2), rng.normal(0, 1, 3)
        axes, loss = rng.uniform(3.3, 6.8, 3), rng.uniform(0.6, 0.9)
        if number == 0:
            middle = somewhere(tissue.place, solid, u)
        else:
            side = stroke.side if u[0] < 0.8 else -stroke.side
            middle = np.array([26 * side, -18, 18]) + direction / np.linalg.norm(direction) * 26
        _, inside = _blob(tissue.place, middle, axes, noise)
        left = np.minimum(left, 1 - inside * loss)
    return left


def somewhere(place: np.ndarray, weight: np.ndarray, u: np.ndarray) -> np.ndarray:
    """Return a place in mm drawn from a density (X, Y, Z) by two numbers in [0, 1).

    The slice first, then a voxel in it, so that a finer grid gives nearly the same place.
    """
    z = int(np.searchsorted(np.cumsum(weight.sum(axis=(0, 1))) / weight.sum(), u[0]))
    inside = np.cumsum(weight[:, :, z])
    voxel = int(np.searchsorted(inside / inside[-1], u[1]))
    return place[:, :, :, z].reshape(3, -1)[:, voxel]


def _narrowed_artery(tissue: Tissue, rng: np.random.Generator, noise: _Noise) -> np.ndarray:
    """Return the delay in s (X, Y, Z) behind an artery that is narrow but open: no stroke."""
    if rng.random() > 0.75:
        return np.zeros(tissue.gray.shape, np.float32)
    side, middle = rng.choice([-1, 1]), rng.uniform(-60, 30)
    along = np.exp(-(((tissue.place[1] - middle) / 40) ** 2))
    half = 1 / (1 + np.exp(-side * tissue.place[0] / 6))
    wavy = 1 + 0.3 * noise(10)
    return (rng.uniform(1.5, 7) * along * half * wavy).clip(0)


def _watershed(tissue: Tissue) -> np.ndarray:
    """Return how near (X, Y, Z) a voxel is to the zones between two arteries, 0-1."""
    middle, axes = (np.reshape(v, (3, 1, 1, 1)) for v in TERRITORIES["border zone"])
    place = np.abs(tissue.place[:1]), tissue.place[1:]  # on both sides
    return np.exp(-(((np.concatenate(place) - middle) / axes) ** 2).sum(axis=0))


def _old_stroke(tissue: Tissue, rng: np.random.Generator, noise: _Noise) -> np.ndarray:
    """Return where an earlier stroke has left CSF (X, Y, Z), share 0-1; most have had none."""
    old = np.zeros(tissue.gray.shape)
    if rng.random() < 0.3:
        middle, axes = TERRITORIES[str(rng.choice(list(TERRITORIES)))]
        middle = np.array(middle) * [rng.choice([-1, 1]), 1, 1] + rng.normal(0, 8, 3)
        old = _blob(tissue.place, middle, np.array(axes) * rng.uniform(0.2, 0.5), noise)[1]
    return old * (tissue.gray + tissue.white)
