"""One lesson being run: its worker process, its memory, its time-out, its files."""

import json
import os
import re
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from islesedu.common import environment
from islesedu.common.files import remove_partials, write_text
from islesedu.common.fork_server import ForkServer
from islesedu.common.processes import Child
from islesedu.course.lessons import Lesson
from islesedu.course.worker import CELLS_DONE


@dataclass
class Job:
    """One lesson being run, or having been.

    Attributes
    ----------
    lesson : Lesson
        Which.
    output : Path
        Folder for its results.
    parameters : dict
        Replace those of the lesson's parameters cell.
    timeout : float
        Seconds after which it is stopped.
    state : {"waiting", "running", "ok", "failed", "timed out", "interrupted"}
        How far it is.
    seconds : float
        How long it took.
    peak_mb : float
        Most memory its kernel and what the kernel started held at once, in MB (2**20 bytes),
        as far as somebody looked.
    cells_done : int
        Code cells that are done.
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
    worker: Child | None = field(default=None, repr=False)

    @property
    def error_file(self) -> Path:
        """Traceback of a failed lesson."""
        return self.output / f"{self.lesson.name}.error.txt"

    def start(self, server: ForkServer | None = None) -> None:
        """Start the worker, from a server if there is one."""
        job = {
            "name": self.lesson.name,
            "source": str(self.lesson.file),
            "output": str(self.output),
            "parameters": self.parameters,
        }
        self.error_file.unlink(missing_ok=True)  # it tells of an earlier run
        command = [sys.executable, "-m", "islesedu.course.worker", json.dumps(job)]
        around = environment.for_lessons(os.environ)
        self.worker = Child(command, around, on_line=self.count_cells, server=server)
        self.worker.start()
        self.state, self.began = "running", time.monotonic()

    def update(self) -> None:
        """Update seconds, memory and state; stop a lesson that takes too long."""
        self.seconds = time.monotonic() - self.began
        self.peak_mb = max(self.peak_mb, self.worker.memory())
        status = self.worker.exit_code
        if status is not None:
            self.stop("ok" if status == 0 else "failed")
            if status and not self.error_file.exists():
                said = "\n".join(ln for ln in self.worker.lines if not ln.startswith(CELLS_DONE))
                self.fail(f"the worker ended ({self.worker.exit_words}):\n{said}\n")
        elif self.seconds > self.timeout:
            self.stop("timed out")
            done = f"{self.cells_done} of {self.lesson.cells} code cells"
            self.fail(f"stopped after {self.timeout:.0f} s: {done} were done\n")

    def stop(self, state: str) -> None:
        """End the worker and its kernel at once, and remove what is not finished."""
        self.state = state
        self.worker.end(grace=0)
        remove_partials(self.output, f"{self.lesson.name}.*")

    def fail(self, why: str) -> None:
        """Write why, and remove results of an earlier run, which must not pass for this run's."""
        write_text(self.error_file, why)
        for ending in ("ipynb", "html"):
            (self.output / f"{self.lesson.name}.{ending}").unlink(missing_ok=True)

    def count_cells(self, line: str) -> None:
        """Note how many code cells are done, if that is what a line of the worker says."""
        if found := re.fullmatch(rf"{CELLS_DONE}(\d+)", line):  # a kernel may write between them
            self.cells_done = int(found[1])

    @property
    def line(self) -> str:
        """One line for people."""
        return f"{self.lesson.name:32s} {self.seconds:7.1f} s {self.peak_mb:7.0f} MB  {self.state}"
