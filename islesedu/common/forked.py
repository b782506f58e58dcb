"""Processes made by a fork, the messages that tell them what to run, and how they become it."""

import contextlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psutil

_LENGTH = 8
"""Bytes before a message that say how long it is."""
_POLL = 0.02
"""Seconds between two looks at a process that is waited for."""


class _Process:
    """A process with the methods of `subprocess.Popen` that `Child` and Jupyter need.

    Attributes
    ----------
    pid : int
        Its number.
    returncode : int or None
        Exit code, negative after a signal; None as long as nobody has seen it end.
    stdin, stdout, stderr : file or None
        Pipes to and from it.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int):
        self.pid, self.returncode = pid, None

    def _look(self) -> int | None:
        """Return the exit code of a process that has ended, once."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if pid else None

    def poll(self) -> int | None:
        """Return the exit code; None if it still runs."""
        if self.returncode is None:
            self.returncode = self._look()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code when it has ended.

        Raises
        ------
        subprocess.TimeoutExpired
            After `timeout` seconds.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            if end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
            time.sleep(_POLL)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


class Forked(_Process):
    """A process of a `ForkServer`, with pipes to its standard input and from its output."""

    def __init__(
        self, ask: Callable[[Mapping[str, Any]], Any], pid: int, write_input: int, read_output: int
    ):
        super().__init__(pid)
        self._ask = ask
        self.stdin = os.fdopen(write_input, "w")
        self.stdout = os.fdopen(read_output, errors="replace")

    def _look(self) -> int | None:
        try:
            return self._ask({"look": self.pid})
        except OSError:  # the server was killed, and with it went who knows how this one ends
            with contextlib.suppress(psutil.NoSuchProcess):
                if psutil.Process(self.pid).status() != psutil.STATUS_ZOMBIE:
                    return None
            return -signal.SIGKILL


class Spare(_Process):
    """A copy of this process, made before it has threads, that waits to be told what to run.

    It ends with this process, and leads a group of processes of its own.
    """

    def __init__(self) -> None:
        self._socket, other = socket.socketpair()
        super().__init__(fork())
        if self.pid == 0:
            self._socket.close()
            os.setsid()
            try:
                job, _ = receive(other)
            except EOFError:
                os._exit(0)
            other.close()
            nothing = os.open(os.devnull, os.O_RDONLY)
            os.dup2(nothing, 0)
            os.close(nothing)
            become(job)
            sys.exit()
        other.close()

    def run(self, arguments: Sequence[str], environment: Mapping[str, str], folder: str) -> None:
        """Let it run a module in a folder: its name, and its own arguments."""
        send(self._socket, job_of(arguments, environment, folder))
        self._socket.close()


def fork() -> int:
    """Fork, as `os.fork` does, in a process whose threads are known not to matter."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # OpenBLAS stops its threads before
        return os.fork()


def exit_words(code: int) -> str:
    """Return what an exit code means.

    Examples
    --------
    >>> exit_words(-9), exit_words(1)
    ('signal SIGKILL', 'exit code 1')
    """
    if code >= 0:
        return f"exit code {code}"
    known = {one.value: one.name for one in signal.Signals}
    return f"signal {known.get(-code, -code)}"


def job_of(arguments: Sequence[str], environment: Mapping[str, str], folder: str) -> dict[str, Any]:
    """Return what `become` needs, for JSON."""
    return {"arguments": [*arguments], "environment": {**environment}, "folder": folder}


def become(job: Mapping[str, Any]) -> None:
    """Run a module in this process as ``python -m`` would.

    Parameters
    ----------
    job : dict
        "arguments": the module's name and its own arguments; "environment"; "folder".
    """
    for name, number, how in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        stream = open(number, how, buffering=1 if number == 2 else -1, closefd=False)
        setattr(sys, name, stream)
    os.environ.clear()
    os.environ.update(job["environment"])
    os.chdir(job["folder"])
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()  # not the one that all copies share
    module, *own = job["arguments"]
    sys.path[0] = job["folder"]
    sys.argv = [module, *own]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def send(control: socket.socket, message: Any, descriptors: Sequence[int] = ()) -> None:
    """Send a message, and files with it."""
    text = json.dumps(message).encode()
    head = len(text).to_bytes(_LENGTH, "big")
    socket.send_fds(control, [head], descriptors)
    control.sendall(text)


def receive(control: socket.socket) -> tuple[Any, list[int]]:
    """Return a message and the files that came with it; EOFError if the other side has ended."""
    head, descriptors, _, _ = socket.recv_fds(control, _LENGTH, 3)
    if not head:
        raise EOFError
    text, length = bytearray(), int.from_bytes(head, "big")
    while len(text) < length:
        part = control.recv(length - len(text))
        if not part:
            raise EOFError
        text += part
    return json.loads(text), descriptors
