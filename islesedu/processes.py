"""Processes that this one starts: listened to, weighed, ended with all that they started.

Lessons, clusters and comparisons run in such processes. None outlives the one that started it,
however that ends: each calls `end_with_parent`.
"""

import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence

import psutil

_KEPT = 200
"""Last lines of a process that are kept."""


class Child:
    """A process in a session of its own: Ctrl-C in a terminal reaches its parent only.

    Parameters
    ----------
    command : sequence of str
        What it runs.
    environment : mapping of str to str, optional
        Its environment; this process's if None.
    on_line : callable of str, optional
        Told each line of what it writes to standard error.

    Attributes
    ----------
    process : subprocess.Popen
    lines : deque of str
        The last lines of what it wrote.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        on_line: Callable[[str], None] = lambda line: None,
    ):
        self.command, self.environment, self.on_line = list(command), environment, on_line
        self.lines: deque[str] = deque(maxlen=_KEPT)

    def start(self) -> None:
        """Start the process."""
        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._listener = threading.Thread(target=self._listen, args=(self.process,), daemon=True)
        self._listener.start()

    def _listen(self, process: subprocess.Popen) -> None:
        for line in process.stderr:
            self.lines.append(line.rstrip())
            self.on_line(line.rstrip())

    def heard(self) -> list[str]:
        """Return the last lines of a process that has ended."""
        self._listener.join(2)
        return list(self.lines)

    def stop(self, grace: float = 0.0) -> None:
        """End the process and all it has started: asked to for `grace` seconds, then killed."""
        if grace and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(grace)
            except subprocess.TimeoutExpired:
                pass
        end_tree(self.process.pid)
        self.process.wait()
        self._listener.join(2)
        self.process.stderr.close()

    def memory(self) -> float:
        """Return what the processes that this one has started hold now, in MB (2**20 bytes).

        What they share with others is counted in shares: several processes that have loaded
        TensorFlow share some 400 MB of its code.
        """
        total = 0
        for process in _family(self.process.pid)[1:]:
            try:
                full = process.memory_full_info()
                total += getattr(full, "pss", 0) or full.rss  # only Linux knows the shares
            except psutil.NoSuchProcess:
                pass
        return total / 2**20


def _family(pid: int) -> list[psutil.Process]:
    """Return a process and all it has started; empty if it is gone."""
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def end_tree(pid: int) -> None:
    """Kill a process, then what it has started; it is stopped first, so that it starts no more."""
    try:
        psutil.Process(pid).suspend()
    except psutil.Error:
        pass
    family = _family(pid)
    for process in family:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            pass
    psutil.wait_procs(family[1:], timeout=5)  # the first is its parent's to wait for


def end_with_parent() -> None:
    """End this process, and what it has started, as soon as its parent is gone, however it went."""
    parent = psutil.Process(os.getppid())  # by number and time of birth

    def follow() -> None:
        parent.wait()
        for process in psutil.Process().children(recursive=True):
            process.kill()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def ended_by(code: int) -> str:
    """Return what an exit code means.

    Examples
    --------
    >>> ended_by(-9), ended_by(1)
    ('signal SIGKILL', 'exit code 1')
    """
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
