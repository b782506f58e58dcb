"""Three ways to truncate a deconvolution: sSVD, cSVD and oSVD.

Sources: Ostergaard et al., MRM 36:715, 1996 (truncated SVD); Wu et al., MRM 50:164, 2003
(block-circulant SVD, oscillation index).
"""

import numpy as np
from scipy import fft

from islesedu.perfusion.bolus import convolution_matrix

_LEAD = 10.0
"""Seconds by which the bolus may reach the tissue before the chosen artery."""
_THRESHOLDS = np.geomspace(0.01, 0.95, 24)
"""What "oscillation" tries, in this order."""


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
    before = circle[:, 2 * len(aif) - lead(aif, dt) :]
    return np.concatenate([before, circle[:, : len(aif)]], axis=1)


def lead(aif: np.ndarray, dt: float) -> int:
    """Return how many images early the bolus may reach the tissue: 10 s, at most all.

    Examples
    --------
    >>> lead(np.ones(60), 1.5)
    7
    """
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
    result = np.empty((len(curves), lead(aif, dt) + len(aif)))
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
