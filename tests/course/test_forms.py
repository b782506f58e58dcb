"""One rule for the form of answers, held by every exercise of the bank."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from islesedu.course import check
from islesedu.course.bank import find
from islesedu.course.exercise import Exercise
from tests.course.test_bank import BANK, OF_ONE_ANSWER, each, needed, solved


def kind_of(expected) -> str:
    """Return "letter", "text", "number" or "numbers"."""
    if isinstance(expected, str):
        return "letter" if len(expected) == 1 else "text"
    return "number" if np.ndim(expected) == 0 else "numbers"


def as_text(expected) -> str:
    return str(np.asarray(expected).tolist())


ACCEPTED = {
    "letter": {
        "as it is": lambda x: x,
        "blanks": lambda x: f"  {x} ",
        "capital": str.upper,
        "bracket": lambda x: f"{x})",
        "brackets and full stop": lambda x: f"({x}).",
        "quotes within quotes": lambda x: f'"{x}"',
        "list": lambda x: [x],
        "array": lambda x: np.array([x]),
    },
    "text": {"blanks": lambda x: f" {x} ", "capitals": str.upper, "list": lambda x: [x]},
    "number": {
        "as it is": lambda x: x,
        "float": float,
        "NumPy": lambda x: np.asarray(x),
        "fraction": lambda x: Fraction(float(x)),
        "list": lambda x: [x],
        "tuple": lambda x: (x,),
        "array": lambda x: np.array([x]),
        "list in a list": lambda x: [[x]],
    },
    "numbers": {
        "list": lambda x: np.asarray(x).tolist(),
        "array of floats": lambda x: np.asarray(x, float),
        "tuple": lambda x: tuple(np.asarray(x).tolist()),
    },
}
"""Ways to write a right answer that count, by what is asked for."""

ASKED_FOR = {
    "letter": {
        "number": (lambda x: ord(x) - 96, " letter"),
        "sentence": (lambda x: f"answer {x}", " letter"),
        "two letters": (lambda x: [x, "z"], " letter"),
        "True": (lambda x: True, " letter"),
    },
    "text": {"number": (lambda x: 1, "give ")},
    "number": {
        "text": (str, "without quotes"),
        "text with a blank": (lambda x: f" {x}", "without quotes"),
        "text of a fraction": (lambda x: f"{x}/1", "without quotes"),
        "text with a unit": (lambda x: f"{x} ml", "without quotes"),
        "text in a list": (lambda x: [str(x)], "without quotes"),
        "two numbers": (lambda x: [x, x], "has 2 numbers; give "),
        "decimal comma": (lambda x: (int(x), 5), "comma"),
        "set": (lambda x: {x}, "give a list"),
        "True": (lambda x: True, "not numbers"),
        "complex": (lambda x: complex(x), "real part"),
    },
    "numbers": {
        "text": (as_text, "without quotes"),
        "texts": (lambda x: [as_text(part) for part in x], "without quotes"),
        "one number": (lambda x: np.ravel(x).tolist()[0], "one number; give "),
        "one more": (lambda x: [*np.asarray(x).tolist(), np.asarray(x).tolist()[0]], "give "),
        "in a list": (lambda x: [np.asarray(x).tolist()], "shape"),
        "set": (lambda x: set(np.ravel(x).tolist()), "give a list"),
    },
}
"""Ways that do not count, and words of the sentence that asks for the right one."""


@each(OF_ONE_ANSWER)
def test_every_accepted_form_is_right(lesson, name):
    state = needed(find(name), lesson)
    expected = find(name).expected(**state)
    for way, write in ACCEPTED[kind_of(expected)].items():
        verdict = check(name, write(expected), **state)
        assert verdict, (way, verdict)


@pytest.mark.parametrize("feedback", ["practice", "graded"])
@each(OF_ONE_ANSWER)
def test_every_other_form_is_asked_for(lesson, name, feedback, monkeypatch):
    monkeypatch.setenv("ISLESEDU_FEEDBACK", feedback)
    state = needed(find(name), lesson)
    expected = find(name).expected(**state)
    for way, (write, words) in ASKED_FOR[kind_of(expected)].items():
        verdict = check(name, write(expected), **state)
        assert verdict.state == "wrong" and words in verdict.message, (way, verdict)


OF_NUMBERS = [
    pair
    for pair in OF_ONE_ANSWER
    if type(find(pair[1])) is Exercise
    and kind_of(find(pair[1]).expected(**needed(find(pair[1]), pair[0]))) in ("number", "numbers")
]


@each(OF_NUMBERS)
def test_what_is_said_of_a_wrong_answer_does_not_depend_on_the_right_one(lesson, name):
    """Two exercises that differ in their answers only must say the same: nothing leaks."""
    exercise = find(name)
    right = np.asarray(exercise.expected(**needed(exercise, lesson)), float)
    others = [(right + 1e6).tolist(), (right - 1e6).tolist()]
    others += ["17", True, {1, 2, 3}, [[1.0, 2.0], [3.0, 4.0]], [1.0] * (right.size + 1)]
    for wrong in others:
        said = {
            replace(exercise, answer=value.tolist(), slips=None).complaint(wrong).text
            for value in (right, right + 0.37)
        }
        assert len(said) == 1, said


@each([pair for pair in OF_ONE_ANSWER if "between 0 and 1" in find(pair[1]).asks])
def test_per_cent_is_told_where_a_share_is_asked_for(lesson, name):
    state = needed(find(name), lesson)
    verdict = check(name, 100 * np.asarray(find(name).expected(**state)), **state)
    assert verdict.state == "wrong" and "per cent" in verdict.message


@each(BANK)
def test_an_answer_that_is_no_answer_waits(lesson, name):
    state = needed(find(name), lesson)
    for nothing in (None, ..., [], [None, None], (), np.array([None])):
        assert check(name, nothing, **state).state == "waiting"


@each([pair for pair in BANK if pair not in OF_ONE_ANSWER])
def test_what_is_no_function_or_no_array_is_asked_for(lesson, name):
    state = needed(find(name), lesson)
    for other in ("many", True, {1, 2}):
        verdict = check(name, other, **state)
        assert verdict.state == "wrong" and len(verdict.message) > 10, verdict


@each(BANK)
def test_the_solution_counts_in_a_list_only_where_one_thing_is_asked_for(lesson, name):
    state = needed(find(name), lesson)
    answer = solved(find(name), lesson)
    asked_for_one = isinstance(answer, (int, float, str, np.generic))
    assert bool(check(name, [answer], **state)) is asked_for_one


def test_a_list_that_holds_itself_ends():
    endless = []
    endless.append(endless)
    assert check("01.2", endless).state == "wrong"
