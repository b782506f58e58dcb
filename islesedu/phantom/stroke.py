"""What happened to a patient: which artery is occluded, how badly, and what was done about it.

What the blood does then: `islesedu.phantom.circulation`. What becomes of the tissue:
`islesedu.phantom.infarct`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from islesedu.phantom.population import POPULATIONS

TERRITORIES = {
    "MCA, main stem": ((40, -10, 15), (32, 52, 38)),
    "MCA, upper branch": ((42, 8, 32), (24, 32, 28)),
    "MCA, lower branch": ((46, -36, 14), (22, 32, 26)),
    "MCA, deep branches": ((24, 2, 8), (13, 20, 15)),
    "ACA": ((10, 32, 36), (14, 40, 32)),
    "PCA": ((22, -72, 2), (24, 32, 24)),
    "cerebellar": ((26, -62, -34), (26, 28, 18)),
    "border zone": ((28, -4, 42), (12, 50, 20)),
}
"""Middle of the region each artery feeds (mm from the template's midline, to the front, up) and its
half axes in mm, after the maps of Tatu et al., Neurology 50:1699, 1998."""
QUANTILES = (
    "extent",
    "gain",
    "territory",
    "reopened_before",
    "slowness",
    "collaterals",
    "tici",
    "resilience",
    "onset",
    "treatment",
    "side",
)
"""What is dealt out evenly over a cohort, not drawn for each patient apart; gain and slowness are
the scanner's. See `islesedu.phantom.patient.quantiles`."""


@dataclass(frozen=True)
class Stroke:
    """What happened to one patient.

    Attributes
    ----------
    territory : str
        Which artery is occluded.
    side : int
        +1 right, -1 left.
    extent : float
        Size of the region, as a multiple of the territory's.
    collaterals : float
        Share of the flow that other arteries still bring to the middle of the region, 0-1.
    reopened_before : float
        Share of the lost flow that had come back by itself when the scan was made, 0-1.
    tici : str
        How well the artery was reopened by the treatment, "0" to "3".
    onset, treatment : int
        Minutes from the first symptom to the scan, and from the scan to the treatment.
    resilience : float
        Factor on the time that this patient's tissue survives.
    """

    territory: str
    side: int
    extent: float
    collaterals: float
    reopened_before: float
    tici: str
    onset: int
    treatment: int
    resilience: float

    @classmethod
    def of(cls, u: Mapping[str, float], population: str = "isles") -> "Stroke":
        """Return the stroke at given quantiles, all in (0, 1), of what can happen."""
        people = POPULATIONS[population]
        return cls(
            territory=_choose(people.territories, u["territory"]),
            side=1 if u["side"] > 0.5 else -1,
            extent=float(people.extent(u["extent"])),
            collaterals=float(people.collaterals(u["collaterals"])),
            reopened_before=float(people.reopened_before(u["reopened_before"])),
            tici=_choose(people.tici, u["tici"]),
            onset=int(people.onset(u["onset"])),
            treatment=int(people.treatment(u["treatment"])),
            resilience=float(np.exp(stats.norm.ppf(u["resilience"], 0, 0.35))),
        )


def _choose(shares: Mapping[str, float], u: float) -> str:
    """Return the name at quantile `u` of names with shares."""
    return list(shares)[int(np.searchsorted(np.cumsum(list(shares.values()))[:-1], u))]
