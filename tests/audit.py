"""Try every check of a lesson in many ways while the lesson runs.

`startup` is put where IPython runs it before the first cell. From then on each call of ``check``,
``check_function`` and ``check_place`` is also made with right answers written in several ways, with
the untouched stub, and with every slip it names; what came out is appended to a file, one JSON
object a line.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import numpy as np


def startup(folder: Path, report: Path) -> None:
    """Write an IPython profile into a folder that installs the audit in every kernel."""
    place = folder / "profile_default" / "startup"
    place.mkdir(parents=True)
    root = Path(__file__).resolve().parents[1]
    code = f"import sys\nsys.path.insert(0, {str(root)!r})\n"
    code += f"from tests import audit\naudit.install({str(report)!r})\n"
    code += f"sys.path.remove({str(root)!r})\ndel sys, audit\n"
    (place / "00-audit.py").write_text(code)


def install(report: str) -> None:
    """Put the audit in front of the checks."""
    from islesedu.course import checking, exercises

    check, check_function = exercises.check, exercises.check_function
    check_place = exercises.check_place

    def audited(your_answer, expected, **options):
        if options.get("name"):
            write(report, options["name"], try_check(check, expected, **options))
        return check(your_answer, expected, **options)

    def audited_function(your_function, reference, cases, **options):
        results = try_function(check_function, reference, cases, **options)
        write(report, options["name"], results)
        return check_function(your_function, reference, cases, **options)

    def audited_place(your_place, region, spacing=(1.0, 1.0, 1.0), **options):
        write(report, options["name"], try_place(check_place, region, spacing, **options))
        return check_place(your_place, region, spacing, **options)

    exercises.check, exercises.check_function = audited, audited_function
    exercises.check_place = audited_place
    check_in_bank = checking.check

    def audited_in_bank(*answer, **state):
        if len(answer) == 2 and "expected" not in state:
            write(report, answer[0], try_exercise(check_in_bank, answer[0], state))
        return check_in_bank(*answer, **state)

    checking.check = audited_in_bank


def write(report: str, name: str, results: list[tuple[str, bool, str]]) -> None:
    """Append what was tried with one exercise: what, whether it came out right, what came."""
    with open(report, "a", encoding="utf-8") as file:
        for what, fine, came in results:
            line = {"exercise": name, "what": what, "fine": bool(fine), "came": came}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def ways_to_write(expected) -> list:
    """Return the same answer as different people write it."""
    if isinstance(expected, str):
        return [expected, f" {expected.upper()} "]
    if isinstance(expected, (bool, np.bool_)):
        return [expected, int(expected)]
    if np.ndim(expected) == 0:
        return [expected, np.float64(expected), np.array(expected)]
    return [expected, np.asarray(expected).tolist(), np.asarray(expected, float)]


def try_check(check, expected, *, name, slips=None, **options) -> list[tuple[str, bool, str]]:
    """Make one check with right answers, the stub, and every slip."""
    results = []
    for number, answer in enumerate(ways_to_write(expected)):
        verdict = check(answer, expected, slips=slips, **options)
        results.append((f"right answer, way {number + 1}", verdict.state == "right", repr(verdict)))
    verdict = check(None, expected, slips=slips, **options)
    results.append(("stub", verdict.state == "waiting", repr(verdict)))
    for slip, wrong in (slips or {}).items():
        verdict = check(wrong, expected, slips=slips, **options)
        named = verdict.state == "wrong" and f": {slip.rstrip('.')}." in verdict.message
        results.append((slip, named, repr(verdict)))
    return results


def try_function(check_function, reference, cases, *, name, slips=None, **options):
    """Make one check of a function with the right one, the stub, and every slip of its cases."""

    def verdict_of(function):
        return check_function(function, reference, cases, slips=slips, **options)

    same = verdict_of(lambda *a, **k: reference(*a, **k))
    other = verdict_of(lambda *a, **k: np.asarray(reference(*a, **k), float).tolist())
    stub = verdict_of(lambda *a, **k: None)
    results = [
        ("right answer, way 1", same.state == "right", repr(same)),
        ("right answer, way 2", other.state == "right", repr(other)),
        ("stub", stub.state == "waiting", repr(stub)),
    ]
    case = cases[0]
    named = case[-1] if isinstance(case[-1], dict) else {}
    values = case[: len(case) - bool(named)]
    for slip, wrong in (slips(*values, **named) if slips else {}).items():
        verdict = verdict_of(lambda *a, wrong=wrong, **k: wrong)
        results.append((slip, f": {slip}." in verdict.message, repr(verdict)))
    return results


def try_place(check_place, region, spacing, *, name, slips=None, **options):
    """Make one check of a place with right ones, the stub, a wrong one, and every slip's."""

    def verdict_of(place):
        return check_place(place, region, spacing, slips=slips, **options)

    right = np.argwhere(region)
    results = [
        ("right answer, way 1", verdict_of(tuple(right[0].tolist())).state == "right", ""),
        ("right answer, way 2", verdict_of(right[-1].astype(float)).state == "right", ""),
        ("stub", verdict_of(None).state == "waiting", ""),
    ]
    others = ~region.astype(bool)
    for slip, wrong in (slips or {}).items():
        verdict = verdict_of(np.argwhere(wrong & others)[0])
        results.append((slip, f": {slip.rstrip('.')}." in verdict.message, repr(verdict)))
        others = others & ~wrong
    verdict = verdict_of(np.argwhere(others)[0])
    results.append(("elsewhere", " mm away " in verdict.message, repr(verdict)))
    return results


def try_exercise(check, name: str, state: dict) -> list[tuple[str, bool, str]]:
    """Check an exercise of the bank with its solution, the stub, every slip and wrong answers."""
    from islesedu.course.bank import find

    with (
        computed_once(type(find(name)), "expected"),
        computed_once(type(find(name)), "known_slips"),
    ):
        return try_answers(check, name, state)


@contextmanager
def computed_once(kind: type, name: str) -> Iterator[None]:
    """Let a method compute once what it returns; an exercise may take seconds for each verdict."""
    method, kept = getattr(kind, name, None), {}
    if method is None:
        yield
        return

    def remembered(self, **state):
        if id(self) not in kept:
            kept[id(self)] = method(self, **state)
        return kept[id(self)]

    with mock.patch.object(kind, name, remembered):
        yield


def try_answers(check: Callable, name: str, state: dict) -> list[tuple[str, bool, str]]:
    """Do what `try_exercise` says."""
    from islesedu.course.bank import find
    from islesedu.course.exercise import FunctionExercise, OpenExercise

    exercise, results = find(name), []
    verdict = check(name, solved(exercise.solution), **state)
    results.append(("right answer, the solution", verdict.state == "right", repr(verdict)))
    verdict = check(name, None, **state)
    html = verdict._repr_html_()
    hidden = verdict.state == "waiting" and "Show a solution" not in html
    results.append(("stub", hidden, repr(verdict)))
    if isinstance(exercise, FunctionExercise):
        values, named = exercise.calls(**state)[0]
        slips = exercise.slips(*values, **named) if exercise.slips else {}
        answers = {slip: lambda *a, wrong=wrong, **k: wrong for slip, wrong in slips.items()}
    else:
        is_open = isinstance(exercise, OpenExercise)
        answers = (exercise.slips or {}) if is_open else exercise.known_slips(**state)
    for slip, wrong in answers.items():
        verdict = check(name, wrong, **state)
        named = verdict.state == "wrong" and slip.rstrip(".").lower() in verdict.message.lower()
        results.append((slip, named, repr(verdict)))
    if not isinstance(exercise, (FunctionExercise, OpenExercise)):
        expected = exercise.expected(**state)
        for number, wrong in enumerate(wrong_answers(expected)):
            verdict = check(name, wrong, **state)
            kept = verdict.state == "wrong" and not gives_away(verdict, expected)
            results.append(
                (f"stub of another kind, wrong answer {number + 1}", kept, repr(verdict))
            )
    return results


def solved(solution: str):
    """Run a solution where the lesson's names are known; return what it binds."""
    from IPython import get_ipython

    names = dict(get_ipython().user_ns)
    before = {name for name in names if name.startswith("your_")}
    for name in before:
        names.pop(name)
    exec(solution, names)
    return next(value for name, value in names.items() if name.startswith("your_"))


def wrong_answers(expected) -> list:
    """Return further wrong answers of the same form as the right one."""
    if isinstance(expected, str):
        return ["z", "none", "x"]
    if isinstance(expected, (bool, np.bool_)):
        return [not expected, 7, "maybe"]
    value = np.asarray(expected, float)
    return [(value + 1000).tolist(), (value - 1000).tolist(), (value * 7 + 331).tolist()]


def gives_away(verdict, expected) -> bool:
    """Tell whether what is seen at once (before anything is unfolded) holds the right answer."""
    if isinstance(expected, (str, bool, np.bool_)):
        return False  # one letter stands in every text
    said = verdict.message + verdict._repr_html_().split("<details")[0]
    words = re.findall(r"-?\d+(?:\.\d+)?", said)
    numbers = np.atleast_1d(np.asarray(expected, float)).ravel()
    return any(f"{number:g}" in words for number in numbers if abs(number) >= 10)
