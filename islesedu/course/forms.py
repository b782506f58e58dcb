"""The one rule of what an answer may look like, and what is said of one that looks otherwise.

- A list, tuple or array of one element counts as its element where one number or text is asked for.
- A text counts without the blanks around it, in capitals or not; a letter also without quotes,
  brackets, a full stop or a colon around it. Several letters ("ADE") may be apart: "A, D, E" or a
  list of them.
- Numbers may be of any type, and the elements of a pair or row in a list, tuple or array.
- What is not taken but asked for clearly: numbers in quotes, a decimal comma, True and False,
  units, sets, another count of numbers.
- A number that is right in per cent, where a share is asked for, is told so; so is the opposite.

No sentence holds the right answer.
"""

import re
from typing import Any

import numpy as np

from islesedu.course.answers import as_array, explain_difference, no_numbers, short

_SHARE = re.compile(r"between 0 and 1|\bshares?\b|\bfractions?\b|probabilit")
_PER_CENT = re.compile(r"per ?cent|%")
_NESTED = 4
"""Lists of one element that may lie in each other; a list can hold itself."""


def as_asked(answer: Any, expected: Any) -> Any:
    """Return an answer in the form that is asked for, if it is one of those that count as it.

    Examples
    --------
    >>> as_asked([17], 3), as_asked([17, 4], 3), as_asked([[17]], [[1]]), as_asked(" (B) ", "a")
    (17, [17, 4], [[17]], 'b')
    >>> as_asked("A, D, E", "ADE"), as_asked(["a", "d", "e"], "ADE")
    ('ade', 'ade')
    """
    if np.ndim(expected) == 0:
        for _ in range(_NESTED):
            if not isinstance(answer, (list, tuple)) or len(answer) != 1:
                break
            answer = answer[0]
        if hasattr(answer, "__array__") and np.size(answer) == 1:  # arrays, tables, tensors
            answer = np.asarray(answer).ravel()[0]
    if isinstance(expected, str) and _are_letters(expected):
        parts = answer if isinstance(answer, (list, tuple)) else [answer]
        if all(isinstance(part, str) for part in parts):
            answer = re.sub(r"[\s,;.()\[\]'\"]+", "", "".join(parts))
    if isinstance(expected, str) and isinstance(answer, str):
        text = str(answer).strip().lower()
        return text.strip(" \t\n.,:;()[]{}'\"`*") if _is_letter(expected) else text
    return answer


def form_of(expected: Any) -> str:
    """Return what the result of a function looks like, without its numbers or its size."""
    if isinstance(expected, str):
        return "a text"
    axes = np.ndim(expected)
    return ("one number", "one row of numbers")[axes] if axes < 2 else f"an array with {axes} axes"


def other_unit(answer: Any, expected: Any, asks: str, tolerance: float) -> str:
    """Say that an answer is right but for a factor of 100; "" if it is not.

    Examples
    --------
    >>> other_unit(25, 0.25, "a number between 0 and 1", 1e-6)
    'That is in per cent; a number between 0 and 1 is asked for.'
    >>> other_unit(0.25, 25, "one number, in per cent", 1e-6)
    'That is a share; give it in per cent, from 0 to 100.'
    """
    found = None if isinstance(expected, str) or no_numbers(answer) else as_array(answer)
    if found is None:
        return ""
    if _SHARE.search(asks) and explain_difference(found / 100, expected, tolerance) is None:
        return "That is in per cent; a number between 0 and 1 is asked for."
    if _PER_CENT.search(asks) and explain_difference(found * 100, expected, tolerance) is None:
        return "That is a share; give it in per cent, from 0 to 100."
    return ""


def advice(answer: Any, expected: Any, asks: str) -> str:
    """Ask for the right form; "" if an answer has it.

    Examples
    --------
    >>> advice("17", 3, "one number")
    "Your answer is '17'; give one number: write it without quotes."
    >>> advice((0, 5), 0.7, "one number")
    'Python reads a comma as two numbers; give one number, with a point: 0.5.'
    >>> advice("the second", "b", "one of the letters a, b and c")
    "Your answer is 'the second'; give one of the letters a, b and c."
    >>> advice(17, 3, "one number")
    ''
    """
    asked = f"Your answer is {short(answer)}; give {asks}"
    if isinstance(expected, str):
        one_letter = isinstance(answer, str) and (len(answer) == 1 or not _is_letter(expected))
        return "" if one_letter else f"{asked}."
    if said := no_numbers(answer, truth_values=isinstance(expected, (bool, np.bool_))):
        return f"{asked}: {said}."
    found, wanted = as_array(answer), np.asarray(expected, float)
    if found is None:
        return f"{asked}."
    if found.shape == wanted.shape:
        return ""
    if wanted.ndim == 0 and isinstance(answer, tuple) and found.shape == (2,):
        point = ".".join(short(part) for part in answer)
        return f"Python reads a comma as two numbers; give {asks}, with a point: {point}."
    of_function = asks == form_of(expected)
    wrong = _wrong_lengths(found, wanted) if of_function or wanted.ndim > 1 else ""
    if wrong and of_function:
        return f"{_shape_in_words(found)}{wrong}."
    return f"{_shape_in_words(found)}{wrong}; give {asks}."


def direction(answer: Any, expected: Any) -> str:
    """Say which number of an answer of the right form is too large or too small.

    Examples
    --------
    >>> direction(17, 3), direction((4, 5), (4, 7)), direction("a", "b")
    ('Your number is too large.', 'The number in position 2 is too small.', 'That is not it.')
    """
    if isinstance(expected, str):
        return "That is not it."
    found, wanted = as_array(answer), np.asarray(expected, float)
    close = np.isclose(found, wanted, rtol=1e-6, atol=1e-9, equal_nan=True)
    first = tuple(int(i) for i in np.argwhere(~close)[0]) if (~close).any() else ()
    above = np.nan_to_num(found[first]) > np.nan_to_num(wanted[first])
    word = "too large" if above else "too small"
    if wanted.ndim == 0:
        return f"Your number is {word}."
    if wanted.ndim == 1:
        return f"The number in position {first[0] + 1} is {word}."
    return (
        f"{int((~close).sum())} of {wanted.size} numbers are not right yet; the first of them, at "
        f"index {first}, is {word}."
    )


def _is_letter(expected: str) -> bool:
    """Tell whether the right answer is one of several letters."""
    return len(expected.strip()) == 1


def _are_letters(expected: str) -> bool:
    """Tell whether the right answer is several letters, such as "ADE"."""
    return len(expected) > 1 and expected.isalpha() and expected.isupper()


def _wrong_lengths(found: np.ndarray, wanted: np.ndarray) -> str:
    """Say what is wrong with a shape of the right number of axes, but not what is right.

    Examples
    --------
    >>> _wrong_lengths(np.ones(3), np.ones(2)), _wrong_lengths(np.ones((4, 2)), np.ones((2, 4)))
    (', which is too many', ', but its axes are in another order')
    >>> _wrong_lengths(np.ones((5, 2)), np.ones((3, 3)))
    ': axis 0 is too long, axis 1 is too short'
    """
    if found.ndim != wanted.ndim:
        return ""
    if found.ndim == 1:
        return f", which is too {'many' if found.size > wanted.size else 'few'}"
    if sorted(found.shape) == sorted(wanted.shape):
        return ", but its axes are in another order"
    sizes = enumerate(zip(found.shape, wanted.shape, strict=True))
    return ": " + ", ".join(
        f"axis {n} is too {'long' if own > right else 'short'}"
        for n, (own, right) in sizes
        if own != right
    )


def _shape_in_words(found: np.ndarray) -> str:
    """Say how many numbers there are."""
    if found.ndim == 0:
        return "Your answer is one number"
    if found.ndim == 1:
        return f"Your answer has {found.size} number{'s' if found.size != 1 else ''}"
    return f"Your array has the shape {found.shape}"
