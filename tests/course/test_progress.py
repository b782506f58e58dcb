import json

import pytest

from islesedu.course import progress
from islesedu.course.exercises import check


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A folder of its own, and a reader who keeps a record."""
    monkeypatch.setenv("ISLESEDU_BUILD", str(tmp_path))
    monkeypatch.setattr(progress, "keeping", True)
    monkeypatch.setattr(progress, "_said", set())
    return tmp_path


def test_only_answers_are_noted_and_what_was_right_stays_so(here):
    check(None, expected=1, name="01.1")
    assert not (here / "progress.json").exists()
    check(2, expected=1, name="01.1")
    assert progress.read() == {"01.1": "wrong"}
    check(1, expected=1, name="01.1")
    check(2, expected=1, name="01.1")
    check(1, expected=1, name="01.3")
    check(1, expected=1)  # without a name
    assert json.loads((here / "progress.json").read_text()) == {"01.1": "right", "01.3": "right"}


def test_no_record_on_request(here):
    progress.keep(False)
    check(1, expected=1, name="01.1")
    assert not list(here.iterdir())


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", '{"01.1": 5}', "[" * 100_000, "\xff"])
def test_a_damaged_file_counts_as_empty_and_one_line_says_so(here, text, capsys):
    (here / "progress.json").write_text(text, encoding="latin-1")
    assert progress.read() == {} and progress.show() == "Nothing answered yet."
    assert check(1, expected=1, name="01.1") and check(1, expected=1, name="01.2")
    assert progress.read() == {"01.1": "right", "01.2": "right"}
    assert capsys.readouterr().err.count("is damaged") == 1
    if text:
        assert (here / "progress.json.damaged").read_text(encoding="latin-1") == text


def test_a_folder_one_cannot_write_to_stops_nothing_and_one_line_says_so(here, capsys):
    (here / "progress.json").mkdir()
    assert check(1, expected=1, name="01.1") and check(1, expected=1, name="01.2")
    assert capsys.readouterr().err.count("what you solve is not noted") == 1


def test_it_lies_in_the_projects_build_folder_wherever_one_works(here, monkeypatch):
    monkeypatch.delenv("ISLESEDU_BUILD")
    (here / "data" / "sample").mkdir(parents=True)
    (here / "elsewhere").mkdir()
    monkeypatch.chdir(here / "elsewhere")
    check(1, expected=1, name="01.1")
    assert (here / "build" / "progress.json").is_file() and not list((here / "elsewhere").iterdir())


def test_progress_is_shown_by_lesson():
    for name, answer in [("02.1", 1), ("01.2", 1), ("01.1", 0)]:
        check(answer, expected=1, name=name)
    assert progress.show() == "lesson 01: 1 solved (2), 1 not yet (1)\nlesson 02: 1 solved (1)"
