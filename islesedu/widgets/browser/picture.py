"""The slice browser's picture where no script runs: in an executed notebook, on paper."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from islesedu.figures.style import (
    FALSE_NEGATIVE,
    FALSE_POSITIVE,
    PREDICTION,
    TRUE_POSITIVE,
    TRUTH,
    YELLOW,
)
from islesedu.isles.orientation import PLANES, View, view
from islesedu.widgets.browser.color_bar import box_of, draw_bar
from islesedu.widgets.browser.side import Side
from islesedu.widgets.stepper_picture import Picture

_OUTCOMES = (
    ("true positive", TRUE_POSITIVE, True, True),
    ("false negative", FALSE_NEGATIVE, True, False),
    ("false positive", FALSE_POSITIVE, False, True),
)
"""Name, style, whether it is in the truth and in the prediction."""
_MASKS = (("truth", TRUTH, "solid", ""), ("prediction", PREDICTION, (0, (3, 2)), "////"))
"""Name, style, line and hatching of the two masks."""
_WORDS = {"truth": "reference mask", "prediction": "prediction"}
_TITLE, _BAR, _LEGEND, _GAP = 0.3, 0.36, 0.36, 0.06
"""Inches above a map, below it, at the figure's end, and between two maps."""


def draw_browser(sides: Sequence[Side], state: dict[str, Any]) -> Picture:
    """Draw the maps that are on the screen, one row of up to three for each side.

    Parameters
    ----------
    sides : sequence of Side
        What to draw.
    state : dict
        The traits of `SliceBrowser` by name.
    """
    panels = [_panels(side, sides[0], state) for side in sides]
    columns = [min(3, len(each)) for each in panels]
    rows = [-(-len(each) // n) for each, n in zip(panels, columns, strict=True)]
    width = 2.6 if sum(columns) > 2 else 4.0
    height = max(_height(sides[0], look, width) for _, look in panels[0])
    headings = [_heading(side, state, sides[0]) for side in sides]
    entries = _legend_entries(sides, state)
    # Inches, not a layout engine: measuring all texts would take longer than drawing the picture.
    heads = [0.14 + 0.17 * len(heading.splitlines()) for heading in headings]
    each = _TITLE + height + _BAR
    talls = [head + each * n for head, n in zip(heads, rows, strict=True)]
    talls[-1] += _LEGEND * bool(entries)
    figure = Picture(figsize=(max(width * max(columns), 4.6), sum(talls)))
    parts = np.atleast_1d(figure.subfigures(len(sides), 1, height_ratios=talls))
    for number, (side, part) in enumerate(zip(sides, parts, strict=True)):
        part.suptitle(headings[number], parse_math=False, fontsize=10, y=1 - 0.08 / talls[number])
        across = figure.get_figwidth() / columns[number]
        for place, (name, look) in enumerate(panels[number]):
            if name not in side.maps:
                continue
            row, column = divmod(place, columns[number])
            bottom = talls[number] - heads[number] - row * each - _TITLE - height
            middle = (column + 0.5) * across
            box = box_of(part, middle, bottom, across - _GAP, height)
            ax = part.add_axes(box, xticks=[], yticks=[])
            _draw_map(side, sides[0], look, name, state, ax)
            box = box_of(part, middle, bottom - 0.17, 0.8 * (width - _GAP), 0.08)
            draw_bar(part, box, state["colors"][name], ax.images[0].get_clim())
    if entries:
        figure.legend(handles=entries, loc="lower center", ncols=3, fontsize=8)
    return figure


def _panels(side: Side, first: Side, state: dict[str, Any]) -> list[tuple[str, View]]:
    """Return map and view of each picture of a side: all maps, or three planes of one."""
    names = side.maps if state["map"] == "all" else (state["map"],)
    planes = PLANES if state["orthogonal"] else (state["plane"],)
    if state["orthogonal"] and state["map"] == "all":
        names = first.maps[:1]
    volume = side.volume
    looks = [view(volume.affine, plane, volume.placed) for plane in planes]
    return [(name, look) for name in names for look in looks]


def _height(side: Side, look: View, width: float) -> float:
    """Return the inches that the brain needs down the page, where a picture has this width."""
    spacing, (low, high) = side.volume.spacing, np.transpose(side.focus)
    wide, tall = ((high[a] - low[a]) * spacing[a] for a in look.axes[:2])
    return min(max((width - _GAP) * tall / wide, 0.8), 3 * width)


def _heading(side: Side, state: dict[str, Any], first: Side) -> str:
    """Return name, slice and Dice of a side, and what was chosen of its alternatives."""
    voxel = side.place(state["position"], first)
    across = view(side.volume.affine, state["plane"]).axis
    text = f"{state['plane']} slice {voxel[across]} (0 to {side.volume.shape[across] - 1})"
    text = f"voxel {', '.join(map(str, voxel))}" if state["orthogonal"] else text
    score = side.dice(state["source"], state["threshold"])
    parts = [side.volume.name, text] + ([] if score is None else [f"Dice {score:.3f}"])
    text = ", ".join(part for part in parts if part)
    answer = side.answer(state["chosen"], state["threshold"])
    return f"{text}\n{answer}" if answer else text


def _draw_map(side: Side, first: Side, look: View, name: str, state: dict, ax: Axes) -> None:
    """Draw one map of a side with what lies over it."""
    volume, voxel = side.volume, side.place(state["position"], first)
    index, unit = voxel[look.axes[2]], volume.units.get(name)
    picture = np.asarray(look.picture(side.array(name, state["time"]), index), float)
    low, high = (end * side.scale(name, first) for end in state["windows"][name])
    how = {"cmap": state["colors"][name], "interpolation": "nearest"}
    ax.imshow(np.ma.masked_invalid(picture), vmin=low, vmax=high, aspect=look.aspect, **how)
    ax.set_facecolor("black")
    title = [name, look.plane] if state["orthogonal"] else [name]
    ax.set_title(", ".join([*title, unit] if unit else title), parse_math=False, fontsize=9)
    if state["overlay"]:
        _draw_masks(side, look, index, state, ax)
    if state["crosshair"]:
        row, column = look.pixel(voxel, volume.shape)
        ax.axhline(row, color=YELLOW, lw=0.6)
        ax.axvline(column, color=YELLOW, lw=0.6)
    opposite = side.mirror(voxel)
    if state["mirror"] and opposite is not None and opposite[look.axis] == index:
        row, column = look.pixel(opposite, volume.shape)
        ax.plot(column, row, "D", mfc="none", mec=YELLOW, ms=7)
    _frame(side, look, ax)


def _frame(side: Side, look: View, ax: Axes) -> None:
    """Show the brain, and the letters of the four directions."""
    ends = []
    for axis, flip in zip(look.axes[:2], look.flips, strict=True):
        low, high = side.focus[axis]
        count, margin = side.volume.shape[axis], 0.03 * (high - low)
        low, high = (count - high, count - low) if flip else (low, high)
        ends.append((low - 0.5 - margin, high - 0.5 + margin))
    ax.set(xlim=ends[0], ylim=ends[1][::-1])
    places = ((0.03, 0.5), (0.97, 0.5), (0.5, 0.96), (0.5, 0.04))
    font = {"color": "white", "fontsize": 8, "fontweight": "bold", "ha": "center", "va": "center"}
    for letter, place in zip(look.labels, places, strict=True):
        ax.text(*place, letter, transform=ax.transAxes, **font)


def _draw_masks(side: Side, look: View, index: int, state: dict, ax: Axes) -> None:
    """Draw truth and prediction, or the outcomes, of one slice."""
    truth, found = slices = [
        None if mask is None else look.picture(mask, index)
        for mask in (side.truth, side.predicted(state["source"], state["threshold"]))
    ]
    if state["outcomes"] and truth is not None and found is not None:
        for _, style, in_truth, in_found in _OUTCOMES:
            outcome = (truth == in_truth) & (found == in_found)
            _fill(outcome, style.color, style.hatch, state["opacity"], ax)
        return
    for mask, (name, style, line, hatch) in zip(slices, _MASKS, strict=True):
        way = "none" if mask is None else state[f"{name}_style"]
        if way in ("fill", "both"):
            _fill(mask, style.color, hatch, state["opacity"], ax)
        if way in ("outline", "both"):
            for columns, rows in edges(mask):
                ax.plot(columns, rows, color=style.color, ls=line, lw=1.3)


def _fill(mask: np.ndarray, color: str, hatch: str, opacity: float, ax: Axes) -> None:
    """Fill a mask (H, W) with a colour and a hatching."""
    if not mask.any():
        return
    tint = np.zeros((*mask.shape, 4))
    tint[mask] = to_rgba(color, opacity)
    ax.imshow(tint, aspect=ax.get_aspect(), interpolation="nearest")
    if hatch and min(mask.shape) > 1:
        ax.contourf(mask.astype(float), levels=[0.5, 1.5], colors="none", hatches=[hatch])


def edges(mask: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the outline of a mask (H, W) along its voxels' edges, as closed lines.

    Returns
    -------
    list of (columns, rows)
        In the coordinates of `imshow`, where voxel 0 reaches from -0.5 to 0.5.
    """
    padded = np.pad(np.asarray(mask, bool), 1)
    following: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for (dr, dc), start, end in (
        ((-1, 0), (0, 0), (0, 1)),
        ((0, 1), (0, 1), (1, 1)),
        ((1, 0), (1, 1), (1, 0)),
        ((0, -1), (1, 0), (0, 0)),
    ):
        for r, c in np.argwhere(padded & ~np.roll(padded, (-dr, -dc), (0, 1))):
            key = (r + start[0], c + start[1])
            following.setdefault(key, []).append((r + end[0], c + end[1]))
    lines = []
    for begin, ends in following.items():
        while ends:
            line = [begin, ends.pop()]
            while line[-1] != begin:
                line.append(following[line[-1]].pop())
            rows, columns = np.transpose(line) - 1.5
            lines.append((columns, rows))
    return lines


def _legend_entries(sides: Sequence[Side], state: dict[str, Any]) -> list[Artist]:
    """Return what the lines and fills stand for."""
    there = {
        "truth": any(side.truth is not None for side in sides),
        "prediction": any(s.prediction is not None or s.probability is not None for s in sides),
    }
    if not state["overlay"]:
        return []
    if state["outcomes"] and all(there.values()):
        return [
            Patch(fc=to_rgba(style.color, 0.5), ec="black", hatch=style.hatch, label=name)
            for name, style, *_ in _OUTCOMES
        ]
    entries = []
    for name, style, _, hatch in _MASKS:
        way, line = state[f"{name}_style"], style.linestyle
        if there[name] and way == "outline":
            entries.append(Line2D([], [], color=style.color, ls=line, label=_WORDS[name]))
        elif there[name] and way != "none":
            look = {
                "fc": to_rgba(style.color, 0.5),
                "ec": style.color if way == "both" else "black",
            }
            entries.append(Patch(ls=line, hatch=hatch, label=_WORDS[name], **look))
    return entries
