"""Where two tissues differ most: contrast over the two times of a spin echo."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from islesedu.applications.pulse_sequence import LIMITS, Tissue, contrast
from islesedu.figures.style import CURVES


def contrast_landscape(
    one: Tissue, other: Tissue, ax: Axes, paths: Mapping[str, np.ndarray] | None = None
) -> Axes:
    """Draw the contrast of two tissues by noise over TR and TE, and paths that climb on it.

    Caption: "Brighter is more contrast. Each line is a gradient ascent, from the open sign to the
    full one."

    Parameters
    ----------
    one, other : Tissue
        To be told apart.
    ax : Axes
        Where to.
    paths : mapping of str to ndarray, (steps, 2), optional
        TR and TE in ms on the way, see `islesedu.applications.pulse_sequence.choose_times`, by
        their words.

    Returns
    -------
    Axes
    """
    tr, te = (np.geomspace(*ends, 120) for ends in LIMITS.values())
    height = np.abs(contrast(tr[None], te[:, None], one, other))  # (TE, TR)
    drawn = ax.contourf(tr, te, height, 16, cmap="gray")
    ax.figure.colorbar(drawn, ax=ax, label="|contrast| by noise (no unit)", shrink=0.8)
    for look, (word, path) in zip(CURVES, (paths or {}).items(), strict=False):
        line = {"color": look.color, "ls": look.linestyle, "lw": 2.5}
        ax.plot(*path.T, **line, label=f"{word}: TR {path[-1, 0]:.0f}, TE {path[-1, 1]:.0f}")
        ends = {"marker": look.sign, "mec": look.color, "ms": 8, "ls": "none"}
        ends |= {"clip_on": False, "zorder": 5}  # whole where a limit has stopped the climb
        ax.plot(*path[0], mfc="white", **ends)
        ax.plot(*path[-1], mfc=look.color, **ends)
    ax.set(xscale="log", yscale="log", xlabel="TR (ms)", ylabel="TE (ms)")
    ticks = {"x": [300, 600, 1200, 2500, 6000], "y": [10, 20, 40, 80, 150]}
    ax.set_xticks(ticks["x"], [str(n) for n in ticks["x"]], minor=False)
    ax.set_yticks(ticks["y"], [str(n) for n in ticks["y"]], minor=False)
    ax.minorticks_off()
    if paths:
        ax.legend(fontsize="small", loc="upper center", bbox_to_anchor=(0.5, -0.16))
    return ax
