"""What the pages of the site are made from."""

import base64
import io
import re
import tomllib
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from docs.website import documents
from docs.website.__main__ import ROOT, write_lab
from docs.website.course_map import direct_needs, map_picture
from docs.website.facts import Facts, facts_of, needed_lessons, plain
from docs.website.glossary import Glossary, is_term
from docs.website.notebooks import fold, is_current
from docs.website.pictures import THUMBNAIL, save_thumbnail
from islesedu.course.lessons import Lesson, list_lessons

WORDS = 'stressed = ["not"]\n[same]\n"AUC" = "area"\n[definitions]\n"area" = "Said better."\n'


def facts(number, needs=(), file=Path("none")):
    lesson = Lesson(f"{number}_go", file, f"{number} · Go", 1, {}, 1)
    return Facts(lesson, "Why.", (), tuple(needs), "", "30")


def lesson_of(tmp_path, number, *texts):
    """Return the facts of a lesson with these texts after its first cell."""
    file = tmp_path / f"{number}_go.ipynb"
    cells = [new_markdown_cell(text) for text in ("# Go", *texts)]
    nbformat.write(new_notebook(cells=cells), file)
    return facts(number, file=file)


def glossary(tmp_path, *lessons):
    words = tmp_path / "words.toml"
    words.write_text(WORDS)
    return Glossary(lessons, words)


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("lessons 01 to 03", ("01", "02", "03")),
        ("lesson 01. 45 to 60 minutes, of which computing takes 02 minutes", ("01",)),
        ("lessons 05 (FCNN) and 09 (Dice)", ("05", "09")),
        ("NumPy; lesson 20 continues this", ()),
    ],
)
def test_which_lessons_a_lesson_needs(text, needed):
    assert needed_lessons(text, "12") == needed


@pytest.mark.parametrize("lesson", list_lessons(), ids=lambda lesson: lesson.name)
def test_each_lesson_says_what_its_card_shows(lesson):
    own = facts_of(lesson)
    assert own.outcomes and own.goal and not own.goal.startswith("#")
    assert all("You need" not in outcome and len(outcome) < 250 for outcome in own.outcomes)
    assert "minutes" not in own.you_need
    assert all(number < own.number for number in own.needs)


def test_arrows_leave_out_what_a_path_already_says():
    lessons = [facts("01"), facts("02", ["01"]), facts("03", ["01", "02"]), facts("06", ["04"])]
    pairs = [(one.number, other.number) for one, other in direct_needs(lessons)]
    assert pairs == [("01", "02"), ("02", "03")]
    assert map_picture(lessons).count("<a href=") == 4


def test_arrows_over_several_rows_pass_between_the_boxes():
    picture = map_picture([facts_of(lesson) for lesson in list_lessons()])
    boxes = re.findall(r'<rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"', picture)
    x, y, width, height = np.array(boxes, dtype=float).T
    paths = [path for path in re.findall(r'd="(M[^"]+)"', picture) if "L" in path]
    assert len(boxes) == 25 and len(paths) > 3
    for path in paths:
        corners = np.array(re.findall(r"[MLQ ]([\d.]+) ([\d.]+)", path), dtype=float)
        steps = np.linspace(0, 1, 50)[:, None]
        way = np.concatenate(
            [a + steps * (b - a) for a, b in zip(corners, corners[1:], strict=False)]
        )
        px, py = way.T[:, :, None]
        assert not ((px > x) & (px < x + width) & (py > y) & (py < y + height)).any(), path


def test_a_card_shows_a_high_strip_in_two_columns(tmp_path):
    strip = np.full((600, 200), 255, np.uint8)
    strip[20:290, 20:180] = strip[320:580, 20:180] = 0
    packed = io.BytesIO()
    Image.fromarray(strip).save(packed, "PNG")
    save_thumbnail(base64.b64encode(packed.getvalue()).decode(), tmp_path / "card.webp")
    card = np.asarray(Image.open(tmp_path / "card.webp").convert("L"))
    assert card.shape == THUMBNAIL[::-1]
    dark = card[card.shape[0] // 2] < 128
    assert np.diff(dark.astype(int)).clip(0).sum() == 2 and not dark[card.shape[1] // 2]


def test_numbers_stay_with_their_units():
    text = "0.342 ± 0.256, p < 0.001, 95 % of `a < 1` and $a < 1$, 5 %d"
    told = "0.342~±~0.256, p <~0.001, 95~% of `a < 1` and $a < 1$, 5 %d"
    assert documents.keep_together(text).replace("\u00a0", "~") == told


def test_a_term_is_defined_by_its_first_sentence(tmp_path):
    text = "Before. A **feature map** is an output; it is **not** an input. After."
    own = glossary(tmp_path, lesson_of(tmp_path, "01", text), lesson_of(tmp_path, "02", text))
    assert [(term.name, term.places) for term in own.terms] == [("Feature map", ["01", "02"])]
    assert own.terms[0].definition == "A feature map is an output; it is not an input."


def test_another_name_of_a_term_leads_to_it(tmp_path):
    own = glossary(tmp_path, lesson_of(tmp_path, "01", "The **AUC** is a number."))
    assert own.find("AUC").definition == "Said better."


def test_links_go_both_ways_and_each_place_is_marked_once(tmp_path):
    text = "A **kernel** moves. The **kernel** stops. `**kernel**` is code."
    own = glossary(tmp_path, lesson_of(tmp_path, "01", text))
    linked = own.link(text, "01")
    assert linked.count('id="term-kernel"') == 1 and linked.count("glossary.html#term-kernel") == 2
    assert "`**kernel**`" in linked
    assert 'href="lessons/01_go.html#term-kernel"' in own.page({"01": "01_go"})


def test_a_term_of_the_head_leads_to_the_top_of_its_lesson(tmp_path):
    file = tmp_path / "01_go.ipynb"
    cells = [new_markdown_cell("# Go\n\nA **kernel** moves."), new_markdown_cell("Text.")]
    nbformat.write(new_notebook(cells=cells), file)
    own = glossary(tmp_path, facts("01", file=file))
    own.link("Text.", "01")
    assert 'href="lessons/01_go.html"' in own.page({"01": "01_go"})


@pytest.mark.parametrize("words", ["Exercise 3.", "a", "70 ml", "so this is a whole sentence"])
def test_not_everything_in_bold_is_a_term(words):
    assert not is_term(words)


def test_an_edited_lesson_is_not_current(tmp_path):
    old, new = tmp_path / "old.ipynb", tmp_path / "new.ipynb"
    injected = new_code_cell("seed = 2", metadata={"tags": ["injected-parameters"]})
    nbformat.write(new_notebook(cells=[new_code_cell("seed = 1"), injected]), old)
    nbformat.write(new_notebook(cells=[new_code_cell("seed = 1")]), new)
    assert is_current(old, new) and not is_current(tmp_path / "none.ipynb", new)
    nbformat.write(new_notebook(cells=[new_code_cell("seed = 3")]), new)
    assert not is_current(old, new)


def test_links_of_a_document_lead_to_pages_pictures_or_nowhere(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "dot.png").write_bytes(b"png")
    file = tmp_path / "docs" / "one.md"
    pages = {tmp_path / "docs" / "two.md": "more/two", tmp_path / "README.md": "index"}
    text = "[two](two.md#x) [home](../README.md) ![dot](dot.png) [code](../a.py) `[no](a.py)`"
    text += " [out](https://x.example)\n\n    [no](b.py)\n"
    linked = documents.relink(text, file, "more/one", pages, tmp_path / "source")
    assert linked.startswith(
        "[two](two.md#x) [home](../index.md) ![dot](dot.png) code `[no](a.py)`"
    )
    assert "[out](https://x.example)" in linked and "    [no](b.py)" in linked
    assert (tmp_path / "source" / "more" / "dot.png").is_file()


def test_sections_that_the_site_takes_from_the_readme_are_there():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make lessons" in documents.section(readme, "Start")
    assert "| slide |" in documents.section(readme, "Slides, lessons, rooms")
    with pytest.raises(ValueError, match="no heading 'None'"):
        documents.section(readme, "None")


def test_without_its_bundle_the_lab_is_left_out_and_that_is_said(tmp_path, capsys):
    assert not write_lab(tmp_path / "lab", tmp_path)
    assert "without the V-Net in the page" in capsys.readouterr().out


def test_plain_text_of_a_line():
    assert plain("a **b** `c` [d](e)") == "a b c d"


def test_definitions_stand_alone():
    lessons = [facts_of(lesson) for lesson in list_lessons()]
    own = Glossary(lessons, ROOT / "docs" / "glossary.toml")
    leaning = re.compile(
        r"(This|These|Such|It|They|Here|Above|Below|Left|Right|So|Now|Then|One of them)\b"
    )
    wrong = [
        f"{term.name}: {term.definition}"
        for term in own.terms
        if leaning.match(term.definition) or not term.definition.endswith(".")
    ]
    assert not wrong, "\n".join(wrong)  # docs/glossary.toml takes a better definition
    known = {term.name.lower() for term in own.terms}
    text = (ROOT / "docs" / "glossary.toml").read_text(encoding="utf-8")
    unused = [name for name in tomllib.loads(text)["definitions"] if name.lower() not in known]
    assert not unused


@pytest.mark.parametrize(
    "source, outputs, folded",
    [
        ("import numpy as np", 0, "the imports"),
        ("import keras\nfrom islesedu import figures\nfigures.show(x, 'y')", 1, "the imports"),
        ("import keras\nmodel = keras.Sequential()\nmodel.summary()", 1, ""),
        ("x = 1", 0, ""),
    ],
)
def test_imports_are_folded_and_what_is_taught_is_not(source, outputs, folded):
    assert fold(new_code_cell(source, outputs=[new_output("stream")] * outputs))[1] == folded
