"""Check an answer in place: right, wrong and why, or not given yet.

A lesson holds ``your_dice = None`` and then ``check(your_dice, expected=...,
slips=..., hint=...)``. An untouched exercise never stops a lesson, and nothing a student
writes makes a check fail with a traceback.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

import numpy as np

State = Literal["waiting", "right", "wrong"]
SIGNS = {"waiting": "○ Not answered yet.", "right": "✓ Right.", "wrong": "✗ Not yet."}
COLORS = {"waiting": "#56B4E9", "right": "#009E73", "wrong": "#D55E00"}  # Okabe and Ito


@dataclass(frozen=True)
class Verdict:
    """What a check found.

    Attributes
    ----------
    state : {"waiting", "right", "wrong"}
        Whether there is an answer, and whether it is right.
    message : str
        What was expected, what came, and what the likely slip is.
    """

    state: State
    message: str = ""

    def __bool__(self) -> bool:
        """Return whether the answer is right."""
        return self.state == "right"

    def __repr__(self) -> str:
        return f"{SIGNS[self.state]} {self.message}".strip()

    def _repr_html_(self) -> str:
        """Return a box for the notebook: sign and words carry the meaning, the colour helps."""
        style = f"border-left: 6px solid {COLORS[self.state]}; padding: 0.3em 0.8em"
        text = escape(self.message).replace("\n", "<br>")
        return f'<div role="status" style="{style}"><b>{SIGNS[self.state]}</b> {text}</div>'


def check(
    your_answer: Any,
    expected: Any,
    *,
    slips: Mapping[str, Any] | None = None,
    hint: str = "",
    tolerance: float = 1e-6,
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
        Shown while the answer is missing or wrong.
    tolerance : float
        Numbers may differ by this much, absolutely, or relatively to the expected number.

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
    tip = f"Hint: {hint}" if hint else ""
    if is_missing(your_answer):
        return Verdict("waiting", tip)
    try:
        complaint = compare(your_answer, expected, tolerance)
        if complaint is None:
            return Verdict("right")
        for slip, wrong in (slips or {}).items():
            if compare(your_answer, wrong, tolerance) is None:
                shown = f"Your answer is {short(your_answer)}, and {short(expected)} was expected"
                return Verdict("wrong", f"{shown}: {slip.rstrip('.')}.")
    except Exception as error:  # an answer can be any object; a check must outlive it
        complaint = f"Your answer of type {type(your_answer).__name__} cannot be read ({error})."
    return Verdict("wrong", f"{complaint} {tip}".strip())


def is_missing(answer: Any) -> bool:
    """Tell whether an answer is None or a list, tuple or array of nothing else."""
    if isinstance(answer, np.ndarray) and answer.dtype == object:
        answer = answer.ravel().tolist()
    if isinstance(answer, (list, tuple)):
        return len(answer) == 0 or all(is_missing(part) for part in answer)
    return answer is None or answer is Ellipsis


def compare(answer: Any, expected: Any, tolerance: float) -> str | None:
    """Return what is wrong with an answer, or None."""
    if isinstance(expected, str):
        same = isinstance(answer, str) and answer.strip().lower() == expected.strip().lower()
        return None if same else f"Your answer is {short(answer)}; {expected!r} was expected."
    found, wanted = as_array(answer), np.asarray(expected)
    if found is None:
        kind = "a number" if wanted.ndim == 0 else f"an array of shape {wanted.shape}"
        return f"Your answer is {short(answer)}; {kind} was expected."
    if found.shape != wanted.shape:
        swapped = found.shape == wanted.shape[::-1] and found.ndim > 1
        slip = " (rows and columns are swapped)" if swapped else ""
        return f"Your answer has the shape {found.shape}, and {wanted.shape} was expected{slip}."
    return first_difference(found, wanted, tolerance)


def first_difference(found: np.ndarray, wanted: np.ndarray, tolerance: float) -> str | None:
    """Return a sentence about the first number that differs, or None."""
    limit = tolerance * np.maximum(1, np.abs(wanted.astype(float)))
    with np.errstate(invalid="ignore"):
        close = np.abs(found - wanted.astype(float)) <= limit
    close |= (found == wanted) | (np.isnan(found) & np.isnan(wanted.astype(float)))
    if close.all():
        return None
    if wanted.ndim == 0:
        return f"Your answer is {short(found[()])}, and {short(wanted[()])} was expected."
    place = tuple(int(i) for i in np.argwhere(~close)[0])
    if found.shape == wanted.T.shape and np.allclose(found, wanted.T, atol=tolerance):
        return "Your answer is transposed: rows and columns are swapped."
    at = place[0] if len(place) == 1 else place
    return (
        f"{int((~close).sum())} of {wanted.size} numbers differ, the first at {at}: "
        f"yours is {short(found[place])}, and {short(wanted[place])} was expected."
    )


def as_array(answer: Any) -> np.ndarray | None:
    """Return an answer as an array of floats, or None if it is nothing of numbers."""
    if isinstance(answer, str):
        return None
    try:
        return np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        return None


def short(value: Any) -> str:
    """Return a value in few characters."""
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        return f"{float(value):.6g}"
    text = repr(value.tolist()) if isinstance(value, np.ndarray) else repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
