"""What the slice browser shows: traits that Python and the page share, and their checks."""

from typing import Any

import anywidget
import numpy as np
import traitlets

from islesedu.isles.orientation import PLANES, view
from islesedu.widgets import standalone
from islesedu.widgets.browser.inputs import BrowserError
from islesedu.widgets.browser.packing import STEPS
from islesedu.widgets.browser.side import Side

_STYLES = ("outline", "fill", "both", "none")
COLORS = ("gray", "gray_r", "viridis", "magma", "cividis", "coolwarm")
"""Colour maps to choose from, all of matplotlib and readable for the colour-blind."""
TRAITS = (
    "plane slice position map time zoom threshold truth_style prediction_style source outcomes "
    "overlay opacity crosshair orthogonal mirror windows colors chosen"
).split()


def _synced(trait: traitlets.TraitType) -> traitlets.TraitType:
    """Return a trait that Python and the page share."""
    return standalone.refuse_with(trait.tag(sync=True), BrowserError)


class BrowserState(anywidget.AnyWidget):
    """The traits of `SliceBrowser`; what does not fit its sides is refused."""

    sides: tuple[Side, ...]
    meta = _synced(traitlets.Dict())
    plane = _synced(traitlets.Enum(PLANES, "axial"))
    slice = _synced(traitlets.Int(0))
    position = _synced(traitlets.TraitType((0, 0, 0)))  # None is validated, too
    map = _synced(traitlets.Unicode("all"))
    time = _synced(traitlets.Int(0))
    zoom = _synced(traitlets.Float(1.0))
    threshold = _synced(traitlets.Float(0.5))
    truth_style = _synced(traitlets.Enum(_STYLES, "outline"))
    prediction_style = _synced(traitlets.Enum(_STYLES, "outline"))
    source = _synced(traitlets.Enum(("prediction", "probability"), "prediction"))
    outcomes = _synced(traitlets.Bool(False))
    overlay = _synced(traitlets.Bool(True))
    opacity = _synced(traitlets.Float(0.4))
    crosshair = _synced(traitlets.Bool(True))
    orthogonal = _synced(traitlets.Bool(False))
    mirror = _synced(traitlets.Bool(False))
    windows = _synced(traitlets.Dict())
    colors = _synced(traitlets.Dict())
    chosen = _synced(traitlets.TraitType(()))

    @property
    def maps(self) -> tuple[str, ...]:
        """Names of all maps of all sides."""
        return tuple(dict.fromkeys(name for side in self.sides for name in side.maps))

    def _windows(self) -> dict[str, dict]:
        """Windows to choose from, by map: those of the first side that has it."""
        return {
            name: next(side.windows[name] for side in self.sides if name in side.maps)
            for name in self.maps
        }

    def _any(self, outcome: str) -> bool:
        return any(getattr(side, outcome) is not None for side in self.sides)

    @property
    def values(self) -> dict[str, float]:
        """Value of each map of the first side under the crosshair, in its unit."""
        side = self.sides[0]
        return {name: side.value(name, self.position, self.time) for name in side.maps}

    @property
    def mirror_position(self) -> tuple[int, int, int] | None:
        """The voxel on the other side of the mid-sagittal plane; None if there is none.

        The plane is taken half-way between the two sides of the first side's brain.
        """
        return self.sides[0].mirror(self.position)

    @property
    def mirror_values(self) -> dict[str, float]:
        """Value of each map of the first side in the mirror voxel; empty if there is none."""
        side, place = self.sides[0], self.mirror_position
        names = () if place is None else side.maps
        return {name: side.value(name, place, self.time) for name in names}

    @property
    def millimetres(self) -> tuple[float, float, float]:
        """Place of the crosshair in mm, to the right, the front and the top (RAS+)."""
        place = self.sides[0].volume.affine @ [*self.position, 1]
        return tuple(round(float(mm), 3) + 0.0 for mm in place[:3])

    @property
    def _across(self) -> int:
        """The axis of the first side's volume across the plane."""
        return view(self.sides[0].volume.affine, self.plane).axes[2]

    @traitlets.validate("position")
    def _position_fits(self, proposal: dict) -> tuple[int, int, int]:
        value, shape = proposal["value"], self.sides[0].volume.shape
        if (place := _indices(value, shape)) is None:
            raise BrowserError(
                f"position is {value!r}; expected three voxel numbers from 0 up, below {shape}"
            )
        return place

    @traitlets.validate("slice")
    def _slice_fits(self, proposal: dict) -> int:
        count = self.sides[0].volume.shape[self._across]
        if not 0 <= proposal["value"] < count:
            raise BrowserError(
                f"slice is {proposal['value']}; the {self.plane} slices are 0 to {count - 1}"
            )
        return proposal["value"]

    @traitlets.validate("map")
    def _map_fits(self, proposal: dict) -> str:
        if proposal["value"] not in ("all", *self.maps):
            raise BrowserError(f"map is {proposal['value']!r}; choose all, {', '.join(self.maps)}")
        return proposal["value"]

    @traitlets.validate("time")
    def _time_fits(self, proposal: dict) -> int:
        time = proposal["value"]
        counts = [s.series.shape[3] for s in self.sides if s.series is not None]
        if not counts and time:
            raise BrowserError(f"time is {time}, but there is no time series; give series=")
        if counts and not 0 <= time < max(counts):
            raise BrowserError(
                f"time is {time}; the time series has the times 0 to {max(counts) - 1}"
            )
        return time

    @traitlets.validate("zoom", "opacity", "threshold")
    def _number_fits(self, proposal: dict) -> float:
        name, value = proposal["trait"].name, proposal["value"]
        low, high = (1, 16) if name == "zoom" else (0, 1)
        if not low <= value <= high:
            raise BrowserError(f"{name} is {value}; give a number from {low} to {high}")
        return round(round(value * STEPS) / STEPS, 3) if name == "threshold" else float(value)

    @traitlets.validate("source")
    def _source_fits(self, proposal: dict) -> str:
        source, other = proposal["value"], {"prediction", "probability"} - {proposal["value"]}
        if not self._any(source) and self._any(*other):
            raise BrowserError(f"source is {source!r}, but no {source} was given; give {source}=")
        return source

    @traitlets.validate("chosen")
    def _chosen_fits(self, proposal: dict) -> tuple[int, ...]:
        value, alternatives = proposal["value"], self.sides[0].alternatives
        chosen = _indices(value, () if alternatives is None else alternatives.shape)
        if chosen is None and alternatives is None:
            raise BrowserError(f"chosen is {value!r}, but there is no choice; give what_if=")
        if chosen is None:
            ends = (f"{name} 0 to {len(all_) - 1}" for name, all_ in alternatives.labels.items())
            raise BrowserError(
                f"chosen is {value!r}; expected the number of one label each: {', '.join(ends)}"
            )
        return chosen

    @traitlets.validate("windows", "colors")
    def _tables_fit(self, proposal: dict) -> dict:
        name, value = proposal["trait"].name, proposal["value"]
        if unknown := set(value) - set(self.maps):
            found = f"{name} names {unknown.pop()!r}"
            raise BrowserError(f"{found}; the maps are {', '.join(self.maps)}")
        table = dict(getattr(self, name))
        for key, entry in value.items():
            found = f"{name} of {key} is {entry!r}"
            if name == "colors" and entry not in COLORS:
                raise BrowserError(f"{found}; choose one of {', '.join(COLORS)}")
            table[key] = entry if name == "colors" else _ends(entry)
            if table[key] is None:
                raise BrowserError(f"{found}; give two numbers, the lower one first")
        return table

    @traitlets.observe("position", "plane")
    def _slice_follows(self, change: dict) -> None:
        self.slice = self.position[self._across]

    @traitlets.observe("slice")
    def _position_follows(self, change: dict) -> None:
        place = list(self.position)
        place[self._across] = self.slice
        self.position = tuple(place)

    @traitlets.observe("chosen")
    def _side_follows(self, change: dict) -> None:
        first, *others = self.sides
        if first.alternatives is not None:
            number = first.alternatives.number(self.chosen)
            self.sides = (first.choose(number), *others)

    def state(self) -> dict[str, Any]:
        """Return all that the picture depends on, by name."""
        return {name: getattr(self, name) for name in TRAITS}


def _indices(values: Any, ends: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return whole numbers from 0 up, each below its end; None for anything else."""
    try:
        numbers = tuple(int(value) for value in values)
        triples = zip(numbers, values, ends, strict=True)
        fits = all(number == value and 0 <= number < end for number, value, end in triples)
    except (TypeError, ValueError, OverflowError):
        return None
    return numbers if fits else None


def _ends(values: Any) -> list[float] | None:
    """Return two finite numbers, the lower one first; None for anything else."""
    try:
        low, high = (float(value) for value in values)
    except (TypeError, ValueError):
        return None
    return [low, high] if -np.inf < low < high < np.inf else None
