"""Before lessons run: how many at once, and the patients that several of them share."""

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import psutil
from tqdm.auto import tqdm

from islesedu.course.folders import build_folder
from islesedu.course.lessons import Lesson
from islesedu.course.parameters import default_parameters

MEMORY = 3.0
"""Free GB that a lesson may count on: the largest needs 2."""
_MEMORY_OF_PATIENT = 1.0
"""Free GB for each process that makes patients."""


class Cohort(NamedTuple):
    """What a lesson asks `islesedu.phantom.make_cohort` for."""

    folder: Path
    training: int
    test: int
    seed: int
    scale: float


def lessons_at_once() -> int:
    """Return how many lessons to run at once: two, given two cores and 3 GB of memory for each.

    More gain little, for the trainings use every core.
    """
    return min(2, _processes(MEMORY))


def _processes(memory: float) -> int:
    """Return how many processes with so many GB each there is room for, one a core at most.

    `os.cpu_count` counts cores that a container or a queue may forbid; those this process may use
    are counted.
    """
    cores = len(psutil.Process().cpu_affinity()) if hasattr(psutil.Process, "cpu_affinity") else 0
    free = psutil.virtual_memory().available / 1e9
    return max(1, min(cores or psutil.cpu_count() or 1, int(free / memory)))


def shared_cohorts(
    lessons: Sequence[Lesson], parameters: Mapping[str, dict[str, Any]]
) -> list[Cohort]:
    """Return the cohorts that two or more of the lessons read; folders are whole paths."""
    wanted = Counter(
        cohort
        for lesson in lessons
        for cohort in _cohorts_of(
            lesson, default_parameters(lesson) | parameters.get(lesson.name, {})
        )
    )
    return [cohort for cohort, readers in wanted.items() if readers > 1]


def _cohorts_of(lesson: Lesson, parameters: Mapping[str, Any]) -> Iterable[Cohort]:
    """Return the cohort that a lesson's parameters describe, if they do."""
    own = {name: parameters.get(name) for name in ("training", "test", "seed", "scale")}
    own["seed"] = parameters.get("cohort_seed", own["seed"])  # where `seed` is the lesson's own
    folder = parameters.get("folder")
    if isinstance(folder, str) and all(isinstance(value, int | float) for value in own.values()):
        yield Cohort(build_folder(folder, start=lesson.file.parent), **own)


def make_shared_cohorts(cohorts: Iterable[Cohort], progress: bool = True) -> None:
    """Make those that are not there yet, in as many processes as cores and memory allow.

    What cannot be made is told; the lessons that need it will fail, the others not.
    """
    from islesedu.phantom import make_cohort

    jobs = _processes(_MEMORY_OF_PATIENT)
    for cohort in cohorts:
        try:
            make_cohort(**cohort._asdict(), jobs=jobs, progress=progress)
        except (ValueError, OSError) as error:
            tqdm.write(f"patients of several lessons: {error}", file=sys.stderr)
