"""What an exercise of the bank is, and how an answer to it is judged without giving it away."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from islesedu.course.answers import as_array, explain_difference, is_missing, no_numbers, short
from islesedu.course.sandbox import CodeStopped, call, is_stub

Slips = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """A question whose answer is a number, several numbers, an array or a word.

    Attributes
    ----------
    answer : anything, or callable
        The right answer, or a function that computes it from the notebook's state, which it gets
        as named arguments.
    slips : mapping of str to answer, or callable
        Wrong answers by the sentence that names the mistake; a function of the state likewise.
    hints : tuple of str
        They unfold one after the other; the last may nearly be the solution.
    solution : str
        Code that replaces the stub, as a student would write it.
    asks : str
        What an answer looks like, for one that does not: "one number", "a pair of whole numbers".
    tolerance : float
        Numbers may differ by this much, absolutely, or relatively to the right one. Whole numbers
        must be exact.
    points : int
        What it counts where lessons are graded.
    """

    answer: Any
    hints: tuple[str, ...]
    solution: str
    asks: str
    slips: Slips | Callable[..., Slips] | None = None
    tolerance: float = 1e-6
    points: int = 1

    def expected(self, **state: Any) -> Any:
        """Return the right answer for a state of the notebook."""
        return self.answer(**state) if callable(self.answer) else self.answer

    def known_slips(self, **state: Any) -> Slips:
        """Return the wrong answers that are known, by the sentence that names the mistake."""
        return (self.slips(**state) if callable(self.slips) else self.slips) or {}

    def is_open(self, answer: Any) -> bool:
        """Tell whether nobody has answered yet."""
        return is_missing(answer)

    def complaint(self, answer: Any, **state: Any) -> tuple[str, bool] | None:
        """Return what is wrong with an answer and whether the mistake is a known one, or None."""
        expected = self.expected(**state)
        answer = single(answer, expected)
        if explain_difference(answer, expected, self.tolerance) is None:
            return None
        return self._named(answer, expected, self.known_slips(**state), self.asks)

    def _named(self, answer: Any, expected: Any, slips: Slips, asks: str) -> tuple[str, bool]:
        """Name the slip; if it is none of the known ones say what can be said of the answer."""
        for sentence, wrong in slips.items():
            if explain_difference(answer, wrong, self.tolerance) is None:
                return _sentence(sentence), True
        return describe(answer, expected, asks), False


@dataclass(frozen=True, kw_only=True)
class OpenExercise(Exercise):
    """A question with many right answers.

    Attributes
    ----------
    answer : callable
        Takes the reader's answer and the state; returns "" if it is right, else a sentence that
        says what is missing.
    slips : mapping of str to answer
        Wrong answers, for the audit: each must get the sentence that is its key.
    """

    def complaint(self, answer: Any, **state: Any) -> tuple[str, bool] | None:
        """Return what is wrong with an answer, or None."""
        sentence = self.answer(answer, **state)
        return (_sentence(sentence), True) if sentence else None


@dataclass(frozen=True, kw_only=True)
class FunctionExercise(Exercise):
    """A function to be written.

    Attributes
    ----------
    answer : callable
        The reference, which is called as the reader's function is.
    cases : sequence of tuple, or callable
        Positional arguments of each call; a dict at the end holds the named ones. At least two,
        with different results. A function of the state likewise.
    slips : callable
        Called with the arguments of a case; returns wrong results by the sentence that names the
        mistake.
    """

    cases: Sequence[tuple] | Callable[..., Sequence[tuple]]

    def calls(self, **state: Any) -> list[tuple[tuple, dict[str, Any]]]:
        """Return positional and named arguments of each call."""
        cases = self.cases(**state) if callable(self.cases) else self.cases
        calls = [(case, {}) for case in cases]
        return [
            (case[:-1], case[-1]) if case and isinstance(case[-1], dict) else (case, named)
            for case, named in calls
        ]

    def is_open(self, answer: Any) -> bool:
        """Tell whether the function is still the stub: its body only returns None."""
        if is_missing(answer) or not callable(answer) or not is_stub(answer):
            return is_missing(answer)
        return _constant(answer) is None

    def complaint(self, answer: Any, **state: Any) -> tuple[str, bool] | None:
        """Return for which arguments the function goes wrong, and how, or None."""
        if not callable(answer):
            return f"Your answer is {short(answer)}; give {self.asks}.", False
        for values, named in self.calls(**state):
            expected = self.answer(*values, **named)
            result, problem = _result(answer, values, named)
            if problem:
                return f"Called with {arguments_in_words(values, named)}: {problem}", True
            if explain_difference(result, expected, self.tolerance) is None:
                continue
            slips = self.slips(*values, **named) if callable(self.slips) else {}
            said, known = self._named(result, expected, slips, _form(expected))
            return f"Called with {arguments_in_words(values, named)}: {said}", known
        return None


def _constant(stub: Callable) -> Any:
    """Return what a function that only returns a constant returns."""
    count = getattr(stub, "__code__", None) and stub.__code__.co_argcount
    try:
        return stub(*[None] * (count or 0))
    except Exception:
        return None


def _result(function: Callable, values: tuple, named: dict[str, Any]) -> tuple[Any, str]:
    """Call a reader's function; return its result and what went wrong, if anything."""
    try:
        result = call(function, values, named)
    except CodeStopped as error:
        return None, f"your function stops with {error}."
    if result is None:
        return None, "your function returns None; end it with return and the result."
    return result, ""


def _form(expected: Any) -> str:
    """Return what the result of a function looks like, without its numbers or its size."""
    if isinstance(expected, str):
        return "a text"
    axes = np.ndim(expected)
    return (
        ("one number", "a row of other length")[axes]
        if axes < 2
        else (f"an array of {axes} axes and another shape")
    )


def single(answer: Any, expected: Any) -> Any:
    """Return the only element of a list or array where one number is asked for.

    Examples
    --------
    >>> single([17], 3), single([17, 4], 3), single([[17]], [[1]])
    (17, [17, 4], [[17]])
    """
    if np.ndim(expected) == 0 and isinstance(answer, (list, tuple, np.ndarray)):
        if len(answer) == 1 and np.ndim(answer) == 1:
            return answer[0]
    return answer


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


def _sentence(text: str) -> str:
    """Return a text as a sentence: a capital letter first, a full stop last."""
    text = text.strip().rstrip(".")
    if re.match(r"(a|[a-z]{2,})\b(?![._(])", text):  # names such as p, conv3, np.pad stay
        text = text[0].upper() + text[1:]
    return text and f"{text}."
