"""What the process of a worker or a parameter server does: listen, compute when asked, and end."""

import os
import time
from collections.abc import Callable

from islesedu.cluster.ports import is_loopback, keep_to_loopback
from islesedu.cluster.spec import REMIND, Task, answers
from islesedu.errors import TrainingError

LOOK = 2.0
"""Seconds between two looks at whether the chief answers."""


def serve(
    task: Task,
    folder: str | os.PathLike[str],
    *,
    wait: float = 300.0,
    threads: int | None = None,
    say: Callable[[str], None] = print,
) -> bool:
    """Serve the chief until it has been silent for a while.

    Parameters
    ----------
    task : Task
        The place of this process.
    folder : path-like
        ISLES folder; only a worker reads it.
    wait : float
        Seconds without an answer from the chief after which the process ends.
    threads : int, optional
        Processor cores to compute with; all of the machine if None.
    say : callable of str
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
    import tensorflow as tf

    kept = None
    if task.role == "worker":
        from islesedu.cluster.orders import CaseReader, register

        kept = register(CaseReader(folder, task.index))
    limits = {"intra_op_parallelism_threads": threads} if threads else {}
    try:
        server = tf.distribute.Server(
            tf.train.ClusterSpec(task.addresses),
            job_name=task.role,
            task_index=task.index,
            protocol="grpc",
            config=tf.compat.v1.ConfigProto(**limits),
        )
    except tf.errors.OpError as error:
        raise TrainingError(
            f"{task} cannot listen at {task.address}: {error.message}; is the port in use?"
        ) from error
    if is_loopback(task.address) and not keep_to_loopback(task.address):
        say(f"this system cannot keep {task.address} to itself: other machines can reach it")
    say(f"{task} listens at {task.address}")
    met = follow_chief(task, wait, say)
    del server, kept
    return met


def follow_chief(task: Task, wait: float, say: Callable[[str], None]) -> bool:
    """Return when the chief has not answered for `wait` seconds: whether it ever has."""
    chief = task.addresses["chief"][0]
    met, heard = False, time.monotonic()
    told = heard
    while (away := time.monotonic() - heard) < wait:
        if answers(chief):
            met, heard = True, time.monotonic()
        elif away > REMIND and time.monotonic() - told > REMIND:
            told = time.monotonic()
            say(f"{task} waits for the chief ({chief}), {away:.0f} s of {wait:g}")
        time.sleep(LOOK)
    say(f"the chief ({chief}) has not answered for {wait:g} s: {task} ends")
    return met
