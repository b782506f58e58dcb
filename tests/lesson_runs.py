"""A lesson run with its small parameters while every check is tried in many ways.

That takes a minute for some, so tests that look at an executed lesson share one run: the fixture
`small_run`.
"""

import json
import os
from pathlib import Path
from typing import Any
from unittest import mock

from islesedu.common.fork_server import ForkServer
from islesedu.course.lessons import Lesson
from islesedu.course.runner import run_lessons
from tests import audit


class LessonRun:
    """What a run of a lesson left in a folder.

    Attributes
    ----------
    notebook, page : Path
        The executed lesson.
    state, error : str
        "ok", or how it ended; and its traceback.
    peak_mb : float
        Most memory its kernel held.
    """

    def __init__(self, lesson: Lesson, folder: Path):
        self.notebook = folder / f"{lesson.name}.ipynb"
        self.page = folder / f"{lesson.name}.html"
        self._report = folder / "audit.jsonl"
        kept = json.loads((folder / "job.json").read_text(encoding="utf-8"))
        self.state, self.error, self.peak_mb = kept["state"], kept["error"], kept["peak_mb"]

    @property
    def tried(self) -> list[dict[str, Any]]:
        """What `tests.audit` has tried with each exercise, and what came."""
        return [json.loads(line) for line in self._report.read_text(encoding="utf-8").splitlines()]


def run_audited(lesson: Lesson, folder: Path, server: ForkServer | None) -> None:
    """Run a lesson with its small parameters, and the audit in its kernel, from a server."""
    audit.startup(folder / "ipython", folder / "audit.jsonl")
    with mock.patch.dict(os.environ, {"IPYTHONDIR": str(folder / "ipython")}):
        how = {"timeout": 300, "progress": False, "server": server}
        (job,) = run_lessons([lesson], {lesson.name: lesson.smoke}, folder, **how)
    error = "" if job.state == "ok" else job.error_file.read_text(encoding="utf-8")
    kept = {"state": job.state, "peak_mb": job.peak_mb, "error": error}
    (folder / "job.json").write_text(json.dumps(kept), encoding="utf-8")
