import math
import re

import numpy as np
import pytest

from islesedu.course import bank, check
from islesedu.course.assessment.grading import grade
from islesedu.course.personal import exercise_for, question_for, read_students
from islesedu.errors import LessonError

STUDENTS = [f"student_{n}" for n in range(40)]
NAMES = list(bank.own_numbers())


def solution_of(exercise):
    space = {"np": np, "math": math}
    exec(exercise.solution, space)
    return next(value for name, value in space.items() if name.startswith("your_"))


def test_a_good_handful_of_exercises_has_own_numbers():
    assert len(NAMES) >= 10 and len({name[:2] for name in NAMES}) >= 5


@pytest.mark.parametrize("name", NAMES)
def test_solution_and_slips_follow_the_numbers(name):
    for student in STUDENTS:
        exercise = exercise_for(name, student)
        assert exercise.complaint(solution_of(exercise)) is None, (student, exercise.solution)
        for sentence, wrong in exercise.known_slips().items():
            found = exercise.complaint(wrong)
            assert found.slip and found.text.lower().startswith(sentence[:20].lower())


@pytest.mark.parametrize("name", NAMES)
def test_students_get_other_numbers_and_each_always_the_same(name):
    asked = [question_for(name, student).split("\n\n", 1)[1] for student in STUDENTS]
    assert asked == [question_for(name, student).split("\n\n", 1)[1] for student in STUDENTS]
    assert len(set(asked)) >= 4
    rights = [repr(exercise_for(name, student).expected()) for student in STUDENTS]
    assert len(set(rights)) >= 4
    assert not re.search(r"\{[a-z]\w*\}", re.sub(r"\\(begin|end)\{pmatrix\}", "", asked[0]))


@pytest.mark.parametrize("name", NAMES)
def test_the_solution_binds_the_name_of_the_lesson(name):
    def bound(code):
        return re.findall(r"^(your_\w+) =", code, re.MULTILINE)

    assert bound(exercise_for(name, "anna").solution) == bound(bank.find(name).solution)


def test_verdict_and_points_follow_the_student(monkeypatch):
    own = exercise_for("01.4", "anna").expected()
    assert own != (96, 96) and "Correct" not in repr(check("01.4", own))
    monkeypatch.setenv("ISLESEDU_STUDENT", "anna")
    assert "Correct" in repr(check("01.4", own)) and "Not yet" in repr(check("01.4", (96, 96)))
    assert grade("01.4", 2, own, quiet=True) == 2 and grade("01.4", 2, (96, 96), quiet=True) == 0
    assert "Correct" in repr(check("01.2", -8))  # has no other numbers


def test_students_are_read_from_lines_or_a_table(tmp_path):
    file = tmp_path / "students.txt"
    file.write_text("student,mail\n\nanna,a@b.c\nben.b@uni,x\n", encoding="utf-8")
    assert read_students(file) == ["anna", "ben.b@uni"]
    for text, said in [
        ("anna\nanna\n", "anna is there twice"),
        ("a/b\n", r"line 1: 'a/b' can be no student's name"),
        ("..\n", "can be no student's name"),
        ("id\n", "names no student"),
    ]:
        file.write_text(text)
        with pytest.raises(LessonError, match=said):
            read_students(file)
    with pytest.raises(LessonError, match="cannot be read"):
        read_students(tmp_path / "missing")
