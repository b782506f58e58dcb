"""What the page of the slice browser gets of a side: a description, and packed buffers."""

import base64
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np

from islesedu.isles.case import SERIES
from islesedu.isles.orientation import PLANES, directions, view
from islesedu.widgets.browser.packing import STEPS, encode, pack
from islesedu.widgets.browser.side import Side


def describe_all(sides: Sequence[Side], colors: Sequence[str]) -> dict[str, Any]:
    """Return all but the voxels of the sides and the colour maps, as JSON takes it."""
    same = len(sides) == 2 and sides[1].shared is not None
    return {
        "sides": [_describe(side, 0 if same else n, sides[0]) for n, side in enumerate(sides)],
        "colors": color_tables(colors),
        "steps": STEPS,
    }


def color_tables(colors: Sequence[str]) -> dict[str, str]:
    """Return colour maps by name: 256 times red, green and blue, as text."""
    tables = {
        name: (matplotlib.colormaps[name](np.arange(256))[:, :3] * 255).round().astype(np.uint8)
        for name in colors
    }
    return {name: base64.b64encode(table.tobytes()).decode() for name, table in tables.items()}


def _counts(side: Side) -> dict[str, Any]:
    """Return voxels of the truth, predicted, and in both; one number for each threshold."""
    counts = {"truth": None if side.truth is None else int(side.truth.sum())}
    everywhere_and_in_truth = [...] if side.truth is None else [..., side.truth]

    def above(levels: np.ndarray) -> list[int]:
        table = np.bincount(levels.ravel(), minlength=STEPS + 2)
        return (table.sum() - table.cumsum())[: STEPS + 1].tolist()

    if side.levels is not None:
        counts["probability"] = [above(side.levels[part]) for part in everywhere_and_in_truth]
    if side.prediction is not None:
        found = side.prediction
        counts["prediction"] = [int(found[part].sum()) for part in everywhere_and_in_truth]
    return counts


def _describe(side: Side, shared: int, first: Side) -> dict[str, Any]:
    """Return all but the voxels, as JSON takes it; `shared` is the side whose maps to show."""
    volume, outcomes = side.volume, ("truth", "prediction", "probability")
    looks = {plane: view(volume.affine, plane, volume.placed) for plane in PLANES}
    return {
        "name": volume.name,
        "maps_of": shared,
        "shape": volume.shape,
        "spacing": volume.spacing,
        "affine": volume.affine.tolist(),
        "placed": volume.placed,
        "box": side.box,
        "focus": side.focus,
        "maps": [_describe_map(side, name, first) for name in side.maps],
        "planes": {
            plane: {"axes": look.axes, "flips": look.flips, "labels": look.labels}
            for plane, look in looks.items()
        },
        "directions": directions(volume.affine),
        "mirror": side.mirrored,
        "has": [name for name in outcomes if getattr(side, name) is not None],
        **_describe_outcome(side),
        **_describe_alternatives(side),
    }


def _describe_map(side: Side, name: str, first: Side) -> dict[str, Any]:
    """Return all but the voxels of one map."""
    voxel, units = _outside_of(side), side.volume.units
    outside = side.value(name, voxel) if voxel else np.nan
    return {
        "name": name,
        "unit": units.get(name, ""),
        "range": list(side.ranges[name]),
        "outside": outside if np.isfinite(outside) else None,
        "scale": side.scale(name, first),
        "bytes": 2 if side.exact and name in units else 1,
        "times": side.series.shape[3] if name == SERIES else 0,
        "windows": [[label, *ends] for label, ends in side.windows[name].items()],
    }


def _describe_outcome(side: Side) -> dict[str, Any]:
    """Return what depends on the lesion and on what is predicted."""
    return {"counts": _counts(side), "largest": {plane: side.largest(plane) for plane in PLANES}}


def _describe_alternatives(side: Side) -> dict[str, Any]:
    """Return the questions with their answers, and the outcome of each alternative."""
    if side.alternatives is None:
        return {"what_if": [], "alternatives": []}
    voxel, outcomes = _outside_of(side), []
    for number in range(side.alternatives.count):
        chosen = side.choose(number)
        outside = chosen.value("probability", voxel) if voxel else None
        outcomes.append({**_describe_outcome(chosen), "outside": outside})
    return {"what_if": list(side.alternatives.labels.items()), "alternatives": outcomes}


def _outside_of(side: Side) -> tuple[int, int, int] | None:
    """Return some voxel outside the box."""
    for axis, (low, high) in enumerate(side.box):
        if low > 0:
            return 0, 0, 0
        if high < side.volume.shape[axis]:
            return tuple(high if other == axis else 0 for other in range(3))
    return None


def _part(side: Side, name: str, number: int = 0, byte: str = "high") -> bytes:
    """Return one packed buffer: a mask, or the "high" or "low" byte of a map's codes.

    `number` is the time of the series, or the alternative of the probability.
    """
    if name in ("truth", "prediction"):
        return pack(side.crop(getattr(side, name)))
    if name == "probability":
        steps = side.levels if side.alternatives is None else side.alternatives.levels[number]
        return pack(side.crop(steps))
    codes = encode(side.crop(side.array(name, number)), *side.ranges[name])
    return pack(codes >> 8 if byte == "high" else codes & 255, noise=True)


class Buffers:
    """The packed buffers of one or two sides, made when first asked for; `about` describes each."""

    def __init__(self, sides: Sequence[Side], about: Sequence[dict[str, Any]]):
        self.sides, self.about = sides, about
        self.packed: dict[str, bytes] = {}

    def part(self, name: str) -> bytes:
        """Return a buffer by the name the page asks for: "0/ADC/0/high"."""
        if name not in self.packed:
            side, rest = name.split("/", 1)
            what, number, byte = rest.rsplit("/", 2)  # a map's name may hold slashes: "rCBF/rCBV"
            self.packed[name] = _part(self.sides[int(side)], what, int(number), byte)
        return self.packed[name]

    def names(self) -> list[str]:
        """Return the names of all buffers there are, in the order in which they are needed."""
        high, low, series, more = [], [], [], []
        for number, about in enumerate(self.about):
            own = about["maps_of"] == number
            for one in about["maps"] if own else []:
                name = one["name"]
                if one["times"]:
                    series += [f"{number}/{name}/{t}/high" for t in range(one["times"])]
                elif name != "probability":
                    high.append(f"{number}/{name}/0/high")
                    low += [f"{number}/{name}/0/low"] * (one["bytes"] == 2)
            high += [f"{number}/{name}/0/high" for name in about["has"]]
            others = range(1, len(about["alternatives"]))
            more += [f"{number}/probability/{n}/high" for n in others]
        return high + low + series + more

    def embedded(self, most: int) -> dict[str, str] | None:
        """Return all buffers as text, as long as they have `most` bytes in all; else None."""
        embedded, size = {}, 0
        for name in self.names():
            size += len(self.part(name))
            if size > most:
                return None
            embedded[name] = base64.b64encode(self.part(name)).decode()
        return embedded
