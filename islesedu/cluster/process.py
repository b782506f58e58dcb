"""One process of a local cluster: started, listened to, stopped."""

import json
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable

from islesedu.cluster.spec import name

OWN = "islesedu: "
"""How the sentences of a process begin that are meant to be read."""


class Member:
    """One process of a local cluster.

    Parameters
    ----------
    role, index
        Its place, as in TF_CONFIG.
    command : list of str
        What it runs.
    environment : dict of str to str
        With TF_CONFIG.
    hear : callable of str
        Told each of its sentences.
    """

    def __init__(
        self,
        role: str,
        index: int,
        command: list[str],
        environment: dict[str, str],
        hear: Callable[[str], None],
    ):
        self.role, self.index, self.command = role, index, command
        self.environment, self.hear, self.starts = environment, hear, 0
        self.ended: float | None = None
        self.said: deque[str] = deque(maxlen=60)

    def __str__(self) -> str:
        return name(self.role, self.index)

    def start(self) -> None:
        """Start the process; Ctrl-C in a terminal does not reach it, only its parent."""
        self.starts += 1
        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self.listener = threading.Thread(target=self.listen, args=(self.process,), daemon=True)
        self.listener.start()

    def listen(self, process: subprocess.Popen) -> None:
        """Keep the last lines of what the process says, and pass its sentences on."""
        for line in process.stderr:
            self.said.append(line.rstrip())
            if line.startswith(OWN):
                self.hear(line.rstrip().removeprefix(OWN))

    @property
    def complaint(self) -> str:
        """The last sentence of islesedu's own, or else the last line."""
        self.listener.join(2)
        own = [line for line in self.said if line.startswith(OWN)]
        return (own or list(self.said) or [""])[-1].removeprefix(OWN)

    def stop(self) -> None:
        """End the process, kindly for two seconds, then not."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(2)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        self.listener.join(2)
        for pipe in (self.process.stdin, self.process.stderr):
            pipe.close()


def environment(cluster: dict[str, list[str]], role: str, index: int) -> dict[str, str]:
    """Return the environment of a process: its place, and no proxy between processes."""
    place = {"cluster": cluster, "task": {"type": role, "index": index}}
    own = {"TF_CONFIG": json.dumps(place), "no_proxy": "127.0.0.1", "no_grpc_proxy": "127.0.0.1"}
    return {"TF_CPP_MIN_LOG_LEVEL": "2"} | os.environ | own


def ended_by(code: int) -> str:
    """Return what an exit code means: "signal SIGKILL", "exit code 1"."""
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
