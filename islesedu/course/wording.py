"""What a verdict says of an answer: enough to go on, never the right one."""

import re
from typing import Any

import numpy as np

from islesedu.course.answers import as_array, no_numbers, short


def form_of(expected: Any) -> str:
    """Return what the result of a function looks like, without its numbers or its size."""
    if isinstance(expected, str):
        return "a text"
    axes = np.ndim(expected)
    return (
        ("one number", "a row of other length")[axes]
        if axes < 2
        else (f"an array of {axes} axes and another shape")
    )


def describe(answer: Any, expected: Any, asks: str) -> str:
    """Say what can be said of a wrong answer without telling the right one.

    Examples
    --------
    >>> describe(17, 3, "one number")
    'Your number is too large.'
    >>> describe((4, 5), (4, 7), "a pair of whole numbers")
    'The number in position 2 is too small.'
    >>> describe("many", 3, "one number")
    "Your answer is 'many'; give one number: write it without quotes."
    """
    if isinstance(expected, str) and isinstance(answer, str):
        return "That is not it."
    advice = "" if isinstance(expected, (str, bool)) else no_numbers(answer)
    found = None if isinstance(expected, str) else as_array(answer)
    if found is None or advice:
        asked = f"Your answer is {short(answer)}; give {asks}"
        return f"{asked}: {advice}." if advice else f"{asked}."
    wanted = np.asarray(expected, float)
    if found.shape != wanted.shape:
        return f"{_shape_in_words(found)}; give {asks}."
    close = np.isclose(found, wanted, rtol=1e-6, atol=1e-9, equal_nan=True)
    first = tuple(int(i) for i in np.argwhere(~close)[0]) if (~close).any() else ()
    direction = (
        "too large" if np.nan_to_num(found[first]) > np.nan_to_num(wanted[first]) else "too small"
    )
    if wanted.ndim == 0:
        return f"Your number is {direction}."
    if wanted.ndim == 1:
        return f"The number in position {first[0] + 1} is {direction}."
    return (
        f"{int((~close).sum())} of {wanted.size} numbers are not right yet; the first of them, at "
        f"index {first}, is {direction}."
    )


def _shape_in_words(found: np.ndarray) -> str:
    """Say how many numbers there are."""
    if found.ndim == 0:
        return "Your answer is one number"
    if found.ndim == 1:
        return f"Your answer has {found.size} number{'s' if found.size != 1 else ''}"
    return f"Your array has the shape {found.shape}"


def arguments_in_words(values: tuple, named: dict[str, Any]) -> str:
    """Return the arguments of a call in few characters; of a large array only its shape."""
    words = [_in_words(value) for value in values]
    return ", ".join([*words, *(f"{key}={_in_words(value)}" for key, value in named.items())])


def _in_words(value: Any) -> str:
    if isinstance(value, np.ndarray) and value.size > 6:
        return f"an array of shape {value.shape}"
    return short(value)


def as_sentence(text: str) -> str:
    """Return a text as a sentence: a capital letter first, a full stop last."""
    text = text.strip().rstrip(".")
    if re.match(r"(a|[a-z]{2,})\b(?![._(])", text):  # names such as p, conv3, np.pad stay
        text = text[0].upper() + text[1:]
    return text and f"{text}."
