"""What a blocked artery does: flow falls, blood is late, tissue dies or is saved.

A simple model, meant to have the difficulties of real patients rather than their exact numbers: the
lesion after 90 days depends on how far the flow fell, on where, and on whether and when the
artery was opened again; and each single map also shows things that are no lesion (fluid, edges,
a narrowed artery on the other side, an old stroke).
"""

from dataclasses import dataclass

import numpy as np

from islesedu.anatomy import Tissue, smooth_noise

# Middle of the region each artery feeds (mm from the template's midline, to the front, up) and its
# half axes in mm, after the maps of Tatu et al., Neurology 1998.
TERRITORIES = {
    "MCA, main stem": ((40, -10, 15), (32, 52, 38)),
    "MCA, upper branch": ((42, 8, 32), (24, 32, 28)),
    "MCA, lower branch": ((46, -36, 14), (22, 32, 26)),
    "MCA, deep branches": ((24, 2, 8), (13, 20, 15)),
    "ACA": ((10, 32, 36), (13, 38, 32)),
    "PCA": ((22, -74, 4), (22, 30, 22)),
}
SHARES = (0.32, 0.2, 0.2, 0.14, 0.06, 0.08)
TICI_SHARES = {"0": 0.15, "1": 0.08, "2a": 0.17, "2b": 0.32, "3": 0.28}
REOPENED = {"0": 0.0, "1": 0.15, "2a": 0.4, "2b": 0.75, "3": 1.0}
"""Share of the region that has flow again, for each grade of the TICI scale."""


@dataclass(frozen=True)
class Stroke:
    """What happened to one patient.

    Attributes
    ----------
    territory : str
        Which artery is blocked.
    side : int
        +1 right, -1 left.
    severity : float
        Share of the flow that is lost in the middle of the region, 0-1.
    extent : float
        Size of the region, as a multiple of the territory's.
    tici : str
        How well the artery was reopened, "0" to "3".
    onset, treatment : int
        Minutes from the first symptom to the scan, and from the scan to the treatment.
    """

    territory: str
    side: int
    severity: float
    extent: float
    tici: str
    onset: int
    treatment: int

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Stroke":
        """Draw a stroke; proximal blocks are the commonest, as in thrombectomy cohorts."""
        return cls(
            territory=str(rng.choice(list(TERRITORIES), p=SHARES)),
            side=int(rng.choice([-1, 1])),
            severity=float(rng.uniform(0.72, 0.96)),
            extent=float(np.clip(rng.lognormal(-0.18, 0.28), 0.4, 1.45)),
            tici=str(rng.choice(list(TICI_SHARES), p=list(TICI_SHARES.values()))),
            onset=int(rng.gamma(3, 60) + 30),
            treatment=int(rng.gamma(4, 20) + 20),
        )

    @property
    def survival_limit(self) -> float:
        """Share of the normal flow below which tissue dies.

        It rises with time and falls with reperfusion: from 0.33 (opened at once) to 0.51 (never).
        """
        hours = min((self.onset + self.treatment) / 60, 12)
        opened = REOPENED[self.tici]
        return 0.33 + 0.18 * (1 - opened) + 0.01 * hours * opened


def flow_left(tissue: Tissue, stroke: Stroke, spacing, rng: np.random.Generator) -> np.ndarray:
    """Return the share of the normal flow that reaches each voxel, (X, Y, Z), 0-1.

    In the whole region neighbouring arteries still bring about half of the flow; in a core
    somewhere inside it, hardly any is left.
    """
    middle, axes = (np.array(numbers, float) for numbers in TERRITORIES[stroke.territory])
    middle, axes = middle + rng.normal(0, 5, 3), axes * stroke.extent
    core_axes = axes * rng.uniform(0.35, 1.0)
    core_middle = middle + (axes - core_axes) * rng.uniform(-0.6, 0.6, 3)
    mirror = np.array([stroke.side, 1, 1]).reshape(3, 1, 1, 1)
    place = tissue.place * mirror  # as if every stroke were on the right
    same_side = 1 / (1 + np.exp(-place[0] / 1.5))  # no artery crosses the midline
    region = blob(place, middle, axes, spacing, rng) * same_side
    core = blob(place, core_middle, core_axes, spacing, rng)
    reserve = (0.52 + 0.07 * smooth_noise(rng, region.shape, spacing, 8)).clip(0.3, 0.75)
    return 1 - region * (1 - reserve) - region * core * np.maximum(stroke.severity - 1 + reserve, 0)


def blob(place, middle, axes, spacing, rng) -> np.ndarray:
    """Return an ellipsoid (X, Y, Z) with a ragged, soft edge: 1 inside, 0 outside."""
    middle, axes = np.reshape(middle, (3, 1, 1, 1)), np.reshape(axes, (3, 1, 1, 1))
    distance = np.sqrt((((place - middle) / axes) ** 2).sum(axis=0))  # 1 at the edge
    distance += 0.16 * smooth_noise(rng, distance.shape, spacing, 7)
    return 1 / (1 + np.exp(np.minimum((distance - 0.95) / 0.08, 50)))


def final_lesion(tissue: Tissue, flow: np.ndarray, stroke: Stroke, spacing, rng) -> np.ndarray:
    """Return the lesion after 90 days, (X, Y, Z) bool: tissue whose flow stayed too low."""
    limit = stroke.survival_limit + 0.05 * smooth_noise(rng, flow.shape, spacing, 6)
    return (flow < limit) & (tissue.gray + tissue.white > 0.6)


def perfusion(tissue: Tissue, flow: np.ndarray, spacing, rng) -> dict[str, np.ndarray]:
    """Return the maps CBF, CBV, MTT, TTP, Tmax (X, Y, Z) in their units, without scanner noise."""
    # The scale of a scan hangs on the artery its input was measured in, so that the medians of
    # real cases differ by a factor of 10 (CBF) and of 4 (MTT).
    gain, stretch = rng.lognormal(0, 0.45), rng.lognormal(0, 0.22)
    shape = flow.shape
    texture = 1 + 0.12 * smooth_noise(rng, shape, spacing, 5)
    cbf = gain * (34 * tissue.gray + 15 * tissue.white + 2 * tissue.fluid) * texture
    cbv = gain * stretch * (2.6 * tissue.gray + 1.25 * tissue.white + 0.3 * tissue.fluid) * texture
    late = narrowed_artery(tissue, spacing, rng)  # s
    cbf = cbf * flow * (1 - 0.03 * late)
    # Vessels widen where flow is short and collapse where it is almost gone, so that blood takes
    # about as long through dying tissue as through tissue that may be saved.
    slower = 1.5 * np.tanh((1 - flow) / 0.3) * (1 + 0.25 * smooth_noise(rng, shape, spacing, 7))
    cbv = cbv * flow * (1 + slower.clip(0) + 0.15 * late)
    mtt = 60 * cbv / np.maximum(cbf, 0.5)  # the central volume theorem
    detour = 8 * np.sqrt(1 - flow) * (1 + 0.25 * smooth_noise(rng, shape, spacing, 9))
    tmax = np.clip(rng.uniform(0.2, 2.2) + detour + late, 0, 40)
    tmax = tmax + 3 * tissue.fluid * np.abs(smooth_noise(rng, shape, spacing, 4))
    ttp = rng.uniform(16, 34) + tmax + 0.5 * mtt
    return {"CBF": cbf, "CBV": cbv, "MTT": np.clip(mtt, 0, 60), "TTP": ttp, "Tmax": tmax}


def narrowed_artery(tissue: Tissue, spacing, rng) -> np.ndarray:
    """Return the delay in s (X, Y, Z) behind an artery that is narrow but open: no stroke."""
    if rng.random() > 0.6:
        return np.zeros(tissue.gray.shape, np.float32)
    side, middle = rng.choice([-1, 1]), rng.uniform(-60, 30)
    along = np.exp(-(((tissue.place[1] - middle) / 40) ** 2))
    half = 1 / (1 + np.exp(-side * tissue.place[0] / 6))
    wavy = 1 + 0.3 * smooth_noise(rng, tissue.gray.shape, spacing, 10)
    return rng.uniform(2, 7) * along * half * wavy


def diffusion(
    tissue: Tissue, flow: np.ndarray, stroke: Stroke, spacing, rng
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ADC map (X, Y, Z) in 1e-6 mm²/s, and where an old stroke left fluid (share 0-1).

    Water is trapped where the flow has been under a quarter for a while, so ADC falls there by
    25 to 45 %; that core is smaller than the final lesion. An old stroke is bright instead.
    """
    hours = min(stroke.onset / 60, 8)
    core = 1 / (1 + np.exp((flow - (0.24 + 0.012 * hours)) / 0.03))
    core = core * (0.8 + 0.25 * smooth_noise(rng, flow.shape, spacing, 8)).clip(0, 1.2)
    depth = rng.uniform(0.25, 0.45)
    solid = 790 * tissue.gray + 720 * tissue.white
    old = np.zeros_like(flow)
    if rng.random() < 0.35:
        names = list(TERRITORIES)
        past = Stroke(str(rng.choice(names)), int(rng.choice([-1, 1])), 0.9, 0.45, "0", 0, 0)
        old = np.clip(1.6 * (1 - flow_left(tissue, past, spacing, rng)) - 0.5, 0, 1)
    texture = 1 + 0.07 * smooth_noise(rng, flow.shape, spacing, 3)
    adc = (
        solid * texture * (1 - depth * core) * (1 - distortion(tissue, spacing, rng)) * (1 - old)
        + 2900 * tissue.fluid
    )
    return adc + 1700 * old * (tissue.gray + tissue.white), old


def distortion(tissue: Tissue, spacing, rng) -> np.ndarray:
    """Return the share (X, Y, Z) of the ADC that is lost near air, above the sinuses and ears."""
    _, front, up = tissue.place
    low = np.exp(-(((up + 25) / 18) ** 2)) * (1 + np.tanh((np.abs(front - 10) - 25) / 15)) / 2
    return (rng.uniform(0.2, 0.5) * low * (1 + smooth_noise(rng, up.shape, spacing, 8))).clip(
        0, 0.6
    )
