"""Check an answer in place: right, wrong and why, or not given yet.

A lesson holds ``your_dice = None`` and then ``check(your_dice, expected=...,
slips=..., hint=...)``, or a function that returns ``None`` and `check_function`. An untouched
exercise never stops a lesson, and nothing a student writes makes a check fail with a traceback or
run for ever (`islesedu.course.sandbox`).
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from islesedu.course import progress
from islesedu.course.answers import as_array, explain_difference, is_missing, no_numbers, short
from islesedu.course.sandbox import TIME_LIMIT, CodeStopped, call, is_stub, run, shorten
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
        number must be met to the unit, unless the tolerance is larger than the default.
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
    ✗ Not yet. Your answer is '1/2'; a number was expected: write it without quotes.
    """
    state, complaint = _judge(
        your_answer, lambda: _diagnose(your_answer, expected, slips or {}, tolerance)
    )
    return _verdict(state, complaint, hint, name, solution)


def check_function(
    your_function: Callable,
    reference: Callable,
    cases: Sequence[tuple],
    *,
    slips: Callable[..., Mapping[str, Any]] | None = None,
    hint: str = "",
    tolerance: float = 1e-6,
    name: str = "",
    time_limit: float = TIME_LIMIT,
) -> Verdict:
    """Compare what two functions return for the same arguments.

    Parameters
    ----------
    your_function : callable
        One that does nothing but return None or ``...`` counts as not written yet. It gets copies
        of the arguments, so that it may change them.
    reference : callable
        The right one; its source is the solution.
    cases : sequence of tuple
        Positional arguments of each call; a dict at the end holds the named ones.
    slips : callable, optional
        Called with the arguments of a case, it returns the slips as `check` takes them.
    hint, tolerance, name
        As for `check`.
    time_limit : float
        Seconds that a call may take.

    Examples
    --------
    >>> check_function(lambda x: -x, abs, [(-1,), (2,)])
    ✗ Not yet. For (2): Your answer is -2, and 2 was expected.
    """
    if not callable(your_function):
        state, complaint = _judge(
            your_function,
            lambda: f"Your answer is {short(your_function)}; a function was expected.",
        )
        return _verdict(state, complaint, hint, name, reference)
    for case in cases:
        state, complaint = _judge_case(your_function, reference, case, slips, tolerance, time_limit)
        if state != "right":
            return _verdict(state, complaint, hint, name, reference)
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
    ✓ Correct.
    >>> check_place((1, 2, 0), region, (1, 1, 5))
    ✗ Not yet. Voxel (1, 2, 0) lies 15 mm away from the nearest right one.
    """
    state, complaint = _judge(
        your_place, lambda: _misplaced(your_place, np.asarray(region, bool), spacing, slips or {})
    )
    return _verdict(state, complaint, hint, name, None)


def _misplaced(
    place: Any, region: np.ndarray, spacing: Sequence[float], slips: Mapping[str, np.ndarray]
) -> str | None:
    """Return what is wrong with a voxel that should lie in a region, or None."""
    found = None if no_numbers(place) else as_array(place)
    if found is None or found.shape != (3,) or not (np.isfinite(found) & (found % 1 == 0)).all():
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


def _judge(answer: Any, diagnose: Callable[[], str | None]) -> tuple[State, str]:
    """Return the state of an answer and what is wrong with it; an answer can be any object."""
    try:
        if run(lambda: is_missing(answer)):
            return "waiting", ""
        complaint = run(diagnose)
    except CodeStopped as error:
        complaint = f"Your answer of type {type(answer).__name__} cannot be read ({error})."
    return ("wrong", complaint) if complaint else ("right", "")


def _judge_case(
    function: Callable,
    reference: Callable,
    case: tuple,
    slips: Callable[..., Mapping[str, Any]] | None,
    tolerance: float,
    time_limit: float,
) -> tuple[State, str]:
    """Return the state of a function for the arguments of one case, and what is wrong with it."""
    named = case[-1] if isinstance(case[-1], dict) else {}
    values = case[: len(case) - bool(named)]
    expected = reference(*values, **named)
    usual = slips(*values, **named) if slips else {}
    try:
        answer = call(function, values, named, time_limit)
        state, complaint = _judge(
            answer, lambda: _diagnose_result(answer, expected, values, usual, tolerance)
        )
    except CodeStopped as error:
        state, complaint = "wrong", f"your function stops with {error}."
    if state == "waiting" and answer is None and not is_stub(function):
        state, complaint = "wrong", "your function returns None; end it with return and the result."
    if state == "wrong":
        given = [short(value) for value in values]
        given += [f"{key}={short(value)}" for key, value in named.items()]
        complaint = f"For ({', '.join(given)}): {complaint}"
    return state, complaint


def _diagnose_result(
    answer: Any, expected: Any, values: tuple, slips: Mapping[str, Any], tolerance: float
) -> str | None:
    """Return what is wrong with what a function returned, and whether it is just an argument."""
    complaint = _diagnose(answer, expected, slips, tolerance)
    if complaint and any(explain_difference(answer, value, 0) is None for value in values):
        complaint += " That is an argument, returned as it came."
    return complaint


def _verdict(
    state: State, message: str, hint: str, name: str, solution: Callable | None
) -> Verdict:
    """Return a verdict, and note it."""
    progress.note(name, state)
    try:
        source = inspect.getsource(solution) if solution else ""
    except (OSError, TypeError):  # a function without a file, such as a built-in one
        source = ""
    return Verdict(state, shorten(message, 1000), hint, source)


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
