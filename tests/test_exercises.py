import doctest

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from islesedu import exercises
from islesedu.exercises import check


@pytest.mark.parametrize("stub", [None, ..., [], [None, None], (None, [None]), np.array([None])])
def test_an_untouched_stub_waits_and_shows_the_hint(stub):
    verdict = check(stub, expected=1.0, hint="count them")
    assert verdict.state == "waiting" and "count them" in repr(verdict)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (0.3333333, 1 / 3),
        (np.float32(0.1), 0.1),
        (7, 7),
        (7.0, 7),
        (" Right ", "right"),
        (True, True),
        ((3, 4), (3, 4)),
        ([3, 4], np.array([3, 4])),
        ([[1, 2], [3, 4]], np.array([[1.0, 2.0], [3.0, 4.0]])),
        (1e9 + 1, 1e9),
        (float("nan"), float("nan")),
        (float("inf"), float("inf")),
    ],
)
def test_right_however_it_is_written(answer, expected):
    verdict = check(answer, expected)
    assert verdict and verdict.state == "right"


@pytest.mark.parametrize(
    ("answer", "expected", "words"),
    [
        (0.25, 0.5, ["0.25", "0.5 was expected"]),
        ("half", 0.5, ["'half'", "a number was expected"]),
        (float("nan"), 0.5, ["nan"]),
        (3, "right", ["3", "'right' was expected"]),
        ([1, 2, 3], (1, 2), ["(3,)", "(2,)"]),
        (np.zeros((2, 3)), np.zeros((3, 2)), ["swapped"]),
        ([[1, 3], [2, 4]], np.array([[1, 2], [3, 4]]), ["transposed"]),
        ([1, 9, 3], (1, 2, 3), ["1 of 3", "at 1", "yours is 9", "2 was expected"]),
        (5, (1, 2), ["()", "(2,)"]),
    ],
)
def test_wrong_says_what_came_and_what_was_expected(answer, expected, words):
    verdict = check(answer, expected, hint="think")
    assert verdict.state == "wrong" and not verdict
    for word in [*words, "Hint: think"]:
        assert word in repr(verdict)


def test_a_known_slip_is_named():
    slips = {"you left out the factor 2": 0.25, "that is the Jaccard index": 1 / 3}
    assert "Jaccard" in check(0.3333333, 0.5, slips=slips).message
    assert "factor 2" in check(0.25, 0.5, slips=slips).message
    assert "factor 2" not in check(0.4, 0.5, slips=slips).message


def test_tolerance_is_the_callers():
    assert check(0.51, 0.5, tolerance=0.02)
    assert not check(0.51, 0.5)


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text() | st.binary() | st.complex_numbers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=2),
)


@settings(max_examples=150, deadline=None)
@given(anything)
def test_nothing_a_student_writes_raises(answer):
    for expected in (0.5, "a", np.ones((2, 2)), (1, 2), True):
        verdict = check(answer, expected, slips={"a slip": 7})
        assert verdict.state in ("waiting", "right", "wrong")
        assert verdict._repr_html_()


class Rude:
    """An object that breaks whatever touches it."""

    def __array__(self, *args, **kwargs):
        raise RuntimeError("leave me alone")

    def __repr__(self):
        raise RuntimeError("I said leave me alone")


def test_not_even_an_object_that_raises():
    assert check(Rude(), 0.5).state == "wrong"


def test_html_cannot_be_injected():
    page = check("<script>alert(1)</script>", "right")._repr_html_()
    assert "<script>" not in page and "✗" in page


def test_examples_in_the_docstrings():
    assert doctest.testmod(exercises).failed == 0
