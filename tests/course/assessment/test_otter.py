"""Lessons as Otter's master notebooks, split and graded by Otter itself."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from islesedu.course import bank
from islesedu.course.assessment.otter import export_otter
from islesedu.course.lessons import choose, list_lessons
from tests.course.assessment.test_nbgrader import IN_BANK, LESSON, RIGHT, SLIPS, WRONG, cells

ROOT = Path(__file__).resolve().parents[3]
WORKS = all(importlib.util.find_spec(name) for name in ("otter", "pkg_resources"))


def test_the_master_has_each_exercise_with_solution_and_hidden_tests(tmp_path):
    export_otter(IN_BANK, tmp_path)
    for lesson in IN_BANK:
        place = tmp_path / lesson.name
        found = cells(place / lesson.file.name)
        config = yaml.safe_load(found[0]["source"])
        assert all((place / file).is_file() for file in config["files"])
        questions = [yaml.safe_load(c["source"]) for c in found if "BEGIN QUESTION" in c["source"]]
        exercises = bank.exercises_of(lesson.name[:2])
        assert [one["points"] for one in questions] == [e.points for e in exercises.values()]
        tests = [c["source"] for c in found if "BEGIN TEST CONFIG" in c["source"]]
        assert len(tests) == 2 * len(exercises) and all("hidden: true" in one for one in tests)
        points = [float(re.search(r"points: (.+)", one)[1]) for one in tests]
        assert sum(points) == sum(exercise.points for exercise in exercises.values())


@pytest.mark.parametrize(("share", "count"), [(0, 1), (1, 1), (0.25, 2)])
def test_a_slip_gets_its_share_by_a_test_of_its_own(tmp_path, share, count):
    file = tmp_path / "points.csv"
    file.write_text("exercise,points\n01.2,4\n01.3,0\n")
    chosen = choose(list_lessons(), ["01"])
    export_otter(chosen, tmp_path / "out", points_file=file, slip_share=share)
    found = cells(tmp_path / "out" / LESSON / f"{LESSON}.ipynb")
    tests = [c["source"] for c in found if 'grade("01.2"' in c["source"]]
    assert len(tests) == count
    assert len([c for c in found if 'grade("01.3"' in c["source"]]) == 1
    assert sum(float(re.search(r"points: (.+)", one)[1]) for one in tests) == 4


@pytest.mark.skipif(not WORKS, reason="needs otter-grader and setuptools below 82")
def test_otter_splits_and_grades_it(tmp_path):
    export_otter(choose(list_lessons(), ["01"]), tmp_path / "in")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "ISLESEDU_RECORD": "0"}

    def otter(*command):
        done = subprocess.run(
            [sys.executable, "-m", "otter", *map(str, command)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]

    otter("assign", f"in/{LESSON}/{LESSON}.ipynb", "dist")  # runs the solutions, too
    student = tmp_path / "dist" / "student" / f"{LESSON}.ipynb"
    text = student.read_text(encoding="utf-8")
    assert "grade(" not in text and "SOLUTION" not in text
    (grader,) = (tmp_path / "dist" / "autograder").glob("*.zip")
    points = {name: bank.find(name).points for name in RIGHT}
    total = sum(points.values())
    expected = {"right": total, "untouched": 0}
    expected["slip"] = total - points["01.2"] / 2 - points["01.4"] / 2 - points["01.9"]
    expected["wrong"] = total - points["01.2"] - points["01.4"]
    answers = {"right": RIGHT, "slip": RIGHT | SLIPS, "wrong": RIGHT | WRONG, "untouched": {}}
    answers["wrong"] = answers["wrong"] | {"01.5": RIGHT["01.5"]}
    for name, own in answers.items():
        notebook = json.loads(text)
        for cell in notebook["cells"]:
            for exercise, answer in own.items():
                if f'check("{exercise}"' in "".join(cell["source"]):
                    cell["source"] = answer
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{LESSON}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        otter("run", "-a", grader, "-o", tmp_path / name, tmp_path / name / f"{LESSON}.ipynb")
        results = json.loads((tmp_path / name / "results.json").read_text())["tests"]
        assert sum(one.get("score", 0) for one in results) == expected[name], name
