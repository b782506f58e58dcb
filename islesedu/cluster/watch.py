"""Look which processes of a cluster still answer; say it, and end what cannot go on."""

import time
from collections.abc import Callable

from islesedu.cluster.ports import answers
from islesedu.cluster.spec import REMIND_SECONDS, ClusterTask, Place, Role, listed
from islesedu.errors import ServerLostError, TrainingError

_CHECK_SECONDS = 2.0
"""Between two checks of who answers."""
_LOST_SECONDS = 6.0
"""After so long without an answer a parameter server counts as lost."""
REMEDY = (
    "the weights it held are lost. Start the cluster again, then go on from the last checkpoint "
    "with --resume"
)


class PeerMonitor:
    """Check who answers while no result comes in; say so, and end what cannot go on.

    Parameters
    ----------
    task : ClusterTask
        The chief's place in the cluster.
    wait : float
        Seconds without any worker after which the training ends.
    notify : callable of str
        Told what is waited for.
    """

    def __init__(self, task: ClusterTask, wait: float, notify: Callable[[str], None]):
        self.task, self.wait, self.notify = task, wait, notify
        self.checked = self.delivered = self.reminded = time.monotonic()
        self.lost: dict[Place, float] = {}

    def note_result(self) -> None:
        """Take note that a worker has delivered."""
        self.delivered = time.monotonic()

    def check(self) -> None:
        """Ask all processes, every two seconds; a TrainingError if it cannot go on."""
        now = time.monotonic()
        if now - self.checked < _CHECK_SECONDS:
            return
        self.checked = now
        for place, address in self.task.others(Role.PS, Role.WORKER).items():
            if answers(address):
                if self.lost.pop(place, None):
                    self.notify(f"{place} is back")
            elif place not in self.lost:
                self.lost[place] = now
                if place.role is Role.WORKER:
                    self.notify(f"{place} does not answer; {self._consequence()}")
        self._end_if_hopeless(now)
        self._remind(now)

    def _lost_workers(self) -> list[Place]:
        return [place for place in self.task.others(Role.WORKER) if place in self.lost]

    def _all_workers_lost(self) -> bool:
        return len(self._lost_workers()) == len(self.task.others(Role.WORKER))

    def _consequence(self) -> str:
        if self._all_workers_lost():
            return f"no worker is left, and without one the training ends after {self.wait:g} s"
        return "others take its case"

    def _end_if_hopeless(self, now: float) -> None:
        for place, since in self.lost.items():
            if place.role is Role.PS and now - since > _LOST_SECONDS:
                raise ServerLostError(f"{place} does not answer any more: {REMEDY}")
        if self._all_workers_lost():
            if now - max(self.lost[place] for place in self._lost_workers()) > self.wait:
                raise TrainingError(
                    f"no worker has answered for {self.wait:g} s; start them again, then go on "
                    "from the last checkpoint with --resume"
                )

    def _remind(self, now: float) -> None:
        if now - max(self.reminded, self.delivered) > REMIND_SECONDS:
            self.reminded = now
            lost = self._lost_workers()
            state = "all workers answer and compute"
            if lost:
                state = f"does not answer: {listed(lost)}"
            self.notify(f"no update for {now - self.delivered:.0f} s; {state}")
