"""How to train on a cluster: the options of a training, and those of its processes."""

import os
import re
from dataclasses import dataclass
from typing import Any

from islesedu.common.arguments import Kind, flag, one_of, optional, positive, whole
from islesedu.errors import TrainingError
from islesedu.training.config import TrainingConfig
from islesedu.training.options import documented, option

_FACTOR = r"\d+=\d{1,6}(\.\d{1,6})?"
_slowdowns = Kind(
    str,
    "WORKER=FACTOR",
    accepts=lambda value: (
        isinstance(value, str)
        and bool(re.fullmatch(rf"({_FACTOR}(,{_FACTOR})*)?", value, re.ASCII))
        and all(factor >= 1 for factor in read_slowdowns(value).values())
    ),
    otherwise="give numbers of workers with factors from 1 up, such as 1=3 or 0=1.5,1=3",
)


def read_slowdowns(text: str) -> dict[int, float]:
    """Return by how much each named worker is slowed down.

    Examples
    --------
    >>> read_slowdowns("1=3,2=1.5"), read_slowdowns("")
    ({1: 3.0, 2: 1.5}, {})
    """
    pairs = (part.split("=") for part in text.split(",") if part)
    return {int(worker): float(factor) for worker, factor in pairs}


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
    sync_start: int = option(
        0, "of an async training: so many updates at its start are synchronous", whole(0)
    )
    staleness_aware: bool = option(
        False,
        "of an async training: divide the learning rate of an update by 1 + its staleness",
        flag,
        unset="no",
    )
    slow: str = option(
        "",
        "slow workers down, to see what it does: 1=3 makes worker 1 take 3 times as long for each "
        "case, by sleeping before it pushes",
        _slowdowns,
        recorded=False,
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

    def __post_init__(self):
        super().__post_init__()
        for name in ("sync_start", "staleness_aware"):
            if self.mode == "sync" and getattr(self, name):
                raise TrainingError(
                    f"{name} is {getattr(self, name)}, but mode is 'sync', in which no gradient is "
                    "stale; leave out one of the two"
                )

    def to_json(self) -> dict[str, Any]:
        """Return what ``run.json`` keeps: None for what older runs do not know."""
        own = {"sync_start": self.sync_start, "staleness_aware": self.staleness_aware}
        return super().to_json() | {name: value or None for name, value in own.items()}


def check_threads(threads: int | None) -> None:
    """Raise a TrainingError unless this machine has so many cores; None is all of them.

    Examples
    --------
    >>> check_threads(0)
    Traceback (most recent call last):
    islesedu.errors.TrainingError: threads is 0; give a whole number from 1 up to ...
    """
    optional(whole(1, os.cpu_count() or 1))("threads", threads, TrainingError)
