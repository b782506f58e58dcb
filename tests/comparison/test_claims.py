import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from islesedu import locks
from islesedu.comparison import claims


@pytest.fixture(autouse=True)
def quick_heart(monkeypatch):
    monkeypatch.setattr(locks, "HEARTBEAT", 0.05)


def forge(folder, **changes):
    """Write the claim of somebody else: a living process, unless told otherwise."""
    parent = psutil.Process(os.getppid())
    owner = {"host": locks.this_host(), "pid": parent.pid, "born": parent.create_time()}
    file = folder / "a.claim-1"
    file.write_text(json.dumps(owner | {"step": 3, "released": False} | changes))
    return file


def age(file, seconds):
    os.utime(file, (time.time() - seconds,) * 2)


def test_only_one_of_many_takes_a_task(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        taken = [c for c in pool.map(lambda _: claims.take(tmp_path, "a"), range(64)) if c]
    assert len(taken) == 1
    with taken[0]:
        assert claims.take(tmp_path, "a") is None
        with claims.take(tmp_path, "b") as other:  # another task
            assert other.file.name == "b.claim-1"


def test_a_task_given_up_can_be_taken_at_once(tmp_path):
    with claims.take(tmp_path, "a"):
        pass
    with claims.take(tmp_path, "a") as again:
        assert again.file.name == "a.claim-2"


def test_a_living_process_keeps_its_claim(tmp_path):
    forge(tmp_path)
    assert claims.take(tmp_path, "a") is None


def test_the_claim_of_a_dead_process_is_taken_over_at_once(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    forge(tmp_path, pid=dead.pid)
    with claims.take(tmp_path, "a") as claim:
        assert claim.file.name == "a.claim-2"


def test_a_new_process_with_the_number_of_a_dead_one_does_not_count(tmp_path):
    forge(tmp_path, born=1.0)
    with claims.take(tmp_path, "a") as claim:
        assert claim


def test_of_another_machine_only_the_heartbeat_counts(tmp_path):
    file = forge(tmp_path, host="elsewhere", pid=2**22 + 1)  # no such process here
    age(file, claims.STALE - 30)
    assert claims.take(tmp_path, "a") is None
    age(file, claims.STALE + 30)
    with claims.take(tmp_path, "a") as claim:
        assert claim.file.name == "a.claim-2"


def test_a_claim_just_being_written_counts_until_it_is_old(tmp_path):
    file = tmp_path / "a.claim-1"
    file.touch()
    assert claims.take(tmp_path, "a") is None and claims.read(tmp_path, "a") is None
    age(file, claims.STALE + 30)
    with claims.take(tmp_path, "a") as claim:
        assert claim


def test_only_one_of_many_takes_a_stale_task_over(tmp_path):
    age(forge(tmp_path, host="elsewhere"), 2 * claims.STALE)
    with ThreadPoolExecutor(16) as pool:
        taken = [c for c in pool.map(lambda _: claims.take(tmp_path, "a"), range(64)) if c]
    assert [claim.file.name for claim in taken] == ["a.claim-2"]
    with taken[0]:
        pass


def test_the_heart_beats_and_says_how_far_it_is(tmp_path):
    with claims.take(tmp_path, "a") as claim:
        claim.step = 7
        age(claim.file, 1000)
        until(lambda: time.time() - claim.file.stat().st_mtime < 500)
        until(lambda: claims.read(tmp_path, "a")["step"] == 7)


def test_an_owner_who_slept_steps_back_and_leaves_the_new_claim_alone(tmp_path):
    with claims.take(tmp_path, "a") as sleeper:
        sleeper.check()
        (tmp_path / "a.claim-2").write_text('{"token": "new owner"}')
        until(lambda: sleeper.lost)
        with pytest.raises(claims.ClaimLost, match="a.claim-1 was taken over"):
            sleeper.check()
    assert claims.read(tmp_path, "a") == {"token": "new owner"}


def until(condition, seconds=10):
    end = time.time() + seconds
    while not condition():
        assert time.time() < end, "it did not happen"
        time.sleep(0.01)
