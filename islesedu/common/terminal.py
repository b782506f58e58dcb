"""What a command writes to: a terminal, a pipe, a log, or nothing at all."""

import os
import sys


def prepare_streams() -> None:
    """Make standard output and error take whatever is written to them.

    What their encoding lacks becomes a question mark; where there are none (pythonw, some
    services), what is written is dropped.

    Examples
    --------
    >>> prepare_streams()
    >>> print("mm")
    mm
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def drop_streams() -> None:
    """From now on drop what is written to a pipe that nobody reads any more."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def complain(text: str) -> None:
    """Write a sentence for the user to standard error, on a line of its own.

    Progress bars end before it.
    """
    if "tqdm" in sys.modules:
        from tqdm import tqdm

        for bar in list(tqdm._instances):
            bar.close()
    print(text, file=sys.stderr, flush=True)
