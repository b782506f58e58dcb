"""Perfusion maps by deconvolution: from the passage of a bolus back to blood flow.

`islesedu.perfusion.bolus` has the equation that is inverted here, and the units.

`islesedu.perfusion.truncation` has the three ways to truncate.
"""

from typing import Literal, NamedTuple

import numpy as np

from islesedu.perfusion.bolus import PER_SECOND, check_finite
from islesedu.perfusion.truncation import circulant, lead, least_oscillating, truncated

AT_ONCE = 40_000
"""Voxels deconvolved at once, which bounds the memory."""


Method = Literal["circulant", "truncated", "oscillation"]


class Maps(NamedTuple):
    """The five perfusion maps, each of the shape of the voxels.

    Attributes
    ----------
    cbv : ndarray
        Cerebral blood volume, ml/100 ml: area under C by area under a. Noise can make it negative.
    cbf : ndarray
        Cerebral blood flow, ml/100 ml/min: height of CBF R(t).
    mtt : ndarray
        Mean transit time, s: 60 CBV / CBF; 0 where there is no flow.
    ttp : ndarray
        Time to peak, s: when C is largest, from the first image on.
    tmax : ndarray
        Time to maximum, s: when CBF R(t) is largest; the delay, in steps of dt. Below 0 where
        the bolus reaches the tissue before the chosen artery (never with "truncated").
    """

    cbv: np.ndarray
    cbf: np.ndarray
    mtt: np.ndarray
    ttp: np.ndarray
    tmax: np.ndarray


def deconvolve(
    concentration: np.ndarray,
    aif: np.ndarray,
    dt: float,
    method: Method = "circulant",
    *,
    threshold: float = 0.1,
    oscillation: float = 0.035,
    k: float = 1.0,
) -> Maps:
    """Return the perfusion maps of a bolus passage.

    Parameters
    ----------
    concentration : ndarray, (..., T)
        Concentration in each voxel.
    aif : ndarray, (T,)
        Arterial input, in the same unit.
    dt : float
        Time between two images, s.
    method : {"circulant", "truncated", "oscillation"}
        "circulant" is insensitive to delay between artery and tissue; "truncated", the older one,
        is not; "oscillation" is circulant with a threshold for each voxel: the lowest whose
        residue function oscillates no more than `oscillation`.
    threshold : float
        Singular values below this share of the largest are left out: they hold noise.
    oscillation : float
        Limit of the oscillation index. 0.035 is also what the DSC-MRI toolbox (Castellaro,
        Peruzzo) and osipy take.
    k : float
        Density by hematocrit correction, if CBV and CBF should be in ml/100 g.

    Returns
    -------
    Maps
        Each of the shape (...).

    Raises
    ------
    ValueError
        Shapes that do not fit, NaN, infinity, no area of the artery, senseless dt, threshold, k.

    Examples
    --------
    >>> from islesedu.perfusion import gamma_variate, tissue_curve
    >>> t = np.arange(0, 60, 1.0)
    >>> maps = deconvolve(tissue_curve(t, cbf=50, mtt=4), gamma_variate(t), dt=1.0)
    >>> {name: round(float(value), 1) for name, value in maps._asdict().items()}
    {'cbv': 3.3, 'cbf': 32.2, 'mtt': 6.2, 'ttp': 17.0, 'tmax': 2.0}
    """
    curves, aif = np.asarray(concentration), np.asarray(aif, float)
    _check(curves, aif, dt, method, threshold, k)
    flat, parts = curves.reshape(-1, curves.shape[-1]), []
    for start in range(0, len(flat), AT_ONCE):
        part = flat[start : start + AT_ONCE].astype(float)
        if method == "circulant":
            flow = circulant(part, aif, dt, threshold)
        elif method == "oscillation":
            flow = least_oscillating(part, aif, dt, oscillation)
        else:
            flow = truncated(part, aif, dt, threshold)
        first = 0 if method == "truncated" else -lead(aif, dt)
        parts.append(_maps_of(part, flow, aif, dt, k, first))
    shape = curves.shape[:-1]
    return Maps(*(np.concatenate(each).reshape(shape) for each in zip(*parts, strict=True)))


def _check(
    curves: np.ndarray, aif: np.ndarray, dt: float, method: str, threshold: float, k: float
) -> None:
    """Raise a ValueError for what cannot be deconvolved."""
    if aif.ndim != 1 or curves.ndim < 1 or curves.shape[-1] != len(aif) or len(aif) < 3:
        raise ValueError(
            f"concentration is {curves.shape} and aif {aif.shape}; expected (..., T) and (T,)"
        )
    check_finite("concentration", curves)
    check_finite("aif", aif)
    if not 0 < aif.sum() < np.inf:
        raise ValueError(f"aif has the sum {aif.sum():g}; give an artery in which a bolus passes")
    if not (0 < dt < np.inf and 0 < k < np.inf):
        raise ValueError(f"dt is {dt} and k is {k}; give seconds and a ratio, both above 0")
    if method not in ("circulant", "truncated", "oscillation"):
        raise ValueError(f"method is {method!r}; choose circulant, truncated or oscillation")
    if not 0 <= threshold < 1:
        raise ValueError(f"threshold is {threshold}; give a share in [0, 1)")


def _maps_of(
    curves: np.ndarray, flow: np.ndarray, aif: np.ndarray, dt: float, k: float, first: int
) -> Maps:
    """Return maps (N,) from curves (N, T) and flow times residue (N, L) with lags from `first`."""
    cbv = 100 / k * curves.sum(axis=-1) / aif.sum()
    cbf = PER_SECOND / k * flow.max(axis=-1)
    mtt = np.divide(60 * cbv, cbf, out=np.zeros_like(cbv), where=cbf > 0)
    ttp, tmax = dt * curves.argmax(axis=-1), dt * (flow.argmax(axis=-1) + first)
    return Maps(cbv, cbf, mtt, np.where(cbf > 0, ttp, 0), np.where(cbf > 0, tmax, 0))
