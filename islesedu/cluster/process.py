"""One process of a local cluster, and the command that it runs."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from islesedu.cluster.spec import Place
from islesedu.common.processes import Child
from islesedu.errors import TrainingError

REFUSED = 2  # exit status of a process that could not do what it was asked, and has said why
_OWN = "islesedu: "  # how the sentences of a process begin that are meant to be read


class Member(Child):
    """One process of a local cluster; `notify` is told each of its sentences."""

    def __init__(
        self,
        place: Place,
        command: Sequence[str],
        cluster: Mapping[str, list[str]],
        notify: Callable[[str], None],
    ):
        task = {"cluster": cluster, "task": {"type": place.role, "index": place.index}}
        own = {"TF_CONFIG": json.dumps(task), "no_proxy": "127.0.0.1", "no_grpc_proxy": "127.0.0.1"}
        super().__init__(command, {"TF_CPP_MIN_LOG_LEVEL": "2"} | os.environ | own, self._hear)
        self.place, self.notify = place, notify
        self.ended: float | None = None

    def __str__(self) -> str:
        return str(self.place)

    def _hear(self, line: str) -> None:
        if line.startswith(_OWN):
            self.notify(line.removeprefix(_OWN))

    @property
    def error(self) -> TrainingError:
        """What is to be said when it has ended and the training cannot go on."""
        lines = self.read_rest()
        own = [line.removeprefix(_OWN) for line in lines if line.startswith(_OWN)]
        complaint = (own or lines or [""])[-1]
        if self.exit_code == REFUSED and complaint:
            return TrainingError(complaint)
        return TrainingError(
            f"{self} ended ({self.exit_words}){complaint and ': '}{complaint}; if there is a "
            "checkpoint, go on from it with --resume"
        )


def as_options(arguments: Mapping[str, Any]) -> list[str]:
    """Return arguments as the command line takes them; None and False are left out.

    Examples
    --------
    >>> as_options({"steps": 8, "channels": ("ADC", "CBF"), "resume": True, "recipe": None})
    ['--steps', '8', '--channels', 'ADC,CBF', '--resume']
    """
    options = []
    for argument, value in arguments.items():
        if value is None or value is False:
            continue
        options.append(f"--{argument.replace('_', '-')}")
        if isinstance(value, dict):
            options.append(json.dumps(value))
        elif value is not True:
            options.append(",".join(value) if isinstance(value, (list, tuple)) else str(value))
    return options
