"""How to train on a cluster: the options of a training, and those of its processes."""

import os
from dataclasses import dataclass

from islesedu.common.arguments import one_of, optional, positive, whole
from islesedu.errors import TrainingError
from islesedu.training.config import TrainingConfig
from islesedu.training.options import documented, option


@documented
@dataclass(frozen=True)
class ClusterConfig(TrainingConfig):
    """How a network is trained on a cluster; see `islesedu.training.config`.

    An update sees one case in "async", one a worker in "sync", where all wait for the slowest. All
    workers wait at the end of a round, so that a checkpoint holds all updates up to its step.
    """

    mode: str = option(
        "async",
        "async: each update is one case's gradient; sync: the mean of one a worker",
        one_of("async", "sync"),
    )
    wait: float = option(
        300.0,
        "seconds to wait for processes that do not answer, at the start and later",
        positive,
        recorded=False,
    )
    threads: int | None = option(
        None, "processor cores of each worker", optional(whole(1)), unset="all", recorded=False
    )

    left_out = ("clinical", "fusion")


def check_threads(threads: int | None) -> None:
    """Raise a TrainingError unless this machine has so many cores; None is all of them.

    Examples
    --------
    >>> check_threads(0)
    Traceback (most recent call last):
    islesedu.errors.TrainingError: threads is 0; give a whole number from 1 up to ...
    """
    optional(whole(1, os.cpu_count() or 1))("threads", threads, TrainingError)
