"""What happened to a patient: which artery is blocked, how badly, and what was done about it.

What the blood does then: `islesedu.phantom.circulation`. What becomes of the tissue:
`islesedu.phantom.infarct`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

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
_SHARES = (0.21, 0.11, 0.11, 0.07, 0.14, 0.20, 0.10, 0.06)
"""How often each is blocked; about 60 % of all lesion volume then lies in the MCA's regions."""
_TICI_SHARES = {"0": 0.16, "1": 0.08, "2a": 0.17, "2b": 0.32, "3": 0.27}
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
        Which artery is blocked.
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
    def of(cls, u: Mapping[str, float]) -> "Stroke":
        """Return the stroke at given quantiles, all in (0, 1), of what can happen."""
        return cls(
            territory=_choose(list(TERRITORIES), _SHARES, u["territory"]),
            side=1 if u["side"] > 0.5 else -1,
            extent=float(np.clip(np.exp(stats.norm.ppf(u["extent"], 0.1, 0.42)), 0.12, 1.48)),
            collaterals=float(stats.beta.ppf(u["collaterals"], 2.0, 14.0)),
            reopened_before=float(stats.beta.ppf(u["reopened_before"], 7.0, 13.0)),
            tici=_choose(list(_TICI_SHARES), _TICI_SHARES.values(), u["tici"]),
            onset=int(30 + stats.gamma.ppf(u["onset"], 3, scale=60)),
            treatment=int(20 + stats.gamma.ppf(u["treatment"], 4, scale=20)),
            resilience=float(np.exp(stats.norm.ppf(u["resilience"], 0, 0.35))),
        )


def _choose(names: Sequence[str], shares: Sequence[float], u: float) -> str:
    """Return the name at quantile `u` of a list with shares."""
    return names[int(np.searchsorted(np.cumsum(list(shares))[:-1], u))]
