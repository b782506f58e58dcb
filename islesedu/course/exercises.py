"""Check an answer in place: right, wrong and why, or not given yet.

A lesson holds ``your_dice = None`` and then ``check(your_dice, expected=...,
slips=..., hint=...)``, or a function that returns ``None`` and `check_function`. An untouched
exercise never stops a lesson, and nothing a student writes makes a check fail with a traceback.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from islesedu.course import progress
from islesedu.course.answers import as_array, explain_difference, is_missing, short
from islesedu.course.verdict import State, Verdict


def check(
    your_answer: Any,
    expected: Any,
    *,
    slips: Mapping[str, Any] | None = None,
    hint: str = "",
    tolerance: float = 1e-6,
    name: str = "",
    solution: Callable | None = None,
) -> Verdict:
    """Compare an answer with the expected one and say what is wrong with it.

    Parameters
    ----------
    your_answer : anything
        None, or a list of nothing but None, means that nobody has answered.
    expected : number, text, bool, tuple of numbers, or array
        The right answer, computed by the package's tested function where there is one.
    slips : mapping of str to answer, optional
        Wrong answers that come from a well-known slip, by the sentence that names it.
    hint : str
        Can be unfolded while the answer is missing or wrong.
    tolerance : float
        Numbers may differ by this much, absolutely, or relatively to the expected number. A whole
        number that is expected must be met to the unit, unless the tolerance is 1 or more.
    name : str
        "09.1": under which `islesedu.course.progress` notes the answer; nowhere if empty.
    solution : callable, optional
        A function whose source can be unfolded.

    Returns
    -------
    Verdict
        Shown by the notebook when it is the last expression of a cell.

    Examples
    --------
    >>> check(None, expected=0.5, hint="2 x 1 / 4")
    ○ Not answered yet. Hint: 2 x 1 / 4
    >>> check(0.25, expected=0.5, slips={"you left out the factor 2": 0.25})
    ✗ Not yet. Your answer is 0.25, and 0.5 was expected: you left out the factor 2.
    >>> check("1/2", expected=0.5)
    ✗ Not yet. Your answer is '1/2'; a number was expected.
    """
    if is_missing(your_answer):
        return _verdict("waiting", "", hint, name, solution)
    try:
        complaint = _diagnose(your_answer, expected, slips or {}, tolerance)
    except Exception as error:  # an answer can be any object; a check must outlive it
        complaint = f"Your answer of type {type(your_answer).__name__} cannot be read ({error})."
    return _verdict("wrong" if complaint else "right", complaint or "", hint, name, solution)


def check_function(
    your_function: Callable,
    reference: Callable,
    cases: Sequence[tuple],
    *,
    slips: Callable[..., Mapping[str, Any]] | None = None,
    hint: str = "",
    tolerance: float = 1e-6,
    name: str = "",
) -> Verdict:
    """Compare what two functions return for the same arguments.

    Parameters
    ----------
    your_function : callable
        One that returns None or ``...`` counts as not written yet.
    reference : callable
        The right one; its source is the solution.
    cases : sequence of tuple
        Positional arguments of each call; a dict at the end holds the named ones.
    slips : callable, optional
        Called with the arguments of a case, it returns the slips as `check` takes them.
    hint, tolerance, name
        As for `check`.

    Examples
    --------
    >>> check_function(lambda x: -x, abs, [(-1,), (2,)])
    ✗ Not yet. For (2): Your answer is -2, and 2 was expected.
    """
    for case in cases:
        named = case[-1] if isinstance(case[-1], dict) else {}
        values = case[: len(case) - bool(named)]
        given = [short(value) for value in values] + [f"{key}={v}" for key, v in named.items()]
        expected = reference(*values, **named)
        try:
            answer = your_function(*_copies(values), **named)
            if is_missing(answer):
                return _verdict("waiting", "", hint, name, reference)
            usual = slips(*values, **named) if slips else {}
            complaint = _diagnose(answer, expected, usual, tolerance)
        except Exception as error:
            complaint = f"your function stops with {type(error).__name__}: {error}"
        if complaint:
            return _verdict(
                "wrong", f"For ({', '.join(given)}): {complaint}", hint, name, reference
            )
    return _verdict("right", "", hint, name, reference)


def check_place(
    your_place: Any,
    region: np.ndarray,
    spacing: Sequence[float] = (1.0, 1.0, 1.0),
    *,
    slips: Mapping[str, np.ndarray] | None = None,
    hint: str = "",
    name: str = "",
) -> Verdict:
    """Tell whether a voxel lies in a region, and if not, how far away it is.

    Parameters
    ----------
    your_place : three whole numbers
        The voxel, such as the position of a `islesedu.widgets.SliceBrowser`; None means that nobody
        has answered.
    region : ndarray of bool, (X, Y, Z)
        Where it should lie.
    spacing : sequence of float
        Voxel size in mm.
    slips : mapping of str to ndarray of bool, (X, Y, Z), optional
        Other regions, by the sentence that names the slip that leads there.
    hint, name
        As for `check`.

    Examples
    --------
    >>> region = np.zeros((4, 4, 4), bool)
    >>> region[1, 2, 3] = True
    >>> check_place((1, 2, 3), region)
    ✓ Right.
    >>> check_place((1, 2, 0), region, (1, 1, 5))
    ✗ Not yet. Voxel (1, 2, 0) lies 15 mm away from the nearest right one.
    """
    if is_missing(your_place):
        return _verdict("waiting", "", hint, name, None)
    try:
        complaint = _misplaced(your_place, np.asarray(region, bool), spacing, slips or {})
    except Exception as error:  # an answer can be any object; a check must outlive it
        complaint = f"Your answer of type {type(your_place).__name__} cannot be read ({error})."
    return _verdict("wrong" if complaint else "right", complaint or "", hint, name, None)


def _misplaced(
    place: Any, region: np.ndarray, spacing: Sequence[float], slips: Mapping[str, np.ndarray]
) -> str | None:
    """Return what is wrong with a voxel that should lie in a region, or None."""
    found = as_array(place)
    if found is None or found.shape != (3,) or (found != found.round()).any():
        return f"Your answer is {short(place)}; three whole numbers were expected."
    voxel = tuple(int(number) for number in found)
    if not all(0 <= number < size for number, size in zip(voxel, region.shape, strict=True)):
        return f"Voxel {voxel} lies outside the volume, which has {region.shape} voxels."
    if region[voxel]:
        return None
    for slip, other in slips.items():
        if other[voxel]:
            return f"Voxel {voxel} is not in the region asked for: {slip.rstrip('.')}."
    apart = (np.argwhere(region) - voxel) * np.asarray(spacing, float)  # (N, 3), mm
    nearest = np.sqrt((apart**2).sum(axis=1)).min()
    return f"Voxel {voxel} lies {nearest:.0f} mm away from the nearest right one."


def _copies(values: tuple) -> tuple:
    """Return copies of arrays, so that a function that writes into them harms nobody."""
    return tuple(v.copy() if isinstance(v, np.ndarray) else v for v in values)


def _verdict(
    state: State, message: str, hint: str, name: str, solution: Callable | None
) -> Verdict:
    """Return a verdict, and note it."""
    progress.note(name, state)
    try:
        source = inspect.getsource(solution) if solution else ""
    except (OSError, TypeError):  # a function without a file, such as a built-in one
        source = ""
    return Verdict(state, message, hint, source)


def _diagnose(answer: Any, expected: Any, slips: Mapping[str, Any], tolerance: float) -> str | None:
    """Return what is wrong with an answer, with the name of the slip if it is a usual one."""
    complaint = explain_difference(answer, expected, tolerance)
    if complaint is None:
        return None
    for slip, wrong in slips.items():
        if explain_difference(answer, wrong, tolerance) is None:
            shown = f"Your answer is {short(answer)}, and {short(expected)} was expected"
            return f"{shown}: {slip.rstrip('.')}."
    return complaint
