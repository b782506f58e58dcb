"""Perfusion maps by deconvolution: from the passage of a bolus back to blood flow.

`islesedu.perfusion.bolus` has the equation that is inverted here, and the units.

Sources: Ostergaard et al., MRM 36:715, 1996 (truncated SVD); Wu et al., MRM 50:164, 2003
(block-circulant SVD, oscillation index).
"""

from typing import Literal, NamedTuple

import numpy as np
from scipy import fft
from scipy.linalg import toeplitz

from islesedu.perfusion.bolus import PER_SECOND, check_finite

AT_ONCE = 40_000
"""Voxels deconvolved at once, which bounds the memory."""

_LEAD = 10.0
"""Seconds by which the bolus may reach the tissue before the chosen artery."""
_THRESHOLDS = np.geomspace(0.01, 0.95, 24)
"""What "oscillation" tries, in this order."""

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
        first = 0 if method == "truncated" else -_lead(aif, dt)
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


def convolution_matrix(aif: np.ndarray, dt: float) -> np.ndarray:
    """Return the matrix (T, T) that convolves a residue function with the arterial input function.

    Examples
    --------
    >>> convolution_matrix(np.array([1.0, 4.0, 2.0]), 0.5).tolist()
    [[0.5, 0.0, 0.0], [2.0, 0.5, 0.0], [1.0, 2.0, 0.5]]
    """
    return dt * toeplitz(aif, np.zeros(len(aif)))


def truncated(curves: np.ndarray, aif: np.ndarray, dt: float, threshold: float) -> np.ndarray:
    """Return flow times residue (N, T) by the truncated SVD of the lower triangular matrix.

    Examples
    --------
    >>> from islesedu.perfusion import gamma_variate, tissue_curve
    >>> t = np.arange(60)
    >>> truncated(tissue_curve(t, 50, 4)[None], gamma_variate(t), 1, 0.1).shape
    (1, 60)
    """
    u, s, vt = np.linalg.svd(convolution_matrix(smoothed(aif), dt))
    keep = s > threshold * s[0]
    return curves @ ((u[:, keep] / s[keep]) @ vt[keep])


def _spectra(curves: np.ndarray, aif: np.ndarray, dt: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the spectra of curves and artery, padded to twice their length.

    The SVD of a circulant matrix is a Fourier transform: its singular values are the moduli of
    the artery's spectrum. So no matrix is needed.
    """
    length = 2 * len(aif)
    return fft.rfft(curves, length, workers=-1), dt * fft.rfft(smoothed(aif), length)


def smoothed(aif: np.ndarray) -> np.ndarray:
    """Return the artery's means over intervals, if it runs straight between two images.

    Examples
    --------
    >>> smoothed(np.array([0.0, 6.0, 0.0])).tolist()
    [1.0, 4.0, 1.0]
    """
    before, after = np.concatenate([[0], aif[:-1]]), np.concatenate([aif[1:], [0]])
    return (before + 4 * aif + after) / 6


def circulant(curves: np.ndarray, aif: np.ndarray, dt: float, threshold: float) -> np.ndarray:
    """Return flow times residue (N, lead + T) by the truncated SVD of the circulant matrix.

    What comes before the artery turns up at the end of the circle, and is put in front.

    Examples
    --------
    >>> from islesedu.perfusion import gamma_variate, tissue_curve
    >>> t = np.arange(0, 60, 1.0)
    >>> circulant(tissue_curve(t, 50, 4)[None], gamma_variate(t), 1.0, 0.1).shape  # 10 s lead
    (1, 70)
    """
    return _unrolled(_circle(curves, aif, dt, threshold), aif, dt)


def _circle(curves: np.ndarray, aif: np.ndarray, dt: float, threshold: float) -> np.ndarray:
    """Return flow times residue (N, 2 T) on the circle, by truncation at a threshold."""
    tissue, artery = _spectra(curves, aif, dt)
    size = np.abs(artery)
    keep = size > threshold * size.max()
    inverse = np.divide(1, artery, out=np.zeros_like(artery), where=keep)
    return fft.irfft(tissue * inverse, 2 * len(aif), workers=-1)


def _unrolled(circle: np.ndarray, aif: np.ndarray, dt: float) -> np.ndarray:
    """Return a circle (N, 2 T) from the lead on, as (N, lead + T)."""
    before = circle[:, 2 * len(aif) - _lead(aif, dt) :]
    return np.concatenate([before, circle[:, : len(aif)]], axis=1)


def _lead(aif: np.ndarray, dt: float) -> int:
    """Return the number of images in LEAD, at most all."""
    return min(round(_LEAD / dt), len(aif))


def least_oscillating(
    curves: np.ndarray, aif: np.ndarray, dt: float, oscillation: float
) -> np.ndarray:
    """Return the result of `circulant` with, for each voxel, the lowest threshold within the limit.

    The oscillation index is that of the whole circle, of twice the length of the series.

    Examples
    --------
    >>> from islesedu.perfusion import gamma_variate, tissue_curve
    >>> t = np.arange(0, 60, 1.0)
    >>> curve, aif = tissue_curve(t, 50, 4)[None], gamma_variate(t)
    >>> lenient, strict = (
    ...     least_oscillating(curve, aif, 1.0, limit).max() for limit in (0.1, 0.035)
    ... )
    >>> bool(lenient > strict)
    True
    """
    result = np.empty((len(curves), _lead(aif, dt) + len(aif)))
    waiting = np.arange(len(curves))
    for threshold in _THRESHOLDS:
        circle = _circle(curves[waiting], aif, dt, threshold)
        calm = oscillation_index(circle) <= oscillation
        flow = _unrolled(circle, aif, dt)
        result[waiting[calm]] = flow[calm]
        waiting = waiting[~calm]
        if not len(waiting):
            return result
    result[waiting] = flow[~calm]  # noise that stays above the limit
    return result


def oscillation_index(flow: np.ndarray) -> np.ndarray:
    """Return how much curves (N, T) oscillate: mean second difference by the largest value.

    Examples
    --------
    >>> oscillation_index(np.array([[0.0, 1.0, 2.0, 3.0], [0.0, 3.0, 0.0, 3.0]])).tolist()
    [0.0, 1.0]
    """
    bends = np.abs(np.diff(flow, n=2, axis=-1)).sum(axis=-1)
    largest = flow.max(axis=-1)
    return np.divide(bends, flow.shape[-1] * largest, out=np.zeros_like(bends), where=largest > 0)
