"""The solved edition: lessons with the answers of the exercise bank filled in, and run."""

import ast
import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from islesedu.common.files import write_text
from islesedu.course.bank import answers_on_your_own, find, lessons
from islesedu.course.job import Job
from islesedu.course.lessons import Lesson, list_lessons
from islesedu.course.runner import run_lessons
from islesedu.errors import LessonError

_CHECK = re.compile(r"""\bcheck\(\s*["'](\d\d\.\d+)["']""")


def solve_cell(source: str) -> str:
    r"""Return a cell in which the stub of an exercise is replaced by the bank's solution.

    Parameters
    ----------
    source : str
        Code; what binds names that begin with ``your_`` is the stub.

    Returns
    -------
    str
        The cell as it is if it checks no exercise of the bank.

    Raises
    ------
    LessonError
        The cell checks an exercise, but holds no stub.

    Examples
    --------
    >>> print(solve_cell('your_average = None  # your answer\ncheck("01.1", your_average)'))
    your_average = (3 + 9 + 6) / 3
    check("01.1", your_average)
    """
    name = exercise_in(source)
    if name is None:
        return source
    lines, places = source.splitlines(), stubs(source)
    if not places:
        raise LessonError(f"the cell that checks {name} binds no name that begins with your_")
    for number, (first, last) in reversed(list(enumerate(places))):
        lines[first - 1 : last] = find(name).solution.splitlines() if number == 0 else []
    return "\n".join(lines)


def exercise_in(source: str) -> str | None:
    """Return the name of the exercise that a cell checks, None if it checks none of the bank.

    Examples
    --------
    >>> exercise_in('check("01.3", your_conv2d, image=image)')
    '01.3'
    """
    found = _CHECK.search(source)
    return found[1] if found and found[1][:2] in lessons() else None


def stubs(source: str) -> list[tuple[int, int]]:
    r"""Return first and last line of each statement that binds a name that begins with your_.

    Examples
    --------
    >>> stubs("n = 3\nyour_sum = None\nprint(n)")
    [(2, 2)]
    """
    places = []
    for node in ast.parse(source).body:
        targets = getattr(node, "targets", [node])
        names = [getattr(one, "id", getattr(one, "name", "")) for one in targets]
        if any(name.startswith("your_") for name in names):
            places.append((node.lineno, node.end_lineno))
    return places


def solve(notebook: dict[str, Any], lesson: str = "") -> dict[str, Any]:
    """Return a notebook, as JSON, with every exercise of the bank solved.

    Parameters
    ----------
    notebook : dict
        As it is on disk.
    lesson : str
        Two digits, such as "01": then the answers to "On your own" stand below its tasks.
    """
    solved = json.loads(json.dumps(notebook))
    answers = answers_on_your_own(lesson)
    for cell in solved["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            cell["source"] = solve_cell(source)
        elif answers and "## On your own" in source:
            cell["source"] = _with_answers(source, answers)
    return solved


def _with_answers(source: str, answers: Mapping[str, str]) -> str:
    r"""Return the text of "On your own" with an answer below each task.

    Examples
    --------
    >>> print(_with_answers("## On your own\n\n- Add two.\n- Halve it.\n\n## Next", {"Add": "4"}))
    ## On your own
    <BLANKLINE>
    - Add two.
    <BLANKLINE>
      **Answer.** 4
    <BLANKLINE>
    - Halve it.
    <BLANKLINE>
    ## Next
    """
    before, head, after = source.partition("## On your own")
    section, line, rest = after.partition("\n## ")
    tasks = re.split(r"^(?=- )", section, flags=re.MULTILINE)
    for number, task in enumerate(tasks):
        for words, answer in answers.items():
            if task.startswith("- ") and words in " ".join(task.split()):
                tasks[number] = f"{task.rstrip()}\n\n  **Answer.** {answer}\n\n"
    section = "".join(tasks)
    return before + head + (section.rstrip() + "\n" if line else section) + line + rest


def solve_lessons(
    chosen: Sequence[Lesson],
    parameters: dict[str, dict[str, Any]],
    output: str | os.PathLike[str],
    **options: Any,
) -> tuple[list[Job], dict[str, list[str]]]:
    """Write the solved edition of lessons, run it, and say which checks were not right.

    Parameters
    ----------
    chosen : sequence of Lesson
        Which to solve.
    parameters : dict of str to dict
        By the lesson's name, as for `islesedu.course.run_lessons`.
    output : path-like
        Folder for notebooks and pages; the notebooks before their run are in ``open``.
    **options
        Of `islesedu.course.run_lessons`.

    Returns
    -------
    list of Job
        As `islesedu.course.run_lessons` returns them.
    dict of str to list of str
        For each lesson the exercises whose solution was not accepted.

    Raises
    ------
    LessonError
        The bank has no exercises for a lesson.
    """
    missing = [lesson.name for lesson in chosen if lesson.name[:2] not in lessons()]
    if missing:
        raise LessonError(
            f"the exercise bank has no solutions for {', '.join(missing)}; it has lessons "
            f"{', '.join(lessons())}"
        )
    folder = Path(output) / "open"
    for lesson in chosen:
        notebook = solve(json.loads(lesson.file.read_text(encoding="utf-8")), lesson.name[:2])
        text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
        write_text(folder / lesson.file.name, text)
    names = {lesson.name for lesson in chosen}
    edition = [lesson for lesson in list_lessons(folder) if lesson.name in names]
    jobs = run_lessons(edition, parameters, output, **options)
    return jobs, {job.lesson.name: _refused(Path(output), job) for job in jobs}


def _refused(output: Path, job: Job) -> list[str]:
    """Return the exercises of an executed notebook whose check does not say that it is right."""
    if job.state != "ok":
        return []
    file = output / f"{job.lesson.name}.ipynb"
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    checked = [(exercise_in("".join(c["source"])), str(c.get("outputs"))) for c in cells]
    return [name for name, shown in checked if name and "✓ Correct." not in shown]
