"""How the page of the slice browser asks a kernel for voxels, and what it makes of the answers."""

import numpy as np
import pytest

from islesedu.widgets import SliceBrowser
from tests.browser import needs_chromium, page_with_kernel, settle
from tests.widgets.test_browser import made_patient, made_probability
from tests.widgets.test_browser_page import BARE, pixels, slice_voxels

pytestmark = needs_chromium
WINDOW = {"ADC": (300, 1100)}


@pytest.fixture
def patient(rng):
    return made_patient(rng)


@pytest.fixture
def open_live(pages, tmp_path):
    """Return a function that opens a page whose kernel keeps its answers back."""

    def open_page(page, browser, views=1):
        text = page_with_kernel(browser, views, holds=True)
        (tmp_path / "live.html").write_text(text, encoding="utf-8")
        page.goto((tmp_path / "live.html").as_uri())
        page.locator(".islesedu-browser canvas").first.wait_for()

    return open_page


def wait_for_questions(page, *parts):
    """Wait until just these parts wait for their answers."""
    same = "parts => JSON.stringify([...kernel.held].sort()) === JSON.stringify(parts)"
    page.wait_for_function(same, arg=sorted(parts))


def answer_all(page):
    """Answer all questions at once, the last one first."""
    page.evaluate("[...kernel.held].reverse().forEach((part) => kernel.answer(part))")


def check_adc(page, patient, browser, view=0):
    """Compare the canvas of a view with the ADC, to its last bit."""
    voxels = slice_voxels(page, browser)
    values = patient.image[(*voxels.T, 0)]
    wanted = ((values - 300) / 800).clip(0, 1) * 255
    np.testing.assert_allclose(pixels(page, voxels, view)[:, 0], wanted, atol=0.6)


def test_everything_comes_in_whatever_order_it_is_answered(pages, open_live, rng, patient):
    probability = made_probability(rng, patient)
    browser = SliceBrowser(patient, probability=probability, windows=WINDOW, **BARE)
    high = [f"0/{name}/0/high" for name in browser.maps]
    low = [f"0/{name}/0/low" for name in browser.maps if name != "probability"]
    with pages() as page:
        open_live(page, browser)
        root = page.locator(".islesedu-browser")
        wait_for_questions(page, *high)
        page.evaluate("kernel.answer('0/ADC/0/low')")  # nobody has asked for it yet
        page.evaluate("kernel.answer('0/CBF/0/high')")
        wait_for_questions(page, *[part for part in high if "CBF" not in part])
        answer_all(page)
        wait_for_questions(page, *low)
        answer_all(page)
        settle(page)
        assert root.get_attribute("data-ready") == "true"
        assert sorted(page.evaluate("kernel.asked")) == sorted(high + low)  # each once
        check_adc(page, patient, browser)


def test_two_views_of_a_browser_get_the_answers_of_both(pages, open_live, patient):
    """An answer that comes again, while the first is unpacked, changes nothing."""
    browser = SliceBrowser(patient, map="ADC", windows=WINDOW, **BARE)
    with pages() as page:
        open_live(page, browser, views=2)
        for part in ("0/ADC/0/high", "0/ADC/0/low"):
            wait_for_questions(page, part, part)
            answer_all(page)
        settle(page)
        assert len(page.evaluate("kernel.asked")) == 4
        for view in (0, 1):
            check_adc(page, patient, browser, view)
