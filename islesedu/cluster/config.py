"""How to train on a cluster: the options of a training, and those of its processes."""

from dataclasses import dataclass

from islesedu.training.config import TrainingConfig
from islesedu.training.options import documented, one_of, option, optional, positive, whole


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
