"""How well predictions agree with the truth: counts, and curves over all thresholds."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from islesedu.figures.style import CURVES
from islesedu.metrics.discrimination import (
    auc,
    average_precision,
    precision_recall_points,
    roc_points,
)
from islesedu.metrics.probability import calibration_curve, expected_calibration_error

_MOST_POINTS = 2000
"""Points of a curve that are drawn; more do not show."""


def confusion_matrix(
    truth: np.ndarray,
    prediction: np.ndarray,
    ax: Axes,
    *,
    names: Sequence[str] = ("no lesion", "lesion"),
) -> Axes:
    """Draw how many of each true class were predicted as which.

    Caption: "A row is the true class, a column the predicted one. Percentages are shares of the
    row; the right predictions lie on the diagonal."

    Parameters
    ----------
    truth, prediction : ndarray of bool or int, the same shape
        Kind of each thing: 0, 1, ... (False and True for two kinds).
    names : sequence of str, (K,)
        Of the kinds.

    Raises
    ------
    ValueError
        Shapes differ, or a kind has no name.
    """
    truth, prediction = np.asarray(truth), np.asarray(prediction)
    if truth.shape != prediction.shape:
        raise ValueError(f"truth has the shape {truth.shape}, prediction {prediction.shape}")
    for name, kinds in (("truth", truth), ("prediction", prediction)):
        if not np.isin(kinds, range(len(names))).all():
            raise ValueError(f"{name} holds more than 0 to {len(names) - 1}; name every kind")
    pairs = truth.astype(int).ravel() * len(names) + prediction.astype(int).ravel()
    counts = np.bincount(pairs, minlength=len(names) ** 2).reshape(len(names), len(names))
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        share = shares[row, column]
        text = f"{count:,}\n{share:.1%}" if counts[row].any() else "0\nnone"
        ax.text(column, row, text, ha="center", va="center", color="w" if share > 0.7 else "k")
    ax.set_xticks(range(len(names)), names)
    ax.set_yticks(range(len(names)), names, rotation=90, va="center")
    ax.set(xlabel="predicted", ylabel="true", title=f"Confusion matrix of {truth.size:,}")
    return ax


def roc_curve(values: np.ndarray, wanted: np.ndarray, ax: Axes, *, label: str = "network") -> Axes:
    """Draw the ROC curve: true positive rate against false positive rate, for every threshold.

    Caption: "Each point is a threshold. The area under the curve (AUC) is 1 if perfect, and 0.5,
    the dotted line, if guessed."

    Parameters
    ----------
    values : ndarray, any shape
        Larger where lesion is likelier.
    wanted : ndarray of bool, the same shape
        Where there is lesion.
    ax : Axes
        Where to; a second call on the same axes adds a curve.
    label : str
        Name of the curve in the legend.
    """
    false_positives, true_positives, _ = roc_points(values, wanted)
    area = auc(np.ravel(values), np.ravel(wanted).astype(bool))
    _add_line(ax, (0, 1), "guessing, AUC 0.5")
    _add_curve(ax, false_positives, true_positives, f"{label}, AUC {area:.3f}")
    ax.set(xlabel="false positive rate (0 to 1)", ylabel="true positive rate (0 to 1)", title="ROC")
    return ax


def precision_recall_curve(
    values: np.ndarray, wanted: np.ndarray, ax: Axes, *, label: str = "network"
) -> Axes:
    """Draw precision against recall for every threshold; unlike ROC it shows that lesion is rare.

    Caption: "Each point is a threshold. Average precision (AP) is the area under the steps; the
    dotted line, the share of lesion, is what guessing gives."

    Parameters
    ----------
    values, wanted, ax, label
        As for `roc_curve`.
    """
    recall, precision, _ = precision_recall_points(values, wanted)
    share, area = np.mean(np.asarray(wanted, bool)), average_precision(values, wanted)
    _add_line(ax, (share, share), f"guessing, AP {share:.3f}")
    _add_curve(ax, recall, precision, f"{label}, AP {area:.3f}", drawstyle="steps-pre")
    ax.set(xlabel="recall (0 to 1)", ylabel="precision (0 to 1)", title="Precision and recall")
    return ax


def calibration_diagram(
    probability: np.ndarray,
    truth: np.ndarray,
    ax: Axes,
    *,
    bins: int | Sequence[float] = 10,
    label: str = "network",
) -> Axes:
    """Draw the fraction of lesion against the predicted probability: a reliability diagram.

    Caption: "Each marker is a bin of voxels: their mean predicted probability and the fraction
    that is lesion. On the dotted line both are equal; below it predictions are over-confident."

    Parameters
    ----------
    probability : ndarray, any shape
        Numbers from 0 to 1.
    truth : ndarray of bool, the same shape
        Where there is lesion.
    ax : Axes
        Where to; a second call on the same axes adds a curve.
    bins : int or sequence of float
        As for `islesedu.metrics.calibration_curve`.
    label : str
        Name of the curve in the legend, which adds the expected calibration error (ECE).
    """
    curve = calibration_curve(probability, truth, bins)
    error = expected_calibration_error(probability, truth, bins)
    _add_line(ax, (0, 1), "calibrated")
    marker = CURVES[(len(ax.lines) - 1) % len(CURVES)].marker
    _add_curve(ax, curve.predicted, curve.observed, f"{label}, ECE {error:.3f}", marker=marker)
    ax.set(xlabel="predicted probability (0 to 1)", ylabel="fraction of lesion (0 to 1)")
    ax.set_title("Calibration")
    return ax


def _add_line(ax: Axes, ends: tuple[float, float], label: str) -> None:
    """Draw what the curves are held against, before the first of them."""
    if not ax.lines:
        ax.plot([0, 1], ends, ":", color="gray", label=label)


def _add_curve(ax: Axes, x: np.ndarray, y: np.ndarray, label: str, **how: str) -> None:
    """Draw a curve in the next style on a square from 0 to 1, thinned where it has many points."""
    style = CURVES[(len(ax.lines) - 1) % len(CURVES)]
    kept = np.unique(np.linspace(0, len(x) - 1, min(len(x), _MOST_POINTS)).astype(int))
    ax.plot(x[kept], y[kept], color=style.color, ls=style.linestyle, label=label, **how)
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    ax.legend(fontsize="small")
