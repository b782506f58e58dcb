"""From blood flow to the signal of the scanner: how a bolus of contrast agent passes.

The agent passes through the brain in half a minute, and the signal drops. With the arterial input
function a(t), the blood flow CBF, and the residue function R(t), the fraction of the agent still in
the tissue a time t after it came in, the concentration in the tissue is

    C(t) = k CBF (a * R)(t - delay),    R(0) = 1,    MTT = integral of R = 60 CBV / CBF.

Units: CBF in ml/100 ml/min, CBV in ml/100 ml, times in s. "Concentration" is delta R2* in 1/s,
which is proportional to the concentration as long as the relaxivity is the same in artery and
tissue. k, density of the tissue by the hematocrit factor (1 - Hct_large) / (1 - Hct_small), is 1
unless given; with 1.04 g/ml and hematocrits of 0.45 and 0.25 it is 1.42.
"""

from typing import Literal

import numpy as np
from scipy.linalg import toeplitz
from scipy.signal import fftconvolve

PER_SECOND = 6000
"""ml/100 ml/min in one ml/ml/s."""
_FINER = 20
"""Steps in which one interval of the scanner is cut when curves are simulated."""


def gamma_variate(
    t: np.ndarray, arrival: float = 10.0, rise: float = 3.0, fall: float = 1.5, peak: float = 1.0
) -> np.ndarray:
    """Return an arterial input: 0 until the arrival, then up fast and down slowly.

    peak (x / rise fall)^rise exp(rise - x / fall) with x = t - arrival.

    Parameters
    ----------
    t : ndarray
        Times in s.
    arrival : float
        When the bolus arrives, s.
    rise : float
        Exponent of the rise (no unit).
    fall : float
        Time constant of the fall, s; the peak is `rise` times `fall` after the arrival.
    peak : float
        Largest value.

    Examples
    --------
    >>> gamma_variate(np.array([5.0, 14.5, 30.0])).round(3).tolist()
    [0.0, 1.0, 0.003]
    """
    x = np.maximum(np.asarray(t, float) - arrival, 0) / (rise * fall)
    return peak * (x * np.exp(1 - x)) ** rise


def residue(
    t: np.ndarray, mtt: float | np.ndarray, kind: Literal["exponential", "box"] = "exponential"
) -> np.ndarray:
    """Return the share of the agent that is in the tissue a time `t` after it came in.

    "exponential": exp(-t / mtt), a well-mixed vessel. "box": all paths equally long. Before
    t = 0 it is 0.

    Examples
    --------
    >>> residue(np.array([-1.0, 0.0, 4.0]), 4.0).round(3).tolist()
    [0.0, 1.0, 0.368]
    """
    t = np.asarray(t, float)
    if kind == "exponential":
        inside = np.exp(-np.maximum(t, 0) / mtt)
    elif kind == "box":
        inside = (t < mtt).astype(float)
    else:
        raise ValueError(f"kind is {kind!r}; choose exponential or box")
    return np.where(t >= 0, inside, 0.0)


def tissue_curve(
    t: np.ndarray,
    cbf: float,
    mtt: float | np.ndarray,
    *,
    delay: float = 0.0,
    kind: Literal["exponential", "box"] = "exponential",
    k: float = 1.0,
    **artery: float,
) -> np.ndarray:
    """Return the concentration in a voxel, C(t) = k CBF (a * R)(t - delay).

    Parameters
    ----------
    t : ndarray, (T,)
        Times in s, equally spaced from 0.
    cbf : float
        ml/100 ml/min.
    mtt : float or ndarray, (...)
        s.
    delay : float
        How much later than in the artery the bolus arrives, s.
    kind : {"exponential", "box"}
        Form of the residue.
    k : float
        Density by hematocrit correction.
    **artery
        Arguments of `gamma_variate`.

    Returns
    -------
    ndarray, (..., T)
        In the unit of the artery.

    Examples
    --------
    >>> curve = tissue_curve(np.arange(0, 60, 1.0), cbf=50, mtt=4)
    >>> float(curve.argmax()), float(curve.max().round(2))
    (17.0, 0.02)
    """
    if not (cbf >= 0 and np.all(np.asarray(mtt) > 0)):
        raise ValueError(f"cbf is {cbf} and mtt {mtt}; give a flow from 0 up and a time above 0")
    step = (t[1] - t[0]) / _FINER
    fine = np.arange(len(t) * _FINER) * step
    came_in = gamma_variate(fine - delay, **artery)
    stays = residue(fine, np.asarray(mtt)[..., None], kind)
    stays[..., 0] = 0.5  # trapezoids: half of the first step has passed
    came_in = came_in.reshape((1,) * (stays.ndim - 1) + fine.shape)
    curve = fftconvolve(came_in, stays, axes=-1)[..., : len(fine)].clip(0) * step
    return k * cbf / PER_SECOND * curve[..., ::_FINER]


def signal(concentration: np.ndarray, s0: float = 1000.0, te: float = 0.03) -> np.ndarray:
    """Return what the scanner sees, S = S0 exp(-TE C); C in 1/s, echo time TE in s.

    Examples
    --------
    >>> signal(np.array([0.0, 10.0])).round(1).tolist()  # 1000, and 1000 exp(-0.3)
    [1000.0, 740.8]
    """
    return s0 * np.exp(-te * concentration)


def concentration(series: np.ndarray, baseline: int = 5, te: float = 0.03) -> np.ndarray:
    """Return delta R2* = -log(S / S0) / TE in 1/s, S0 the mean of the first `baseline` images.

    Parameters
    ----------
    series : ndarray, (..., T)
        Signal; 0 or less counts as the smallest positive share of S0, and S0 = 0 gives 0.
    baseline : int
        Images before the bolus arrives.
    te : float
        Echo time, s.

    Raises
    ------
    ValueError
        NaN or infinity: give 0 for a voxel without values.

    Examples
    --------
    >>> concentration(np.array([1000.0, 1000.0, 740.8]), baseline=2).round(2).tolist()
    [-0.0, -0.0, 10.0]
    """
    check_finite("series", series)
    s0 = series[..., :baseline].mean(axis=-1, keepdims=True)
    share = np.divide(series, s0, out=np.ones_like(series, dtype=float), where=s0 > 0)
    return -np.log(np.maximum(share, 1e-3)) / te


def check_finite(name: str, values: np.ndarray) -> None:
    """Raise a ValueError if values hold NaN or infinity. That is the rule for all of perfusion.

    Examples
    --------
    >>> check_finite("aif", np.array([0.0, np.inf]))
    Traceback (most recent call last):
    ValueError: aif holds NaN or infinity in 1 of 2 values; replace them, by 0 for example
    """
    if count := np.count_nonzero(~np.isfinite(values)):
        raise ValueError(
            f"{name} holds NaN or infinity in {count:,} of {np.size(values):,} values; replace "
            "them, by 0 for example"
        )


def convolution_matrix(aif: np.ndarray, dt: float) -> np.ndarray:
    """Return the matrix (T, T) that convolves a residue function with the arterial input function.

    Examples
    --------
    >>> convolution_matrix(np.array([1.0, 4.0, 2.0]), 0.5).tolist()
    [[0.5, 0.0, 0.0], [2.0, 0.5, 0.0], [1.0, 2.0, 0.5]]
    """
    return dt * toeplitz(aif, np.zeros(len(aif)))
