import sys

import numpy as np
import pytest

from islesedu.course import grade
from islesedu.course.bank import exercises_of
from tests.course.bank_states.lesson_01 import STATE

BOTH = {name: STATE[name] for name in ("image", "kernel")}


def points(*answer, **state):
    return grade(*answer, quiet=True, **state)


@pytest.mark.parametrize(
    ("answer", "share"), [(-8, 1), ([-8.0], 1), (8, 0.5), (99, 0), (None, 0), ("-8", 0)]
)
def test_right_slip_wrong_and_untouched(answer, share):
    assert points("01.2", 4, answer) == 4 * share


def test_a_wrong_letter_gets_nothing_though_it_is_a_known_slip():
    assert points("01.9", 2, "b") == 2 and points("01.9", 2, "a") == points("01.9", 2, "c") == 0


def test_the_share_of_a_slip_can_be_told():
    assert points("01.2", 1, 8, slip_share=0) == 0 and points("01.2", 1, 8, slip_share=1) == 1


def test_a_function_that_fails_gets_nothing_and_a_slip_its_share():
    def stops(image, kernel):
        raise ValueError

    def flips(image, kernel):
        from islesedu.convolution import conv2d

        return conv2d(image, kernel[::-1, ::-1])

    state = {"image": np.arange(36).reshape(6, 6), "kernel": np.arange(9).reshape(3, 3)}
    assert points("01.3", 3, stops, **state) == 0
    assert points("01.3", 3, flips, **state) == 1.5


def test_nothing_is_written_on_stderr(capsys):
    """nbgrader gives no point to a test that does."""

    def loud(image, kernel):
        print("loud", file=sys.stderr)
        return np.zeros(3)

    assert grade("01.3", 3, loud, **BOTH) == 0
    assert capsys.readouterr().err == ""


def test_quiet_is_quiet_whatever_an_answer_prints(capsys):
    """Otter compares what a test prints with nothing."""

    def loud(image, kernel):
        print("loud")

    assert points("01.3", 3, loud, **BOTH) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", exercises_of("01"))
def test_an_object_that_nothing_can_be_done_with_gets_nothing(name):
    class Bad:
        def __array__(self, *a, **k):
            raise RuntimeError

    exercise = exercises_of("01")[name]
    needed = set(getattr(exercise.answer, "__code__", grade.__code__).co_varnames) & set(STATE)
    assert points(name, 1, Bad(), **{key: STATE[key] for key in needed}) == 0
