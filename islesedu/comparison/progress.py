"""The progress bar over all tasks of a comparison, also those that other processes work on."""

import time
from typing import Self

from islesedu.common import locks
from islesedu.common.processes import progress_bar
from islesedu.comparison.folder import CompareFolder, FoldTask
from islesedu.comparison.search import most_steps, search_steps

POLL = 1.0
"""Seconds between two looks at what others are doing."""


class Progress:
    """A bar over the steps of all tasks.

    Parameters
    ----------
    place : CompareFolder
        Where the tasks' results and claims lie.
    progress : bool
        Show it.
    """

    def __init__(self, place: CompareFolder, progress: bool = True):
        self.place, self.tasks = place, place.tasks
        self.task_steps = search_steps(place.settings) + most_steps(place.settings)
        self.own: tuple[str, int] = ("", 0)
        self.drawn = -POLL
        finished, done = self.count()
        self.bar = progress_bar(
            desc=f"folds {finished}/{len(self.tasks)}",
            unit="step",
            total=self.task_steps * len(self.tasks),
            initial=done,
            progress=progress,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.refresh(force=True)
        self.bar.close()

    def count(self) -> tuple[int, int]:
        """Return the number of finished tasks, and of steps done in all."""
        finished = steps = 0
        for task in self.tasks:
            if self.place.is_finished(task):
                finished, steps = finished + 1, steps + self.task_steps
            elif task.name == self.own[0]:
                steps += self.own[1]
            else:
                claim = locks.read_lock(self.place.claims, task.name) or {}
                steps += min(claim.get("step", 0), self.task_steps)
        return finished, steps

    def update(self, task: FoldTask, step: int) -> None:
        """Take note of a step of this process."""
        self.own = task.name, step
        self.refresh()

    def refresh(self, force: bool = False) -> None:
        """Draw the bar anew, at most once in `POLL` seconds."""
        if not force and time.monotonic() - self.drawn < POLL:
            return
        self.drawn = time.monotonic()
        finished, steps = self.count()
        self.bar.set_description(f"folds {finished}/{len(self.tasks)}", refresh=False)
        self.bar.update(steps - self.bar.n)
