"""How many lessons run at once, and which patients are made for them beforehand."""

from collections import namedtuple
from pathlib import Path

import psutil
import pytest

from islesedu.course.lessons import list_lessons
from islesedu.course.preparation import lessons_at_once, shared_cohorts

Memory = namedtuple("Memory", "available")


@pytest.mark.parametrize(
    ("cores", "free", "expected"),
    [(1, 64, 1), (2, 64, 2), (64, 64, 2), (2, 6.5, 2), (2, 5.9, 1), (2, 0.5, 1)],
)
def test_two_at_once_need_two_cores_and_three_gigabytes_each(monkeypatch, cores, free, expected):
    affinity = lambda self: list(range(cores))  # noqa: E731
    monkeypatch.setattr(psutil.Process, "cpu_affinity", affinity, raising=False)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: Memory(free * 1e9))
    assert lessons_at_once() == expected


def test_the_lessons_of_the_course_share_one_cohort():
    lessons = list_lessons(Path(__file__).parents[2] / "notebooks")
    (cohort,) = shared_cohorts(lessons, {})
    assert cohort.folder == Path(__file__).parents[2] / "build" / "cohort"
    assert (cohort.training, cohort.test, cohort.seed, cohort.scale) == (43, 8, 2017, 0.4)


@pytest.mark.parametrize("wrong", [{"folder": 7}, {"training": [1, 2]}, {"seed": "x"}])
def test_parameters_that_describe_no_cohort_are_left_to_the_lesson(wrong):
    lessons = list_lessons(Path(__file__).parents[2] / "notebooks")
    assert shared_cohorts(lessons, {lesson.name: wrong for lesson in lessons[6:9]})  # of others
    assert shared_cohorts(lessons[6:9], {lesson.name: wrong for lesson in lessons}) == []


def test_other_parameters_share_another_cohort_or_none():
    lessons = list_lessons(Path(__file__).parents[2] / "notebooks")
    smoke = {lesson.name: lesson.smoke for lesson in lessons}
    names = [cohort.folder.name for cohort in shared_cohorts(lessons, smoke)]
    assert names == ["cohort-smoke", "cohort-smoke-6"]
    first = lessons[0]
    assert shared_cohorts([first], {}) == []  # nobody to share it with
    assert shared_cohorts([first, lessons[6]], {first.name: {"seed": 1}}) == []
