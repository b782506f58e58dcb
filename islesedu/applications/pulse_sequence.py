"""The signal of a spin echo, and the choice of its two times by gradient ascent.

Two times are set at the scanner: TR, from one excitation to the next, and TE, from the excitation
to the echo. Two times belong to the tissue: T1, in which its magnetization comes back, and T2, in
which its signal dies away. All are in ms. Each function takes numbers or arrays.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike


class TissueParameters(NamedTuple):
    """T1 and T2 in ms, and the proton density PD as a share of that of water."""

    t1: float
    t2: float
    pd: float


TISSUES = {
    "CSF": TissueParameters(2569.0, 329.0, 1.0),
    "gray matter": TissueParameters(833.0, 83.0, 0.86),
    "white matter": TissueParameters(500.0, 70.0, 0.77),
    "old lesion": TissueParameters(752.0, 237.0, 0.76),
}
"""At 1.5 T, from the BrainWeb simulator (Kwan, Evans, Pike, IEEE Transactions on Medical Imaging
18:1085, 1999). Its lesion is one of multiple sclerosis."""
_T2_RISE = 1.4
"""By how many ms T2 of white matter rises in each of the first hours of a stroke (Damion et al.,
Physics in Medicine and Biology 64:095016, 2019, in 38 patients at 3 T; 1.40 +- 0.54)."""
LIMITS = {"tr": (300.0, 6000.0), "te": (10.0, 150.0)}
"""What a spin echo can do, ms: several slices want their time, the gradients theirs."""


def spin_echo(
    tr: ArrayLike, te: ArrayLike, t1: ArrayLike, t2: ArrayLike, pd: ArrayLike = 1.0
) -> np.ndarray:
    """Return the signal of a spin echo, S = PD (1 - exp(-TR / T1)) exp(-TE / T2).

    Parameters
    ----------
    tr, te : float or ndarray
        Times of the scanner, ms.
    t1, t2 : float or ndarray
        Times of the tissue, ms.
    pd : float or ndarray
        Proton density, 0-1.

    Returns
    -------
    float or ndarray
        0 to 1; TE is taken to be short against TR.

    Examples
    --------
    >>> round(float(spin_echo(tr=500, te=70, t1=500, t2=70)), 4)  # (1 - 1/e) / e
    0.2325
    """
    return pd * (1 - np.exp(-np.divide(tr, t1))) * np.exp(-np.divide(te, t2))


def young_stroke(hours: float) -> TissueParameters:
    """Return white matter some hours after its artery was occluded: T2 has risen, no more.

    Examples
    --------
    >>> young_stroke(5)
    TissueParameters(t1=500.0, t2=77.0, pd=0.77)
    """
    healthy = TISSUES["white matter"]
    return healthy._replace(t2=healthy.t2 + _T2_RISE * hours)


def contrast(
    tr: ArrayLike, te: ArrayLike, one: TissueParameters, other: TissueParameters
) -> np.ndarray:
    """Return the difference of two tissues' signals by the square root of TR in seconds.

    In half the TR one can scan twice and average, which divides the noise by the root of 2: so this
    is the contrast by the noise that the same scan time leaves, up to a factor of the scanner.
    """
    difference = spin_echo(tr, te, *one) - spin_echo(tr, te, *other)
    return difference / np.sqrt(np.divide(tr, 1000))


def slopes(tr: float, te: float, tissue: TissueParameters) -> tuple[float, float]:
    """Return how the signal by the root of TR changes with log TR and log TE.

    The chain rule, by hand: of S the derivatives are PD exp(-TR/T1) exp(-TE/T2) / T1 with respect
    to TR and -S/T2 with respect to TE; one with respect to a logarithm is that times the time.
    """
    signal, root = spin_echo(tr, te, *tissue), np.sqrt(tr / 1000)
    by_tr = tissue.pd * np.exp(-tr / tissue.t1 - te / tissue.t2) / tissue.t1
    return (tr * by_tr - signal / 2) / root, -te * signal / tissue.t2 / root


def choose_times(
    one: TissueParameters,
    other: TissueParameters,
    start: tuple[float, float],
    steps: int = 200,
    rate: float = 0.05,
) -> np.ndarray:
    """Climb to the TR and TE at which two tissues differ the most for a given scan time.

    Each step goes `rate` in the direction of the steepest ascent of the absolute `contrast`, in log
    TR and log TE, so that a step is a share of the times; the rate fades to 0. Where a limit is
    reached, the path goes along it.

    Parameters
    ----------
    one, other : TissueParameters
        To be told apart.
    start : pair of float
        TR and TE in ms to begin with.
    steps, rate : int, float
        Number and length of the steps.

    Returns
    -------
    ndarray, (steps + 1, 2)
        TR and TE on the way, in ms; the last row is the choice.
    """
    low, high = np.log(np.array(list(LIMITS.values()))).T  # (2,) each: TR, TE
    at = np.log(np.asarray(start, float)).clip(low, high)
    path = [np.exp(at)]
    for step in range(steps):
        tr, te = path[-1]
        sign = 1 if contrast(tr, te, one, other) >= 0 else -1
        uphill = sign * (np.array(slopes(tr, te, one)) - slopes(tr, te, other))
        uphill[((at <= low) & (uphill < 0)) | ((at >= high) & (uphill > 0))] = 0
        length = np.linalg.norm(uphill)
        if length > 0:
            at = (at + rate * (1 - step / steps) * uphill / length).clip(low, high)
        path.append(np.exp(at))
    return np.array(path)
