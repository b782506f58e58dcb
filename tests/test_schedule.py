"""Where two processes share the tests, each begins with long ones and every test runs once."""

from pathlib import Path

import pytest

from tests import schedule

ROOT = Path(__file__).resolve().parents[1]
NAMES = [f"tests/{file}.py::test_{n}" for file in "abcdef" for n in range(4)]
LESSONS = [f"{schedule.SINGLY}[{n}]" for n in range(4)]


@pytest.mark.parametrize("processes", [1, 2, 3, 5, 28])
@pytest.mark.parametrize("long", ["", "b", "be", "abcdef"])
def test_each_test_runs_once_whoever_runs_it(processes, long):
    names = [*NAMES, *LESSONS]
    seconds = {f"tests/{file}.py": 9.0 for file in long}
    order = schedule.arrange(names, processes, seconds)
    assert sorted(order) == list(range(len(names)))
    assert order == schedule.arrange(names, processes, seconds)


def test_each_process_begins_with_its_share_of_the_long_ones():
    names = [*NAMES, *LESSONS]
    seconds = {"tests/e.py": 50.0, "tests/c.py": 30.0, LESSONS[2]: 25.0, LESSONS[0]: 10.0}
    order = [names[place] for place in schedule.arrange(names, 2, seconds)]
    first, second = order[:14], order[14:]
    assert first[:5] == [*NAMES[16:20], LESSONS[0]]
    assert second[:5] == [*NAMES[8:12], LESSONS[2]]
    assert first[5:] + second[5:] == [n for n in names if n not in first[:5] + second[:5]]


def test_what_was_measured_names_files_that_are_there():
    seconds = schedule.read_seconds()
    assert seconds
    for name, time in seconds.items():
        assert (ROOT / name.split("::")[0]).is_file() and time > 0
        assert schedule.unit(name) == name


def test_a_report_becomes_tables_and_seconds(tmp_path, monkeypatch, capsys):
    cases = [
        ("tests.isles.test_read", "test_a", 2.5),
        ("tests.isles.test_read", "test_b[1-x]", 1.5),
        ("tests.test_cli", "test_c", 1.0),
        ("tests.course.test_notebooks", "test_runs_with_all[00_start]", 40.25),
        ("islesedu.isles.read", "islesedu.isles.read.read_case", 0.5),
    ]
    lines = [f'<testcase classname="{c}" name="{n}" time="{t}"/>' for c, n, t in cases]
    report = tmp_path / "tests.xml"
    report.write_text(f"<testsuites><testsuite>{''.join(lines)}</testsuite></testsuites>")
    monkeypatch.setattr(schedule, "SECONDS", tmp_path / "seconds.json")
    schedule.main(str(report))
    assert schedule.read_seconds() == {
        "tests/isles/test_read.py": 4,
        "tests/course/test_notebooks.py::test_runs_with_all[00_start]": 40,
    }
    said = capsys.readouterr().out.splitlines()
    assert said[2] == "| course/test_notebooks.py::test_runs_with_all[00_start] | 40 |"
    assert "| isles | 2 | 4 |" in said and "| the rest | 1 | 1 |" in said
    assert "| examples in docstrings | 1 | 0 |" in said and said[-1] == "| all | 5 | 46 |"
