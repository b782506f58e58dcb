import json
import os

import pytest

from islesedu.cli import main
from islesedu.course.assessment.class_table import csv_text, read_class, table_text
from islesedu.course.bank import exercises_of
from islesedu.errors import LessonError


@pytest.fixture
def classroom(tmp_path):
    """Records as they come: in folders of checkouts, flat, twice, damaged, and foreign ones."""

    def put(place, content):
        file = tmp_path / place
        file.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else json.dumps(content)
        file.write_text(text, encoding="utf-8")

    put("anna/build/progress.json", {"01.1": "right", "01.2": "wrong", "05.4": "right"})
    put("anna/notebooks/progress.json", {"01.2": "right", "01.3": "wrong"})
    put("ben_progress.json", {"01.2": "wrong", "77.1": "right"})
    put("carl/progress.json", "{")
    put("dora/progress.json", {"name": "a browser extension", "version": 3})
    put("emil/progress.json", {"01.1": "right", "01.2": "perhaps", "note": "right"})
    put("fred/progress.json", {})
    put("gina/progress.json.damaged", "{")
    put("hans/progress.json", "[1, 2]")
    put("ida/progress.json", "")
    return tmp_path


def test_nothing_is_lost_and_what_is_passed_over_is_named(classroom):
    record = read_class([classroom])
    assert set(record.students) == {"anna", "ben", "emil", "fred"}
    assert record.students["anna"] == {
        "01.1": "right",
        "01.2": "right",  # right in one of two records
        "01.3": "wrong",
        "05.4": "right",
    }
    assert record.students["ben"]["77.1"] == "right", "an exercise that the bank does not know"
    said = "\n".join(record.passed_over)
    for name in ("carl", "dora", "gina", "hans", "ida"):
        assert f"{name}{os.sep}progress.json" in said
    assert "'perhaps'" not in said and "its entry 'note' is left out" in said
    assert len(record.passed_over) == 7 and all("\n" not in one for one in record.passed_over)


def test_the_csv_has_a_row_a_student_and_a_column_an_exercise(classroom):
    lines = [line.split(",") for line in csv_text(read_class([classroom])).splitlines()]
    exercises = [*exercises_of("01"), *exercises_of("05"), "77.1"]
    assert lines[0] == ["student", "solved", "tried", "points", *exercises]
    assert [line[:4] for line in lines[1:]] == [
        ["anna", "3", "4", "3"],
        ["ben", "1", "2", "0"],
        ["emil", "1", "1", "1"],
        ["fred", "0", "0", "0"],
    ]
    assert dict(zip(lines[0], lines[1], strict=True))["05.4"] == "right"


def test_the_table_has_a_column_a_lesson_and_names_what_is_hard(classroom):
    text = table_text(read_class([classroom]))
    assert f"2/{len(exercises_of('01'))}" in text and f"1/{len(exercises_of('05'))}" in text
    assert text.splitlines()[1].split()[-2:] == [
        "3",
        "01.3",
    ]  # Anna's points, and where she is stuck
    assert "01.2 (1 of 2)" in text and "01.3 (1 of 1)" in text


def test_several_folders_and_files_may_be_given(classroom):
    record = read_class([classroom / "anna", classroom / "ben_progress.json"])
    assert set(record.students) == {"anna", "ben"}


def test_no_folder_and_no_record_are_one_sentence(tmp_path):
    with pytest.raises(LessonError, match="is not there"):
        read_class([tmp_path / "none"])
    with pytest.raises(LessonError, match=r"there is no progress\.json in it"):
        read_class([tmp_path])


def test_the_command_writes_the_table_and_says_what_it_passed_over(classroom, tmp_path, capsys):
    with pytest.raises(SystemExit) as done:
        main(["lessons", "progress", str(classroom), "--csv", str(tmp_path / "class.csv")])
    out, err = capsys.readouterr()
    assert done.value.code == 1 and "anna" in out and "carl" in err
    assert (tmp_path / "class.csv").read_text().startswith("student,solved,tried,points,01.1")


def test_the_command_exports_and_says_what_is_next(tmp_path, capsys):
    def run(*words):
        with pytest.raises(SystemExit) as done:
            main(["lessons", "export", *map(str, words)])
        return done.value.code, *capsys.readouterr()

    code, out, _ = run("nbgrader", tmp_path / "course", "01")
    assert code == 0 and "9 exercises with 14 points, of 01_convolve_by_hand, are in" in out
    assert "nbgrader generate_assignment 01_convolve_by_hand" in out
    assert run("otter", tmp_path / "otter", "01")[0] == 0
    code, _, err = run("nbgrader", tmp_path / "course", "01")
    assert code == 2 and "is there already" in err
    code, _, err = run("nbgrader", tmp_path / "new", "--slip-share", "2")
    assert code == 2 and "from 0 to 1" in err
    (tmp_path / "points.csv").write_text("exercise,points\n01.99,1\n")
    code, _, err = run("otter", tmp_path / "new", "--points", tmp_path / "points.csv")
    assert code == 2 and "01.99" in err and not (tmp_path / "new").exists()
