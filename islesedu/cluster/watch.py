"""Look who of a cluster still answers; say it, and end what cannot go on."""

import time
from collections.abc import Callable

from islesedu.cluster.spec import REMIND, Task, answers, listed
from islesedu.errors import TrainingError

LOOK = 2.0
"""Seconds between two looks at who answers."""
GONE = 6.0
"""Seconds after which a parameter server that does not answer counts as lost."""
REMEDY = (
    "the weights it held are lost. Start the cluster again, then go on from the last checkpoint "
    "with --resume"
)


class Watch:
    """Look who answers while nothing comes in; say so, and end what cannot go on.

    Parameters
    ----------
    task : Task
        The chief's place in the cluster.
    wait : float
        Seconds without any worker after which the training ends.
    say : callable of str
        Told what is waited for.
    """

    def __init__(self, task: Task, wait: float, say: Callable[[str], None]):
        self.task, self.wait, self.say = task, wait, say
        self.last = self.heard_last = self.told = time.monotonic()
        self.lost: dict[str, float] = {}

    def heard(self, worker: int) -> None:
        """Take note that a worker has delivered."""
        self.heard_last = time.monotonic()

    def look(self) -> None:
        """Ask all processes, every `LOOK` seconds; a TrainingError if it cannot go on."""
        now = time.monotonic()
        if now - self.last < LOOK:
            return
        self.last = now
        workers = self.task.others("worker")
        for who, address in (self.task.others("ps") | workers).items():
            if answers(address):
                if self.lost.pop(who, None):
                    self.say(f"{who} is back")
            elif who not in self.lost:
                self.lost[who] = now
                if who in workers:
                    self.say(f"{who} does not answer; {self.remains()}")
        self.judge(now)

    def remains(self) -> str:
        """Say what becomes of the work of a worker that is gone."""
        if all(who in self.lost for who in self.task.others("worker")):
            return f"no worker is left, and without one the training ends after {self.wait:g} s"
        return "others take its case"

    def judge(self, now: float) -> None:
        """Raise a TrainingError if a server is lost, or all workers for too long."""
        for who in self.task.others("ps"):
            if now - self.lost.get(who, now) > GONE:
                raise TrainingError(f"{who} does not answer any more: {REMEDY}")
        workers = self.task.others("worker")
        gone = [who for who in workers if who in self.lost]
        if len(gone) == len(workers):
            since = max(self.lost[who] for who in gone)
            if now - since > self.wait:
                raise TrainingError(
                    f"no worker has answered for {self.wait:g} s; start them again, then go on "
                    "from the last checkpoint with --resume"
                )
        if now - max(self.told, self.heard_last) > REMIND:
            self.told = now
            waited = f"no update for {now - self.heard_last:.0f} s"
            what = f"does not answer: {listed(gone)}" if gone else "all workers answer and compute"
            self.say(f"{waited}; {what}")
