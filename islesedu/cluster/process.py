"""One process of a local cluster: its place, and the sentences it has for people."""

import json
import os
from collections.abc import Callable, Mapping, Sequence

from islesedu.cluster.spec import name
from islesedu.processes import Child

_OWN = "islesedu: "
"""How the sentences of a process begin that are meant to be read."""


class ClusterProcess(Child):
    """One process of a local cluster.

    Parameters
    ----------
    role, index
        Its place, as in TF_CONFIG.
    command : sequence of str
        What it runs.
    addresses : mapping of str to list of str
        All places of the cluster.
    on_sentence : callable of str
        Told each of its sentences.
    """

    def __init__(
        self,
        role: str,
        index: int,
        command: Sequence[str],
        addresses: Mapping[str, list[str]],
        on_sentence: Callable[[str], None],
    ):
        super().__init__(command, environment(addresses, role, index), self._pass_on)
        self.role, self.index, self.on_sentence = role, index, on_sentence
        self.starts, self.ended = 0, None

    def __str__(self) -> str:
        return name(self.role, self.index)

    def start(self) -> None:
        """Start the process, and count how often."""
        self.starts += 1
        super().start()

    def _pass_on(self, line: str) -> None:
        if line.startswith(_OWN):
            self.on_sentence(line.removeprefix(_OWN))

    @property
    def complaint(self) -> str:
        """The last sentence of islesedu's own, or else the last line."""
        lines = self.heard()
        own = [line for line in lines if line.startswith(_OWN)]
        return (own or lines or [""])[-1].removeprefix(_OWN)


def environment(addresses: Mapping[str, list[str]], role: str, index: int) -> dict[str, str]:
    """Return the environment of a process: its place, and no proxy between processes."""
    place = {"cluster": dict(addresses), "task": {"type": role, "index": index}}
    own = {"TF_CONFIG": json.dumps(place), "no_proxy": "127.0.0.1", "no_grpc_proxy": "127.0.0.1"}
    return {"TF_CPP_MIN_LOG_LEVEL": "2"} | os.environ | own
