"""What students may have: the package without the bank's lessons, and an assignment alone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import islesedu

PACKAGE = Path(islesedu.__file__).parent
CODE = """
from islesedu.course import bank, check, start_assignment
start_assignment()
assert bank.lessons() == []
def your_stub(x):
    return None
def your_function(x):
    return 3 * x
print(check("01.2", None), check("01.2", -8), check("01.3", your_stub, image=1, kernel=2))
print(check("01.3", your_function, image=1, kernel=2)._repr_html_())
"""


def test_without_the_banks_lessons_an_answer_is_taken_and_nothing_told(tmp_path):
    ignored = shutil.ignore_patterns("lesson_[0-9]*", "__pycache__")
    shutil.copytree(PACKAGE, tmp_path / "installed" / "islesedu", ignore=ignored)
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "installed")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first == (
        "○ Not answered yet. ● Answered. It will be judged when your work is graded. "
        "○ Not answered yet."
    )
    assert "● Answered" in second and "details" not in second


def test_an_assignment_uses_its_own_data_and_a_folder_beside_it(tmp_path):
    place = tmp_path / "course" / "01_lesson"
    (place / "data" / "sample").mkdir(parents=True)
    code = "from islesedu.course import *; start_assignment(); print(data_folder(), build_folder())"
    clean = {k: v for k, v in os.environ.items() if not k.startswith("ISLESEDU_")}
    clean["PYTHONPATH"] = str(PACKAGE.parent)

    def said(**more):
        run = [sys.executable, "-c", code]
        done = subprocess.run(run, cwd=place, env=clean | more, capture_output=True, text=True)
        return done.stdout.split()

    assert said() == [str(place / "data"), str(tmp_path / "course" / "islesedu-build")]
    assert said(ISLESEDU_BUILD="/elsewhere", ISLESEDU_DATA=str(tmp_path)) == [
        str(tmp_path),
        "/elsewhere",
    ]
