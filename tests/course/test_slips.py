"""Every slip is refused with the sentence that names it; docs/slips.md says where each occurs."""

from pathlib import Path

import numpy as np
import pytest
from scipy import signal

from islesedu import convolution as c
from islesedu.course import slips
from islesedu.course.exercises import check, check_function

TABLE = Path(__file__).resolve().parents[2] / "docs" / "slips.md"


def exercise(name):
    """Return arguments and options of an exercise of the lessons' kind."""
    rng = np.random.default_rng(7)
    image, kernel = rng.integers(0, 90, (6, 7)), rng.integers(-3, 6, (3, 3))
    colours, bank = rng.integers(0, 9, (6, 7, 3)), rng.integers(-3, 4, (3, 3, 3, 2))
    return {
        "one channel": ((image, kernel), {}),
        "with padding and stride": ((image, kernel), {"padding": 1, "stride": 2}),
        "with fractions": ((image / 8, kernel / 8), {}),
        "three channels": ((colours, bank[..., 0]), {}),
        "two filters": ((colours, bank), {}),
        "a layer": (
            (colours, bank, np.array([5, -4])),
            {"relu": True, "padding": 1, "stride": (2, 1)},
        ),
    }[name]


EXERCISES = [
    "one channel",
    "with padding and stride",
    "with fractions",
    "three channels",
    "two filters",
    "a layer",
]


def answer(arguments, options):
    """Return the right answer by the package's public functions, with their loops."""
    image, kernel, *bias = arguments
    options = dict(options)
    relu = options.pop("relu", False)
    if kernel.ndim == 2:
        return c.conv2d(image, kernel, **options)
    if kernel.ndim == 3:
        return c.conv2d_channels(image, kernel, **options)
    return (c.conv_layer if relu else c.conv2d_bank)(image, kernel, *bias, **options)


@pytest.mark.parametrize("name", EXERCISES)
def test_every_slip_that_applies_is_named(name):
    arguments, options = exercise(name)
    expected = answer(arguments, options)
    usual = slips.of_convolution(*arguments, **options)
    assert len(usual) >= 4
    for slip, wrong in usual.items():
        verdict = check(wrong, expected, slips=usual)
        assert verdict.state == "wrong" and verdict.message.endswith(f"{slip}.")


def test_every_slip_applies_somewhere():
    found = {
        slip
        for name in EXERCISES
        for slip in slips.of_convolution(*exercise(name)[0], **exercise(name)[1])
    }
    assert found == set(slips.SLIPS)


@pytest.mark.parametrize("name", EXERCISES)
def test_the_right_answer_passes_however_it_was_found(name):
    arguments, options = exercise(name)
    usual = slips.of_convolution(*arguments, **options)
    right = answer(arguments, options)
    image, kernels = arguments[:2]
    assert check(right, right, slips=usual)
    assert check(right.tolist(), right, slips=usual)
    assert check(right.astype(np.float32), right, slips=usual, tolerance=1e-5)
    if image.ndim == 2:  # another hand: SciPy's
        padded = np.pad(image, options.get("padding", 0))
        step = options.get("stride", 1)
        other = signal.correlate(padded, kernels, "valid")[::step, ::step]
        assert check(other, right, slips=usual)
    assert check(None, right, slips=usual).state == "waiting"


@pytest.mark.parametrize("name", EXERCISES)
def test_slips_differ_from_the_answer_and_from_each_other(name):
    arguments, options = exercise(name)
    answers = [answer(arguments, options), *slips.of_convolution(*arguments, **options).values()]
    for number, one in enumerate(answers):
        assert not any(slips.same(one, other) for other in answers[:number])


def test_slips_that_change_nothing_are_left_out():
    usual = slips.of_convolution(np.ones((4, 4)), np.ones((3, 3)))
    assert not any("flipped" in slip or "transposed" in slip or "padding" in slip for slip in usual)


def test_the_table_in_docs_is_up_to_date():
    """To write it anew: python -m tests.course.test_slips."""
    assert TABLE.read_text(encoding="utf-8") == table()


def table():
    """Return slips x exercises as Markdown, each entry decided by a check."""
    head = (
        "# Slips that checks name\n\n"
        "Each row is a slip of convolution by hand, each column a kind of exercise. Yes: an\n"
        "answer with this slip is refused with the sentence in the row. No: it gives the right\n"
        "numbers there, or those of an earlier row. `python -m tests.course.test_slips` writes "
        "this\n"
        "table, and a test keeps it true.\n\n"
    )
    rows = ["| slip | " + " | ".join(EXERCISES) + " |", "|---|" + "---|" * len(EXERCISES)]
    for slip in slips.SLIPS:
        cells = []
        for name in EXERCISES:
            arguments, options = exercise(name)
            usual = slips.of_convolution(*arguments, **options)
            verdict = slip in usual and check(usual[slip], answer(arguments, options), slips=usual)
            cells.append("yes" if verdict is not False and slip in verdict.message else "no")
        rows.append(f"| {slip} | " + " | ".join(cells) + " |")
    return head + "\n".join(rows) + "\n"


# Functions


def by_loops(image, kernel):
    rows = range(image.shape[0] - kernel.shape[0] + 1)
    columns = range(image.shape[1] - kernel.shape[1] + 1)
    return [
        [(image[r : r + kernel.shape[0], q : q + kernel.shape[1]] * kernel).sum() for q in columns]
        for r in rows
    ]


CASES = [(np.arange(20).reshape(4, 5) ** 2 % 11, np.array([[1, 2], [0, -1]]))]


@pytest.mark.parametrize("yours", [by_loops, lambda a, k: signal.correlate(a, k, "valid")])
def test_a_right_function_passes(yours):
    assert check_function(yours, c.conv2d, CASES, slips=slips.of_convolution)


@pytest.mark.parametrize(
    "yours, words",
    [
        (lambda a, k: signal.convolve(a, k, "valid"), "you flipped the kernel"),
        (lambda a, k: np.transpose(by_loops(a, k)), "transposed"),
        (lambda a, k: np.array(by_loops(a, k)) / k.size, "mean of the products"),
        (lambda a, k: np.array(by_loops(a, k)).astype(np.uint8), "8 bits"),
        (lambda a, k: a[:2, :2] * k, "did not add"),
        (lambda a, k: a[9, 9], "your function stops with IndexError"),
        (lambda a: a, "your function stops with TypeError"),
        (lambda a, k: "x", "an array of shape (3, 4) was expected"),
    ],
)
def test_a_wrong_function_is_told_why(yours, words):
    verdict = check_function(yours, c.conv2d, CASES, slips=slips.of_convolution)
    assert verdict.state == "wrong" and words in verdict.message


def test_a_function_that_is_not_written_yet_waits_and_a_tried_one_can_show_the_solution():
    waiting = check_function(lambda a, k: None, c.conv2d, CASES)
    assert waiting.state == "waiting" and "<pre>" not in waiting._repr_html_()
    tried = check_function(lambda a, k: a, c.conv2d, CASES)
    assert "<summary>Show a solution</summary><pre>def conv2d(" in tried._repr_html_()


def test_a_function_cannot_spoil_the_numbers_it_is_given():
    def spoils(image, kernel):
        result = by_loops(image, kernel)
        image[:] = 0
        return result

    before = CASES[0][0].copy()
    assert check_function(spoils, c.conv2d, CASES * 2)
    np.testing.assert_array_equal(CASES[0][0], before)


def test_named_arguments_of_a_case_reach_both_functions():
    cases = [(*CASES[0], {"stride": 2})]
    assert (
        check_function(
            lambda a, k, stride: by_loops(a, k)[::stride][0][::stride],
            c.conv2d,
            [(CASES[0][0][:2], CASES[0][1], {"stride": 2})],
        ).state
        == "wrong"
    )  # (2,) is not (1, 2)
    yours = check_function(lambda a, k, stride: by_loops(a, k), c.conv2d, cases)
    assert "stride=2" in yours.message
