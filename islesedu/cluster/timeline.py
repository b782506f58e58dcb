"""A training on several machines: who is there, and who did what when."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Patch

from islesedu.cluster.update_log import reissued
from islesedu.figures.style import BLUE, GREEN, ORANGE, SKY

_NUMBERED = 60
"""Up to so many bars are hatched and bear numbers; more would be noise."""
_WIDTH = 2.3
"""Of a box in the picture of a cluster."""


def cluster_parts(ax: Axes, workers: int = 2) -> Axes:
    """Draw chief, workers and parameter server, and what they exchange.

    Caption: "The chief hands out cases. Each worker pulls the weights from the parameter server,
    computes the gradient of its case, and pushes it back; no worker waits for another."
    """
    _box(ax, 0.0, 0.0, "chief", "gives out cases,\nvalidates", "#E5E5E5")
    _box(ax, 7.2, 0.0, "parameter server", "keeps the weights", "#FBE0D0")
    for number in range(workers):
        y = 1.5 * ((workers - 1) / 2 - number)
        _box(ax, 3.4, y, f"worker {number}", "has the images,\nfinds gradients", "#CCE4F2")
        _arrow(ax, (_WIDTH, 0.25 * y), (3.4, y), "case", BLUE, "solid")
        _arrow(ax, (7.2, 0.3 * y + 0.2), (3.4 + _WIDTH, y + 0.3), "pull", GREEN, "dashed")
        _arrow(ax, (3.4 + _WIDTH, y - 0.3), (7.2, 0.3 * y - 0.2), "push", ORANGE, "solid")
    reach = 0.75 * workers - 0.1
    ax.set(xlim=(-0.1, 9.6), ylim=(-reach, reach), title=f"A cluster with {workers} workers")
    ax.axis("off")
    return ax


def _box(ax: Axes, x: float, y: float, title: str, text: str, color: str) -> None:
    shape = "round,pad=0,rounding_size=0.1"
    ax.add_patch(FancyBboxPatch((x, y - 0.5), _WIDTH, 1.0, boxstyle=shape, fc=color))
    ax.text(x + _WIDTH / 2, y + 0.28, title, ha="center", va="center", weight="bold")
    ax.text(x + _WIDTH / 2, y - 0.15, text, ha="center", va="center", fontsize=8.5)


def _arrow(ax: Axes, start: tuple, end: tuple, word: str, color: str, style: str) -> None:
    how = {"arrowstyle": "->", "mutation_scale": 12, "color": color, "ls": style}
    ax.add_patch(FancyArrowPatch(start, end, **how))
    middle = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    white = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
    ax.text(*middle, word, color=color, fontsize=8, ha="center", va="center", bbox=white)


def plot_timeline(
    updates: pd.DataFrame,
    ax: Axes,
    events: Sequence[tuple[float, str]] = (),
    *,
    died: tuple[int, float] | None = None,
    legend: bool = True,
) -> Axes:
    """Draw who did which update when: a bar a case and worker, the staleness above it.

    Above 60 bars there are no numbers.

    Caption: "One row a worker, one bar a case: reading it (light), then from the pull of the
    weights to the push of the gradient (dark). The number is the staleness: how many updates of
    others came in between. Dotted lines: a worker is killed, and takes part again. Dashed: the case
    that it had begun; with a thick edge: the same case, trained later."

    Parameters
    ----------
    updates : DataFrame
        What `islesedu.cluster.read_updates` returns.
    ax : Axes
        Where to.
    events : sequence of (float, str)
        When (seconds since 1970) something happened, and what.
    died : (int, float), optional
        A worker that died, and when; the case that it was at is marked, and where it was trained.
    legend : bool
        Below the axes.
    """
    workers = sorted(updates["worker"].unique())
    numbered = len(updates) <= _NUMBERED
    handles = _draw_cases(ax, updates, workers, numbered)
    _draw_events(ax, events, updates["start"].min(), len(workers) - 0.42)
    ax.set(
        xlabel="time since the first case (s)",
        yticks=range(len(workers)),
        yticklabels=[f"worker {worker}" for worker in workers],
        ylim=(-0.5, len(workers) - 0.5 + (0.4 if events else 0.1)),
        title=f"{len(updates)} cases" + ("; numbers: staleness (updates)" if numbered else ""),
    )
    if died is not None:
        handles += _draw_lost(ax, updates, workers, *died)
    if legend:
        ax.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.22), ncols=2)
    return ax


def _draw_cases(ax: Axes, updates: pd.DataFrame, workers: list[int], numbered: bool) -> list[Patch]:
    """Draw two bars a case, and the staleness; return patches for the legend."""
    read = {"facecolor": SKY, "edgecolor": "white"}
    compute = {"facecolor": BLUE, "edgecolor": "white", "hatch": "//" if numbered else None}
    zero = updates["start"].min()
    for row in updates.itertuples():
        y = workers.index(row.worker)
        ax.barh(y, row.pulled - row.start, 0.5, row.start - zero, **read)
        ax.barh(y, row.end - row.pulled, 0.5, row.pulled - zero, **compute)
        if numbered:
            middle = (row.pulled + row.end) / 2 - zero
            ax.text(middle, y + 0.29, str(row.staleness), ha="center", va="bottom", fontsize=8)
    reads = Patch(facecolor=SKY, label="reads the case")
    return [reads, Patch(**compute, label="pull, compute, push")]


def _draw_events(ax: Axes, events: Sequence[tuple[float, str]], zero: float, y: float) -> None:
    for number, (when, what) in enumerate(events):
        ax.axvline(when - zero, color=ORANGE, ls="dotted")
        level = y + 0.2 * (number % 2)
        ax.text(when - zero, level, f" {what}", color=ORANGE, fontsize=8, va="center")


def _draw_lost(
    ax: Axes, updates: pd.DataFrame, workers: list[int], worker: int, died: float
) -> list[Patch]:
    """Mark the case that a worker had begun when it died, and where it was trained later."""
    zero, again = updates["start"].min(), reissued(updates, died)
    if again.empty:
        return []
    before = updates[(updates["worker"] == worker) & (updates["end"] < died)]
    begun = before["end"].max() if len(before) else zero
    lost = {"facecolor": "none", "edgecolor": "black", "linestyle": "dashed"}
    ring = {"facecolor": "none", "edgecolor": "black", "linewidth": 2.5}
    ax.barh(workers.index(worker), died - begun, 0.5, begun - zero, **lost)
    for row in again.itertuples():
        ax.barh(workers.index(row.worker), row.end - row.start, 0.62, row.start - zero, **ring)
    return [Patch(**lost, label="begun, then killed"), Patch(**ring, label="the same case again")]
