"""Disks, permissions, terminals, environments and other processes."""

import contextlib
import errno
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from unittest import mock

from benchmarks.faults import campaign
from benchmarks.faults.campaign import Answer, Fault, Scene, run, run_apart
from benchmarks.faults.stored import compare, evaluate, predict, resume

ERRNOS = errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE


def _refusing(number: int) -> Callable[[list], Answer]:
    """Return a runner in which no file can be renamed into place, for a reason of the system."""

    def replace(*names: object, **options: object) -> None:
        raise OSError(number, os.strerror(number), str(names[0]))

    def runner(arguments: list) -> Answer:
        with mock.patch("os.replace", replace), mock.patch("os.link", replace):
            return run(arguments)

    return runner


def _commands() -> dict[str, Callable[[Scene], list]]:
    def train(scene: Scene) -> list:
        options = "--steps 1 --filters 1".split()
        return ["train", scene.training, "--output", scene.out, *options]

    def data_make(scene: Scene) -> list:
        options = "--training 1 --test 0 --scale 0.1".split()
        return ["data", "make", scene.out, *options]

    return {"train": train, "predict": predict, "evaluate": evaluate, "data make": data_make}


def faults() -> Iterator[Fault]:
    """Yield the faults of the system."""
    for number in ERRNOS:
        for name, command in _commands().items():
            yield Fault(
                f"system: {errno.errorcode[number]}: {name}",
                command,
                (";",),
                status=(0, 1, 2) if name == "evaluate" else (1, 2),
                run=_refusing(number),
                may_write=True,
            )
    yield from _terminals()
    yield from _read_only()
    yield from _locked()
    yield from _environments()


def _check(scene: Scene) -> list:
    return ["data", "check", scene.only()]


def _terminals() -> Iterator[Fault]:
    for encoding in ("ascii", "cp1252", "latin-1"):
        yield Fault(
            f"system: output in {encoding}",
            lambda scene: ["lessons", "list"],
            status=(0,),
            run=lambda arguments, e=encoding: run_apart(arguments, PYTHONIOENCODING=e),
        )
        yield Fault(
            f"system: a path that {encoding} cannot write",
            lambda scene: ["data", "check", scene.folder / "Gehirn \N{BRAIN} größer"],
            run=lambda arguments, e=encoding: run_apart(arguments, PYTHONIOENCODING=e),
        )
    for stream in ("stdout", "stderr"):
        yield Fault(
            f"system: no {stream}",
            _check,
            status=(0, 1),
            run=lambda arguments, s=stream: run_apart(arguments, f"sys.{s} = None"),
        )
    for command in (["--help"], ["lessons", "list"], ["train", "--help"]):
        yield Fault(
            f"system: reader of {' '.join(command)} gone",
            lambda scene, command=command: command,
            status=(0, 141, 1),
            run=_half_read,
        )


def _half_read(arguments: list) -> Answer:
    """Run a command whose output nobody reads to the end."""
    code = "import sys; from islesedu.cli import main; main(sys.argv[1:])"
    child = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    child.stdout.close()
    err = child.stderr.read().decode()
    return Answer(child.wait(), "", err)


def _as_reader(folder: str) -> Callable[[list], Answer]:
    """Return a runner in which a folder of the scene may not be written, also for root."""

    def runner(arguments: list) -> Answer:
        place = next(str(a) for a in arguments if folder in str(a))
        root = place[: place.index(folder) + len(folder)]
        real = os.open

        def refuse(path: object, flags: int, *more: object, **options: object) -> int:
            writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if writes and str(path).startswith(root):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
            return real(path, flags, *more, **options)

        with contextlib.ExitStack() as stack:
            stack.enter_context(mock.patch("os.open", refuse))
            stack.enter_context(mock.patch("builtins.open", _opener(root)))
            stack.enter_context(mock.patch("io.open", _opener(root)))
            return run(arguments)

    return runner


def _opener(root: str) -> Callable:
    real = open

    def opener(file: object, mode: str = "r", *more: object, **options: object) -> object:
        if set(mode) & set("wax+") and str(file).startswith(root):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(file))
        return real(file, mode, *more, **options)

    return opener


def _read_only() -> Iterator[Fault]:
    def beside(scene: Scene) -> list:
        return evaluate(scene)[:3]

    yield Fault(
        "system: evaluate in a read-only folder prints its scores",
        beside,
        ("--csv",),
        status=(0, 1, 2),
        right=lambda scene, answer: "DC" in answer.out,
        run=_as_reader("masks"),
    )
    yield Fault("system: resume in a read-only folder", resume, ("run",), run=_as_reader("run"))
    yield Fault(
        "system: compare in a read-only folder",
        compare,
        ("comparison",),
        (0, 1, 2),
        run=_as_reader("comparison"),
    )


def _locked() -> Iterator[Fault]:
    """Yield folders in which another process works."""

    def held(folder: str) -> Callable[[list], Answer]:
        def runner(arguments: list) -> Answer:
            place = next(str(a) for a in arguments if str(a).endswith(folder))
            code = (
                "import sys, time; from islesedu.common.locks import folder_lock\n"
                "with folder_lock(sys.argv[1]): print('held', flush=True); time.sleep(600)"
            )
            child = subprocess.Popen(
                [sys.executable, "-c", code, place], stdout=subprocess.PIPE, text=True
            )
            child.stdout.readline()
            try:
                answer = run(arguments)
            finally:
                child.terminate()  # as an interruption: the lock goes
                child.wait()
                time.sleep(0.1)
                for file in campaign.Path(place).glob(".lock.claim-*"):
                    file.unlink()
            return answer

        return runner

    yield Fault("system: resume while another trains", resume, ("process",), run=held("run"))
    yield Fault(
        "system: predict while another predicts",
        lambda scene: ["predict", scene.run, scene.training, "--output", scene.masks],
        ("process",),
        run=held("masks"),
    )


def _environments() -> Iterator[Fault]:
    def list_lessons(scene: Scene) -> list:
        return ["lessons", "list"]

    yield Fault(
        "system: HOME unset",
        _check,
        status=(0, 1),
        run=lambda arguments: run_apart(arguments, "import os; os.environ.pop('HOME', None)"),
    )
    yield Fault(
        "system: python -O", _check, status=(0, 1), run=lambda a: run_apart(a, PYTHONOPTIMIZE="1")
    )
    for name, value in (("KERAS_BACKEND", "none_such"), ("MPLBACKEND", "none_such")):
        yield Fault(
            f"system: {name}={value}: data check",
            _check,
            status=(0, 1),
            run=lambda arguments, n=name, v=value: run_apart(arguments, **{n: v}),
        )
    yield Fault(
        "system: KERAS_BACKEND=none_such: predict",
        predict,
        ("keras_backend|backend",),
        run=lambda arguments: run_apart(arguments, KERAS_BACKEND="none_such"),
    )
    yield Fault(
        "system: warnings are errors: data check",
        _check,
        status=(0, 1),
        run=lambda arguments: run_apart(arguments, PYTHONWARNINGS="error::UserWarning:__main__"),
    )
    yield Fault("system: no network: data check", _check, status=(0, 1), run=_without_sockets)
    yield Fault("system: no network: lessons list", list_lessons, status=(0,), run=_without_sockets)


def _without_sockets(arguments: list) -> Answer:
    """Run a command that may open no connection."""

    def refuse(*given: object) -> None:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    with mock.patch.object(socket.socket, "connect", refuse):
        return run(arguments)
