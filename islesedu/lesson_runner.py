"""Run many lessons: several at once, with one bar, a line each, and a table at the end."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from tqdm.auto import tqdm

from islesedu.files import write_text
from islesedu.lessons import Lesson

PATIENCE = 5
"""A lesson is stopped after this many times the minutes it announces."""
POLL = 0.25
"""Seconds between two looks at the running lessons."""


@dataclass
class Job:
    """One lesson being run, or having been.

    Attributes
    ----------
    lesson : Lesson
        Which.
    state : {"waiting", "running", "ok", "failed", "timed out", "interrupted"}
        How far it is.
    seconds : float
        How long it took.
    peak_mb : float
        Most memory its kernel held at once, in MB (2**20 bytes), looked at every POLL seconds.
    """

    lesson: Lesson
    output: Path
    parameters: dict[str, Any]
    timeout: float
    state: str = "waiting"
    seconds: float = 0.0
    peak_mb: float = 0.0
    cells_done: int = 0
    began: float = 0.0
    process: subprocess.Popen | None = field(default=None, repr=False)

    @property
    def partial(self) -> Path:
        """Where papermill writes while the lesson runs."""
        return self.output / f".partial-{os.getpid()}-{self.lesson.name}.ipynb"

    @property
    def log(self) -> Path:
        """What the worker itself says, kept only if it says so by dying."""
        return self.output / f".partial-{os.getpid()}-{self.lesson.name}.log"

    @property
    def error_file(self) -> Path:
        """Traceback of a failed lesson."""
        return self.output / f"{self.lesson.name}.error.txt"

    def start(self) -> None:
        """Start the worker in a session of its own, so that Ctrl-C reaches only us."""
        job = {
            "name": self.lesson.name,
            "source": str(self.lesson.file),
            "output": str(self.output),
            "partial": str(self.partial),
            "parameters": self.parameters,
        }
        command = [sys.executable, "-m", "islesedu.lesson_worker", json.dumps(job)]
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        self.state, self.began = "running", time.monotonic()

    def look(self) -> None:
        """Update seconds, memory and state; stop a lesson that takes too long."""
        self.seconds = time.monotonic() - self.began
        self.peak_mb = max(self.peak_mb, kernel_memory(self.process.pid))
        self.cells_done = max(self.cells_done, count_cells(self.partial))
        status = self.process.poll()
        if status is not None:
            self.state = "ok" if status == 0 else "failed"
            if status not in (0, 1) or (status == 1 and not self.error_file.exists()):
                write_text(self.error_file, f"the worker died:\n{self.log.read_text()}\n")
        elif self.seconds > self.timeout:
            self.stop("timed out")
            done = f"{self.cells_done} of {self.lesson.cells} code cells"
            write_text(self.error_file, f"stopped after {self.timeout:.0f} s, {done} were done\n")
        if self.state != "running":
            self.clean()

    def stop(self, state: str) -> None:
        """Kill the worker and its kernel."""
        self.state = state
        try:
            worker = psutil.Process(self.process.pid)
            family = [*worker.children(recursive=True), worker]
        except psutil.NoSuchProcess:
            family = []
        for member in family:
            try:
                member.kill()
            except psutil.NoSuchProcess:
                pass
        self.process.wait()
        self.clean()

    def clean(self) -> None:
        """Remove what is not finished; an old page must not pass for this run's."""
        for file in self.output.glob(f".partial-{self.process.pid}-*"):
            file.unlink(missing_ok=True)
        self.partial.unlink(missing_ok=True)
        self.log.unlink(missing_ok=True)
        if self.state == "timed out":
            for ending in ("ipynb", "html"):
                (self.output / f"{self.lesson.name}.{ending}").unlink(missing_ok=True)

    @property
    def line(self) -> str:
        """One line for people."""
        return f"{self.lesson.name:32s} {self.seconds:7.1f} s {self.peak_mb:7.0f} MB  {self.state}"


def kernel_memory(worker: int) -> float:
    """Return the memory, in MB, that the children of a worker (its kernel) hold now."""
    try:
        children = psutil.Process(worker).children(recursive=True)
    except psutil.NoSuchProcess:
        return 0.0
    total = 0
    for child in children:
        try:
            total += child.memory_info().rss
        except psutil.NoSuchProcess:
            pass
    return total / 2**20


def count_cells(partial: Path) -> int:
    """Return how many code cells of a running notebook are done; papermill saves after each."""
    try:
        cells = json.loads(partial.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError):
        return 0
    states = [cell["metadata"].get("papermill", {}).get("status") for cell in cells]
    kinds = [cell["cell_type"] for cell in cells]
    return sum(k == "code" and s == "completed" for k, s in zip(kinds, states, strict=True))


def run_lessons(
    lessons: Sequence[Lesson],
    parameters: dict[str, dict[str, Any]],
    output: str | os.PathLike[str],
    *,
    jobs: int = 1,
    timeout: float | None = None,
    progress: bool = True,
) -> list[Job]:
    """Run lessons and write NN_name.ipynb and NN_name.html for each.

    Parameters
    ----------
    lessons : sequence of Lesson
        Which to run.
    parameters : dict of str to dict
        Parameters by the lesson's name.
    output : path-like
        Folder for the results.
    jobs : int
        How many run at once.
    timeout : float, optional
        Seconds after which a lesson is stopped; 5 times the announced minutes if None.
    progress : bool
        Show a bar over all code cells.

    Returns
    -------
    list of Job
        In the order of `lessons`. One that failed has its traceback in NN_name.error.txt.

    Raises
    ------
    KeyboardInterrupt
        After Ctrl-C, once all kernels are gone; finished results stay.
    """
    if jobs < 1:
        raise ValueError(f"jobs is {jobs}; give 1 or more")
    output = Path(output).resolve()
    output.mkdir(parents=True, exist_ok=True)
    all_jobs = [
        Job(
            lesson,
            output,
            parameters.get(lesson.name, {}),
            timeout if timeout is not None else max(60, 60 * PATIENCE * lesson.minutes),
        )
        for lesson in lessons
    ]
    total = sum(lesson.cells for lesson in lessons)
    bar = tqdm(total=total, desc="lessons", unit="cell", disable=not progress)
    try:
        with bar:
            while waiting_or_running(all_jobs):
                step(all_jobs, jobs, bar)
                time.sleep(POLL)
    except KeyboardInterrupt:
        for job in all_jobs:
            if job.state == "running":
                job.stop("interrupted")
        print(table(all_jobs))
        raise
    return all_jobs


def waiting_or_running(jobs: Sequence[Job]) -> bool:
    """Tell whether anything is left to do."""
    return any(job.state in ("waiting", "running") for job in jobs)


def step(all_jobs: list[Job], at_once: int, bar: tqdm) -> None:
    """Look at the running lessons, report those that ended, start the next ones."""
    for job in all_jobs:
        if job.state == "running":
            job.look()
            if job.state != "running":
                job.cells_done = job.lesson.cells
                tqdm.write(job.line)
                if job.state != "ok":
                    tqdm.write(job.error_file.read_text())
    running = sum(job.state == "running" for job in all_jobs)
    for job in [job for job in all_jobs if job.state == "waiting"][: at_once - running]:
        job.start()
    bar.update(sum(job.cells_done for job in all_jobs) - bar.n)
    bar.set_postfix_str(", ".join(job.lesson.name for job in all_jobs if job.state == "running"))


def table(jobs: Sequence[Job]) -> str:
    """Return the final table: seconds, peak memory and state of each lesson."""
    head = f"{'lesson':32s} {'time':>9s} {'memory':>10s}  state"
    total = sum(job.seconds for job in jobs)
    return "\n".join([head, *(job.line for job in jobs), f"{'all':32s} {total:7.1f} s"])
