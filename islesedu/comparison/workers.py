"""Work through the tasks of a comparison: alone, in several processes, beside other machines.

A task (one loss on one fold) is claimed, searched if asked for, trained, and scored on the cases
that its network has never seen. Whatever ends the process, the next one goes on from the last
checkpoint.
"""

import os
import threading
import time
from multiprocessing import connection, get_context
from typing import Any

from tqdm.auto import tqdm

from islesedu import locks as claims
from islesedu.comparison.fold import do_task
from islesedu.comparison.folder import CompareFolder, Task
from islesedu.comparison.search import search_steps
from islesedu.errors import TrainingError
from islesedu.networks import backend
from islesedu.processes import end_with_parent

POLL = 1.0
"""Seconds between two looks at what others are doing."""


class Board:
    """The bar over all tasks, also those that other processes work on.

    Parameters
    ----------
    place : CompareFolder
        Where the tasks' results and claims lie.
    progress : bool
        Show it.
    """

    def __init__(self, place: CompareFolder, progress: bool = True):
        self.place, self.tasks = place, place.tasks
        settings = place.settings
        spec = settings["search"]
        longest = max(filter(None, (spec or {}).get("steps", [settings["steps"]])))
        self.each = search_steps(spec, settings) + longest
        self.own: tuple[str, int] = ("", 0)
        self.last = -POLL
        finished, done = self.count()
        self.bar = tqdm(
            total=self.each * len(self.tasks),
            initial=done,
            desc=f"folds {finished}/{len(self.tasks)}",
            unit="step",
            disable=not progress,
        )

    def __enter__(self) -> "Board":
        return self

    def __exit__(self, *error) -> None:
        self.refresh(force=True)
        self.bar.close()

    def count(self) -> tuple[int, int]:
        """Return the number of finished tasks, and of steps done in all."""
        finished = steps = 0
        for task in self.tasks:
            if self.place.is_finished(task):
                finished, steps = finished + 1, steps + self.each
            elif task.name == self.own[0]:
                steps += self.own[1]
            else:
                claim = claims.read(self.place.claims, task.name) or {}
                steps += min(claim.get("step", 0), self.each)
        return finished, steps

    def see(self, task: Task, step: int) -> None:
        """Take note of a step of this process."""
        self.own = task.name, step
        self.refresh()

    def refresh(self, force: bool = False) -> None:
        """Redraw, at most once in `POLL` seconds."""
        if not force and time.monotonic() - self.last < POLL:
            return
        self.last = time.monotonic()
        finished, steps = self.count()
        self.bar.set_description(f"folds {finished}/{len(self.tasks)}", refresh=False)
        self.bar.update(steps - self.bar.n)


def work(
    place: CompareFolder, folder: str | os.PathLike[str], board: Board, most: int | None = None
) -> None:
    """Take one task after the other, until all are finished, by whomever.

    Parameters
    ----------
    place : CompareFolder
        The comparison, begun.
    folder : path-like
        ISLES folder.
    board : Board
        Where to show the progress.
    most : int, optional
        Stop after this many tasks.
    """
    own = 0
    while own != most and unfinished(place):
        if any(try_task(place, folder, task, board) for task in unfinished(place)):
            own += 1
        else:
            board.refresh()
            time.sleep(POLL)


def unfinished(place: CompareFolder) -> list[Task]:
    """Return the tasks that are not done."""
    return [task for task in place.tasks if not place.is_finished(task)]


def try_task(
    place: CompareFolder, folder: str | os.PathLike[str], task: Task, board: Board
) -> bool:
    """Do a task if nobody else has it; return whether this process had a try at it."""
    claim = claims.take(place.claims, task.name)
    if claim is None:
        return False

    def see(step: int) -> None:
        claim.check()
        claim.step = step
        board.see(task, step)

    with claim:
        if place.is_finished(task):  # between the look and the claim
            return True
        try:
            do_task(place, folder, task, see)
        except claims.LockLostError:
            pass  # it is in other hands
        except TrainingError as error:
            raise TrainingError(f"{task.loss}, fold {task.fold.number}: {error}") from error
    return True


def work_together(
    place: CompareFolder, folder: str | os.PathLike[str], jobs: int, board: Board
) -> None:
    """Keep `jobs` processes working until all tasks are finished.

    Each task gets a new process: TensorFlow keeps some 50 MB of every network it has trained.

    Raises
    ------
    TrainingError
        One of them could not go on; the others have been stopped, at the cost of a few steps.
    """
    context = get_context("spawn")  # TensorFlow does not survive a fork
    running: dict[connection.Connection, Any] = {}
    codes = []

    def start() -> None:
        here, there = context.Pipe(duplex=False)
        arguments = (str(place.path), os.fspath(folder), there)
        running[here] = context.Process(target=join_in, args=arguments, daemon=True)
        running[here].start()
        there.close()  # so that the pipe ends with the process

    try:
        for _ in range(min(jobs, len(unfinished(place)))):
            start()
        while running:
            for pipe in connection.wait(list(running), timeout=POLL):
                try:
                    raise TrainingError(pipe.recv())
                except EOFError:  # this process has nothing to complain about
                    process = running.pop(pipe)
                process.join()
                if process.exitcode:
                    codes.append(str(process.exitcode))
                elif unfinished(place):
                    start()
            board.refresh()
    finally:
        for process in running.values():
            process.terminate()
            process.join()
    if unfinished(place):
        raise TrainingError(
            f"processes ended early (exit code {', '.join(codes)}; -9 often means too little "
            "memory); give the same command with fewer --jobs, it goes on where they stopped"
        )


def join_in(path: str, folder: str, said: connection.Connection) -> None:
    """Do one task as one of several processes; end when the one that started it ends."""
    end_with_parent()
    tqdm.set_lock(threading.RLock())  # the usual one would be left behind by os._exit
    try:
        backend.import_keras()
        place = CompareFolder(path)
        work(place, folder, Board(place, progress=False), most=1)
    except (ValueError, OSError) as error:
        said.send(str(error))
    except KeyboardInterrupt:  # the parent has heard it, too, and says so
        pass
