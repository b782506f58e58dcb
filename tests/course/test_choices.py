"""Questions with the choices a, b and c: neither letter nor length tells which one is right."""

import re
from collections import Counter

import nbformat
import pytest

from islesedu.course import bank
from islesedu.course.lessons import list_lessons
from islesedu.course.solved import exercise_in

ASKS = "one of the letters a, b and c"
CHOICE = re.compile(r"^- \*\*([a-c])\*\*:? +(.+?)[;.]?$", re.MULTILINE)
ROW = re.compile(r"^\| ([a-c]) \|(.+)$", re.MULTILINE)


def choices(text: str) -> dict[str, str]:
    """Return the choices of the last exercise of a cell, by letter: a list, or rows of a table."""
    question = re.split(r"\*\*Exercise \d+\.\*\*", text)[-1]
    return dict(CHOICE.findall(question) or ROW.findall(question))


def questions() -> dict[str, tuple[str, dict[str, str]]]:
    """Return right letter and choices of each question of the bank, by name."""
    found = {}
    for lesson in list_lessons():
        if lesson.name[:2] not in bank.lessons():
            continue
        text = ""
        for cell in nbformat.read(lesson.file, as_version=4).cells:
            text = cell.source if cell.cell_type == "markdown" else text
            name = exercise_in(cell.source) if cell.cell_type == "code" else None
            if name and bank.find(name).asks == ASKS:
                found[name] = (bank.find(name).answer, choices(text))
    return found


QUESTIONS = questions()


@pytest.mark.parametrize("name", QUESTIONS)
def test_three_choices_stand_above_their_check(name):
    right, texts = QUESTIONS[name]
    assert list(texts) == ["a", "b", "c"] and right in texts
    assert len(set(texts.values())) == 3


@pytest.mark.parametrize("name", QUESTIONS)
def test_each_wrong_letter_has_its_sentence(name):
    right, texts = QUESTIONS[name]
    assert sorted(bank.find(name).known_slips().values()) == sorted(set(texts) - {right})


def test_each_letter_is_right_about_as_often():
    counts = Counter(right for right, _ in QUESTIONS.values())
    assert min(counts[letter] for letter in "abc") >= 0.2 * len(QUESTIONS), counts


@pytest.mark.parametrize("extreme", [max, min])
def test_the_right_choice_is_not_mostly_the_longest_or_the_shortest(extreme):
    telling = [
        name
        for name, (right, texts) in QUESTIONS.items()
        if len(texts[right]) == extreme(map(len, texts.values()))
    ]
    assert len(telling) <= 0.45 * len(QUESTIONS), telling
