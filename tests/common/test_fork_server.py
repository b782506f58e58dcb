"""Processes that begin with modules imported: the same as others, and none left behind."""

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from islesedu.common import fork_server
from islesedu.common.fork_server import ForkServer
from islesedu.common.processes import Child

pytestmark = pytest.mark.skipif(not fork_server.is_supported(), reason="Linux has fork servers")
PROBE = """
import json, os, random, sys
import numpy as np
told = {
    "arguments": sys.argv[1:],
    "first": sys.path[0],
    "variable": os.environ.get("ISLESEDU_PROBE"),
    "here": os.getcwd(),
    "main": __name__,
    "group": os.getpgid(0) == os.getpid(),
    "random": [float(np.random.rand()), random.random()],
    "warm": "tensorflow" in sys.modules,
    "input": sys.stdin.read(),
}
print(json.dumps(told))
print("to stderr", file=sys.stderr)
sys.exit(3)
"""
SLEEP = """
import sys, time
from islesedu.common.processes import follow_parent
follow_parent()
print("asleep", flush=True)
time.sleep(99)
"""
PARENT = """
import sys, time
from islesedu.common.fork_server import ForkServer
from islesedu.common.processes import Child
with ForkServer(["json"]) as server:
    child = Child([sys.executable, "-m", "sleeper"], server=server)
    child.start()
    while not child.lines:
        time.sleep(0.05)
    print(server._process.pid, child.process.pid, flush=True)
    time.sleep(99)
"""


@pytest.fixture(scope="module")
def server():
    with ForkServer(["numpy", "no_such_module"]) as server:
        yield server


@pytest.fixture
def modules(tmp_path, monkeypatch):
    """Let a process find the modules "probe" and "sleeper" in the folder in which it starts."""
    (tmp_path / "probe.py").write_text(PROBE)
    (tmp_path / "sleeper.py").write_text(SLEEP)
    monkeypatch.chdir(tmp_path)


def ended(pid):
    """Wait until a process is gone, or a zombie."""
    end = time.monotonic() + 30
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie":
        assert time.monotonic() < end, "left behind"
        time.sleep(0.05)
    return True


def told(server):
    """Return what the module "probe" says of itself, started by Child, with or without server."""
    environment = os.environ | {"ISLESEDU_PROBE": "1"}
    child = Child([sys.executable, "-m", "probe", "a b", "é"], environment, server=server)
    child.start()
    child.process.stdin.close()
    assert child.process.wait(60) == 3 and child.exit_words == "exit code 3"
    lines = child.read_rest()
    child.end()
    assert "to stderr" in lines
    return json.loads(next(line for line in lines if line.startswith("{")))


def test_a_forked_process_is_as_any_other(server, modules):
    forked, usual = told(server), told(None)
    random, _ = forked.pop("random"), usual.pop("random")
    assert forked == usual
    again = told(server)["random"]
    assert again[0] != random[0] and again[1] != random[1]


def test_it_begins_with_what_was_imported(modules):
    with ForkServer(["probe_me"]) as server:
        assert not told(server)["warm"]
    with open("tensorflow.py", "w") as file:  # a stand-in, quick to import
        file.write("")
    environment = os.environ | {"PYTHONPATH": os.getcwd()}
    with ForkServer(["tensorflow"], environment) as server:
        child = Child([sys.executable, "-m", "probe"], environment, server=server)
        child.start()
        child.process.stdin.close()
        child.process.wait(60)
        assert '"warm": true' in " ".join(child.read_rest())
        child.end()


def test_what_is_read_when_python_starts_has_to_be_the_same(server):
    command = [sys.executable, "-m", "json.tool"]
    assert server.suits(command, os.environ | {"TF_CONFIG": "{}", "HOME": "/"})
    for name in ("PYTHONPATH", "KERAS_BACKEND", "OMP_NUM_THREADS", "TF_ENABLE_ONEDNN_OPTS"):
        assert not server.suits(command, os.environ | {name: "other"})
    assert not server.suits([sys.executable, "-c", "pass"])
    assert not server.suits(["python", "-m", "json.tool"])


def test_a_failing_module_shows_its_traceback(server, modules, tmp_path):
    (tmp_path / "probe.py").write_text("1 / 0")
    process = server.start([sys.executable, "-m", "probe"])
    assert "ZeroDivisionError" in process.stdout.read() and process.wait(60) == 1


def test_signals_reach_it(server, modules):
    child = Child([sys.executable, "-m", "sleeper"], server=server)
    for number, words in ((signal.SIGKILL, "signal SIGKILL"), (signal.SIGTERM, "signal SIGTERM")):
        child.start()
        assert child.process.stdout is not None
        while not child.lines:
            time.sleep(0.02)
        assert child.process.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            child.process.wait(0.05)
        child.process.send_signal(number)
        child.process.wait(60)
        assert child.exit_words == words
        child.end()
        child.lines.clear()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_the_process_that_has_the_server(number, modules):
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    server, child = map(int, parent.stdout.readline().split())
    parent.send_signal(number)
    parent.wait()
    parent.stdout.close()
    assert ended(server) and ended(child)


def test_a_server_that_is_gone_says_so_and_a_shared_one_is_replaced(modules):
    server = ForkServer.shared(["json"], os.environ)
    assert ForkServer.shared(["json"], os.environ | {"HOME": "/"}) is server
    server._process.kill()
    server._process.wait()
    with pytest.raises(OSError, match="has ended|Broken pipe"):
        server.start([sys.executable, "-m", "probe"])
    with ForkServer.shared(["json"], os.environ) as other:
        assert other is not server
        assert other.start([sys.executable, "-m", "json.tool", "--help"]).wait(60) == 0
    server.close()


def test_whoever_uses_a_server_that_was_killed_goes_on_without(modules):
    with ForkServer(["json"]) as server:
        child = Child([sys.executable, "-m", "sleeper"], server=server)
        child.start()
        while not child.lines:
            time.sleep(0.02)
        server._process.kill()
        server._process.wait()
        assert child.process.poll() is None
        child.end()
        assert child.exit_words == "signal SIGKILL"
        child.lines.clear()
        child.start()
        while not child.lines:
            time.sleep(0.02)
        assert isinstance(child.process, subprocess.Popen)
        child.end()


def test_ctrl_c_between_request_and_answer_gives_the_server_up(modules, monkeypatch):
    with ForkServer(["json"]) as server:
        child = Child([sys.executable, "-m", "sleeper"], server=server)
        child.start()

        def interrupted(control):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(fork_server, "receive", interrupted)
            child.process.poll()
        assert ended(server._process.pid)
        assert child.exit_code is None  # and not the answer to the request before
        child.end(grace=0)
        assert child.exit_words == "signal SIGKILL"
        child.start()  # anew
        assert isinstance(child.process, subprocess.Popen)
        child.end(grace=0)


def test_a_server_that_cannot_begin_is_never_ready_and_does_not_stop_anybody(modules, tmp_path):
    (tmp_path / "fatal.py").write_text("import os; os._exit(1)")
    (tmp_path / "broken.py").write_text("1 / 0")
    with ForkServer(["fatal"]) as server:
        server._process.wait(60)
        assert not server.is_ready
    with ForkServer(["broken"]) as server:
        assert server.start([sys.executable, "-m", "json.tool", "--help"]).wait(60) == 0


def test_a_spare_that_is_not_needed_ends(modules, tmp_path):
    code = "from islesedu.common.forked import Spare\nprint(Spare().pid)"
    pid = int(subprocess.check_output([sys.executable, "-c", code], text=True))
    assert ended(pid)
