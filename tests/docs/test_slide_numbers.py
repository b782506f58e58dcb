"""Each number of the talks and of their table of results stands in a lesson, as on the slide."""

import re
from pathlib import Path

import nbformat
import pytest

from islesedu.comparison import SLIDE
from islesedu.convolution import kernels
from islesedu.course.lessons import list_lessons
from tests.docs.slide_numbers import ON_SLIDES

ROOT = Path(__file__).resolve().parents[2]
SLIDES = ROOT.parent / "shared" / "talks" / "slides.txt"
SHOWN = {"SLIDE": SLIDE.to_numpy(), "kernels.SHARPEN": kernels.SHARPEN}
"""What lessons import and show, by the name under which they do."""
SAID = [
    (text, n) for texts in ON_SLIDES.values() for text, lessons in texts.items() for n in lessons
]


def flat(text):
    """Return a text without the signs in which Markdown, LaTeX and Python differ."""
    text = text.replace("−", "-").replace(r"\pm", "±")
    text = re.sub(r"\\(times|cdot|mathrm|text|begin\{\w+\}|end\{\w+\}|left|right)\b", " ", text)
    text = re.sub(r"\\[,;:!]|(?<=\d) x (?=\d)|[\\$&|*+×·,;()\[\]{}'\"]", " ", text).replace("_", "")
    text = re.sub(r"(?<=\d)(?=[a-zA-Z])", " ", text)  # 5e is 5 e, and w1a is w1 a
    return re.sub(r"\s+", " ", text).replace(" %", "%").strip()


@pytest.fixture(scope="module")
def lessons():
    """Return what each lesson says, by its number."""
    said = {}
    for lesson in list_lessons():
        text = "\n".join(cell.source for cell in nbformat.read(lesson.file, as_version=4).cells)
        shown = [" ".join(map(str, values.ravel())) for n, values in SHOWN.items() if n in text]
        said[lesson.name[:2]] = flat(" \n ".join([text, *shown]))
    return said


def stands_in(text, said):
    """Tell whether a text of a slide, in one of its ways, stands in a lesson, digit by digit."""
    ways = [flat(way) for way in text.split(" | ")]
    ways += [way.replace("± ", "") for way in ways]  # mean and deviation as a pair of numbers
    return any(re.search(rf"(?<![\w.-]){re.escape(way)}(?!\.?\d)", said) for way in ways)


def test_each_number_of_the_slides_stands_in_its_lesson(lessons):
    missing = {(text, n) for text, n in SAID if not stands_in(text, lessons.get(n, ""))}
    assert not missing, "no longer, or not as on the slide"


@pytest.mark.skipif(not SLIDES.exists(), reason="the slides are not at hand")
def test_no_number_of_the_slides_is_left_out():
    slide, found = "", dict.fromkeys(ON_SLIDES, "")
    for line in SLIDES.read_text(encoding="utf-8").splitlines():
        title = re.sub(r" ?(\(\d\)|\(RGB images\)) ?", "", line).strip()
        if title in found or title in ("Questions?", "Other applications", "Future Challenges"):
            slide = title
        elif slide in found:
            found[slide] += "\n" + line
    for slide, text in found.items():
        own = flat(" ".join(ON_SLIDES[slide]))
        numbers = [set(re.findall(r"\d+(?:\.\d+)?", one)) for one in (flat(text), own)]
        assert numbers[0], f"{slide}: no such slide"
        assert numbers[0] <= numbers[1], slide


@pytest.mark.parametrize(
    ("text", "said", "stands"),
    [
        ("0.357 ± 0.216", r"a mean of $0.357 \pm 0.216$, in", True),
        ("0.357 ± 0.216", "0.357 ± 0.22", False),
        ("4.426 ± 3.546", "14.426 ± 3.546", False),
        ("42%", "a Dice of 42 %", True),
        ("2%", "42%", False),
        ("6 × 6 × 3", r"6 x 6 x 3 and 6 \times 6 \times 3", True),
        ("0 a + (-1) b", r"0\,a + (-1)\,b", True),
        ("1 2 4 | one two four", "[1, 2, 4],", True),
        ("w_1 a + w_2 b", r"w_1a + w_2 b", True),
    ],
)
def test_the_way_of_writing_is_free_and_the_digits_are_not(text, said, stands):
    assert stands_in(text, flat(said)) == stands
