"""One lesson being run: its worker process, its memory, its time-out, its files."""

import json
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from islesedu.course.lessons import Lesson
from islesedu.files import write_text
from islesedu.processes import Child, ended_by


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
    looked: float = 0.0  # time stamp of the partial notebook when its cells were last counted
    child: Child | None = field(default=None, repr=False)

    @property
    def partial(self) -> Path:
        """Where papermill writes while the lesson runs."""
        return self.output / f".partial-{os.getpid()}-{self.lesson.name}.ipynb"

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
        self.error_file.unlink(missing_ok=True)  # it tells of an earlier run
        command = [sys.executable, "-m", "islesedu.course.worker", json.dumps(job)]
        self.child = Child(command)
        self.child.start()
        self.state, self.began = "running", time.monotonic()

    def look(self) -> None:
        """Update seconds, memory and state; stop a lesson that takes too long."""
        self.seconds = time.monotonic() - self.began
        self.peak_mb = max(self.peak_mb, self.child.memory())
        self.count_cells()
        status = self.child.process.poll()
        if status is not None:
            self.state = "ok" if status == 0 else "failed"
            if status and not self.error_file.exists():
                said = "\n".join(self.child.heard())
                write_text(self.error_file, f"the worker ended ({ended_by(status)}):\n{said}\n")
                self.remove_results()
        elif self.seconds > self.timeout:
            self.stop("timed out")
            done = f"{self.cells_done} of {self.lesson.cells} code cells"
            write_text(self.error_file, f"stopped after {self.timeout:.0f} s: {done} were done\n")
            self.remove_results()
        if self.state not in ("running", "timed out"):
            self.child.stop()
            self.clean()

    def stop(self, state: str) -> None:
        """Kill the worker and its kernel; the worker first, or it would report a dead kernel."""
        self.state = state
        self.child.stop()
        self.clean()

    def clean(self) -> None:
        """Remove what is not finished."""
        for file in self.output.glob(f".partial-{self.child.process.pid}-*"):
            file.unlink(missing_ok=True)
        self.partial.unlink(missing_ok=True)

    def remove_results(self) -> None:
        """Remove the results of an earlier run, which must not pass for this run's."""
        for ending in ("ipynb", "html"):
            (self.output / f"{self.lesson.name}.{ending}").unlink(missing_ok=True)

    def count_cells(self) -> None:
        """Count the code cells that are done; papermill saves the notebook after each."""
        try:
            changed = self.partial.stat().st_mtime
            if changed == self.looked:
                return
            cells = json.loads(self.partial.read_text(encoding="utf-8"))["cells"]
        except (OSError, ValueError):  # not there yet, or being written
            return
        self.looked = changed
        code = [cell["metadata"] for cell in cells if cell["cell_type"] == "code"]
        self.cells_done = sum(m.get("papermill", {}).get("status") == "completed" for m in code)

    @property
    def line(self) -> str:
        """One line for people."""
        return f"{self.lesson.name:32s} {self.seconds:7.1f} s {self.peak_mb:7.0f} MB  {self.state}"
