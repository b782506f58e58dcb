import signal
import sys
import threading
import time
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from islesedu.course.exercises import check, check_function, check_place


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
        (1e9 + 1, 1e9 + 0.5),
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


@pytest.fixture
def cube():
    """A region of 8 voxels, and another beside it."""
    region = np.zeros((10, 10, 5), bool)
    region[2:4, 2:4, 2:4] = True
    return region, np.roll(region, 4, axis=0)


@pytest.mark.parametrize("place", [(2, 3, 3), [3, 3, 2], np.array([2.0, 2.0, 3.0])])
def test_a_voxel_in_the_region_is_right(cube, place):
    assert check_place(place, cube[0])


@pytest.mark.parametrize("stub", [None, ..., (None, None, None)])
def test_a_place_nobody_has_given_waits(cube, stub):
    assert check_place(stub, cube[0], hint="look").state == "waiting"


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ((5, 2, 2), "lies 4 mm away"),  # two voxels of 2 mm
        ((2, 2, 0), "lies 10 mm away"),  # two voxels of 5 mm
        ((10, 2, 2), "outside the volume, which has (10, 10, 5) voxels"),
        ((-1, 2, 2), "outside"),
        ((7, 3, 3), "is not in the region asked for: that is the other one."),
        ((2.5, 3, 3), "three whole numbers"),
        ((2, 3), "three whole numbers"),
        ("here", "three whole numbers"),
        ({1, 2}, "three whole numbers"),
    ],
)
def test_a_wrong_place_is_told_how_far_away_or_why(cube, place, words):
    region, other = cube
    verdict = check_place(
        place, region, (2.0, 2.0, 5.0), slips={"that is the other one": other}, hint="look"
    )
    assert verdict.state == "wrong" and words in repr(verdict) and "Hint: look" in repr(verdict)


HOLDS_ITSELF = []
HOLDS_ITSELF.append(HOLDS_ITSELF)
DEEP = [1]
for _ in range(20_000):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"0.5", "number was expected: write numbers without quotes"),
        (["0.5"], "without quotes"),
        (np.array(["0.5"]), "without quotes"),
        (pd.Series(["0.5"]), "without quotes"),
        ("0,5", "write it without quotes and with a point, 0.5"),
        ((0, 5), "Python takes a comma for two numbers"),
        (True, "True and False are answers to a question"),
        ([0.5, True], "True and False"),
        (np.bool_(True), "True and False"),
        (0.5 + 0j, "complex"),
        (np.timedelta64(5, "s"), "without its unit"),
        (np.ma.masked_array([0.5], [True]), "masked"),
        ({0.5}, "give a list"),
        ({"a": 0.5}, "give a list"),
        ((x for x in [0.5]), "put list( ) around it"),
        (10**5000, "number was expected"),
        (HOLDS_ITSELF, "holds itself"),
        (DEEP, "RecursionError"),
        ("x" * 10**7, "'xxxx"),
    ],
    ids=range(19),
)
def test_what_is_no_number_is_refused_in_a_students_words(answer, words):
    verdict = check(answer, 0.5)
    assert verdict.state == "wrong" and words in verdict.message and len(verdict.message) < 400
    assert check_place(answer, np.ones((2, 2, 2), bool)).state == "wrong"


@pytest.mark.parametrize("answer", [Fraction(1, 2), np.float32(0.5), np.array(0.5)])
def test_other_types_of_numbers_are_numbers(answer):
    assert check(answer, 0.5)


def test_a_count_is_exact():
    assert not check(43_945_969 - 40, 43_945_969) and check(43_945_969.0, 43_945_969)
    assert "43945929" in check(43_945_929, 43_945_969).message
    assert check(150.5, 150, tolerance=0.01)


@pytest.mark.parametrize("method", "len iter array repr eq float bool getattribute".split())
def test_an_object_whose_methods_raise_gets_a_verdict(method):
    def rude(*arguments):
        raise RuntimeError("leave me alone")

    for base in (object, list):
        answer = type("Rude", (base,), {f"__{method}__": rude})()
        for expected in (0.5, "a", True, (1, 2)):
            assert check(answer, expected).state in ("wrong", "waiting")
        returned = check_function(lambda x, answer=answer: [x, answer], abs, [(1,)])
        assert returned.state == "wrong"


class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError


def loops(x):
    while True:
        pass


def loops_and_catches_all(x):
    while True:
        try:
            x += 1
        except:  # noqa: E722
            pass


def recurses(x):
    return recurses(x)


def forgets_to_return(x):
    x = x + 1


def stops_with(error):
    def function(x):
        raise error

    return function


FUNCTIONS = [
    (loops, "no result after 0.3 s"),
    (loops_and_catches_all, "no result after 0.3 s"),
    (lambda x: time.sleep(60), "no result after 0.3 s"),
    (recurses, "calls itself"),
    (forgets_to_return, "returns None; end it with return"),
    (
        lambda x: x,
        "Your answer is 1, and 2 was expected. That is an argument, returned as it came.",
    ),
    (lambda x: sys.exit(3), "would end the notebook"),
    (lambda x: exit(), "would end the notebook"),
    (stops_with(KeyboardInterrupt), "was interrupted"),
    (stops_with(Unspeakable), "stops with Unspeakable."),
    (stops_with(ValueError("x" * 10**7)), "ValueError: xxx"),
    (stops_with(ValueError("\ud800")), "\\ud800"),
    (lambda: 2, "takes 0 positional arguments"),
    (lambda x: HOLDS_ITSELF, "holds itself"),
    (lambda x: (y for y in [2]), "put list( ) around it"),
    (3, "a function was expected"),
]


@pytest.mark.parametrize(("function", "words"), FUNCTIONS)
def test_whatever_a_function_does_there_is_a_verdict(function, words):
    verdict = check_function(function, lambda x: x + 1, [(1,)], time_limit=0.3)
    assert verdict.state == "wrong" and words in verdict.message and len(verdict.message) <= 1000
    verdict._repr_html_().encode()


@pytest.mark.parametrize("stub", [None, ..., lambda x: None, lambda x: ..., print])
def test_a_function_that_is_not_written_yet_waits(stub):
    assert check_function(stub, abs, [(-1,)]).state == "waiting"


def test_in_another_thread_the_limit_holds_too():
    def work():
        verdicts.append(check_function(loops, abs, [(-1,)], time_limit=0.3))

    verdicts = []
    thread = threading.Thread(target=work)
    thread.start()
    thread.join(60)
    assert "no result after 0.3 s" in verdicts[0].message and "background" in verdicts[0].message


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timers")
def test_a_timer_that_runs_goes_on_afterwards():
    usual = signal.signal(signal.SIGALRM, lambda number, frame: None)
    before = signal.setitimer(signal.ITIMER_REAL, 500)
    try:
        check_function(loops, abs, [(-1,)], time_limit=0.05)
        assert 400 < signal.getitimer(signal.ITIMER_REAL)[0] <= 500
    finally:
        signal.signal(signal.SIGALRM, usual)
        signal.setitimer(signal.ITIMER_REAL, *before)


def test_of_a_million_printed_lines_the_first_are_shown(capsys):
    def chatters(x):
        for number in range(100_000):
            print(number)
        return -x

    assert check_function(chatters, abs, [(-1,)])
    said = capsys.readouterr().out
    assert said.startswith("0\n1\n2\n") and len(said) < 3000 and "100,000 lines" in said


def test_arguments_that_are_changed_harm_nobody():
    def changes(numbers, array, key):
        total = sum(numbers) + array.sum() + len(key)
        numbers.clear()
        array[:] = 0
        key.clear()
        return total

    case = [1, 2], np.ones(2), {"key": {"a": 1}}
    assert check_function(changes, lambda n, a, key: sum(n) + a.sum() + len(key), [case, case])
    assert case[0] == [1, 2] and case[1].sum() == 2 and case[2] == {"key": {"a": 1}}


def test_exit_of_ipython_does_not_end_the_kernel(monkeypatch):
    class Shell:
        def ask_exit(self):
            pytest.fail("the kernel ends")

    shell = Shell()
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    verdict = check_function(lambda x: shell.ask_exit(), abs, [(-1,)])
    assert "would end the notebook" in verdict.message and not vars(shell)


@pytest.mark.parametrize("expected", [43_945_969, 43_945_969.0, np.int32(43_945_969)])
def test_a_count_is_right_to_its_last_unit(expected):
    for right in (43_945_969, 43_945_969.0, np.int64(43_945_969)):
        assert check(right, expected)
    for wrong in (43_945_929, 43_945_968, 43_945_970.0, np.float32(43_945_969)):
        assert not check(wrong, expected), wrong
    assert "Your answer is 43945929, and 43945969" in check(43_945_929.0, expected).message
    assert not check([1, 43_945_929], np.array([1, expected]))


def test_whole_numbers_beyond_those_of_a_double_are_told_apart():
    assert check(2**60 + 1, 2**60 + 1) and not check(2**60, 2**60 + 1)
    assert check(2**70, 2**70) and not check(2**70 + 1, 2**70)


def test_measured_numbers_keep_their_share_and_a_tolerance_of_units_its_units():
    assert check(29_408.4001, 29_408.4) and not check(29_408.5, 29_408.4)
    assert check(2.9, 3, tolerance=0.05) and not check(2.8, 3, tolerance=0.05)
    assert check(52, 50, tolerance=2) and check(29_408.01, 29_408.0)
