"""Work through the tasks of a comparison: alone, in several processes, beside other machines.

A task (one loss on one fold) is claimed, searched if asked for, trained, and scored on the cases
that its network has never seen. Whatever ends the process, the next one goes on from the last
checkpoint.
"""

import os
import threading
import time
from collections.abc import Mapping, Sequence
from multiprocessing import connection, get_context
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from multiprocessing.queues import SimpleQueue
from pathlib import Path

from tqdm.auto import tqdm

from islesedu.common import locks
from islesedu.common.files import remove_partials
from islesedu.common.fork_server import is_supported
from islesedu.common.processes import follow_parent, interruptible
from islesedu.comparison.fold import do_task
from islesedu.comparison.folder import CompareFolder, FoldTask
from islesedu.comparison.progress import POLL, Progress
from islesedu.errors import LockLostError, TrainingError, explain
from islesedu.isles.case import Case
from islesedu.networks import backend

_GRACE = 10.0
"""Seconds that an interrupted process has to give up its locks."""


def work(
    place: CompareFolder, cases: Sequence[Case], progress: Progress, most: int | None = None
) -> None:
    """Take one task after the other, until all are finished, by whomever.

    Parameters
    ----------
    place, cases
        As for `islesedu.comparison.fold.do_task`.
    progress : Progress
        Where to show how far the work is.
    most : int, optional
        Stop after this many tasks.
    """
    own = 0
    while own != most and (waiting := place.unfinished()):
        if any(try_task(place, cases, task, progress) for task in waiting):
            own += 1
        else:
            progress.refresh()
            time.sleep(POLL)


def try_task(
    place: CompareFolder, cases: Sequence[Case], task: FoldTask, progress: Progress
) -> bool:
    """Do a task if nobody else has it; return whether this process had a try at it."""
    claim = locks.take_lock(place.claims, task.name, kept=True)
    if claim is None:
        return False

    def on_step(step: int) -> None:
        claim.check()
        claim.step = step
        progress.update(task, step)

    with claim:
        if place.is_finished(task):  # between the look and the claim
            return True
        remove_partials(place.search(task), "tried.csv", "chosen.json")
        try:
            do_task(place, cases, task, on_step)
        except LockLostError:
            pass  # it is in other hands
        except TrainingError as error:
            raise TrainingError(f"{task.loss}, fold {task.fold.number}: {error}") from error
    return True


def work_together(
    place: CompareFolder, cases: Sequence[Case], jobs: int, progress: Progress
) -> None:
    """Keep `jobs` processes working until all tasks are finished.

    Each task gets a new process: TensorFlow keeps some 50 MB of every network it has trained. Not
    with a ProcessPoolExecutor: it cannot end running processes before Python 3.14, and when one is
    killed it gives up all, without its exit code; here the others take over its task.

    Raises
    ------
    TrainingError
        One of them could not go on; the others have been stopped, at the cost of a few steps.
    """
    context = _context()
    errors, codes = context.SimpleQueue(), []
    running: list[BaseProcess] = []

    def start() -> None:
        arguments = (place.path, cases, errors, dict(os.environ))
        running.append(context.Process(target=_do_one_task, args=arguments, daemon=True))
        running[-1].start()

    try:
        for _ in place.unfinished()[:jobs]:
            start()
        while running:
            connection.wait([process.sentinel for process in running], timeout=POLL)
            if not errors.empty():
                raise TrainingError(errors.get())
            for process in [one for one in running if one.exitcode is not None]:
                running.remove(process)
                if process.exitcode:
                    codes.append(str(process.exitcode))
                elif place.unfinished():
                    start()
            progress.refresh()
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.join(_GRACE)
            process.kill()
    if place.unfinished():
        raise TrainingError(
            f"processes ended early (exit code {', '.join(codes)}; -9 often means too little "
            "memory); give the same command with fewer --jobs, it goes on where they stopped"
        )


def _context() -> BaseContext:
    """Return what starts processes: on Linux a server that imports TensorFlow once for all.

    This process cannot be forked itself: a TensorFlow that has computed does not survive that.
    """
    if not is_supported():
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload(["islesedu.comparison.warm"])
    return context


def _do_one_task(
    path: Path, cases: Sequence[Case], errors: SimpleQueue, environment: Mapping[str, str]
) -> None:
    """Do one task as one of several processes; end when the one that started it ends."""
    os.environ.update(environment)  # that of a server is as old as the server
    follow_parent()
    tqdm.set_lock(threading.RLock())  # the usual one would be left behind by os._exit
    try:
        with interruptible():
            backend.import_keras()
            place = CompareFolder(path)
            work(place, cases, Progress(place, progress=False), most=1)
    except (ValueError, OSError, MemoryError) as error:
        errors.put(explain(error))
    except KeyboardInterrupt:  # the parent has heard it, too, and says so
        pass
