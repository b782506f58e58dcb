"""A whole cluster on one machine: parameter servers, workers and a chief, each a process.

They speak over the loopback, at free ports, and end with the process that started them, however
that ends. A worker that dies is started again at its old port.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from islesedu.cluster.config import ClusterConfig
from islesedu.cluster.ports import free_ports
from islesedu.cluster.process import ClusterProcess
from islesedu.cluster.update_log import Bar, read_updates
from islesedu.errors import TrainingError
from islesedu.processes import ended_by
from islesedu.training.run_folder import RunFolder, check_folder

_GRACE = 2.0
"""Seconds a process has to end by itself."""
POLL = 0.2
"""Seconds between two looks at the processes."""
RESTARTS = 5
"""How often each worker is started again."""
PATIENCE = 30.0
"""Seconds that the chief has to say that a parameter server is lost."""
REFUSED = 2
"""Exit status of a process that could not do what it was asked, and has said why."""


class LocalCluster:
    """Start a cluster on this machine, watch it, stop it. A context.

    Parameters
    ----------
    folder, output : path-like
        ISLES folder with lesions, and the run folder to write.
    workers, ps : int
        Number of workers and of parameter servers.
    options : list of str
        Further options of ``islesedu cluster run``.
    say : callable of str
        Told when a process ends or is started again.

    Attributes
    ----------
    events : list of (float, str)
        When (seconds since 1970) which process was killed, ended or was started again.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        output: str | os.PathLike[str],
        *,
        workers: int = 2,
        ps: int = 1,
        options: list[str] | None = None,
        say: Callable[[str], None] = lambda text: None,
    ):
        for argument, value in (("workers", workers), ("ps", ps)):
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise TrainingError(f"{argument} is {value!r}; give a whole number from 1 up")
        self.run, self.say, self.events = RunFolder(output), say, []
        ports = iter(free_ports(1 + workers + ps))
        counts = {"chief": 1, "ps": ps, "worker": workers}
        cluster = {
            role: [f"127.0.0.1:{next(ports)}" for _ in range(counts[role])] for role in counts
        }
        command = [sys.executable, "-m", "islesedu", "cluster", "run", os.fspath(folder)]
        command += ["--output", os.fspath(output), "--end-with-parent", "--quiet", *(options or [])]
        self.members = [
            ClusterProcess(
                role, index, command, cluster, self.note if role == "chief" else lambda text: None
            )
            for role, addresses in cluster.items()
            for index in range(len(addresses))
        ]

    def __enter__(self) -> "LocalCluster":
        """Start all processes."""
        try:
            for member in self.members:
                member.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *error) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop all processes that run, the chief first."""
        for member in self.members:
            if member.starts:
                member.stop(_GRACE)

    @property
    def parts(self) -> str:
        """Whom the cluster consists of, in words."""
        roles = [member.role for member in self.members]
        counts = (("worker", roles.count("worker")), ("parameter server", roles.count("ps")))
        words = [f"{count} {what}{'s' if count > 1 else ''}" for what, count in counts]
        return f"the chief, {words[0]} and {words[1]}"

    def member(self, role: str, index: int = 0) -> ClusterProcess:
        """Return a process by its place."""
        return next(m for m in self.members if (m.role, m.index) == (role, index))

    def note(self, text: str) -> None:
        """Note an event, and say it."""
        self.events.append((time.time(), text))
        self.say(text)

    def kill(self, role: str, index: int = 0) -> None:
        """Kill a process as a power cut would (signal 9)."""
        member = self.member(role, index)
        self.note(f"{member} killed")
        member.process.kill()
        member.process.wait()

    def look(self) -> bool:
        """Tell whether the chief has finished; start workers again that have ended.

        Raises
        ------
        TrainingError
            The chief could not go on, with its own sentence; or a worker ends again and again.
        """
        for member in self.members:
            code = member.process.poll()
            if code is None:
                continue
            if member.role == "chief" and code == 0:
                return True
            if member.role == "chief" or code == REFUSED:
                raise self.error(member, code)
            if member.role == "worker":
                if member.starts > RESTARTS:
                    raise self.error(member, code)
                self.note(f"{member} ended ({ended_by(code)}) and is started again")
                member.stop(_GRACE)
                member.start()
            else:  # the chief will find out, and knows how far the training was
                member.ended = member.ended or time.monotonic()
                if time.monotonic() - member.ended > PATIENCE:
                    raise self.error(member, code)
        return False

    def error(self, member: ClusterProcess, code: int) -> TrainingError:
        """Return the error about a process that has ended."""
        if code == REFUSED and member.complaint:
            return TrainingError(member.complaint)
        said = f": {member.complaint}" if member.complaint else ""
        return TrainingError(
            f"{member} ended ({ended_by(code)}){said}; if there is a checkpoint, go on from it "
            "with --resume"
        )

    def wait(
        self,
        see: Callable[["LocalCluster"], None] = lambda cluster: None,
        seconds: float | None = None,
    ) -> RunFolder:
        """Wait for the end of the training.

        Parameters
        ----------
        see : callable of LocalCluster
            Called some times a second; what it raises ends the cluster.
        seconds : float, optional
            Raise a TrainingError after this time.
        """
        begun = time.monotonic()
        while not self.look():
            see(self)
            if seconds is not None and time.monotonic() - begun > seconds:
                raise TrainingError(f"the training has not ended within {seconds:g} s")
            time.sleep(POLL)
        see(self)
        return self.run


def train_locally(
    folder: str | os.PathLike[str],
    output: str | os.PathLike[str],
    config: ClusterConfig | None = None,
    *,
    workers: int = 2,
    ps: int = 1,
    resume: bool = False,
    progress: bool = True,
    see: Callable[[LocalCluster], None] = lambda cluster: None,
    **options: Any,
) -> RunFolder:
    """Train on a cluster of this machine's own processes, and leave none behind.

    Parameters
    ----------
    folder, output, workers, ps
        As for `LocalCluster`.
    config : ClusterConfig, optional
        How to train; see ``help(islesedu.cluster.ClusterConfig)``.
    resume : bool
        Go on from the last checkpoint of `output`.
    progress : bool
        Show a bar, and what happens to processes.
    see : callable of LocalCluster
        Called some times a second, such as to kill a worker and to see what happens.
    **options
        Fields of the configuration to replace, such as ``threads=1``.

    Raises
    ------
    TrainingError
        The run folder holds a run that cannot be gone on with, and then no process is started; or
        what the chief had to say.
    """
    from tqdm.auto import tqdm

    def say(text: str) -> None:
        if progress:
            tqdm.write(f"islesedu: {text}", file=sys.stderr)

    config = ClusterConfig.make(config, options)
    check_folder(RunFolder(output), config.steps, resume)
    start, last = max([0, *read_updates(output)["step"]]), [0.0]

    def look(cluster: LocalCluster) -> None:
        see(cluster)
        if progress and time.monotonic() - last[0] > 1:
            last[0] = time.monotonic()
            bar.show(read_updates(output).to_dict("records"))

    given = as_options(config.changed() | {"resume": resume})
    cluster = LocalCluster(folder, output, workers=workers, ps=ps, options=given, say=say)
    say(f"starting {len(cluster.members)} processes, {cluster.parts}; it may take half a minute")
    with cluster:
        bar = Bar(config.steps, start, progress=progress)
        try:
            run = cluster.wait(look)
            bar.show(read_updates(output).to_dict("records"))
        finally:
            bar.close()
    return run


def as_options(arguments: dict) -> list[str]:
    """Return arguments as the command line takes them; None and False are left out.

    Examples
    --------
    >>> as_options({"steps": 8, "channels": ("ADC", "CBF"), "resume": True, "recipe": None})
    ['--steps', '8', '--channels', 'ADC,CBF', '--resume']
    """
    given = []
    for argument, value in arguments.items():
        if value is None or value is False:
            continue
        given.append(f"--{argument.replace('_', '-')}")
        if isinstance(value, dict):
            given.append(json.dumps(value))
        elif isinstance(value, (list, tuple)):
            given.append(",".join(value))
        elif value is not True:
            given.append(str(value))
    return given
