"""What an exercise of the bank is, and how an answer to it is judged without giving it away."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import signature
from typing import Any, ClassVar, NamedTuple

from islesedu.course.answers import explain_difference, is_missing, short
from islesedu.course.forms import advice, as_asked, direction, form_of, other_unit
from islesedu.course.sandbox import TIME_LIMIT, CodeStopped, call, is_stub
from islesedu.course.wording import arguments_in_words, as_sentence

Slips = Mapping[str, Any]


class Complaint(NamedTuple):
    """What is wrong with an answer.

    Attributes
    ----------
    text : str
        One or two sentences.
    helps : bool
        Whether the text names the mistake or the form that is asked for, and so is said even where
        lessons are graded; else it only tells too large from too small.
    slip : bool
        Whether it is a mistake that the bank names.
    """

    text: str
    helps: bool = True
    slip: bool = False


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
    seconds: ClassVar[float] = TIME_LIMIT
    """How long it may take to judge an answer."""

    def expected(self, **state: Any) -> Any:
        """Return the right answer for a state of the notebook."""
        return self.answer(**state) if callable(self.answer) else self.answer

    def known_slips(self, **state: Any) -> Slips:
        """Return the wrong answers that are known, by the sentence that names the mistake."""
        return (self.slips(**state) if callable(self.slips) else self.slips) or {}

    def needs(self) -> set[str]:
        """Return the names of what the exercise takes from the notebook's state."""
        return _arguments(self.answer) | _arguments(self.slips)

    def is_open(self, answer: Any) -> bool:
        """Tell whether nobody has answered yet."""
        return is_missing(answer)

    def complaint(self, answer: Any, **state: Any) -> Complaint | None:
        """Return what is wrong with an answer, or None."""
        return self._compare(
            answer, self.expected(**state), lambda: self.known_slips(**state), self.asks
        )

    def _compare(
        self, answer: Any, expected: Any, slips: Callable[[], Slips], asks: str
    ) -> Complaint | None:
        """Compare in one order: right, a known slip, another form than asked for, a wrong value."""
        answer = as_asked(answer, expected)
        if explain_difference(answer, expected, self.tolerance) is None:
            return None
        for sentence, wrong in slips().items():
            if explain_difference(answer, wrong, self.tolerance) is None:
                return Complaint(as_sentence(sentence), slip=True)
        if said := other_unit(answer, expected, asks, self.tolerance):
            return Complaint(said, slip=True)
        if said := advice(answer, expected, asks):
            return Complaint(said)
        return Complaint(direction(answer, expected), helps=False)


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

    def needs(self) -> set[str]:
        """Return the names of what the exercise takes from the notebook's state."""
        return set(list(signature(self.answer).parameters)[1:])

    def complaint(self, answer: Any, **state: Any) -> Complaint | None:
        """Return what is wrong with an answer, or None."""
        sentence = self.answer(answer, **state)
        return Complaint(as_sentence(sentence)) if sentence else None


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

    def needs(self) -> set[str]:
        """Return the names of what the exercise takes from the notebook's state."""
        return _arguments(self.cases)

    def is_open(self, answer: Any) -> bool:
        """Tell whether the function is still the stub: its body only returns None."""
        if is_missing(answer) or not callable(answer) or not is_stub(answer):
            return is_missing(answer)
        return _constant(answer) is None

    def complaint(self, answer: Any, **state: Any) -> Complaint | None:
        """Return for which arguments the function goes wrong, and how, or None."""
        if not callable(answer):
            return Complaint(f"Your answer is {short(answer)}; give {self.asks}.")
        for values, named in self.calls(**state):
            if found := self._judge_call(answer, values, named):
                called = f"Called with {arguments_in_words(values, named)}: "
                return found._replace(text=called + found.text)
        return None

    def _judge_call(self, function: Callable, values: tuple, named: dict) -> Complaint | None:
        """Return what is wrong with a function for one set of arguments, or None."""
        expected = self.answer(*values, **named)
        result, problem = _result(function, values, named)
        if problem:
            return Complaint(problem)

        def slips() -> Slips:
            return self.slips(*values, **named) if callable(self.slips) else {}

        return self._compare(result, expected, slips, form_of(expected))


def _arguments(value: Any) -> set[str]:
    """Return the names of a function's arguments; nothing for what is no function."""
    return set(signature(value).parameters) if callable(value) else set()


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
