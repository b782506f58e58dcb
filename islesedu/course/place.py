"""An exercise whose answer is a voxel that has to lie in a region."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from islesedu.course.answers import as_array, no_numbers, short
from islesedu.course.exercise import Exercise
from islesedu.course.wording import as_sentence

Voxel = tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class PlaceExercise(Exercise):
    """A question whose answer is the voxel under the crosshair of a `SliceBrowser`.

    Attributes
    ----------
    answer : callable
        Takes the state; returns the region (X, Y, Z) of bool in which the voxel has to lie.
    slips : callable
        Takes the state; returns other regions by the sentence that names the mistake. The first
        one that holds the voxel counts.

    Examples
    --------
    >>> right, edge = np.zeros((2, 4, 4, 4), bool)
    >>> right[1, 2, 3], edge[:, :, 0] = True, True
    >>> exercise = PlaceExercise(
    ...     asks="three whole numbers",
    ...     answer=lambda spacing: right,
    ...     slips=lambda spacing: {"that is the first slice": edge},
    ...     hints=("Look up.", "Look further up."),
    ...     solution="your_place = (1, 2, 3)",
    ... )
    >>> exercise.complaint((1, 2, 3), spacing=(1, 1, 5))
    >>> exercise.complaint((1, 2, 0), spacing=(1, 1, 5))
    ('That is the first slice.', True)
    >>> exercise.complaint((1, 2, 2), spacing=(1, 1, 5))
    ('Voxel (1, 2, 2) lies 5 mm away from the nearest right one.', False)
    """

    answer: Callable[..., np.ndarray]
    slips: Callable[..., Mapping[str, np.ndarray]]

    def expected(self, **state: Any) -> Voxel:
        """Return one of the right voxels, the first."""
        return _first(np.asarray(self.answer(**state), bool))

    def known_slips(self, **state: Any) -> dict[str, Voxel]:
        """Return a voxel of each slip's region that gets the slip's sentence."""
        taken, voxels = np.asarray(self.answer(**state), bool), {}
        for sentence, region in self.slips(**state).items():
            own = np.asarray(region, bool) & ~taken
            if own.any():
                voxels[sentence] = _first(own)
            taken = taken | own
        return voxels

    def complaint(self, answer: Any, **state: Any) -> tuple[str, bool] | None:
        """Return why a voxel is not in the region, and whether the mistake is a known one."""
        region = np.asarray(self.answer(**state), bool)
        found = None if no_numbers(answer) else as_array(answer)
        if (
            found is None
            or found.shape != (3,)
            or not (np.isfinite(found) & (found % 1 == 0)).all()
        ):
            return f"Your answer is {short(answer)}; give {self.asks}.", False
        voxel = tuple(int(number) for number in found)
        if not all(0 <= n < size for n, size in zip(voxel, region.shape, strict=True)):
            return f"Voxel {voxel} lies outside the volume.", False
        if region[voxel]:
            return None
        for sentence, other in self.slips(**state).items():
            if np.asarray(other, bool)[voxel]:
                return as_sentence(sentence), True
        away = distance_mm(voxel, region, state.get("spacing", (1.0, 1.0, 1.0)))
        return f"Voxel {voxel} lies {away:.0f} mm away from the nearest right one.", False


def distance_mm(voxel: Voxel, region: np.ndarray, spacing: Sequence[float]) -> float:
    """Return the distance in mm from a voxel to the nearest one of a region.

    Examples
    --------
    >>> distance_mm((0, 0, 0), np.arange(8).reshape(2, 2, 2) == 7, (3, 4, 12))
    13.0
    """
    apart = (np.argwhere(region) - voxel) * np.asarray(spacing, float)  # (N, 3), mm
    return float(np.sqrt((apart**2).sum(axis=1)).min())


def _first(region: np.ndarray) -> Voxel:
    """Return the first voxel of a region."""
    return tuple(int(n) for n in np.argwhere(region)[0])
