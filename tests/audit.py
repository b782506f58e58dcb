"""Try every check of a lesson both ways while the lesson runs.

`startup` is put where IPython runs it before the first cell. From then on each call of ``check``,
``check_function`` and ``check_place`` is also made with right answers written in several ways, with
the untouched stub, and with every slip it names; what came out is appended to a file, one JSON
object a line.
"""

import json
from pathlib import Path

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
    from islesedu.course import exercises

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
