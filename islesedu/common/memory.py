"""How much memory processes hold, counted in shares where several share some."""

import psutil

_CHANGE = 0.01
"""Share by which a process grows or shrinks before its pages are looked at again."""


class MemoryWatch:
    """Tell the memory of processes again and again.

    Linux counts in shares what several share, such as 400 MB of TensorFlow's code. It looks at
    every page for that, some 15 ms of processor time for a lesson, so it is asked only after what
    a process holds by itself and with others has changed.

    Examples
    --------
    >>> watch, process = MemoryWatch(), psutil.Process()
    >>> 2**20 < watch.held(process) <= process.memory_info().rss * 1.1
    True
    """

    def __init__(self) -> None:
        self._known: dict[psutil.Process, tuple[int, int]] = {}

    def held(self, process: psutil.Process) -> int:
        """Return the bytes that a process holds now; psutil.Error if it has ended."""
        now = process.memory_info().rss
        before, share = self._known.get(process, (0, 0))
        if abs(now - before) > _CHANGE * before:
            full = process.memory_full_info()
            share = getattr(full, "pss", 0) or full.rss
            self._known[process] = now, share
        return share
