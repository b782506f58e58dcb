"""Names and numbers that come from outside: shown as they are, or refused in one sentence."""

import json
import re

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from islesedu.course.page import to_html
from islesedu.widgets import ConvolutionStepper, SliceBrowser
from islesedu.widgets.browser.inputs import BrowserError
from islesedu.widgets.standalone import table
from islesedu.widgets.stepper import StepperError
from tests.browser import needs_chromium

SHAPE = (6, 5, 4)
NAMES = (
    "rCBF/rCBV",
    "__proto__",
    "constructor",
    "<!--<script>",
    "</script><b>",
    '"&quot;\\u003c',
    "$\\frac$",
    "שלום 😀",
)


@pytest.fixture
def image(rng):
    return rng.uniform(1, 2, (*SHAPE, len(NAMES)))


def noticed(warnings):
    """Return the warnings that a reader sees: not those to developers, which Python hides."""
    return [
        str(one.message) for one in warnings if not issubclass(one.category, DeprecationWarning)
    ]


def page_of(folder, *pieces):
    """Return the page of a lesson whose cells have shown some pieces of HTML."""
    outputs = [new_output("display_data", {"text/html": piece}) for piece in pieces]
    cells = [new_code_cell("SliceBrowser(...)", outputs=[output]) for output in outputs]
    file = folder / "lesson.ipynb"
    nbformat.write(new_notebook(cells=cells), file)
    return to_html(file, folder)


@needs_chromium
def test_any_name_is_shown_and_the_rest_of_the_page_stays(image, pages, tmp_path):
    name = "<!--<script>alert(1)</script>"
    browser = SliceBrowser(
        image, channels=NAMES, name=name, compare={"prediction": image[..., 0] > 1.5, "name": name}
    )
    after = "<p id='after'>after</p>"
    file = tmp_path / "page.html"
    file.write_text(page_of(tmp_path, browser.to_html(), after), encoding="utf-8")
    with pages() as page:
        page.goto(file.as_uri())
        page.locator(".islesedu-browser[data-ready=true]").wait_for()
        assert page.locator("#after").inner_text() == "after"
        page.wait_for_function(
            "() => document.querySelector('.islesedu-browser').dataset.loading === '0'"
        )
        shown = page.locator("figcaption b").all_inner_texts()[: len(NAMES)]
        assert [" ".join(text.split()) for text in shown] == [" ".join(n.split()) for n in NAMES]
        values = page.locator("figcaption b + span").all_inner_texts()[: len(NAMES)]
        place = browser.position
        assert [float(value) for value in values] == pytest.approx(image[place], abs=1e-3)
        assert page.locator(".isl-side h3 span").first.inner_text() == name
        page.evaluate("document.querySelector('.islesedu-browser').focus()")
        page.get_by_label("Show", exact=True).select_option("__proto__")
        page.get_by_label("from", exact=True).fill("0.5")
        page.get_by_label("from", exact=True).press("Enter")
        state = page.evaluate(
            "JSON.stringify(document.querySelector('.islesedu-browser').state().windows)"
        )
        assert json.loads(state)["__proto__"][0] == 0.5


def test_no_name_leaves_the_script_that_holds_it(image):
    name = "<!--<script>"
    html = SliceBrowser(image, channels=NAMES, name=name, what_if=None).to_html()
    body = re.search(r'<script type="module">(.*)</script>', html, re.DOTALL)[1]
    assert "<!--" not in body and "</script" not in body
    assert "<!--" not in html.split("<script")[0], "the picture's description"
    assert "<b>" not in table(np.ones((1, 1)), "<b>")


@pytest.mark.parametrize("name", ["$\\frac$", "a$b$", "😀", "a\nb", "\x00", "\ud800", 5, 4.5, ""])
def test_a_name_can_be_drawn_and_written_whatever_it_holds(name, recwarn):
    browser = SliceBrowser(np.ones(SHAPE), name=name, compare={"patient": np.ones(SHAPE)})
    assert browser.to_html().encode() and not noticed(recwarn)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"channels": ["", "b"]}, "none of them .* or empty"),
        ({"channels": ["a", "a"]}, "2 different names"),
        ({"channels": [None, "b"]}, "a name in channels is None; expected text"),
        ({"channels": [b"a", "b"]}, "expected text"),
        ({"channels": ["truth", "b"]}, "none of them 'all', 'truth'"),
        ({"channels": 5}, "expected a list of 2 names"),
        ({"channels": {"a", "b"}}, "expected a list of 2 names"),  # in no order
        ({"name": b"x"}, "name is b'x'; expected text"),
        ({"compare": {"name": ["x"]}}, "the name in compare is .'x'.; expected text"),
        ({"plane": "diagonal"}, "plane is 'diagonal'; expected any of .'axial'"),
        ({"slice": "a"}, "slice is 'a'; expected an int"),
        ({"zoom": None}, "zoom is None; expected a float"),
        ({"overlay": None}, "overlay is None; expected a boolean"),
        ({"windows": 5}, "windows is 5; expected a dict"),
        ({"spacing": "abc"}, "spacing is 'abc'; expected three sizes"),
        ({"lesion": [[1, 2], [3]]}, "lesion cannot be read as an array"),
        ({"lesion": np.ones((1, *SHAPE, 1))}, "lesion has the shape"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(arguments, words):
    with pytest.raises(BrowserError, match=words) as caught:
        SliceBrowser(np.ones((*SHAPE, 2)), **arguments)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("volume", "words"),
    [
        (np.ones(SHAPE, complex), "holds complex128"),
        (np.ones((1, *SHAPE, 6)), "take one patient of the batch"),
        (np.broadcast_to(np.float32(0), (5000, 5000, 5000)), "125,000,000,000 values; at most"),
        (np.array([1e308, -1e308]).repeat(60).reshape(SHAPE), "range of 32-bit floats"),
        (np.zeros(SHAPE, [("a", "f4")]), "expected a Patient"),
        ({"a": 1}, "holds object"),
    ],
)
def test_a_volume_that_is_none_is_refused(volume, words):
    with pytest.raises(BrowserError, match=words):
        SliceBrowser(volume)


@pytest.mark.parametrize(
    "volume",
    [
        np.full(SHAPE, np.nan),
        np.ones(SHAPE),
        np.zeros((5, 5, 1)),
        np.full(SHAPE, 2**64 - 1, np.uint64),
        np.tile([np.inf, 1.0], 60).reshape(SHAPE),
        np.arange(120).reshape(SHAPE) > 60,
        np.linspace(0, 1, 120, dtype=np.float16).reshape(SHAPE),
    ],
)
def test_any_real_volume_is_shown(volume, recwarn):
    assert SliceBrowser(volume).to_html() and not noticed(recwarn)


def test_what_is_masked_is_no_value():
    hidden = np.zeros(SHAPE, bool)
    hidden[0, 0, 0] = True
    browser = SliceBrowser(np.ma.masked_array(np.ones(SHAPE), hidden), position=(0, 0, 0))
    assert np.isnan(browser.values["map"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"image": [[1, np.inf]]}, "image holds NaN or infinity"),
        ({"image": [[1, np.nan]]}, "holds NaN"),
        ({"image": [[1, 2], [3]]}, "rows of different lengths"),
        ({"bias": "x"}, "bias holds"),
        ({"relu": "x"}, "relu is 'x'; expected a boolean"),
        ({"filter": "a"}, "does not exist"),
    ],
)
def test_the_stepper_refuses_in_one_sentence_too(arguments, words):
    with pytest.raises(StepperError, match=words):
        ConvolutionStepper(**{"image": [[1, 2, 3]], "kernel": [[1, -1]]} | arguments)


def test_the_stepper_shows_large_numbers_briefly(recwarn):
    stepper = ConvolutionStepper([[1e300, 1]], [[1, 1]])
    assert stepper._repr_mimebundle_()[0]["text/html"] and not noticed(recwarn)
    assert "1e+300" in stepper.equation
