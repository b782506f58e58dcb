"""The exercise bank: solutions are right, slips are named, no verdict gives an answer away."""

from importlib import import_module

import numpy as np
import pytest
from scipy.signal import convolve

from islesedu.convolution import conv2d, conv2d_bank
from islesedu.course import check
from islesedu.course.bank import exercises_of, find, lessons
from islesedu.course.exercise import Exercise, FunctionExercise, OpenExercise
from tests.audit import gives_away, wrong_answers

STATE = {n: import_module(f"tests.course.bank_states.lesson_{n}").STATE for n in lessons()}
"""A small state of each lesson's notebook; what an exercise does not need is left out."""
BANK = [(lesson, name) for lesson in lessons() for name in exercises_of(lesson)]
OF_VALUES = [pair for pair in BANK if not isinstance(find(pair[1]), FunctionExercise)]
OF_ONE_ANSWER = [pair for pair in OF_VALUES if not isinstance(find(pair[1]), OpenExercise)]


def each(pairs):
    """Return a mark that runs a test for each pair of lesson and exercise."""
    return pytest.mark.parametrize(("lesson", "name"), pairs, ids=lambda text: text)


each_exercise = each(BANK)


def needed(exercise: Exercise, lesson: str) -> dict:
    """Return what an exercise needs of the state."""
    return {name: STATE[lesson][name] for name in exercise.needs()}


def solved(exercise: Exercise, lesson: str):
    """Return what the solution of an exercise binds."""
    names = {"np": np, "conv2d": conv2d, "conv2d_bank": conv2d_bank} | STATE[lesson]
    exec(exercise.solution, names)
    return next(value for name, value in names.items() if name.startswith("your_"))


@each_exercise
def test_the_solution_is_right_and_the_stub_waits(lesson, name):
    exercise = find(name)
    state = needed(exercise, lesson)
    assert check(name, solved(exercise, lesson), **state).state == "right"
    waiting = check(name, None, **state)
    assert waiting.state == "waiting" and "Show a solution" not in waiting._repr_html_()


@each(OF_VALUES)  # those of functions are tried while the lesson runs, see tests/audit.py
def test_every_slip_is_named(lesson, name):
    exercise = find(name)
    state = needed(exercise, lesson)
    slips = exercise.slips if isinstance(exercise, OpenExercise) else exercise.known_slips(**state)
    assert len(slips) >= 2
    for sentence, wrong in slips.items():
        verdict = check(name, wrong, **state)
        assert verdict.state == "wrong"
        assert sentence.rstrip(".").lower() in verdict.message.lower()


@each(OF_ONE_ANSWER)
def test_no_verdict_holds_the_answer(lesson, name):
    exercise = find(name)
    state = needed(exercise, lesson)
    expected = exercise.expected(**state)
    for wrong in wrong_answers(expected):
        verdict = check(name, wrong, **state)
        assert verdict.state == "wrong" and not gives_away(verdict, expected), verdict


@each_exercise
def test_an_exercise_is_complete(lesson, name):
    exercise = find(name)
    assert len(exercise.hints) >= 2 and exercise.points >= 1 and exercise.asks
    assert name.startswith(f"{lesson}.")
    assert "your_" in exercise.solution


@pytest.mark.parametrize("lesson", lessons())
def test_a_lesson_asks_for_a_function(lesson):
    exercises = exercises_of(lesson)
    assert list(exercises) == [f"{lesson}.{n + 1}" for n in range(len(exercises))]
    assert any(isinstance(one, FunctionExercise) for one in exercises.values())


def test_graded_feedback_has_no_hints_and_no_solution(monkeypatch):
    monkeypatch.setenv("ISLESEDU_FEEDBACK", "graded")
    unknown, slip = check("01.4", (1, 2)), check("01.4", (95, 95))
    assert repr(unknown) == "✗ Not yet." and "both sides" in slip.message
    assert "<details" not in unknown._repr_html_()


def test_hints_unfold_one_inside_the_other():
    html = check("01.2", 5)._repr_html_()
    assert html.index("Hint 1 of 3") < html.index("Hint 2 of 3") < html.index("Hint 3 of 3")
    assert html.count("</details>") == 4 and "</details></details></details>" in html


@pytest.mark.parametrize("answer", [[-8], np.array([-8]), (-8,), -8.0])
def test_one_number_may_come_in_a_list(answer):
    assert check("01.2", answer)


@pytest.mark.parametrize(
    ("answer", "words"),
    [("-8", "without quotes"), ((3, 4), "one number"), (True, "True and False"), (9, "too large")],
)
def test_what_is_asked_for_is_said(answer, words):
    assert words in check("01.2", answer).message


def test_a_name_that_is_not_there_says_which_are():
    with pytest.raises(KeyError, match=r"01\.1"):
        check("01.77", 3)
    with pytest.raises(KeyError, match="no lesson"):
        check("99.1", 3)


def test_a_function_is_told_what_is_wrong_with_it():
    state = {name: STATE["01"][name] for name in ("image", "kernel")}

    def forgets(image, kernel):
        image.sum()

    def stub(image, kernel):
        return None

    assert check("01.3", stub, **state).state == "waiting"
    assert "end it with return" in check("01.3", forgets, **state).message
    flips = check("01.3", lambda image, kernel: convolve(image, kernel, "valid"), **state)
    assert "flipped" in flips.message
    assert "give a function" in check("01.3", 5, **state).message


def test_a_check_without_the_state_that_it_needs_says_so():
    verdict = check("01.6", [[1, 2], [3, 4]], image=STATE["01"]["image"])
    assert verdict.state == "waiting" and "kernel=kernel" in verdict.message
