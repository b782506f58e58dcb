"""Counterfactual predictions: a probability for every combination of labels of 1 to 3 variables."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Real
from typing import Any

import numpy as np

from islesedu.widgets.browser.inputs import BrowserError, Volume, as_numbers, as_text
from islesedu.widgets.browser.overlays import as_probability
from islesedu.widgets.browser.packing import levels

_MOST = 3
"""Variables that can be chosen from at the same time."""


@dataclass(frozen=True)
class Alternatives:
    """What is predicted for every combination of labels; their number counts the last fastest.

    Attributes
    ----------
    labels : dict of str to tuple of str
        The labels of each variable.
    stack : ndarray, (labels, ..., X, Y, Z)
        Probabilities as they were given: not copied, one axis of labels for each variable.
    volume : Volume
        The grid on which they lie.
    """

    labels: dict[str, tuple[str, ...]]
    stack: np.ndarray
    volume: Volume

    @property
    def shape(self) -> tuple[int, ...]:
        """How many labels each variable has."""
        return tuple(len(labels) for labels in self.labels.values())

    @property
    def count(self) -> int:
        """How many alternatives there are, N."""
        return math.prod(self.shape)

    def number(self, chosen: Sequence[int]) -> int:
        """Return which of the alternatives these labels are."""
        return int(np.ravel_multi_index(tuple(chosen), self.shape))

    def probability(self, number: int) -> np.ndarray:
        """Return the probability (X, Y, Z) of an alternative, 0 where it has no value."""
        index = np.unravel_index(number, self.shape)
        name = f"probability of {self.words(index)}"
        return as_probability(name, self.stack[index], self.volume)

    @cached_property
    def levels(self) -> np.ndarray:
        """All of them in steps of the threshold, (N, X, Y, Z), see `packing.levels`."""
        steps = np.empty((self.count, *self.volume.shape), np.uint8)
        for number in range(self.count):
            steps[number] = levels(self.probability(number))
        return steps

    def choice(self, chosen: Sequence[int]) -> dict[str, str]:
        """Return the labels by variable."""
        pairs = zip(self.labels.items(), chosen, strict=True)
        return {name: labels[index] for (name, labels), index in pairs}

    def words(self, chosen: Sequence[int]) -> str:
        """Return the labels in words: "TICI 2b, treated after 3 h"."""
        return ", ".join(f"{name} {label}" for name, label in self.choice(chosen).items())


def as_alternatives(what_if: Any, probability: Any, volume: Volume) -> Alternatives:
    """Return the alternatives that were given on a volume's grid; or refuse them in one sentence.

    Parameters
    ----------
    what_if : mapping of str to sequence of str or numbers
        One to three variables with two or more labels each.
    probability : array (labels of the first, labels of the second, ..., X, Y, Z)
        One for every combination.
    """
    labels = _as_labels(what_if)
    sizes = {name: len(values) for name, values in labels.items()}
    expected = (*sizes.values(), *volume.shape)
    axes = ", ".join([*(f"{size} for {name}" for name, size in sizes.items()), "X", "Y", "Z"])
    if probability is None:
        raise BrowserError(
            f"what_if is given without probability; expected one of the shape {expected}: ({axes})"
        )
    stack = as_numbers("probability", probability)
    if stack.shape == (*expected, 1):  # as a network leaves it
        stack = stack[..., 0]
    if stack.shape != expected:
        raise BrowserError(
            f"probability has the shape {stack.shape}; with this what_if expected {expected}: "
            f"({axes})"
        )
    alternatives = Alternatives(labels, stack, volume)
    alternatives.levels  # noqa: B018  # here, so that what is no probability is refused here
    return alternatives


def _as_labels(what_if: Any) -> dict[str, tuple[str, ...]]:
    """Return variables and labels as text.

    Examples
    --------
    >>> _as_labels({"TICI": ["2b", "3"], "hours": [1, 4.5]})
    {'TICI': ('2b', '3'), 'hours': ('1', '4.5')}
    """
    if not isinstance(what_if, Mapping) or not 1 <= len(what_if) <= _MOST:
        found = f"{len(what_if)} names" if isinstance(what_if, Mapping) else type(what_if).__name__
        raise BrowserError(
            f"what_if is {found}; expected 1 to {_MOST} names with their labels, such as "
            "{'TICI': ['0', '3']}"
        )
    labels = {}
    for name, given in what_if.items():
        if not isinstance(name, str) or not name.strip():
            raise BrowserError(f"what_if has the name {name!r}; expected text")
        name = as_text("a name in what_if", name)
        if isinstance(given, (str, bytes, Mapping)) or not np.iterable(given):
            found = f"what_if has {given!r} for {name}"
            raise BrowserError(f"{found}; expected a list of two or more labels")
        labels[name] = tuple(_as_text(label, name) for label in given)
        if len(labels[name]) < 2 or len(set(labels[name])) < len(labels[name]):
            found = f"what_if has the labels {list(labels[name])} for {name}"
            raise BrowserError(f"{found}; expected two or more, all different")
    return labels


def _as_text(label: Any, name: str) -> str:
    """Return a label as it is shown."""
    given = isinstance(label, str) and label.strip()
    if not given and (isinstance(label, bool) or not isinstance(label, Real)):
        raise BrowserError(f"what_if has the label {label!r} for {name}; expected text or a number")
    return as_text(f"a label of {name} in what_if", label)
