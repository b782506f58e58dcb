"""Processes that begin with modules imported: copies of one process that has imported them.

Importing TensorFlow takes 5 s of processor time, and memory of its own in each process that does
it. On Linux a `ForkServer` imports modules, then forks for each process that is asked of it: that
one begins at once, and shares all memory that neither changes. A TensorFlow that has been imported
and has computed nothing survives a fork; the server computes nothing.
"""

import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import psutil

_LENGTH = 8
"""Bytes before a message that say how long it is."""
_AT_IMPORT = (
    "CUDA",
    "JAX",
    "KERAS",
    "LD_",
    "MKL",
    "MPL",
    "OMP",
    "OPENBLAS",
    "PYTHON",
    "TF_",
    "XLA",
)
"""How environment variables begin that Python or libraries read when they start."""
_AT_RUN = ("TF_CONFIG",)
"""Those of them that are read later."""
_POLL = 0.02
"""Seconds between two looks at a process that is waited for."""
_is_forked = False


def is_supported() -> bool:
    """Tell whether this system has fork servers; elsewhere libraries may not survive a fork."""
    return sys.platform.startswith("linux")


class ForkServer:
    """A process that imports modules, and forks copies of itself that run other modules.

    Parameters
    ----------
    modules : sequence of str
        What to import; one that is not installed is passed over.
    environment : mapping of str to str, optional
        That of this process if None.

    Examples
    --------
    >>> with ForkServer(["json"]) as server:
    ...     process = server.start([sys.executable, "-m", "this"])
    ...     poem = process.stdout.read()
    ...     status = process.wait()
    >>> status, poem.splitlines()[0]
    (0, 'The Zen of Python, by Tim Peters')
    """

    _shared: ClassVar[dict[tuple, "ForkServer"]] = {}

    def __init__(self, modules: Sequence[str], environment: Mapping[str, str] | None = None):
        self.environment = dict(os.environ if environment is None else environment)
        self._lock = threading.Lock()
        self._is_ready = False
        self._socket, other = socket.socketpair()
        code = f"from {__name__} import main; main({other.fileno()}, {list(modules)!r})"
        with other:
            self._process = subprocess.Popen(
                [sys.executable, "-c", code],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[other.fileno()],
                start_new_session=True,
            )

    @classmethod
    def shared(cls, modules: Sequence[str], environment: Mapping[str, str]) -> "ForkServer":
        """Return a server that is kept for the next time this process asks for the like of it.

        Its own environment matters as far as it is read at the start, see `suits`.
        """
        key = (*modules, *sorted(_read_at_start(environment).items()))
        if key not in cls._shared or cls._shared[key]._process.poll() is not None:
            cls._shared[key] = cls(modules, environment)
        return cls._shared[key]

    def __enter__(self) -> "ForkServer":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the server; processes that it has forked go on."""
        self._socket.close()
        self._process.kill()
        self._process.wait()

    @property
    def is_ready(self) -> bool:
        """Whether all modules are imported, so that a process would begin at once."""
        with self._lock:
            if not self._is_ready and select.select([self._socket], [], [], 0)[0]:
                self._is_ready = bool(_receive(self._socket)[0])
            return self._is_ready

    def suits(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> bool:
        """Tell whether a command can run in a copy of the server.

        It has to be a module of this Python, and what Python and libraries read from the
        environment when they start has to be as in the server's.
        """
        wanted = os.environ if environment is None else environment
        same = _read_at_start(wanted) == _read_at_start(self.environment)
        return list(command[:2]) == [sys.executable, "-m"] and same

    def start(
        self, command: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> "Forked":
        """Start a process, once all modules are imported.

        Parameters
        ----------
        command : sequence of str
            Such as ``[sys.executable, "-m", "islesedu", "--help"]``, see `suits`.
        environment : mapping of str to str, optional
            That of this process if None.

        Raises
        ------
        OSError
            The server has ended.
        """
        job = _job(command[2:], os.environ if environment is None else environment, os.getcwd())
        read_input, write_input = os.pipe()
        read_output, write_output = os.pipe()
        try:
            pid = self.ask({"fork": job}, [read_input, write_output, write_output])
        except BaseException:
            os.close(write_input)
            os.close(read_output)
            raise
        finally:
            os.close(read_input)
            os.close(write_output)
        return Forked(self, pid, write_input, read_output)

    def ask(self, request: Mapping[str, Any], descriptors: Sequence[int] = ()) -> Any:
        """Return the server's answer to a request: a process to fork, or to look at."""
        with self._lock:
            try:
                _send(self._socket, request, descriptors)
                while not self._is_ready:
                    self._is_ready = bool(_receive(self._socket)[0])
                return _receive(self._socket)[0]
            except EOFError as error:
                raise OSError("the process that starts others has ended") from error


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

    def __init__(self, server: ForkServer, pid: int, write_input: int, read_output: int):
        super().__init__(pid)
        self._server = server
        self.stdin = os.fdopen(write_input, "w")
        self.stdout = os.fdopen(read_output, errors="replace")

    def _look(self) -> int | None:
        try:
            return self._server.ask({"look": self.pid})
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
                job, _ = _receive(other)
            except EOFError:
                os._exit(0)
            other.close()
            nothing = os.open(os.devnull, os.O_RDONLY)
            os.dup2(nothing, 0)
            os.close(nothing)
            _become(job)
            sys.exit()
        other.close()

    def run(self, arguments: Sequence[str], environment: Mapping[str, str], folder: str) -> None:
        """Let it run a module in a folder: its name, and its own arguments."""
        _send(self._socket, _job(arguments, environment, folder))
        self._socket.close()


def is_forked() -> bool:
    """Tell whether this process was forked by a `ForkServer`."""
    return _is_forked


def main(descriptor: int, modules: Sequence[str]) -> None:
    """Be a server; in a process that it has forked, run what was asked for."""
    control = socket.socket(fileno=descriptor)
    for name in modules:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # no search for garbage touches, and thereby copies, what is shared
    job = _serve(control)
    if job is not None:
        global _is_forked
        _is_forked = True
        _become(job)


def _serve(control: socket.socket) -> dict[str, Any] | None:
    """Answer requests until the client ends; return a job in a process that was forked for it."""
    _send(control, True)
    while True:
        try:
            request, descriptors = _receive(control)
        except EOFError:
            return None
        if "look" in request:
            pid, status = os.waitpid(request["look"], os.WNOHANG)
            _send(control, os.waitstatus_to_exitcode(status) if pid else None)
            continue
        pid = fork()
        if pid == 0:
            control.close()
            os.setsid()
            for number, given in enumerate(descriptors):
                os.dup2(given, number)
        for given in descriptors:
            os.close(given)
        if pid == 0:
            return request["fork"]
        _send(control, pid)


def fork() -> int:
    """Fork, as `os.fork` does, in a process whose threads are known not to matter."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # OpenBLAS stops its threads before
        return os.fork()


def _job(arguments: Sequence[str], environment: Mapping[str, str], folder: str) -> dict[str, Any]:
    """Return what `_become` needs, for JSON."""
    return {"arguments": [*arguments], "environment": {**environment}, "folder": folder}


def _become(job: Mapping[str, Any]) -> None:
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


def _read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that Python and libraries read when they start."""
    return {
        name: value
        for name, value in environment.items()
        if name.startswith(_AT_IMPORT) and name not in _AT_RUN
    }


def _send(control: socket.socket, message: Any, descriptors: Sequence[int] = ()) -> None:
    text = json.dumps(message).encode()
    head = len(text).to_bytes(_LENGTH, "big")
    socket.send_fds(control, [head], descriptors)
    control.sendall(text)


def _receive(control: socket.socket) -> tuple[Any, list[int]]:
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
