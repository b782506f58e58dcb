"""Other numbers for an exercise, drawn from a student's name.

What may be drawn, and what is right then, stands in the exercise bank (`bank.own_numbers`). The
numbers follow from the name alone, so that whoever grades draws the same ones again.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from islesedu.course.answers import explain_difference
from islesedu.course.exercise import Exercise, Slips
from islesedu.errors import LessonError

_DRAWS = 100
"""How often numbers are drawn until no known mistake gives the right answer."""


@dataclass(frozen=True, kw_only=True)
class OwnNumbers:
    """How an exercise of the bank is asked with other numbers.

    Attributes
    ----------
    draw : callable
        Takes a `random.Random`; returns the numbers by name.
    question : str
        The question in Markdown; ``{name}`` stands for a number.
    answer, slips : callable
        Take the numbers as named arguments, and return what `Exercise.answer` and `Exercise.slips`
        are.
    solution : str
        Code that answers it; ``{name}`` stands for a number.
    """

    draw: Callable[[Random], dict[str, Any]]
    question: str
    answer: Callable[..., Any]
    slips: Callable[..., Slips]
    solution: str

    def numbers(self, seed: str, tolerance: float) -> dict[str, Any]:
        """Return the numbers that follow from a seed.

        They are drawn again until no known mistake gives the right answer, nor two the same one.
        """
        random = Random(seed)
        for _ in range(_DRAWS):
            numbers = self.draw(random)
            values = [self.answer(**numbers), *self.slips(**numbers).values()]
            if not any(
                explain_difference(one, other, tolerance) is None
                for n, one in enumerate(values)
                for other in values[:n]
            ):
                return numbers
        raise LessonError(f"no numbers were found in {_DRAWS} draws; allow more of them")

    def applied(self, exercise: Exercise, seed: str) -> Exercise:
        """Return an exercise with the numbers of a seed; the hints, which name others, are gone."""
        numbers = self.numbers(seed, exercise.tolerance)
        return replace(
            exercise,
            answer=self.answer(**numbers),
            slips=self.slips(**numbers),
            hints=(),
            solution=self.solution.format(**numbers),
        )
