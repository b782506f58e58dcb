import json
import re

import pytest

from islesedu.course import progress
from islesedu.course.exercises import check


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A folder of its own, and a reader who keeps a record."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(progress, "keeping", True)
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


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", '{"01.1": 3}', "[" * 99999, "\ufeff{"])
def test_a_damaged_file_is_named_and_stays(here, text):
    (here / "progress.json").write_text(text, encoding="utf-8")
    assert re.match(".*progress.json is damaged: .*; remove it to begin anew", progress.show())
    with pytest.warns(UserWarning, match="progress.json is damaged"):
        assert check(1, expected=1, name="01.1")
    assert (here / "progress.json").read_text(encoding="utf-8") == text


def test_a_folder_of_that_name_stops_nothing(here):
    (here / "progress.json").mkdir()
    with pytest.warns(UserWarning, match="it is a folder"):
        assert check(1, expected=1, name="01.1")


def test_progress_is_shown_by_lesson():
    for name, answer in [("02.1", 1), ("01.2", 1), ("01.1", 0)]:
        check(answer, expected=1, name=name)
    assert progress.show() == "lesson 01: 1 solved (2), 1 not yet (1)\nlesson 02: 1 solved (1)"
