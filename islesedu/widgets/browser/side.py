"""One side of the slice browser: a patient, the outcomes on it, and what the page needs of both."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from islesedu.figures.style import ADC_FACTORS
from islesedu.isles.case import SERIES
from islesedu.isles.orientation import best_slice, directions, view
from islesedu.metrics.overlap import dice, volume_ml
from islesedu.metrics.surface_distance import bounding_box
from islesedu.widgets.browser.inputs import Volume
from islesedu.widgets.browser.packing import levels
from islesedu.widgets.browser.what_if import Alternatives
from islesedu.widgets.browser.windows import windows_of

_EXACT = 8_000_000
"""Voxels of the largest box whose maps travel with 16 bits a value; above it they have 8."""
_SAMPLE = 200_000
"""Voxels of the brain from which percentiles are taken."""


@dataclass(frozen=True)
class Side:
    """A patient with what was drawn and predicted on it.

    Attributes
    ----------
    volume : Volume
    truth, prediction : ndarray of bool, (X, Y, Z), or None
        Masks.
    probability : ndarray, (X, Y, Z), or None
        Between 0 and 1.
    series : ndarray, (X, Y, Z, T), or None
        The DSC time series.
    shared : Side or None
        The other side, where both show the same maps.
    alternatives : Alternatives or None
        Counterfactual predictions, of which `probability` is one.
    """

    volume: Volume
    truth: np.ndarray | None = None
    prediction: np.ndarray | None = None
    probability: np.ndarray | None = None
    series: np.ndarray | None = None
    shared: "Side | None" = None
    alternatives: Alternatives | None = None

    def choose(self, number: int) -> "Side":
        """Return this side with another of its alternatives; all else is taken over."""
        side = replace(self, probability=self.alternatives.probability(number))
        computed = {name: value for name, value in vars(self).items() if name not in vars(side)}
        vars(side).update(computed, levels=self.alternatives.levels[number])
        return side

    @cached_property
    def brain(self) -> np.ndarray:
        """The voxels (X, Y, Z) in which some map has a value that is not 0."""
        brain = np.zeros(self.volume.shape, bool)
        for values in np.moveaxis(self.volume.image, 3, 0):
            brain |= np.isfinite(values) & (values != 0)
        return brain

    @cached_property
    def focus(self) -> list[list[int]]:
        """First voxel of the brain and the one after its last, along each axis."""
        return _box_around(self.brain) or [[0, n] for n in self.volume.shape]

    @cached_property
    def levels(self) -> np.ndarray | None:
        """The probability in steps of the threshold, see `packing.levels`."""
        return None if self.probability is None else levels(self.probability)

    @cached_property
    def own_box(self) -> list[list[int]]:
        """The part of the grid that travels: all that differs from air."""
        masks = [mask for mask in (self.brain, self.truth, self.prediction) if mask is not None]
        seen = np.logical_or.reduce(masks)
        if self.alternatives is not None:
            seen |= self.alternatives.levels.max(axis=0) > 1  # the same box for all of them
        elif self.levels is not None:
            seen |= self.levels > 1  # a sigmoid is never 0
        if self.series is not None:
            seen |= (self.series != 0).any(axis=3)
        box = _box_around(seen) or self.focus
        outside = np.ones(self.volume.shape, bool)
        outside[tuple(slice(*ends) for ends in box)] = False
        for values in np.moveaxis(self.volume.image, 3, 0):
            blank = np.isnan(values[outside])
            if blank.any() and not blank.all():  # neither 0 nor NaN says what is outside
                return [[0, n] for n in self.volume.shape]
        return box

    @cached_property
    def box(self) -> list[list[int]]:
        """The part of the grid that travels; both sides have the same where maps are shared."""
        if self.shared is None:
            return self.own_box
        pairs = zip(self.own_box, self.shared.own_box, strict=True)
        return [[min(a[0], b[0]), max(a[1], b[1])] for a, b in pairs]

    @property
    def exact(self) -> bool:
        """Whether maps travel with 16 bits a value."""
        return bool(np.prod([high - low for low, high in self.box]) <= _EXACT)

    def crop(self, values: np.ndarray) -> np.ndarray:
        """Return the part of an array (X, Y, Z, ...) that travels."""
        return values[tuple(slice(*ends) for ends in self.box)]

    @property
    def maps(self) -> tuple[str, ...]:
        """Names of all that can be looked at."""
        more = [SERIES] * (self.series is not None)
        more += ["probability"] * (self.probability is not None)
        return (*self.volume.channels, *more)

    def array(self, name: str, time: int = 0) -> np.ndarray:
        """Return a map (X, Y, Z) by its name; of the time series, one time."""
        if name == SERIES:
            return self.series[..., min(time, self.series.shape[3] - 1)]
        if name == "probability":
            return self.probability
        return self.volume.image[..., self.volume.channels.index(name)]

    def value(self, name: str, voxel: tuple[int, ...], time: int = 0) -> float:
        """Return the value of a map in a voxel."""
        return float(self.array(name, time)[tuple(voxel)])

    @cached_property
    def samples(self) -> tuple[np.ndarray, ...]:
        """Indices of voxels of the brain, at most `_SAMPLE` of them, evenly spread."""
        inside = np.flatnonzero(self.brain) if self.brain.any() else np.arange(self.brain.size)
        return np.unravel_index(inside[:: max(1, len(inside) // _SAMPLE)], self.volume.shape)

    @cached_property
    def windows(self) -> dict[str, dict[str, tuple[float, float]]]:
        """The windows to choose from, by map and name; the one to begin with first."""
        windows = {
            name: windows_of(name, unit, self.array(name)[self.samples])
            for name, unit in self.volume.units.items()
        }
        if self.series is not None:
            windows[SERIES] = windows_of(SERIES, "", self.series[self.samples])
        if self.probability is not None:
            windows["probability"] = {"0 to 1": (0.0, 1.0)}
        return windows

    @cached_property
    def ranges(self) -> dict[str, tuple[float, float]]:
        """Lowest and highest value of each map that its codes can stand for."""
        ranges = {"probability": (0.0, 1.0)}
        for name in self.volume.channels:
            ranges[name] = self._range(self.array(name), name, self.exact)
        if self.series is not None:
            ranges[SERIES] = self._range(self.series, SERIES, False)
        return ranges

    def _range(self, values: np.ndarray, name: str, exact: bool) -> tuple[float, float]:
        """Return the range of a map: all of it, or with 8 bits what windows reach, and 0."""
        if exact:
            known = np.isfinite(values)
            values = values if known.all() else values[known]
            return (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
        ends = [window for label, window in self.windows[name].items() if label != "full range"]
        return min(0.0, *(e[0] for e in ends)), max(e[1] for e in ends)

    def predicted(self, source: str, threshold: float) -> np.ndarray | None:
        """Return the predicted mask (X, Y, Z) from `source`, or from the one there is; or None."""
        above = None if self.probability is None else self.probability > threshold
        if self.prediction is None or (source == "probability" and above is not None):
            return above
        return self.prediction

    def dice(self, source: str, threshold: float) -> float | None:
        """Return Dice of prediction and truth, or None where one of them is not there."""
        predicted = self.predicted(source, threshold)
        return None if predicted is None or self.truth is None else dice(predicted, self.truth)

    def predicted_ml(self, source: str, threshold: float) -> float | None:
        """Return the volume of what is predicted in ml, or None where nothing was given."""
        predicted = self.predicted(source, threshold)
        return None if predicted is None else volume_ml(predicted, self.volume.spacing)

    def answer(self, chosen: Sequence[int], threshold: float) -> str:
        """Return what was chosen of the alternatives and how much is predicted then, or ""."""
        if self.alternatives is None:
            return ""
        volume = self.predicted_ml("probability", threshold)
        return f"{self.alternatives.words(chosen)}: {volume:.1f} ml predicted"

    def place(self, position: Sequence[int], first: "Side") -> tuple[int, int, int]:
        """Return the voxel that lies in this grid where `position` lies in the first side's.

        Two patients are not registered: the same fraction of the way to the right, front and top.
        """
        place = [0, 0, 0]
        runs = zip(directions(first.volume.affine), directions(self.volume.affine), strict=True)
        for (axis, way), (own_axis, own_way) in runs:
            part = (position[axis] + 0.5) / first.volume.shape[axis]
            part = part if way == own_way else 1 - part
            place[own_axis] = int(part * self.volume.shape[own_axis])
        return tuple(place)

    @property
    def mirrored(self) -> tuple[int, int] | None:
        """The axis from right to left, and what a voxel number and its mirror's add up to there.

        None where left and right are unknown. See `SliceBrowser.mirror_position`.
        """
        if not self.volume.placed:
            return None
        axis = directions(self.volume.affine)[0][0]
        return axis, sum(self.focus[axis]) - 1

    def mirror(self, position: Sequence[int]) -> tuple[int, int, int] | None:
        """Return the voxel on the other side of the mid-sagittal plane; None outside the grid."""
        if self.mirrored is None:
            return None
        axis, total = self.mirrored
        voxel = [int(total - v if a == axis else v) for a, v in enumerate(position)]
        return tuple(voxel) if 0 <= voxel[axis] < self.volume.shape[axis] else None

    def scale(self, name: str, other: "Side") -> float:
        """Return by what a window of `other` is multiplied here: where ADC has another unit."""
        units = [side.volume.units.get(name) for side in (self, other)]
        return 1 if None in units else ADC_FACTORS.get(units[0], 1) / ADC_FACTORS.get(units[1], 1)

    def largest(self, plane: str) -> tuple[int, int, int] | None:
        """Return a voxel of the lesion in the slice with most of it, nearest to its middle there.

        The lesion is the truth, or what is predicted where there is none; None if it is empty.
        """
        lesion = self.predicted("prediction", 0.5) if self.truth is None else self.truth
        if lesion is None or not lesion.any():
            return None
        across = view(self.volume.affine, plane).axes[2]
        index = best_slice(lesion, across)
        voxels = np.argwhere(lesion.take([index], axis=across))  # (n, 3)
        voxels[:, across] = index
        far = ((voxels - voxels.mean(axis=0)) * self.volume.spacing) ** 2
        return tuple(int(v) for v in voxels[far.sum(axis=1).argmin()])


def _box_around(mask: np.ndarray) -> list[list[int]]:
    """Return the first voxel of a mask and the one after its last, along each axis."""
    return [[s.start, s.stop] for s in bounding_box(mask)] if mask.any() else []
