"""Pictures of the lessons. Each function draws into the `ax` it is given and returns it.

Slices are drawn as radiologists look at them: the front of the head up, the patient's right on the
viewer's left. Arrays are indexed (X, Y) with X to the patient's right and Y to the front (RAS).
Colours are those of Okabe and Ito, which colour-blind readers can tell apart; line styles,
hatching and words say the same once more.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from islesedu.isles import UNITS, Patient

BLUE, ORANGE, GREEN, YELLOW = "#0072B2", "#D55E00", "#009E73", "#F0E442"
RANGES = {
    "ADC": (0, 2500),
    "CBV": (0, 5),
    "CBF": (0, 60),
    "MTT": (0, 20),
    "TTP": (10, 50),
    "Tmax": (0, 12),
}
"""Ends of the gray scale of each map, in its unit."""


def upright(slice_xy: np.ndarray) -> np.ndarray:
    """Turn a slice (X, Y) or (X, Y, C) into a picture (H, W, ...): front up, right on the left."""
    return np.asarray(slice_xy).swapaxes(0, 1)[::-1, ::-1]


def best_slice(mask: np.ndarray) -> int:
    """Return the slice z of a mask (X, Y, Z) with the most voxels; the middle one if empty."""
    areas = np.asarray(mask).sum(axis=(0, 1))
    return int(areas.argmax()) if areas.any() else mask.shape[2] // 2


def show_slice(
    slice_xy: np.ndarray,
    ax: Axes,
    *,
    title: str = "",
    unit: str = "",
    cmap: str = "gray",
    vmin: float | None = None,
    vmax: float | None = None,
    colorbar: bool = True,
    aspect: float = 1.0,
) -> Axes:
    """Draw one slice (X, Y) with its scale.

    Parameters
    ----------
    slice_xy : ndarray, (X, Y)
        Numbers or a mask.
    ax : Axes
        Where to.
    title, unit : str
        Written above, and beside the scale.
    cmap : str
        Colour map.
    vmin, vmax : float, optional
        Ends of the scale.
    colorbar : bool
        Draw the scale.
    aspect : float
        Height of a voxel divided by its width.
    """
    picture = ax.imshow(
        upright(np.asarray(slice_xy, float)), cmap=cmap, vmin=vmin, vmax=vmax, aspect=aspect
    )
    ax.set_title(title)
    ax.set_xticks([])
    ax.set_yticks([])
    if colorbar:
        ax.figure.colorbar(picture, ax=ax, shrink=0.75, label=unit)
    return ax


def outline(
    mask_xy: np.ndarray,
    ax: Axes,
    *,
    color: str = ORANGE,
    linestyle: str = "solid",
    label: str = "",
) -> Axes:
    """Draw the outline of a mask (X, Y) onto a slice; an empty mask leaves the slice alone."""
    mask = upright(np.asarray(mask_xy, float))
    if 0 < mask.mean() < 1:
        ax.contour(mask, levels=[0.5], colors=color, linestyles=linestyle, linewidths=1.8)
    if label:
        ax.plot([], [], color=color, linestyle=linestyle, label=label)
    return ax


def overlay(
    slice_xy: np.ndarray,
    truth_xy: np.ndarray,
    prediction_xy: np.ndarray,
    ax: Axes,
    *,
    title: str = "",
    legend: bool = True,
) -> Axes:
    """Draw a slice with the true lesion (solid) and the predicted one (dashed), all (X, Y)."""
    show_slice(slice_xy, ax, title=title, colorbar=False)
    outline(truth_xy, ax, color=ORANGE, label="truth")
    outline(prediction_xy, ax, color="#56B4E9", linestyle="dashed", label="prediction")
    if legend:
        ax.legend(loc="lower right", fontsize="small", framealpha=0.8)
    return ax


def outcome_map(truth_xy: np.ndarray, prediction_xy: np.ndarray, ax: Axes) -> Axes:
    """Draw which pixels (X, Y) were found, missed and falsely called lesion."""
    truth, prediction = upright(truth_xy).astype(bool), upright(prediction_xy).astype(bool)
    kinds = {
        "found": (truth & prediction, GREEN, "+"),
        "missed": (truth & ~prediction, ORANGE, "o"),
        "false alarm": (~truth & prediction, BLUE, "x"),
    }
    picture = np.ones((*truth.shape, 3))
    for mask, color, _ in kinds.values():
        picture[mask] = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    ax.imshow(picture)
    for name, (mask, color, sign) in kinds.items():
        rows, columns = np.nonzero(mask)
        if len(rows) <= 400:  # signs in every pixel, as long as they can be told apart
            ax.scatter(columns, rows, marker=sign, s=14, color="black", linewidths=0.8)
        ax.scatter([], [], marker="s", color=color, label=f"{sign} {name}: {len(rows)}")
    ax.set_xticks([])
    ax.set_yticks([])
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0), fontsize="small", ncols=3)
    return ax


def montage(patient: Patient, axes: Sequence[Axes], z: int, lesion: bool = True) -> None:
    """Draw slice z of each of a patient's maps into one of the axes, with the lesion's outline."""
    for number, (channel, ax) in enumerate(zip(patient.channels, axes, strict=True)):
        vmin, vmax = RANGES.get(channel, (None, None))
        show_slice(
            patient.image[:, :, z, number],
            ax,
            title=channel,
            unit=UNITS.get(channel, ""),
            vmin=vmin,
            vmax=vmax,
            aspect=patient.spacing[1] / patient.spacing[0],
        )
        if lesion and patient.lesion is not None:
            outline(patient.lesion[:, :, z], ax)


def learning_curves(history: pd.DataFrame, ax: Axes) -> Axes:
    """Draw loss and Dice against the step; columns step, loss, dice, perhaps val_loss, val_dice."""
    lines = {
        "loss": ("loss", ORANGE, "solid"),
        "val_loss": ("loss, held out", ORANGE, "dotted"),
        "dice": ("Dice", BLUE, "dashed"),
        "val_dice": ("Dice, held out", BLUE, "dashdot"),
    }
    for column, (label, color, style) in lines.items():
        if column in history:
            marker = "o" if len(history) < 3 else None
            ax.plot(
                history["step"], history[column], color=color, ls=style, label=label, marker=marker
            )
    ax.set(xlabel="step", ylabel="loss, Dice", title="Learning curves")
    ax.axhline(0, color="gray", lw=0.5)
    ax.legend()
    return ax


def case_metrics(table: pd.DataFrame, ax: Axes, column: str = "dice") -> Axes:
    """Draw one measure of each case (table of `islesedu.evaluation.evaluate`), best first."""
    ordered = table.sort_values(column, ascending=False)
    bars = ax.bar(ordered["case"], ordered[column], color=BLUE)
    for bar, failed in zip(bars, ordered.get("failed", pd.Series(False, table.index)), strict=True):
        if failed:
            bar.set(hatch="//", edgecolor="black")
            ax.annotate("failed", (bar.get_x(), 0), rotation=90, va="bottom", fontsize="small")
    mean = ordered[column].mean()
    ax.axhline(mean, color=ORANGE, ls="dashed", label=f"mean {mean:.2f}")
    ax.set(ylabel=column, title=f"{column} of {len(table)} cases")
    ax.tick_params(axis="x", rotation=90)
    ax.legend()
    return ax
