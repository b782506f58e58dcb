"""How an answer differs from the expected one, beyond a tolerance, in words."""

import reprlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from islesedu.course.sandbox import shorten

_EXACT = 1e-6
"""Up to this tolerance a whole number must be met exactly: counts are not rounded."""
_LOOKED_AT = 100_000
"""Entries of nested lists that are looked at one by one."""
_brief = reprlib.Repr()
_brief.maxlevel, _brief.maxlist, _brief.maxtuple, _brief.maxother = 4, 20, 20, 80
_brief.maxstring = 80


def is_missing(answer: Any) -> bool:
    """Tell whether an answer is None or a list, tuple or array of nothing else."""
    if isinstance(answer, np.ndarray) and answer.dtype == object:
        answer = answer.ravel().tolist()
    if isinstance(answer, (list, tuple)):
        return len(answer) == 0 or all(is_missing(part) for part in answer)
    return answer is None or answer is Ellipsis


def explain_difference(answer: Any, expected: Any, tolerance: float) -> str | None:
    """Return what is wrong with an answer, or None."""
    if isinstance(expected, str):
        same = isinstance(answer, str) and answer.strip().lower() == expected.strip().lower()
        return None if same else f"Your answer is {short(answer)}; {expected!r} was expected."
    wanted = np.asarray(expected)
    kind = "a number" if wanted.ndim == 0 else f"an array of shape {wanted.shape}"
    if advice := no_numbers(answer, truth_values=wanted.dtype == bool):
        return f"Your answer is {short(answer)}; {kind} was expected: {advice}."
    found = as_array(answer)
    if found is None:
        return f"Your answer is {short(answer)}; {kind} was expected."
    if found.shape != wanted.shape:
        return _other_shape(answer, found, wanted)
    return _first_difference(answer, found, wanted, tolerance)


def _other_shape(answer: Any, found: np.ndarray, wanted: np.ndarray) -> str:
    """Return a sentence about an answer of the wrong shape."""
    if wanted.ndim == 0 and isinstance(answer, tuple) and found.shape == (2,):
        point = ".".join(short(part) for part in answer)
        return (
            f"Your answer is {short(answer)}: Python takes a comma for two numbers; one was "
            f"expected, with a point, such as {point}."
        )
    swapped = found.shape == wanted.shape[::-1] and found.ndim > 1
    slip = " (rows and columns are swapped)" if swapped else ""
    return f"Your answer has the shape {found.shape}, and {wanted.shape} was expected{slip}."


def _first_difference(
    answer: Any, found: np.ndarray, wanted: np.ndarray, tolerance: float
) -> str | None:
    """Return a sentence about the first number that differs, or None."""
    close = _are_close(answer, found, wanted, tolerance)
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


def _are_close(answer: Any, found: np.ndarray, wanted: np.ndarray, tolerance: float) -> np.ndarray:
    """Return which numbers are right: within a share of large ones, but counts exactly."""
    expected, own = wanted.astype(float), np.asarray(answer)
    counts = wanted.dtype.kind in "iuO" and tolerance <= _EXACT
    if counts and own.dtype.kind in "iuO":
        return np.asarray(own == wanted, bool)  # exact also beyond 2**53, where floats are not
    limit = tolerance * (1 if counts else np.maximum(1, np.abs(expected)))
    if tolerance <= _EXACT:  # a share of 44 million is dozens: a count may also be stored as float
        limit = np.where(expected == np.round(expected), np.minimum(limit, 0.499), limit)
    with np.errstate(invalid="ignore"):
        close = np.abs(found - expected) <= limit
    return close | (found == expected) | (np.isnan(found) & np.isnan(expected))


def as_array(answer: Any) -> np.ndarray | None:
    """Return an answer as an array of floats, or None if it is nothing of numbers."""
    if isinstance(answer, str) or no_numbers(answer, truth_values=True):
        return None
    try:
        return np.asarray(answer, dtype=float)
    except (TypeError, ValueError, OverflowError):
        return None


def no_numbers(answer: Any, truth_values: bool = False) -> str:
    """Return advice if an answer holds what NumPy would silently take for a number, else "".

    Parameters
    ----------
    answer : anything
    truth_values : bool
        Whether True and False are wanted.

    Examples
    --------
    >>> no_numbers([1, b"0.5"]), no_numbers("0,5"), no_numbers([1, 2.5])
    ('write numbers without quotes', 'write it without quotes and with a point, 0.5', '')
    """
    for part in _parts(answer):
        kind = part.dtype.kind if isinstance(part, (np.ndarray, np.generic)) else ""
        if isinstance(part, (str, bytes, bytearray)) or kind in ("S", "U", "T"):
            return _without_quotes(answer)
        if (isinstance(part, bool) or kind == "b") and not truth_values:
            return "True and False are answers to a question, not numbers"
        if kind in ("m", "M"):
            return "write the number without its unit"
        if isinstance(part, complex) or kind == "c":
            return "take the real part or the magnitude of complex numbers"
        if np.ma.is_masked(part):
            return "fill the masked values first"
        if isinstance(part, (set, frozenset, dict)):
            return "give a list, in the order that is asked for"
        if isinstance(part, Iterator):
            return "put list( ) around it"
    return ""


def _without_quotes(answer: Any) -> str:
    """Return how a number that was given as text is written."""
    text = answer.strip() if isinstance(answer, str) else ""
    if text.count(",") == 1 and text.replace(",", "").lstrip("+-").isdigit():
        return f"write it without quotes and with a point, {text.replace(',', '.')}"
    return "write it without quotes" if text else "write numbers without quotes"


def _parts(answer: Any) -> Iterator[Any]:
    """Yield what nested lists hold, or the answer itself; tables and tensors become arrays."""
    waiting, count = [answer], 0
    while waiting and count < _LOOKED_AT:
        part, count = waiting.pop(), count + 1
        if hasattr(type(part), "__array__") and not isinstance(part, (np.ndarray, np.generic)):
            part = np.asarray(part)
        if isinstance(part, np.ndarray) and part.dtype == object:
            part = part.ravel().tolist()
        if isinstance(part, (list, tuple)):
            waiting += part[: _LOOKED_AT - len(waiting)]
        else:
            yield part


def short(value: Any) -> str:
    """Return a value in few characters.

    Examples
    --------
    >>> short(np.float32(0.25)), short("x" * 1000)[:9], short(np.zeros((90, 90)))
    ('0.25', "'xxxxxxxx", 'an array of shape (90, 90)')
    """
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (float, np.floating)):
        whole = float(value).is_integer() and abs(value) < 2**53
        return str(int(value)) if whole else f"{float(value):.6g}"
    if isinstance(value, np.ndarray) and value.size > 1000:
        return f"an array of shape {value.shape}"
    try:
        plain = isinstance(value, (np.ndarray, np.integer))
        text = _brief.repr(value.tolist() if plain else value)
    except Exception:  # an object whose text cannot be made is still of some type
        text = f"an object of type {type(value).__name__}"
    return shorten(" ".join(text.split()), 80)
