"""The order of the tests where two processes share them, and what they took.

pytest-xdist's worksteal deals out equal runs of tests; who is done takes half of what another has
left, from its end. A long test there would be waited for, so each process begins with its share of
the long ones, by the seconds that tests/seconds.json has of an earlier run, and ends with short
ones. Files stay together, for the fixtures that their tests share; lessons are dealt out singly.

    .venv/bin/python -m pytest -n 2 --dist worksteal --junitxml build/tests.xml
    .venv/bin/python -m tests.schedule build/tests.xml

The second command prints the tables of docs/performance.md and writes tests/seconds.json anew.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from xml.etree import ElementTree

import pytest

SECONDS = Path(__file__).with_name("seconds.json")
SINGLY = "tests/course/test_notebooks.py::test_runs_with"
"""How names of tests begin that are dealt out one by one."""
_LONG = 3.0
"""Seconds from which a file, or such a test, is worth an entry."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the tests in the order of `arrange` if this is one of xdist's processes."""
    if told := getattr(config, "workerinput", None):
        names = [item.nodeid for item in items]
        items[:] = [items[n] for n in arrange(names, told["workercount"], read_seconds())]


def unit(name: str) -> str:
    """Return what stays together with a test: its file, or itself."""
    return name if name.startswith(SINGLY) else name.split("::")[0]


def arrange(names: Sequence[str], processes: int, seconds: Mapping[str, float]) -> list[int]:
    """Return the places of tests in an order in which each process begins with long ones.

    Parameters
    ----------
    names : sequence of str
        Of the tests, as pytest writes them.
    processes : int
        Among how many xdist deals them out: equal runs of them, the last ones longer by one.
    seconds : dict of str to float
        How long files, and tests dealt out singly, have taken; the others count as short.
    """
    units: dict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(names):
        units[unit(name)].append(place)
    long = sorted(units.keys() & seconds.keys(), key=lambda one: (-seconds[one], one))
    shares: list[list[int]] = [[] for _ in range(processes)]
    load = [0.0] * processes
    for one in long:
        least = load.index(min(load))
        shares[least] += units[one]
        load[least] += seconds[one]
    sizes = [(len(names) + n) // processes for n in range(processes)]
    rest = [share[size:] for share, size in zip(shares, sizes, strict=True)]
    short = chain(*rest, *(units[one] for one in units if one not in seconds))
    order: list[int] = []
    for share, size in zip(shares, sizes, strict=True):
        order += share[:size] + [next(short) for _ in range(size - len(share))]
    return order


def read_seconds() -> dict[str, float]:
    """Return how long files and tests have taken."""
    return json.loads(SECONDS.read_text(encoding="utf-8"))


def measured(report: Path) -> dict[str, float]:
    """Return the seconds of each test, its fixtures included, in a report of ``--junitxml``."""
    found: dict[str, float] = defaultdict(float)
    for case in ElementTree.parse(report).iter("testcase"):
        file = case.get("classname", "").replace(".", "/") + ".py"
        found[f"{file}::{case.get('name')}"] += float(case.get("time", 0))
    return dict(found)


def room(name: str) -> str:
    """Return the folder of a test; examples in docstrings are one room."""
    if name.startswith("islesedu/"):
        return "examples in docstrings"
    folder = name.split("::")[0].removeprefix("tests/").rpartition("/")[0]
    return folder.split("/")[0] or "the rest"


def tables(tests: Mapping[str, float]) -> str:
    """Return the slowest tests and the sums of the rooms as Markdown."""
    rooms: dict[str, list[float]] = defaultdict(list)
    for name, time in tests.items():
        rooms[room(name)].append(time)
    slowest = sorted(tests.items(), key=lambda one: -one[1])[:20]
    lines = ["| test | s |", "|---|---|"]
    lines += [f"| {name.removeprefix('tests/')} | {time:.0f} |" for name, time in slowest]
    lines += ["", "| room | tests | s |", "|---|---|---|"]
    by_sum = sorted(rooms.items(), key=lambda one: -sum(one[1]))
    lines += [f"| {name} | {len(times):,} | {sum(times):.0f} |" for name, times in by_sum]
    total = sum(tests.values())
    return "\n".join([*lines, f"| all | {len(tests):,} | {total:.0f} |"])


def main(report: str) -> None:
    """Print the tables of a report, and keep its seconds."""
    tests = measured(Path(report))
    print(tables(tests))
    sums: dict[str, float] = defaultdict(float)
    for name, time in tests.items():
        sums[unit(name)] += time
    kept = {name: round(time) for name, time in sorted(sums.items()) if time >= _LONG}
    SECONDS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
