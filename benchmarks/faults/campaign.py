"""One fault: the scene it happens in, the command that meets it, and the verdict."""

import contextlib
import hashlib
import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from islesedu.cli import main

STAGE = Path("build/faults")
"""Where the sound cohort, run, masks and comparison are, made once."""
LIMIT = 120.0
"""Seconds after which a command is ended; a refusal takes one, a training of two steps ten."""
MAKE = {
    "cohort": "data make {0} --training 4 --test 2 --scale 0.2 --seed 1",
    "run": "train build/faults/cohort/training --output {0} --steps 6 --filters 1"
    " --checkpoint-every 2",
    "masks": "predict build/faults/run build/faults/cohort/training --output {0}",
    "comparison": "compare build/faults/cohort/training --output {0} --folds 2 --steps 2"
    " --filters 1 --losses combined",
}


def make_stage() -> None:
    """Make what the scenes are copied from, unless it is there."""
    signal.signal(signal.SIGALRM, _stop)
    for name, command in MAKE.items():
        if not (STAGE / name).exists():
            answer = run(command.format(STAGE / name).split())
            if answer.status:
                shutil.rmtree(STAGE / name, ignore_errors=True)
                raise SystemExit(f"{command} failed: {answer.err}")


class StillWorkingError(BaseException):
    """The command has accepted what it should have refused, and works."""


def _stop(*_: object) -> None:
    raise StillWorkingError


class Scene:
    """A temporary folder with copies of what a fault asks for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _copy(self, name: str) -> Path:
        shutil.copytree(STAGE / name, self.folder / name)
        return self.folder / name

    cohort = cached_property(lambda self: self._copy("cohort"))
    run = cached_property(lambda self: self._copy("run"))
    masks = cached_property(lambda self: self._copy("masks"))
    comparison = cached_property(lambda self: self._copy("comparison"))

    @property
    def training(self) -> Path:
        """Folder of the four training cases."""
        return self.cohort / "training"

    @property
    def out(self) -> Path:
        """A folder that is not there yet."""
        return self.folder / "out"

    def only(self, name: str = "training_1") -> Path:
        """Return a folder that holds one case and the clinical table, whose files may change."""
        folder = self.folder / "one"
        shutil.copytree(self.training / name, folder / name)
        return folder

    def map(self, folder: Path, channel: str = "ADC") -> Path:
        """Return the file of a map (or "OT", the lesion) of the first case of a folder."""
        return next(folder.glob(f"*1/*{channel}*/*.nii*"))


@dataclass
class Answer:
    """What a command gave back."""

    status: int
    out: str
    err: str
    escaped: str = ""


def run(arguments: Sequence[str | Path]) -> Answer:
    """Run a command in this process, where TensorFlow is imported once."""
    out, err, escaped = io.StringIO(), io.StringIO(), ""
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            try:
                signal.setitimer(signal.ITIMER_REAL, LIMIT)
                main([str(argument) for argument in arguments])
                status = 0
            except SystemExit as end:
                status = end.code or 0
            except StillWorkingError:
                status, escaped = 0, f"still working after {LIMIT:.0f} s"
            except BaseException:
                status, escaped = 1, traceback.format_exc()
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
    return Answer(status, out.getvalue(), err.getvalue(), escaped)


def run_apart(arguments: Sequence[str | Path], before: str = "", **environment: str) -> Answer:
    """Run a command in a process of its own; `before` is Python that runs first."""
    code = f"import sys; {before}\nfrom islesedu.cli import main\nmain(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        errors="replace",
    )
    return Answer(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True)
class Fault:
    """A fault and what is expected.

    Attributes
    ----------
    name : str
        Unique; begins with its kind and a colon.
    prepare : callable
        Takes the scene, changes it, returns the command's arguments.
    says : tuple of str
        What the sentence must hold, small and capital letters alike; ``a|b`` is one of two.
    status : tuple of int
        Exit status that is right; 0 where a warning or a right answer is expected.
    right : callable or None
        Takes scene and answer; False means a wrong result.
    run : callable
        Runs the command.
    may_write : bool
        The command may write new files, because it is not refused.
    """

    name: str
    prepare: Callable[[Scene], Sequence[str | Path]]
    says: tuple[str, ...] = ()
    status: tuple[int, ...] = (1, 2)
    right: Callable[[Scene, Answer], bool] | None = None
    run: Callable[[Sequence[str | Path]], Answer] = field(default=run)
    may_write: bool = False


def contents(folder: Path) -> dict[str, str]:
    """Return a digest of every file below a folder."""
    digests = {}
    for root, _, files in os.walk(folder):
        for file in files:
            path = Path(root, file)
            data = os.readlink(path).encode() if path.is_symlink() else path.read_bytes()
            digests[str(path.relative_to(folder))] = hashlib.sha256(data).hexdigest()
    return digests


def sentence(answer: Answer) -> str:
    """Return what is said of a fault: errors if there are any, else warnings, else everything."""
    lines = [*answer.out.splitlines(), *answer.err.splitlines()]
    for starts in (("ERROR", "islesedu:"), ("warning",), ("",)):
        if found := [line for line in lines if line.strip() and line.startswith(starts)]:
            return "\n".join(found)
    return ""


def judge(fault: Fault) -> tuple[str, str]:
    """Try a fault; return ("right", "") or what went wrong, and what was said."""
    with tempfile.TemporaryDirectory(prefix="faults") as place:
        scene = Scene(Path(place))
        arguments = fault.prepare(scene)
        before = contents(scene.folder)
        answer = fault.run(arguments)
        after = contents(scene.folder)
        said = answer.escaped or sentence(answer)
        if answer.escaped.startswith("still working"):
            return "silent", said
        if answer.escaped or "Traceback (most recent call last)" in answer.err:
            return "traceback", said[-600:]
        if answer.status not in fault.status:
            return "silent", f"status {answer.status}: {said or answer.out[-300:]}"
        if fault.right and not fault.right(scene, answer):
            return "silent", f"wrong answer: {answer.out[-300:]} {said}"
        if gone := [name for name in before if after.get(name) != before[name]]:
            if not fault.may_write or any(name not in after for name in gone):
                return "lost", f"{gone[:4]}: {said}"
        new = sorted(set(after) - set(before))
        left = [name for name in new if ".partial" in name or name.endswith(".lock")]
        if left or (new and not fault.may_write):
            return "left", f"{(left or new)[:4]}: {said}"
        everything = f"{answer.out}\n{answer.err}".lower()
        missing = [
            words
            for words in fault.says
            if not any(w in everything for w in words.lower().split("|"))
        ]
        sentences = [line for line in answer.err.splitlines() if line.startswith("islesedu")]
        if missing or (2 in fault.status and answer.status == 2 and len(sentences) != 1):
            return "unclear", f"without {missing}: {said[-500:]}"
    return "right", said
