"""The built site: links, no request, accessibility, widgets, phone, print."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.browser import chromium_pages, needs_chromium, violations
from tests.website.lessons import ALT, write_lessons

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["index", "map", "glossary", "slides", "start", "lab", "search", "genindex"]
PAGES += ["reference/metrics"]
PAGES += ["lessons/01_step_by_hand", "lessons/06_look_at_maps", "more/results", "more/robustness"]
LESSON = "lessons/01_step_by_hand"


@pytest.fixture(scope="module")
def site(once):
    """Return the whole site around two small lessons, in a folder with a blank in its name."""
    return once("a site", build_site) / "site"


def build_site(folder):
    """In a process of its own, for Sphinx reads the package with a stand-in for Keras."""
    write_lessons(folder)
    (folder / "lab").mkdir()
    page = "<!doctype html><html lang=en><title>A network</title><main><h1>A network</h1>"
    page += '<p class="isl-intro">Guess <b>first</b>.</p><p>Not this.</p></main>'
    (folder / "lab" / "index.html").write_text(page)
    (folder / "lab" / "model.bin").write_bytes(b"weights")
    options = ["--notebooks", folder, "--lessons", folder / "executed", "--lab", folder / "lab"]
    command = [sys.executable, "-m", "docs.website", *options, "--no-run"]
    subprocess.run([*command, "--output", folder / "site"], check=True, cwd=ROOT)


@pytest.fixture(scope="module")
def open_page():
    with chromium_pages() as opened:
        yield opened


class _Links(HTMLParser):
    """Collect what a page refers to, its anchors and pictures."""

    def __init__(self, text):
        super().__init__()
        self.links, self.anchors, self.pictures, self.fetched = [], set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.anchors |= {found[name] for name in ("id", "name") if found.get(name)}
        for name in ("href", "src"):
            if found.get(name):
                self.links.append(found[name])
                if tag != "a":
                    self.fetched.append(found[name])
        if tag == "img":
            self.pictures.append(found)


@pytest.fixture(scope="module")
def pages(site):
    """Return what each page refers to."""
    return {file: _Links(file.read_text(encoding="utf-8")) for file in site.rglob("*.html")}


def test_links_lead_to_files_and_anchors(site, pages):
    assert len(pages) > 30
    wrong = []
    for file, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or link.startswith("//"):
                continue
            there = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            anchor = unquote(parts.fragment)
            if not there.is_file():
                wrong.append(f"{file.relative_to(site)}: {link}")
            elif anchor and there in pages and anchor not in pages[there].anchors:
                wrong.append(f"{file.relative_to(site)}: {link} (no such anchor)")
    assert not wrong, "\n".join(wrong[:20])


def test_nothing_is_fetched_from_elsewhere(pages):
    fetched = {link for page in pages.values() for link in page.fetched}
    assert not [link for link in fetched if re.match(r"(https?:)?//", link)]


def test_every_picture_has_a_description(pages):
    for file, page in pages.items():
        for picture in page.pictures:
            assert "alt" in picture, file
            assert not re.search(r"\.(png|webp|svg)$", picture["alt"] or ""), (file, picture["alt"])
    shown = [one for page in pages.values() for one in page.pictures]
    assert [one["alt"] for one in shown if "01_step_by_hand-1" in one["src"]] == [ALT]


def test_a_lesson_has_its_head_folds_and_download(site):
    text = (site / f"{LESSON}.html").read_text(encoding="utf-8")
    assert "30 minutes with the exercises" in text and "Print or save as PDF" in text
    assert len(re.findall(r"<details[^>]*above-input", text)) == 3  # parameters, imports, tests
    assert text.count("Show the imports") == 1  # of two cells
    assert "open in JupyterLab" in text and "interactive()" not in text
    assert text.count("<math") >= 3 and "\\frac" not in text
    assert "one without a page" in text and "20_rank_a_challenge" not in text
    assert (site / "notebooks" / "01_step_by_hand.ipynb").is_file()


def test_terms_are_linked_both_ways(site):
    lesson = (site / f"{LESSON}.html").read_text(encoding="utf-8")
    words = (site / "glossary.html").read_text(encoding="utf-8")
    assert 'href="../glossary.html#term-receptive-field"' in lesson
    assert 'href="lessons/01_step_by_hand.html#term-receptive-field"' in words
    assert 'id="term-receptive-field"' in lesson and 'id="term-receptive-field"' in words


def test_neighbours_are_linked(site):
    text = (site / f"{LESSON}.html").read_text(encoding="utf-8")
    assert re.search(r'class="right-next"\s+href="06_look_at_maps.html"', text)


def test_the_reference_says_what_a_function_takes(site):
    text = (site / "reference" / "metrics.html").read_text(encoding="utf-8")
    assert "islesedu.metrics.dice" in text and "Parameters" in text
    text = (site / "reference" / "networks.html").read_text(encoding="utf-8")
    assert "build_vnet" in text
    made_with_keras = re.search(r'id="islesedu.networks.FiLM">(.*?)</dl>', text, re.DOTALL)[1]
    assert "hidden" in made_with_keras and "Feature-wise linear modulation" in made_with_keras
    widgets = (site / "reference" / "widgets.html").read_text(encoding="utf-8")
    assert re.search(r'id="islesedu.widgets.SliceBrowser">(?:(?!</dt>).)*prediction', widgets, re.S)


def test_the_lab_is_a_page_when_its_bundle_is_there(site):
    page = (site / "lab.html").read_text(encoding="utf-8")
    assert 'src="lab/index.html"' in page
    assert page.count("Guess <b>first</b>.") == 1 and "Not this." not in page
    assert (site / "lab" / "model.bin").read_bytes() == b"weights"
    assert 'href="lab.html"' in (site / "index.html").read_text(encoding="utf-8")


@needs_chromium
@pytest.mark.parametrize("width, scheme", [(1280, "light"), (400, "dark")])
@pytest.mark.parametrize("name", PAGES)
def test_pages_are_accessible_and_fit(site, open_page, name, width, scheme):
    view = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    with open_page(**view) as page:
        requests = []
        page.on("request", lambda request: requests.append(request.url))
        page.goto((site / f"{name}.html").as_uri())
        page.wait_for_load_state("load")
        assert page.evaluate("document.documentElement.dataset.theme") == scheme
        assert not violations(page, "html")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert all(url.startswith((site.as_uri(), "data:", "blob:")) for url in requests)


@needs_chromium
def test_the_widgets_of_the_landing_page_react(site, open_page):
    with open_page(viewport={"width": 400, "height": 900}) as page:
        page.goto((site / "index.html").as_uri())
        stepper = page.locator(".islesedu-stepper")
        before = stepper.locator(".isl-say").inner_text()
        stepper.locator('[aria-current="true"]').press("ArrowRight")
        assert stepper.locator(".isl-say").inner_text() != before
        browser = page.locator(".islesedu-browser")
        before = browser.locator(".isl-say").inner_text()
        browser.locator("canvas").first.click()
        page.keyboard.press("PageUp")
        page.wait_for_function(
            "before => document.querySelector('.islesedu-browser .isl-say').innerText !== before",
            arg=before,
        )


@needs_chromium
def test_the_first_tab_stop_skips_to_the_text(site, open_page):
    with open_page(viewport={"width": 1280, "height": 900}) as page:
        page.goto((site / f"{LESSON}.html").as_uri())
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.hash") == "#main-content"


@needs_chromium
def test_paper_is_white_and_without_navigation(site, open_page):
    with open_page(viewport={"width": 800, "height": 900}, color_scheme="dark") as page:
        page.goto((site / f"{LESSON}.html").as_uri())
        page.emulate_media(media="print")
        assert not page.locator(".bd-sidebar-primary").is_visible()
        assert not page.locator(".lesson-head button").is_visible()
        script = "s => getComputedStyle(document.querySelector(s))"
        assert page.evaluate(f"({script})('.bd-article p').color") == "rgb(0, 0, 0)"
        assert page.evaluate(f"({script})('.highlight pre').whiteSpace") == "pre-wrap"
        assert page.evaluate(f"({script})('body').backgroundColor") == "rgb(255, 255, 255)"


def test_the_first_page_is_light_enough_for_a_phone(site):
    assert Path(site / "index.html").stat().st_size < 1.5e6
