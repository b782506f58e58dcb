"""Processes and what they start: listened to, weighed, and none left behind."""

import signal
import subprocess
import sys
import time

import psutil
import pytest

from islesedu.common.processes import Child

TREE = """
import subprocess, sys, time
from islesedu.common.processes import follow_parent
follow_parent()
code = "import time; x = bytearray(30_000_000); time.sleep(99)"
inner = subprocess.Popen([sys.executable, "-c", code])
print(inner.pid, file=sys.stderr, flush=True)
time.sleep(99)
"""
PARENT = f"""
import sys, time
from islesedu.common.processes import Child
inner = Child([sys.executable, "-c", {TREE!r}])
inner.start()
while not inner.lines:
    time.sleep(0.05)
print(inner.process.pid, inner.lines[0], flush=True)
time.sleep(99)
"""


def gone(*pids):
    """Wait until processes are gone."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        left = [pid for pid in pids if psutil.pid_exists(pid) and is_alive(pid)]
        if not left:
            return True
        time.sleep(0.05)
    return False


def is_alive(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def first_line(child):
    end = time.monotonic() + 60
    while not child.lines and time.monotonic() < end:
        time.sleep(0.05)
    return child.lines[0]


@pytest.fixture
def tree():
    child = Child([sys.executable, "-c", TREE])
    child.start()
    yield child, int(first_line(child))
    child.end(grace=0)


def test_a_stopped_process_takes_along_what_it_started(tree):
    child, inner = tree
    assert is_alive(child.process.pid) and is_alive(inner)
    child.end(grace=0)
    assert gone(child.process.pid, inner)
    assert child.process.returncode == -signal.SIGKILL


def test_what_it_started_is_weighed(tree):
    child, _ = tree
    end = time.monotonic() + 60
    while child.memory() < 25 and time.monotonic() < end:
        time.sleep(0.1)
    assert 25 < child.memory() < 200


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_nothing_outlives_the_process_that_started_it(how):
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    pids = [int(pid) for pid in parent.stdout.readline().split()]
    assert all(map(is_alive, pids))
    parent.send_signal(how)
    parent.wait()
    assert gone(*pids)


def test_what_it_writes_is_passed_on_and_kept():
    heard = []
    code = "import sys; [print(n, file=sys.stderr) for n in range(300)]; sys.exit(3)"
    child = Child([sys.executable, "-c", code], on_line=heard.append)
    child.start()
    assert child.process.wait(60) == 3
    assert child.read_rest()[-1] == "299" and heard[0] == "0"
    assert child.exit_words == "exit code 3"
    child.end(grace=0)


def test_one_that_ends_by_itself_is_given_the_time():
    code = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\n"
        "print('ready', file=sys.stderr, flush=True)\n"
        "time.sleep(99)"
    )
    child = Child([sys.executable, "-c", code])
    child.start()
    first_line(child)
    child.end(grace=30)
    assert child.process.returncode == 7
