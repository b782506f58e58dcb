"""Before lessons run: how many at once, and the patients that several of them share."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from islesedu.course.lessons import Lesson, default_parameters

MEMORY = 3.0
"""Free GB that a lesson may count on: the largest needs 2."""


class Cohort(NamedTuple):
    """What a lesson asks `islesedu.phantom.make_cohort` for."""

    folder: Path
    training: int
    test: int
    seed: int
    scale: float


def lessons_at_once() -> int:
    """Return how many lessons to run at once: two, given two cores and 3 GB of memory for each.

    More gain little, for the trainings use every core. `os.cpu_count` counts cores that a container
    or a queue may forbid; those this process may use are counted.
    """
    cores = len(psutil.Process().cpu_affinity()) if hasattr(psutil.Process, "cpu_affinity") else 0
    cores = cores or psutil.cpu_count() or 1
    free = psutil.virtual_memory().available / 1e9
    return max(1, min(2, cores, int(free / MEMORY)))


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
    if {"folder", "training", "test", "scale", "seed"} <= parameters.keys():
        own = {name: parameters[name] for name in ("training", "test", "seed", "scale")}
        own["seed"] = parameters.get("cohort_seed", own["seed"])  # where `seed` is the lesson's own
        yield Cohort((lesson.file.parent / parameters["folder"]).resolve(), **own)


def make_shared_cohorts(cohorts: Iterable[Cohort], progress: bool = True) -> None:
    """Make those that are not there yet, in as many processes as there are cores."""
    from islesedu.phantom import make_cohort

    for cohort in cohorts:
        make_cohort(**cohort._asdict(), jobs=psutil.cpu_count() or 1, progress=progress)
