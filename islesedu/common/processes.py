"""Child processes: start them, see how they end, end them, and let none outlive its parent."""

import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import connection, parent_process
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from islesedu.common.fork_server import ForkServer
from islesedu.common.forked import Forked, exit_words
from islesedu.common.memory import MemoryWatch

if TYPE_CHECKING:
    from tqdm import tqdm


def is_alive(pid: int, born: float | None = None) -> bool:
    """Tell whether a process of this machine runs; a zombie does not.

    `born`, when it was started (seconds since 1970), tells it from a later one of the same number.

    Examples
    --------
    >>> is_alive(os.getpid()), is_alive(os.getpid(), born=0.0)
    (True, False)
    """
    try:
        process = psutil.Process(int(pid))  # psutil takes None for this process
        if born is not None and abs(process.create_time() - born) > 10:  # clocks are set right
            return False
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.AccessDenied:  # somebody else's, so it runs
        return True
    except (psutil.NoSuchProcess, ValueError, TypeError, OverflowError):
        return False


class Child:
    """A child process: started, listened to, ended with all that it has started.

    It runs in a session of its own, so that Ctrl-C in a terminal reaches its parent alone. Its
    standard input is a pipe that ends with the parent, see `follow_parent`.

    Parameters
    ----------
    command : sequence of str
        What it runs.
    environment : mapping of str to str, optional
        That of this process if None.
    on_line : callable of str
        Told each line that it writes, in a thread.
    server : ForkServer, optional
        Starts it, if the command suits that.

    Attributes
    ----------
    process : subprocess.Popen or Forked or None
        The process last started.
    starts : int
        How often it was started.
    lines : deque of str
        The last lines that it wrote, to standard output or error.

    Examples
    --------
    >>> child = Child([sys.executable, "-c", "print('Hello'); exit(3)"])
    >>> child.start()
    >>> _ = child.process.wait()
    >>> child.end()
    >>> list(child.lines), child.exit_words
    (['Hello'], 'exit code 3')
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        on_line: Callable[[str], None] = lambda line: None,
        server: ForkServer | None = None,
    ):
        self.command, self.environment, self.on_line = list(command), environment, on_line
        self.server = server
        self.process: subprocess.Popen | Forked | None = None
        self.starts = 0
        self.lines: deque[str] = deque(maxlen=200)
        self._family: set[psutil.Process] = set()
        self._memory = MemoryWatch()

    def start(self) -> None:
        """Start the process, again if it has ended."""
        self.starts += 1
        self._ooms = _out_of_memory_kills()
        self.process = self._popen()
        self._root = psutil.Process(self.process.pid)
        self._listener = threading.Thread(target=self._listen, args=[self.process], daemon=True)
        self._listener.start()

    def _popen(self) -> subprocess.Popen | Forked:
        if self.server and self.server.suits(self.command, self.environment):
            with suppress(OSError):  # the server was killed
                return self.server.start(self.command, self.environment)
        return subprocess.Popen(
            self.command,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )

    def _listen(self, process: subprocess.Popen | Forked) -> None:
        with suppress(ValueError):  # closed by `end`
            for line in process.stdout:
                self.lines.append(line.rstrip())
                self.on_line(line.rstrip())

    @property
    def exit_code(self) -> int | None:
        """Exit code, negative after a signal; None while the process runs."""
        return self.process.poll()

    @property
    def exit_words(self) -> str:
        """How the process ended, such as "signal SIGKILL: out of memory" or "exit code 1"."""
        words = exit_words(self.exit_code)
        killed = self.exit_code == -signal.SIGKILL and _out_of_memory_kills() > self._ooms
        return f"{words}: out of memory" if killed else words

    def descendants(self) -> list[psutil.Process]:
        """Return the processes that it has started, and those that they have."""
        with suppress(psutil.NoSuchProcess):
            self._family |= set(self._root.children(recursive=True))
        self._family = {one for one in self._family if one.is_running()}
        return list(self._family)

    def memory(self) -> float:
        """Return the memory that its descendants hold now, in MB (2**20 bytes)."""
        total = 0
        for one in self.descendants():
            with suppress(psutil.Error):
                total += self._memory.held(one)
        return total / 2**20

    def read_rest(self) -> list[str]:
        """Return the last lines of a process that has ended."""
        self._listener.join(2)
        return list(self.lines)

    def end(self, grace: float = 2.0) -> None:
        """End the process and its descendants: gently, and after `grace` seconds by force."""
        if self.process is None:
            return
        self.descendants()
        if grace and self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(grace)
        with suppress(psutil.NoSuchProcess):
            self._root.suspend()  # it starts nothing more, and reports no dead child
        family = self.descendants()
        self.process.kill()
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        self.process.wait()
        psutil.wait_procs(family, timeout=5)
        self._listener.join(2)
        for pipe in (self.process.stdin, self.process.stdout):
            pipe.close()


def _out_of_memory_kills() -> int:
    """Return how many processes this system has killed for memory; 0 where it does not say."""
    with suppress(OSError):
        for line in Path("/proc/vmstat").read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return 0


def follow_parent() -> None:
    """From now on end this process and its descendants when its parent ends, however that ends.

    For a process started by `Child` or by multiprocessing (`initializer` of a pool): it holds one
    end of a pipe, and its parent alone the other.
    """
    parent = parent_process()
    pipe = parent.sentinel if parent else sys.stdin.fileno()
    threading.Thread(target=_end_after, args=[pipe], daemon=True).start()


def _end_after(pipe: int) -> None:
    connection.wait([pipe])
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            child.kill()
    os._exit(1)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGTERM and SIGHUP interrupt a block as Ctrl-C does, so that it cleans up.

    Only the first one counts. A signal that is handled otherwise, or ignored (nohup), stays so.
    """

    def interrupt(number: int, frame: object) -> None:
        for number in changed:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    numbers = {getattr(signal, name, signal.SIGTERM) for name in ("SIGTERM", "SIGHUP")}
    main = threading.current_thread() is threading.main_thread()
    changed = [n for n in numbers if main and signal.getsignal(n) is signal.SIG_DFL]
    for number in changed:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)


def progress_bar(
    items: Iterable | None = None,
    *,
    desc: str,
    unit: str,
    total: int | None = None,
    initial: int = 0,
    progress: bool = True,
) -> "tqdm":
    """Return a progress bar, over items or to be updated by hand; it shows nothing on request."""
    from tqdm.auto import tqdm

    return tqdm(items, desc=desc, unit=unit, total=total, initial=initial, disable=not progress)
