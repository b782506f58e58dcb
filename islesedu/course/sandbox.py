"""Run what a student wrote so that it cannot stop the lesson.

An endless loop ends at a time limit, ``exit()`` and a recursion without end become a sentence, and
of a million printed lines the first few are shown. Code that Python itself cannot interrupt, such
as ``sum(itertools.count())``, is not stopped: that takes *Kernel*, *Restart*.
"""

import copy
import ctypes
import dis
import io
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import Any, NoReturn, TypeVar

Result = TypeVar("Result")
TIME_LIMIT = 5.0
"""Seconds that a student's code may take in one call."""
_LONGEST = 300
"""Characters of a foreign message that are shown."""
_PRINTED = 2000
"""Characters that a student's code may print in one call; the rest is counted."""
_STUB = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST", "POP_TOP", "COPY_FREE_VARS"}
"""Instructions of a function that only returns None or ``...``."""


_patience = 1.0
"""Factor of all time limits."""


@contextmanager
def patient(factor: float) -> Iterator[None]:
    """Multiply all time limits: a machine that grades many may be slow, and nobody waits for it."""
    global _patience
    before, _patience = _patience, factor
    try:
        yield
    finally:
        _patience = before


class CodeStopped(Exception):
    """A student's code did not come to its end; the message says why, in a student's words."""


class _TimeUp(BaseException):
    """Raised in the middle of code that takes too long; not an Exception, which code may catch."""


def run(action: Callable[[], Result], seconds: float = TIME_LIMIT) -> Result:
    """Return what a student's code returns, or raise CodeStopped with the reason that it did not.

    Parameters
    ----------
    action : callable
        Called without arguments.
    seconds : float
        Time limit. In the main thread the code is interrupted; elsewhere it runs in a thread of
        its own.

    Raises
    ------
    CodeStopped
        Whatever else the code raised, and the time limit.

    Examples
    --------
    >>> run(lambda: 2 + 2)
    4
    >>> run(lambda: exit())
    Traceback (most recent call last):
    islesedu.course.sandbox.CodeStopped: SystemExit: exit() would end the notebook; use return ...
    """
    seconds *= _patience
    alone = threading.current_thread() is not threading.main_thread()
    limited = _in_a_thread if alone or not hasattr(signal, "setitimer") else _with_a_timer
    try:
        with _few_lines_printed(), _no_exit():
            return limited(action, seconds)
    except _TimeUp:
        reason = f"TimeoutError: no result after {seconds:g} s; look for a loop that never ends"
        if alone:
            reason += " (it may still run in the background: restart the kernel to end it)"
    except RecursionError:
        reason = "RecursionError: a function calls itself, or a list holds itself, without end"
    except (SystemExit, GeneratorExit):
        reason = "SystemExit: exit() would end the notebook; use return instead"
    except KeyboardInterrupt:
        reason = "KeyboardInterrupt: it was interrupted"
    except BaseException as error:  # code can raise anything, asyncio's CancelledError for one
        reason = _words(error)
    raise CodeStopped(reason)


def call(function: Callable, values: tuple, named: dict, seconds: float = TIME_LIMIT) -> Any:
    """Return what a student's function returns for copies of its arguments, as `run` does.

    Examples
    --------
    >>> numbers = [3, 1, 2]
    >>> call(lambda some: some.sort() or some, (numbers,), {}), numbers
    ([1, 2, 3], [3, 1, 2])
    """
    values, named = (_copies(one) for one in (values, named))
    return run(lambda: function(*values, **named), seconds)


def _copies(arguments: Any) -> Any:
    """Return copies of arguments, so that a function that writes into them harms nobody."""
    try:
        return copy.deepcopy(arguments)
    except Exception:  # such as a generator, which cannot be copied
        return arguments


def is_stub(function: Callable) -> bool:
    """Tell whether a function does nothing but return a constant; True where nobody can tell.

    Examples
    --------
    >>> is_stub(lambda x: None), is_stub(lambda x: print(x))
    (True, False)
    """
    code = getattr(function, "__code__", None)
    return code is None or all(one.opname in _STUB for one in dis.get_instructions(code))


def shorten(text: str, longest: int = _LONGEST) -> str:
    r"""Return a foreign text in few characters, all of which can be written to a file.

    Examples
    --------
    >>> shorten("abcdefgh\ud800", 6)
    'abc...'
    """
    text = text if len(text) <= longest else text[: longest - 3] + "..."
    return text.encode("utf-8", "backslashreplace").decode()


def _words(error: BaseException) -> str:
    """Return type and message of an error, whose message may itself raise."""
    kind, text = type(error).__name__, ""
    with suppress(BaseException):
        text = shorten(str(error)).rstrip(".")
    return f"{kind}: {text}" if text else kind


def _with_a_timer(action: Callable[[], Result], seconds: float) -> Result:
    """Run an action in the main thread; the timer and the handler there were are put back.

    The timer fires again and again, because code such as ``while True: try ... except: pass``
    catches even what is no Exception; but it does not interrupt this module, which would then not
    clean up.
    """

    def stop(number: int, frame: Any) -> None:
        if frame.f_code.co_filename != __file__:
            raise _TimeUp

    began, usual = time.monotonic(), signal.getsignal(signal.SIGALRM)
    left, interval = signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds, 0.01)
        return action()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL if usual is None else usual)
        if left:
            rest = max(left - (time.monotonic() - began), 1e-3)
            signal.setitimer(signal.ITIMER_REAL, rest, interval)


def _in_a_thread(action: Callable[[], Result], seconds: float) -> Result:
    """Run an action in a thread; after the limit it is told to stop, and waited for no longer."""
    outcome: dict[str, Any] = {}

    def work() -> None:
        try:
            outcome["result"] = action()
        except BaseException as error:
            outcome["error"] = error

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        stop = ctypes.pythonapi.PyThreadState_SetAsyncExc
        stop(ctypes.c_ulong(thread.ident), ctypes.py_object(_TimeUp))
        raise _TimeUp
    if "error" in outcome:
        raise outcome["error"]
    return outcome["result"]


class _FewLines(io.TextIOBase):
    """A stream that passes on the first characters and counts the lines."""

    def __init__(self, stream: Any):
        self.stream, self.left, self.lines = stream, _PRINTED, 0

    def write(self, text: str) -> int:
        self.lines += text.count("\n")
        if self.left > 0 and self.stream is not None:
            with suppress(ValueError, OSError):  # closed, or an encoding that lacks a character
                self.stream.write(text[: self.left])
        self.left -= len(text)
        return len(text)

    def flush(self) -> None:
        if self.stream is not None:
            self.stream.flush()


@contextmanager
def _few_lines_printed() -> Iterator[None]:
    """Show the first characters that a block prints, and say how many lines there were."""
    out, err = _FewLines(sys.stdout), _FewLines(sys.stderr)
    try:
        with redirect_stdout(out), redirect_stderr(err):
            yield
    finally:
        for kept in (out, err):
            if kept.left < 0 and kept.stream is not None:
                kept.stream.write(f"\n... {kept.lines:,} lines in all; the rest is not shown\n")


def _refuse_exit() -> NoReturn:
    raise SystemExit


@contextmanager
def _no_exit() -> Iterator[None]:
    """Let ``exit()`` of IPython, which would end the kernel, raise SystemExit as Python's does."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if not hasattr(shell, "ask_exit") or "ask_exit" in vars(shell):  # or we are inside another call
        yield
        return
    shell.ask_exit = _refuse_exit  # in front of the method
    try:
        yield
    finally:
        del shell.ask_exit
