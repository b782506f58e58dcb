"""Populations that patients are drawn from: as in ISLES 2017, and as in a trial of treatment.

In ``isles`` treatment decides little: an artery has often reopened by itself before the scan, and
half of the patients are scanned after three hours, so that the tissue that can still be saved is
small. ``trial`` is a positive control, a population in which treatment decides much: scans within
90 minutes, no reopening before the scan, treatment that fails (TICI 0) or succeeds (TICI 3).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

_AtQuantile = Callable[[float], float]
"""From a quantile, in (0, 1), to the value there."""


@dataclass(frozen=True)
class Population:
    """How strokes and treatments are distributed.

    Attributes
    ----------
    territories, tici : mapping of str to float
        How often each artery is occluded, and each grade of TICI reached; the shares sum to 1.
    extent, collaterals, reopened_before, onset, treatment : callable
        From a quantile to the value, in the units of `islesedu.phantom.stroke.Stroke`.
    reopening_noise : float
        How much the share of the flow that came back before the scan differs within a patient.
    reopening_floor : float
        The least such share, 0-1.
    missing : mapping of str to float
        Probability of a missing value in the clinical table, for each of its columns.
    potential_outcomes : tuple of str
        Grades of TICI for which the lesion on day 90 of each test patient is written.
    """

    territories: Mapping[str, float]
    tici: Mapping[str, float]
    extent: _AtQuantile
    collaterals: _AtQuantile
    reopened_before: _AtQuantile
    onset: _AtQuantile
    treatment: _AtQuantile
    reopening_noise: float
    reopening_floor: float
    missing: Mapping[str, float]
    potential_outcomes: tuple[str, ...] = ()


def _collaterals(u: float) -> float:
    return stats.beta.ppf(u, 2.0, 14.0)


def _between(low: float, high: float) -> _AtQuantile:
    """Return the quantiles of a uniform distribution."""
    return lambda u: low + (high - low) * u


POPULATIONS = {
    "isles": Population(
        territories={
            "MCA, main stem": 0.21,
            "MCA, upper branch": 0.11,
            "MCA, lower branch": 0.11,
            "MCA, deep branches": 0.07,
            "ACA": 0.14,
            "PCA": 0.20,
            "cerebellar": 0.10,
            "border zone": 0.06,
        },
        tici={"0": 0.16, "1": 0.08, "2a": 0.17, "2b": 0.32, "3": 0.27},
        extent=lambda u: np.clip(np.exp(stats.norm.ppf(u, 0.1, 0.42)), 0.12, 1.48),
        collaterals=_collaterals,
        reopened_before=lambda u: stats.beta.ppf(u, 7.0, 13.0),
        onset=lambda u: 30 + stats.gamma.ppf(u, 3, scale=60),
        treatment=lambda u: 20 + stats.gamma.ppf(u, 4, scale=20),
        reopening_noise=0.36,
        reopening_floor=0.07,
        missing={"TICI": 0.03, "TSS": 0.05, "TTT": 0.1},
    ),
    "trial": Population(
        territories={
            "MCA, main stem": 0.4,
            "MCA, upper branch": 0.2,
            "MCA, lower branch": 0.2,
            "ACA": 0.1,
            "PCA": 0.1,
        },
        tici={"0": 0.5, "3": 0.5},
        extent=_between(0.8, 1.4),
        collaterals=_collaterals,
        reopened_before=lambda u: stats.beta.ppf(u, 2.0, 38.0),
        onset=_between(30, 90),
        treatment=_between(20, 120),
        reopening_noise=0.05,
        reopening_floor=0.0,
        missing={"TICI": 0.0, "TSS": 0.0, "TTT": 0.0},
        potential_outcomes=("0", "3"),
    ),
}
"""In ``isles`` about 60 % of all lesion volume lies in the MCA's regions."""
ASSIGNMENTS = ("random", "severity")
"""How treatments are assigned to the patients of ``trial``."""


def assign_by_severity(u: Mapping[str, float]) -> dict[str, float]:
    """Return quantiles in which treatment depends on the patient, as it does outside a trial.

    An artery is reopened more often where collateral flow is good (the log odds of TICI 3 are 1.5
    times the standardized collaterals), and large strokes are treated earlier (correlation -0.7 of
    the standardized values). Over all patients, each treatment is as frequent as before.

    Parameters
    ----------
    u : mapping of str to float
        Quantiles of a patient, see `islesedu.phantom.patient.quantiles`.

    Examples
    --------
    >>> good = {"collaterals": 0.95, "tici": 0.2, "extent": 0.5, "treatment": 0.5}
    >>> assign_by_severity(good)["tici"] > 0.5  # reopened; drawn at random, it would not be
    True
    """
    odds = np.exp(1.5 * stats.norm.ppf(u["collaterals"]))
    reopened = u["tici"] > 1 / (1 + odds)
    time = stats.norm.cdf(
        np.sqrt(1 - 0.7**2) * stats.norm.ppf(u["treatment"]) - 0.7 * stats.norm.ppf(u["extent"])
    )
    return {**u, "tici": 0.75 if reopened else 0.25, "treatment": float(time)}
