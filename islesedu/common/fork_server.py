"""Processes that begin with modules imported: copies of one process that has imported them.

Importing TensorFlow takes 5 s of processor time, and memory of its own in each process that does
it. On Linux a `ForkServer` imports modules, then forks for each process that is asked of it: that
one begins at once, and shares all memory that neither changes. A TensorFlow that has been imported
and has computed nothing survives a fork; the server computes nothing.
"""

import contextlib
import gc
import importlib
import os
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from islesedu.common.forked import Forked, become, fork, job_of, receive, send

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
_is_forked = False


def is_supported() -> bool:
    """Tell whether this system has fork servers; elsewhere libraries may not survive a fork."""
    return sys.platform.startswith("linux")


class ForkServer:
    """A process that imports modules, and forks copies of itself that run other modules.

    Parameters
    ----------
    modules : sequence of str
        What to import; one that cannot be imported is passed over.
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
            with contextlib.suppress(EOFError, OSError):  # it has ended
                if not self._is_ready and select.select([self._socket], [], [], 0)[0]:
                    self._is_ready = bool(receive(self._socket)[0])
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
        job = job_of(command[2:], os.environ if environment is None else environment, os.getcwd())
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
        return Forked(self.ask, pid, write_input, read_output)

    def ask(self, request: Mapping[str, Any], descriptors: Sequence[int] = ()) -> Any:
        """Return the server's answer to a request: a process to fork, or to look at.

        Where Ctrl-C comes between them, the server ends, as the next answer would not be the one to
        the next request.
        """
        with self._lock:
            try:
                send(self._socket, request, descriptors)
                while not self._is_ready:
                    self._is_ready = bool(receive(self._socket)[0])
                return receive(self._socket)[0]
            except EOFError as error:
                raise OSError("the process that starts others has ended") from error
            except KeyboardInterrupt:
                self._socket.close()
                raise


def is_forked() -> bool:
    """Tell whether this process was forked by a `ForkServer`."""
    return _is_forked


def main(descriptor: int, modules: Sequence[str]) -> None:
    """Be a server; in a process that it has forked, run what was asked for."""
    control = socket.socket(fileno=descriptor)
    for name in modules:
        with contextlib.suppress(Exception):  # whoever needs it will say what is wrong
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # no search for garbage touches, and thereby copies, what is shared
    job = _serve(control)
    if job is not None:
        global _is_forked
        _is_forked = True
        become(job)


def _serve(control: socket.socket) -> dict[str, Any] | None:
    """Answer requests until the client ends; return a job in a process that was forked for it."""
    send(control, True)
    while True:
        try:
            request, descriptors = receive(control)
        except EOFError:
            return None
        if "look" in request:
            pid, status = os.waitpid(request["look"], os.WNOHANG)
            send(control, os.waitstatus_to_exitcode(status) if pid else None)
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
        send(control, pid)


def _read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that Python and libraries read when they start."""
    return {
        name: value
        for name, value in environment.items()
        if name.startswith(_AT_IMPORT) and name not in _AT_RUN
    }
