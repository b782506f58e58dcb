"""Run many lessons: several at once, with one bar, a line each, and a table at the end."""

import os
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tqdm.auto import tqdm

from islesedu.common.arguments import optional, positive, whole
from islesedu.common.environment import for_lessons
from islesedu.common.files import remove_partials
from islesedu.common.fork_server import ForkServer, is_supported
from islesedu.common.paths import check_apart, folder_to_write
from islesedu.common.processes import progress_bar
from islesedu.course.job import Job
from islesedu.course.lessons import Lesson
from islesedu.course.preparation import lessons_at_once, make_shared_cohorts, shared_cohorts
from islesedu.errors import LessonError

_PATIENCE = 5
"""A lesson is stopped after this many times the minutes it announces."""
_POLL = 0.5
"""Seconds between two looks at the running lessons."""
_WORTH_A_SERVER = 6
"""Lessons from which a server saves more processor time than it takes."""


def run_lessons(
    lessons: Sequence[Lesson],
    parameters: dict[str, dict[str, Any]],
    output: str | os.PathLike[str],
    *,
    jobs: int | None = 1,
    timeout: float | None = None,
    progress: bool = True,
    server: ForkServer | None = None,
) -> list[Job]:
    """Run lessons and write NN_name.ipynb and NN_name.html for each.

    A cohort that several of them read is made first.

    Parameters
    ----------
    lessons : sequence of Lesson
        Which to run.
    parameters : dict of str to dict
        Parameters by the lesson's name.
    output : path-like
        Folder for the results.
    jobs : int, optional
        How many run at once; `islesedu.course.preparation.lessons_at_once` says if None. One that
        measures time runs alone.
    timeout : float, optional
        Seconds after which a lesson is stopped; 5 times the announced minutes if None.
    progress : bool
        Show a bar over all code cells.
    server : ForkServer, optional
        Starts lessons as soon as it is ready, see `lesson_server`; if None, six lessons or more
        get one of their own where the system has fork servers.

    Returns
    -------
    list of Job
        In the order of `lessons`. One that failed has its traceback in NN_name.error.txt.

    Raises
    ------
    KeyboardInterrupt
        After Ctrl-C, once all kernels are gone; finished results stay.
    """
    check_arguments(output, jobs, timeout, {lesson.file.parent for lesson in lessons})
    jobs, output = lessons_at_once() if jobs is None else jobs, Path(output).resolve()
    output.mkdir(parents=True, exist_ok=True)
    remove_partials(output, *(f"{lesson.name}.*" for lesson in lessons))
    all_jobs = [
        Job(
            lesson,
            output,
            parameters.get(lesson.name, {}),
            timeout if timeout is not None else max(60, 60 * _PATIENCE * lesson.minutes),
        )
        for lesson in lessons
    ]
    with ExitStack() as stack:
        if server is None and len(lessons) >= _WORTH_A_SERVER and is_supported():
            server = stack.enter_context(lesson_server())
        make_shared_cohorts(shared_cohorts(lessons, parameters), progress)
        _run(all_jobs, jobs, progress, server)
    return all_jobs


def lesson_server() -> ForkServer:
    """Return a server whose processes run lessons, with what these import already imported.

    It takes some 10 s to be ready, and is not waited for.
    """
    return ForkServer(["islesedu.course.warm"], for_lessons(os.environ))


def _run(all_jobs: list[Job], at_once: int, progress: bool, server: ForkServer | None) -> None:
    """Run jobs, under a bar; end those that run after Ctrl-C, or any other trouble."""
    total = sum(job.lesson.cells for job in all_jobs)
    bar = progress_bar(total=total, desc="lessons", unit="cell", progress=progress)
    try:
        with bar:
            while any(job.state in ("waiting", "running") for job in all_jobs):
                _step(all_jobs, at_once, bar, server)
                time.sleep(_POLL)
    finally:
        running = [job for job in all_jobs if job.state == "running"]
        for job in running:
            job.stop("interrupted")
        if running:
            print(table(all_jobs))


def check_arguments(
    output: str | os.PathLike[str],
    jobs: int | None = None,
    timeout: float | None = None,
    folders: Iterable[Path] = (),
) -> None:
    """Raise a LessonError about the first argument of `run_lessons` without sense.

    Parameters
    ----------
    output, jobs, timeout
        As for `run_lessons`.
    folders : iterable of Path
        Where the lessons lie, which must not be overwritten.

    Examples
    --------
    >>> check_arguments("build", timeout=0)
    Traceback (most recent call last):
    islesedu.errors.LessonError: timeout is 0; give a number above 0 that is finite
    """
    optional(whole(1))("jobs", jobs, LessonError)
    optional(positive)("timeout", timeout, LessonError)
    written = folder_to_write("output", output, LessonError)
    for folder in folders:
        check_apart("output", written, folder, error=LessonError)


def _step(all_jobs: list[Job], at_once: int, bar: tqdm, server: ForkServer | None) -> None:
    """Look at the running lessons, report those that ended, start the next ones."""
    running = [job for job in all_jobs if job.state == "running"]
    for job in running:
        job.update()
        if job.state != "running":
            job.cells_done = job.lesson.cells
            tqdm.write(job.line, file=sys.stdout)
            if job.state != "ok":
                tqdm.write(job.error_file.read_text(encoding="utf-8"), file=sys.stdout)
    while job := _next(all_jobs, at_once):
        job.start(server if server and server.is_ready else None)
    done = sum(min(job.cells_done, job.lesson.cells) for job in all_jobs)
    bar.update(done - bar.n)
    now = ", ".join(j.lesson.name for j in all_jobs if j.state == "running")
    bar.set_postfix_str(now, refresh=sys.stderr.isatty())


def _next(all_jobs: list[Job], at_once: int) -> Job | None:
    """Return the next job to start now, if any: one that wants to be alone waits until it is."""
    running = [job for job in all_jobs if job.state == "running"]
    if len(running) >= at_once or any(job.lesson.alone for job in running):
        return None
    waiting = [job for job in all_jobs if job.state == "waiting"]
    return next((job for job in waiting if not (running and job.lesson.alone)), None)


def table(jobs: Sequence[Job]) -> str:
    """Return the final table: seconds, peak memory and state of each lesson."""
    head = f"{'lesson':32s} {'time':>9s} {'memory':>10s}  state"
    began = [job.began for job in jobs if job.worker]
    total = max(job.began + job.seconds for job in jobs if job.worker) - min(began) if began else 0
    return "\n".join([head, *(job.line for job in jobs), f"{'all':32s} {total:7.1f} s"])
