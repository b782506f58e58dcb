"""The guide says of the lessons what they say themselves: minutes, points, all of them."""

import re
from pathlib import Path

import nbformat
import pytest
import yaml

import islesedu
from islesedu.course import bank
from islesedu.course.lessons import list_lessons

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "instructors.md").read_text(encoding="utf-8")
LESSONS = {lesson.name[:2]: lesson for lesson in list_lessons(ROOT / "notebooks")}


def student_minutes(number: str) -> int:
    """Return the minutes that a lesson says a student needs: the first number from 20 up."""
    text = LESSONS[number].file.read_text(encoding="utf-8")
    found = re.search(r"\*\*You need\*\*(.*?)(?:[^\\]\")", text, re.DOTALL)
    return next(int(n) for n in re.findall(r"(\d+) minutes", found[1]) if int(n) >= 20)


def estimated_minutes(number: str) -> float:
    """Return the minutes of a lesson by the rule of thumb in the guide."""
    cells = nbformat.read(LESSONS[number].file, as_version=4).cells
    words = " ".join(cell.source for cell in cells if cell.cell_type == "markdown")
    code = [cell for cell in cells if cell.cell_type == "code"]
    read = [
        cell for cell in code if not {"asserts", "parameters"} & {*cell.metadata.get("tags", [])}
    ]
    lines = [line for cell in read for line in cell.source.splitlines() if line.strip()]
    points = sum(exercise.points for exercise in bank.exercises_of(number).values())
    return len(words.split("## Sources")[0].split()) / 150 + len(lines) / 20 + 2 * points


@pytest.mark.parametrize("number", [number for number in LESSONS if number >= "13"])
def test_the_minutes_of_a_late_lesson_are_about_those_of_the_rule_of_thumb(number):
    assert abs(student_minutes(number) - estimated_minutes(number)) <= 15


SESSIONS = re.findall(r"^\| [\w ]+ \| ((?:\d\d[^|]*)) \| (\d+) \|$", GUIDE, re.MULTILINE)


def test_three_schedules_were_found():
    assert len(SESSIONS) == 3 + 5 + 12


@pytest.mark.parametrize("lessons, minutes", SESSIONS)
def test_the_minutes_of_a_session_are_those_of_its_lessons(lessons, minutes):
    total = 0
    for number, heading, part in re.findall(r"(\d\d)(?: \(to \*(.+?)\*: (\d+)\))?", lessons):
        if heading:
            assert f"## {heading}" in LESSONS[number].file.read_text(encoding="utf-8")
            assert int(part) < student_minutes(number)
        total += int(part) if part else student_minutes(number)
    assert total == int(minutes)


def test_the_points_are_the_banks():
    rows = re.findall(r"^\| (\d\d) \| (\d+) \| (\d+) \| (\d+) \|$", GUIDE, re.MULTILINE)
    expected = [
        (
            number,
            str(len(own := bank.exercises_of(number))),
            str(sum(exercise.points for exercise in own.values())),
            str(sum(name[:2] == number for name in bank.own_numbers())),
        )
        for number in bank.lessons()
    ]
    assert rows == expected
    assert f"own\nnumbers in {len(bank.own_numbers())} exercises" in GUIDE or (
        f"numbers in {len(bank.own_numbers())} exercises" in GUIDE
    )


def test_every_lesson_has_teaching_notes():
    notes = dict(re.findall(r"^### (\d\d) · .+\n((?:- .+\n)+)", GUIDE, re.MULTILINE))
    assert list(notes) == list(LESSONS)
    for number, text in notes.items():
        assert re.findall(r"\*\*(\w+)\*\*:", text) == ["Wrong", "Ask", "Skip"], number


def test_links_of_the_new_pages_lead_somewhere():
    for name in ("instructors.md", "running.md", "assessment.md"):
        text = (ROOT / "docs" / name).read_text(encoding="utf-8")
        for link in re.findall(r"\]\(([^)#]+)", text):
            assert link.startswith("https://") or (ROOT / "docs" / link).exists(), (name, link)


def test_the_citation_has_what_a_citation_needs():
    told = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors", "version", "date-released"} <= set(told)
    assert told["cff-version"] == "1.2.0" and told["version"] == islesedu.__version__
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", str(told["date-released"]))
    for one in [told, *told["references"]]:
        assert one["title"] and one["authors"]
        assert all("name" in a or {"family-names", "given-names"} <= set(a) for a in one["authors"])
    titles = [one["title"] for one in told["references"]]
    assert "Deep Learning for Medical Imaging" in titles
    assert "Deep Learning for Prediction of Ischemic Stroke Lesion Segmentation" in titles
    assert f"## {islesedu.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
