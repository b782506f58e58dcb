import os
import subprocess
import sys

import psutil
import pytest

from islesedu.common.memory import MemoryWatch


@pytest.fixture
def looks(monkeypatch):
    """Process numbers whose pages have been looked at, one entry each time."""
    pids, look = [], psutil.Process.memory_full_info

    def counted(self):
        pids.append(self.pid)
        return look(self)

    monkeypatch.setattr(psutil.Process, "memory_full_info", counted)
    return pids


def test_pages_are_looked_at_again_only_after_a_process_has_grown_or_shrunk(looks):
    watch, process = MemoryWatch(), psutil.Process()
    before = watch.held(process)
    assert watch.held(process) == before and looks == [os.getpid()]
    data = bytearray(os.urandom(process.memory_info().rss // 4))
    grown = watch.held(process)
    assert grown - before > 0.9 * len(data) and len(looks) == 2
    del data
    assert watch.held(process) < grown - 10**6 and len(looks) == 3


def test_each_process_has_its_own_and_an_ended_one_none(looks):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    watch, other = MemoryWatch(), psutil.Process(child.pid)
    assert watch.held(other) > 0 and watch.held(psutil.Process()) > 0
    assert looks == [child.pid, os.getpid()]
    child.communicate()
    with pytest.raises(psutil.NoSuchProcess):
        watch.held(other)
