"""Whether two ways of measuring the same thing agree, after Bland and Altman (1986)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes

from islesedu.figures.style import BLUE, ORANGE


class Limits(NamedTuple):
    """Mean difference, and the limits that hold 95 % of the differences if they are normal."""

    bias: float
    lower: float
    upper: float


def limits_of_agreement(measured: Sequence[float], reference: Sequence[float]) -> Limits:
    """Return the mean of measured minus reference, and 1.96 standard deviations either side.

    Parameters
    ----------
    measured, reference : sequence of float, (N,)
        The same things measured two ways. Pairs with nan are left out.

    Returns
    -------
    Limits
        ``(bias, lower, upper)`` in the unit of the numbers; the standard deviation is the
        sample's (N - 1).

    Raises
    ------
    ValueError
        Lengths differ, or fewer than two pairs are left.

    References
    ----------
    Bland and Altman: Statistical methods for assessing agreement between two methods of clinical
    measurement, Lancet 1986.

    Examples
    --------
    >>> [round(x, 2) for x in limits_of_agreement([12, 19, 33], [10, 20, 30])]  # 2, -1 and 3
    [1.33, -2.75, 5.41]
    """
    _, differences = _pairs(measured, reference)
    bias, spread = differences.mean(), 1.96 * differences.std(ddof=1)
    return Limits(float(bias), float(bias - spread), float(bias + spread))


def _pairs(measured: Sequence[float], reference: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and difference of each pair that has both numbers."""
    measured, reference = np.asarray(measured, float), np.asarray(reference, float)
    if measured.shape != reference.shape or measured.ndim != 1:
        raise ValueError(f"shapes are {measured.shape} and {reference.shape}; give two equal lists")
    known = np.isfinite(measured) & np.isfinite(reference)
    if known.sum() < 2:
        raise ValueError(f"{known.sum()} pairs have both numbers; at least two are needed")
    measured, reference = measured[known], reference[known]
    return (measured + reference) / 2, measured - reference


def bland_altman(
    predicted: Sequence[float],
    true: Sequence[float],
    ax: Axes,
    *,
    quantity: str = "volume",
    unit: str = "ml",
) -> Axes:
    """Draw the difference of predicted and true volumes against their mean.

    Caption: "Each point is a case. Solid line: mean difference; dashed lines: limits of agreement,
    between which 95 % of the differences lie."

    Parameters
    ----------
    predicted, true : sequence of float, (N,)
        One number a case, such as the columns predicted_ml and true_ml of
        `islesedu.training.evaluation.evaluate`.
    quantity, unit : str
        What the numbers are.
    """
    means, differences = _pairs(predicted, true)
    limits = limits_of_agreement(predicted, true)
    ax.axhline(0, color="gray", lw=0.6)
    ax.scatter(means, differences, color=BLUE, zorder=3)
    beside = {"xycoords": ("axes fraction", "data"), "va": "center", "fontsize": "small"}
    for value, word in zip(limits, ("mean", "lower limit", "upper limit"), strict=True):
        ax.axhline(value, color=ORANGE, ls="solid" if word == "mean" else "dashed")
        ax.annotate(f"{word} {value:+.1f}", (1.01, value), **beside)
    low, high = min(*limits, differences.min(), 0), max(*limits, differences.max(), 0)
    room = 0.12 * (high - low) or 1.0
    ax.set(
        xlabel=f"mean of predicted and true {quantity} ({unit})",
        ylabel=f"predicted minus true {quantity} ({unit})",
        title=f"Agreement of {len(means)} {quantity}s",
        ylim=(low - room, high + room),
    )
    return ax
