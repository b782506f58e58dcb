"""What the process of a worker or a parameter server does: listen, compute when asked, and end."""

import os
import time
from collections.abc import Callable

from islesedu.cluster.config import check_threads
from islesedu.cluster.ports import answers, protect
from islesedu.cluster.spec import REMIND_SECONDS, ClusterTask, Role
from islesedu.errors import TrainingError
from islesedu.isles.name_map import NameMap

_CHECK_SECONDS = 2.0
"""Between two checks whether the chief answers."""


def serve(
    task: ClusterTask,
    folder: str | os.PathLike[str],
    *,
    wait: float = 300.0,
    threads: int | None = None,
    names: NameMap | None = None,
    slowdown: float = 1.0,
    notify: Callable[[str], None] = print,
) -> bool:
    """Serve the chief until it has been silent for a while.

    Parameters
    ----------
    task : ClusterTask
        The place of this process.
    folder : path-like
        ISLES folder; only a worker reads it.
    wait : float
        Seconds without an answer from the chief after which the process ends.
    threads : int, optional
        Processor cores to compute with; all of the machine if None.
    names : dict of str to str, optional
        As for `islesedu.isles.find_cases`.
    slowdown : float
        How many times as long this worker takes for a case as it could.
    notify : callable of str
        Told what happens.

    Returns
    -------
    bool
        Whether the chief has ever answered.

    Raises
    ------
    TrainingError
        The folder holds no case with a lesion, or the port is taken.
    """
    check_threads(threads)
    import tensorflow as tf

    kept = None
    if task.role is Role.WORKER:
        from islesedu.cluster.orders import CaseReader, Throttle, register

        kept = register(CaseReader(folder, task.place.index, names), Throttle(slowdown))
    limits = {"intra_op_parallelism_threads": threads} if threads else {}
    try:
        server = tf.distribute.Server(
            tf.train.ClusterSpec(task.addresses),
            job_name=task.role.value,
            task_index=task.place.index,
            protocol="grpc",
            config=tf.compat.v1.ConfigProto(**limits),
        )
    except tf.errors.OpError as error:
        raise TrainingError(
            f"{task} cannot listen at {task.address}: {error.message}; is the port in use?"
        ) from error
    protect(task.address, notify)
    notify(f"{task} listens at {task.address}")
    met = _follow_chief(task, wait, notify)
    del server, kept
    return met


def _follow_chief(task: ClusterTask, wait: float, notify: Callable[[str], None]) -> bool:
    """Return when the chief has not answered for `wait` seconds: whether it ever has."""
    (chief,) = task.addresses[Role.CHIEF]
    met, heard = False, time.monotonic()
    reminded = heard
    while (silence := time.monotonic() - heard) < wait:
        if answers(chief):
            met, heard = True, time.monotonic()
        elif min(silence, time.monotonic() - reminded) > REMIND_SECONDS:
            reminded = time.monotonic()
            notify(f"{task} waits for the chief ({chief}), {silence:.0f} s of {wait:g}")
        time.sleep(_CHECK_SECONDS)
    notify(f"the chief ({chief}) has not answered for {wait:g} s: {task} ends")
    return met
