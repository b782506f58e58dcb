"""One process at a time in a folder: real processes, killed owners, forged locks."""

import json
import os
import subprocess
import sys
import time

import pytest

from islesedu.common import locks
from islesedu.common.locks import folder_lock
from islesedu.errors import FolderInUseError, LockLostError

ENTER = """
import sys, time
from pathlib import Path
from islesedu.errors import FolderInUseError
from islesedu.common.locks import folder_lock
folder, number = Path(sys.argv[1]), sys.argv[2]
(folder.parent / f"ready-{number}").touch()
while not (folder.parent / "go").exists():
    time.sleep(0.0005)
try:
    with folder_lock(folder, "tried"):
        print("in", flush=True)
        end = time.time() + float(sys.argv[3])
        while time.time() < end and len(list(folder.parent.glob("refused-*"))) < 7:
            time.sleep(0.01)
except FolderInUseError as error:
    print(error)
    (folder.parent / f"refused-{number}").touch()
"""


def start(folder, number=0, seconds=60):
    command = [sys.executable, "-c", ENTER, str(folder), str(number), str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def forge(folder, seconds=0.0, **owner):
    """Write the lock of another machine, last renewed some seconds ago."""
    folder.mkdir(exist_ok=True)
    file = folder / ".lock.claim-1"
    file.write_text(
        json.dumps({"host": "elsewhere 1", "pid": 1, "born": 1.0, "token": "x"} | owner)
    )
    os.utime(file, (time.time() - seconds,) * 2)
    return file


@pytest.mark.parametrize("stale", [False, True])
def test_of_eight_that_start_at_once_exactly_one_gets_in(stale, tmp_path):
    folder = tmp_path / "run"
    if stale:
        forge(folder, 2 * locks.LIFETIME)
    processes = [start(folder, number, 120) for number in range(8)]
    until(lambda: len(list(tmp_path.glob("ready-*"))) == 8, 60)
    (tmp_path / "go").touch()
    said = [process.communicate(timeout=150)[0] for process in processes]
    (winner,) = [n for n, text in enumerate(said) if text == "in\n"]
    owner = f"{folder} is being tried by process {processes[winner].pid}; wait for it, or stop it\n"
    assert [text for n, text in enumerate(said) if n != winner] == [owner] * 7
    assert not list(folder.iterdir())


def test_the_lock_of_a_process_killed_with_signal_9_is_taken_over_at_once(tmp_path):
    folder = tmp_path / "run"
    (tmp_path / "go").touch()
    owner = start(folder)
    assert owner.stdout.readline() == "in\n"
    with pytest.raises(FolderInUseError, match=f"by process {owner.pid}; wait"):
        with folder_lock(folder):
            pass
    owner.kill()  # and it stays a zombie for now
    until(lambda: not locks.is_alive(owner.pid))
    with folder_lock(folder) as lock:
        assert lock.file.name == ".lock.claim-2" and not (folder / ".lock.claim-1").exists()
    owner.communicate()


@pytest.mark.parametrize("ago", [0.9, -0.9])
def test_a_fresh_lock_of_another_machine_is_respected(ago, tmp_path):
    forge(tmp_path, ago * locks.LIFETIME)
    words = f"{tmp_path} is being trained in by process 1 of elsewhere, whose lock counts until"
    with pytest.raises(FolderInUseError, match=words):
        with folder_lock(tmp_path, "trained in"):
            pass


@pytest.mark.parametrize("ago", [1.1, -1.1])
def test_a_lock_of_long_ago_or_of_the_future_counts_no_more(ago, tmp_path):
    forge(tmp_path, ago * locks.LIFETIME)
    with folder_lock(tmp_path):
        pass
    assert not list(tmp_path.iterdir())


GARBAGE = [
    b"",
    b"\xff\x00{",
    b"[1, 2]",
    b"5",
    b"{}",
    b"[" * 10_000,
    b'{"host": 5, "pid": null, "born": "x"}',
    b'{"host": "", "pid": [1]}',
    None,
]


@pytest.mark.parametrize("content", GARBAGE, ids=str)
def test_a_lock_file_of_garbage_or_a_folder_counts_by_its_age(content, tmp_path):
    file = tmp_path / ".lock.claim-1"
    file.mkdir() if content is None else file.write_bytes(content)
    with pytest.raises(FolderInUseError, match="whose lock counts until 300 s after"):
        with folder_lock(tmp_path):
            pass
    os.utime(file, (time.time() - 2 * locks.LIFETIME,) * 2)
    for _ in range(2):
        with folder_lock(tmp_path):
            pass
    assert {one.name for one in tmp_path.iterdir()} <= ({file.name} if content is None else set())


@pytest.mark.parametrize("owner", [{"pid": None}, {"pid": "x"}, {"born": "x"}, {"pid": 10**12}])
def test_an_owner_of_this_machine_that_can_be_no_process_is_gone(owner, tmp_path):
    forge(tmp_path, host=locks.this_host(), **{"pid": os.getppid(), "born": None} | owner)
    with folder_lock(tmp_path):
        pass


@pytest.mark.parametrize("name", [".lock", ".lock.claim-0", ".lock.claim-01", ".lock.claim-x"])
def test_a_file_that_is_only_called_like_a_lock_is_none(name, tmp_path):
    (tmp_path / name).touch()
    with folder_lock(tmp_path):
        pass
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_two_containers_whose_first_process_has_the_same_number_are_told_apart(tmp_path):
    forge(tmp_path, pid=os.getpid(), host=f"{locks.this_host()} of another container")
    with pytest.raises(FolderInUseError, match=f"by process {os.getpid()} of "):
        with folder_lock(tmp_path):
            pass


def test_a_later_process_of_the_same_number_does_not_hold_the_lock(tmp_path):
    forge(tmp_path, pid=os.getpid(), host=locks.this_host(), born=1.0)
    with folder_lock(tmp_path):
        pass


def test_nobody_enters_twice(tmp_path):
    with folder_lock(tmp_path), pytest.raises(FolderInUseError), folder_lock(tmp_path):
        pass
    with folder_lock(tmp_path):
        pass


def test_who_may_wait_waits_and_says_so(tmp_path, capsys):
    folder = tmp_path / "run"
    (tmp_path / "go").touch()
    owner = start(folder, seconds=1)
    assert owner.stdout.readline() == "in\n"
    with folder_lock(folder, "written", wait=True):
        pass
    owner.communicate()
    said = f"islesedu: {folder} is being written by process {owner.pid}; waiting for it\n"
    assert capsys.readouterr().err == said


def test_who_slept_while_another_took_over_is_told_and_leaves_the_other_alone(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(locks, "HEARTBEAT", 0.05)
    with pytest.raises(LockLostError, match="was taken over by another process"):
        with folder_lock(tmp_path) as lock:
            (tmp_path / ".lock.claim-2").write_text('{"token": "another"}')
            until(lambda: lock.lost)
    assert locks.read_lock(tmp_path, ".lock") == {"token": "another"}


def until(condition, seconds=10):
    end = time.time() + seconds
    while not condition():
        assert time.time() < end, "it did not happen"
        time.sleep(0.01)
