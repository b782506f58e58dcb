"""How an answer differs from the expected one, beyond a tolerance, in words."""

from typing import Any

import numpy as np

_LESS_THAN_HALF = 0.499
"""How far an answer may be from a whole number that is expected, however large that is."""


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
    found, wanted = as_array(answer), np.asarray(expected)
    if found is None:
        kind = "a number" if wanted.ndim == 0 else f"an array of shape {wanted.shape}"
        return f"Your answer is {short(answer)}; {kind} was expected."
    if found.shape != wanted.shape:
        swapped = found.shape == wanted.shape[::-1] and found.ndim > 1
        slip = " (rows and columns are swapped)" if swapped else ""
        return f"Your answer has the shape {found.shape}, and {wanted.shape} was expected{slip}."
    return _first_difference(answer, found, wanted, tolerance)


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
    """Return which numbers are right: within a share of large ones, but a count to its last unit.

    A tolerance of 1 or more is meant for counts, too.
    """
    expected, own = wanted.astype(float), np.asarray(answer)
    if tolerance < 1 and own.dtype.kind in "iuO" and wanted.dtype.kind in "iuO":
        return np.asarray(own == wanted, bool)  # exact also beyond 2**53, where floats are not
    limit = tolerance * np.maximum(1, np.abs(expected))
    nearest = np.minimum(limit, max(tolerance, _LESS_THAN_HALF))
    limit = np.where(expected == np.round(expected), nearest, limit)
    with np.errstate(invalid="ignore"):
        close = np.abs(found - expected) <= limit
    return close | (found == expected) | (np.isnan(found) & np.isnan(expected))


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
        value = float(value)
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.6g}"
    text = repr(value.tolist()) if isinstance(value, np.ndarray) else repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
