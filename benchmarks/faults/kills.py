"""Commands that are ended at a random moment; the same command must then give the same result.

Each command runs once undisturbed. Then it is started again and again in a new folder, ended by
SIGKILL, SIGTERM, SIGHUP or SIGINT after a random part of the undisturbed run's time, and given
again (with ``--resume`` where it has that option). Counted is what differs from the undisturbed
result, which unfinished files and locks are left, and which processes outlive the command.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from benchmarks.faults.campaign import STAGE, contents

SIGNALS = signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT
GRACE = 20.0
"""Seconds in which the processes of a killed command must end by themselves."""
MARK = "ISLESEDU_KILL"
"""Environment variable by which the processes of a command are found."""
TRAINING = STAGE / "cohort" / "training"


def same_files(folder: Path) -> object:
    """Return digests of all files."""
    return contents(folder)


def same_weights(folder: Path) -> object:
    """Return the weights and the learning curve of a run."""
    from islesedu.training import RunFolder

    model = RunFolder(folder).load_model()
    digest = [float(np.sum(np.abs(w), dtype=np.float64)) for w in model.get_weights()]
    return digest, (folder / "history.csv").read_text()


def same_scores(folder: Path) -> object:
    """Return the scores of all folds and losses."""
    return {str(f.relative_to(folder)): f.read_text() for f in folder.glob("*/*/scores.csv")}


def same_masks(folder: Path) -> object:
    """Return digests of the masks and the cases of their record."""
    return {name: digest for name, digest in contents(folder).items() if name.endswith(".nii")}


def same_names(folder: Path) -> object:
    """Return the names of what was written: times differ."""
    return sorted(name for name in contents(folder) if not name.endswith(".log"))


def same_updates(folder: Path) -> object:
    """Return how many updates a cluster made, and that the network is finished."""
    lines = (folder / "history.csv").read_text().splitlines()
    return lines[-1].split(",")[0], (folder / "model.keras").exists()


@dataclass(frozen=True)
class Work:
    """A command, how it is given again, and what of its result must be the same."""

    name: str
    arguments: str
    again: str
    result: Callable[[Path], object]


WORKS = (
    Work(
        "data make",
        "data make {out} --training 6 --test 2 --scale 0.3 --seed 1 --jobs 2",
        "",
        same_files,
    ),
    Work(
        "train",
        f"train {TRAINING} --output {{out}} --steps 12 --filters 2 --checkpoint-every 2",
        " --resume",
        same_weights,
    ),
    Work("predict", f"predict {STAGE}/run {TRAINING} --output {{out}}", "", same_masks),
    Work(
        "compare",
        f"compare {TRAINING} --output {{out}} --folds 2 --steps 4 --filters 1 --losses combined",
        "",
        same_scores,
    ),
    Work("lessons run", "lessons run 01 --smoke --output {out}", "", same_names),
    Work(
        "cluster local",
        f"cluster local {TRAINING} --output {{out}} --steps 8 --filters 1 --workers 2"
        " --checkpoint-every 2",
        " --resume",
        same_updates,
    ),
)


def start(arguments: str, out: Path, mark: str) -> subprocess.Popen:
    """Start a command in a process group of its own."""
    command = [sys.executable, "-m", "islesedu", *arguments.format(out=out).split()]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, env=os.environ | {MARK: mark}, start_new_session=True, **quiet)


def alive(mark: str) -> list[str]:
    """Return the command lines of processes that a command has started and that still run."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline())[:80])
        except psutil.Error:
            continue
    return found


def kill_once(work: Work, expected: object, seconds: float, chance: random.Random) -> str:
    """End the command once, give it again; return what was wrong, nothing if all was right."""
    with tempfile.TemporaryDirectory(prefix="kills") as folder:
        out, mark = Path(folder, "out"), uuid.uuid4().hex
        end, after = chance.choice(SIGNALS), chance.uniform(0.1, seconds)
        child = start(work.arguments, out, mark)
        time.sleep(after)
        child.send_signal(end)
        child.communicate()
        deadline = time.monotonic() + GRACE
        while (left := alive(mark)) and time.monotonic() < deadline:
            time.sleep(0.2)
        what = f"{work.name} {end.name} after {after:.1f} s of {seconds:.1f} s"
        if left:
            return f"{what}: processes outlive it: {left}"
        again = start(work.arguments + work.again, out, mark)
        err = again.communicate()[1].decode(errors="replace")
        if again.returncode:
            return f"{what}: given again it ends with {again.returncode}: {err[-400:]}"
        if work.result(out) != expected:
            return f"{what}: another result than undisturbed"
        partial = [name for name in contents(out) if ".partial" in name or ".lock" in name]
        return f"{what}: left over: {partial}" if partial else ""


def try_kills(kills: int, seed: int, match: str = "") -> int:
    """End every command equally often; print what was wrong; 1 if anything was."""
    chance, wrong = random.Random(seed), 0
    works = [work for work in WORKS if match in work.name]
    for number, work in enumerate(works):
        share = kills // len(works) + (number < kills % len(works))
        reference = Path(tempfile.mkdtemp(prefix="kills"))
        began = time.monotonic()
        child = start(work.arguments, reference / "out", "reference")
        err = child.communicate()[1].decode(errors="replace")
        if child.returncode:
            raise SystemExit(f"{work.name} fails undisturbed: {err[-400:]}")
        seconds = time.monotonic() - began
        expected = work.result(reference / "out")
        shutil.rmtree(reference)
        said = [kill_once(work, expected, seconds, chance) for _ in range(share)]
        for text in filter(None, said):
            print(text, flush=True)
        bad = sum(map(bool, said))
        print(f"{work.name}: {share} kills, {share - bad} with the same result", flush=True)
        wrong += bad
    print(f"{kills} kills, {kills - wrong} with the same result")
    return int(wrong > 0)
