import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from islesedu.course import slides
from islesedu.course.lessons import list_lessons
from islesedu.errors import LessonError
from islesedu.widgets import ConvolutionStepper
from tests.browser import chromium, needs_chromium, violations


def kinds(*cells):
    return [
        (cell.source, cell.id.split("-")[1])
        for cell in slides.marked(new_notebook(cells=list(cells))).cells
    ]


def test_headings_begin_slides_and_divide_texts():
    text = new_markdown_cell("# One\n\nwhy\n\n## Two\n\n```\n# a comment\n```\n\n### Three\n\nend")
    assert kinds(text, new_code_cell("1 + 1"), new_markdown_cell("#hash is no heading")) == [
        ("# One\n\nwhy", "slide"),
        ("## Two\n\n```\n# a comment\n```", "slide"),
        ("### Three\n\nend", "subslide"),
        ("1 + 1", "more"),
        ("#hash is no heading", "more"),
    ]


def test_what_no_audience_needs_is_left_out_and_jupyter_may_say_otherwise():
    told = new_markdown_cell("## Sources", metadata={"slideshow": {"slide_type": "skip"}})
    own = new_code_cell("2", metadata={"slideshow": {"slide_type": "slide"}})
    cells = [
        new_code_cell("seed = 1", metadata={"tags": [tag]}) for tag in ("parameters", "asserts")
    ]
    imports = new_code_cell("import numpy as np\nfrom math import pi")
    found = [
        kind for _, kind in kinds(told, own, *cells, imports, new_code_cell("import x\nx.y()"))
    ]
    assert found == ["skip", "slide", "skip", "skip", "skip", "more"]


def test_every_lesson_begins_with_its_title_and_keeps_its_text():
    for lesson in list_lessons():
        node = nbformat.read(lesson.file, as_version=4)
        whole = "".join("".join(cell.source.split()) for cell in node.cells)
        cells = slides.marked(node).cells
        assert cells[0].source.startswith("# ") and cells[0].id == "isl-slide-0"
        assert len({cell.id for cell in cells}) == len(cells)
        assert "".join("".join(cell.source.split()) for cell in cells) == whole


def test_without_npm_one_sentence_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("ISLESEDU_BUILD", str(tmp_path))
    monkeypatch.setattr(slides.shutil, "which", lambda name: None)
    with pytest.raises(LessonError, match="npm is not installed; install Node.js 18 or later, or"):
        slides.reveal_files()
    (tmp_path / "npm").write_text("#!/bin/sh\necho 'npm error network' >&2\nexit 1\n")
    (tmp_path / "npm").chmod(0o755)
    monkeypatch.setattr(slides.shutil, "which", lambda name: str(tmp_path / "npm"))
    with pytest.raises(
        LessonError, match="npm could not fetch reveal.js .*: npm error network; try"
    ):
        slides.reveal_files()


def test_the_lock_file_pins_what_the_package_file_asks_for():
    wanted, locked = (
        json.loads((slides._DECK / name).read_text())
        for name in ("package.json", "package-lock.json")
    )
    found = locked["packages"]["node_modules/reveal.js"]
    assert found["version"] == wanted["dependencies"]["reveal.js"] and found["integrity"]
    assert "resolved" not in found  # it would name a registry


@pytest.fixture
def deck(tmp_path):
    """A deck of a lesson with all that is hard: a widget, long code, long output, a long text."""
    try:
        slides.reveal_files()
    except LessonError as error:
        pytest.skip(str(error))
    page = ConvolutionStepper([[1, 2, 4], [0, 1, 0], [1, 0, 3]], [[0, 1], [1, 0]])
    data, _ = page._repr_mimebundle_()
    widget = new_output("display_data", {"text/html": data["text/html"], "text/plain": ""})
    long = new_output("stream", name="stdout", text="\n".join(map(str, range(90))))
    cells = [
        new_markdown_cell("# Title\n\ntext"),
        new_code_cell("stepper", outputs=[widget], execution_count=1),
        new_markdown_cell("## Long\n\n" + "\n\n".join(["A paragraph. " * 30] * 9)),
        new_code_cell("\n".join(f"a{n} = {n}" for n in range(60)), execution_count=2),
        new_code_cell("print()", outputs=[long], execution_count=3),
        new_code_cell("import numpy", execution_count=4),
    ]
    lesson = list_lessons()[0]
    (tmp_path / "executed").mkdir()
    nbformat.write(new_notebook(cells=cells), tmp_path / "executed" / f"{lesson.name}.ipynb")
    return slides.write_slides([lesson], tmp_path / "executed", tmp_path / "out")[0]


@needs_chromium
def test_a_deck_fits_works_and_fetches_nothing(deck):
    with chromium(viewport={"width": 1280, "height": 720}) as page:
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(deck.as_uri())
        page.wait_for_function("window.Reveal && Reveal.isReady()")
        beside = deck.parent.as_uri()
        assert all(url.startswith((beside, "data:", "blob:")) for url in asked)
        total = page.evaluate("Reveal.getTotalSlides()")
        assert total >= 6
        too_long = """() => [...document.querySelectorAll(".isl-fit:not(.isl-scroll)")]
            .filter((one) => one.scrollHeight > one.clientHeight + 1).length"""
        seen = ""
        for _ in range(total):
            assert page.evaluate(too_long) == 0
            seen += page.evaluate("Reveal.getCurrentSlide().innerText")
            assert not violations(page, "body")
            page.keyboard.press("Space")
            page.wait_for_timeout(50)
        assert "a59 = 59" in seen and "\n89" in seen and seen.count("A paragraph.") == 270
        assert "import numpy" not in seen
        page.evaluate("Reveal.slide(0, 0)")
        before = page.evaluate("Reveal.getIndices()")
        stepper = page.locator(".islesedu-stepper").first
        page.evaluate("""() => {
            const slide = document.querySelector(".islesedu-stepper").closest("section");
            const at = Reveal.getIndices(slide); Reveal.slide(at.h, at.v); }""")
        stepper.focus()
        at, said = page.evaluate("Reveal.getIndices()"), stepper.inner_text()
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(200)
        assert page.evaluate("Reveal.getIndices()") == at  # the widget has the key, not the deck
        assert stepper.inner_text() != said and before["h"] == 0
