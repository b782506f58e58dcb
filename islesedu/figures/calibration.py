"""Whether probabilities are honest, and where a threshold should then lie."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from islesedu.figures.style import CURVES
from islesedu.metrics.probability import calibration_curve, expected_calibration_error


def calibration_diagram(
    probability: np.ndarray,
    truth: np.ndarray,
    ax: Axes,
    *,
    bins: int | Sequence[float] = 10,
    label: str = "network",
) -> Axes:
    """Draw what came true against what was said.

    Caption: "Each sign is a bin of voxels: the mean probability said of them, and the share that is
    lesion. On the dotted line they are equal; below it too much was said."

    Parameters
    ----------
    probability : ndarray, any shape
        Numbers from 0 to 1.
    truth : ndarray of bool, the same shape
        Where there is lesion.
    ax : Axes
        Where to; a second call on the same axes adds a curve.
    bins : int or sequence of float
        As for `islesedu.metrics.probability.calibration_curve`.
    label : str
        Word of the curve in the legend, which adds the expected calibration error (ECE).

    Returns
    -------
    Axes
    """
    if not ax.lines:
        ax.plot([0, 1], [0, 1], ":", color="gray", label="honest")
    look = CURVES[(len(ax.lines) - 1) % len(CURVES)]
    curve = calibration_curve(probability, truth, bins)
    error = expected_calibration_error(probability, truth, bins)
    how = {"color": look.color, "ls": look.linestyle, "marker": look.sign}
    ax.plot(curve.predicted, curve.observed, **how, label=f"{label}, ECE {error:.3f}")
    ax.set(xlabel="probability said (0 to 1)", ylabel="share that is lesion (0 to 1)")
    ax.set(title="Calibration", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    ax.legend(fontsize="small")
    return ax
