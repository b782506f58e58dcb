"""A whole cluster on one machine: parameter servers, workers and a chief, each a process.

They speak over the loopback, at free ports, and end with the process that started them, however
that ends. A worker that dies is started again at its old port.
"""

import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from islesedu.cluster.config import ClusterConfig, check_threads
from islesedu.cluster.ports import free_ports
from islesedu.cluster.process import REFUSED, Member, as_options
from islesedu.cluster.spec import Place, Role
from islesedu.cluster.update_log import UpdateBar, read_updates
from islesedu.common.arguments import whole
from islesedu.common.fork_server import ForkServer, is_supported
from islesedu.errors import TrainingError
from islesedu.training.resume import check_folder
from islesedu.training.run_folder import RunFolder
from islesedu.training.start import check_start

_POLL_SECONDS = 0.2
_RESTARTS = 5  # of each worker
_PATIENCE_SECONDS = 30.0  # for the chief to say that a parameter server is lost


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
    notify : callable of str
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
        notify: Callable[[str], None] = lambda text: None,
    ):
        for argument, value in (("workers", workers), ("ps", ps)):
            whole(1)(argument, value, TrainingError)
        self.run, self.notify, self.events = RunFolder(output), notify, []
        counts = {Role.CHIEF: 1, Role.PS: ps, Role.WORKER: workers}
        places = [Place(role, index) for role in counts for index in range(counts[role])]
        cluster: dict[str, list[str]] = {role.value: [] for role in counts}
        for place, port in zip(places, free_ports(len(places)), strict=True):
            cluster[place.role].append(f"127.0.0.1:{port}")
        command = [sys.executable, "-m", "islesedu", "cluster", "run", os.fspath(folder)]
        command += ["--output", os.fspath(output), "--end-with-stdin", "--quiet", *(options or [])]
        hear = {Role.CHIEF: self.note}  # only the chief's sentences are passed on
        self.members = [
            Member(place, command, cluster, hear.get(place.role, lambda text: None))
            for place in places
        ]

    def __enter__(self) -> "LocalCluster":
        """Start all processes: copies of one that has imported TensorFlow, where that can be."""
        try:
            for member in self.members:
                if is_supported():
                    warm = ["islesedu.cluster.warm"]
                    member.server = ForkServer.shared(warm, member.environment)
                member.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop all processes that run, the chief first."""
        for member in self.members:
            member.end()

    def __str__(self) -> str:
        """Whom the cluster consists of, in words."""
        counts = Counter(member.place.role for member in self.members)
        words = [
            f"{counts[role]} {what}{'s' if counts[role] > 1 else ''}"
            for role, what in ((Role.WORKER, "worker"), (Role.PS, "parameter server"))
        ]
        return f"{len(self.members)} processes, the chief, {words[0]} and {words[1]}"

    def member(self, role: str, index: int = 0) -> Member:
        """Return a process by its place."""
        place = Place(Role(role), index)
        return next(member for member in self.members if member.place == place)

    def note(self, text: str) -> None:
        """Keep an event with its time, and say it."""
        self.events.append((time.time(), text))
        self.notify(text)

    def kill(self, role: str, index: int = 0) -> None:
        """Kill a process as a power cut would (signal 9)."""
        member = self.member(role, index)
        self.note(f"{member} killed")
        member.process.kill()
        member.process.wait()

    def has_finished(self) -> bool:
        """Tell whether the chief has finished; start workers again that have ended.

        Raises
        ------
        TrainingError
            The chief could not go on, with its own sentence; or a worker ends again and again.
        """
        for member in self.members:
            code, role = member.exit_code, member.place.role
            if code is None:
                continue
            if role is Role.CHIEF and code == 0:
                return True
            if role is Role.CHIEF or code == REFUSED:
                raise member.error
            if role is Role.WORKER:
                self._restart(member)
            else:  # the chief will find out, and knows how far the training was
                member.ended = member.ended or time.monotonic()
                if time.monotonic() - member.ended > _PATIENCE_SECONDS:
                    raise member.error
        return False

    def _restart(self, member: Member) -> None:
        if member.starts > _RESTARTS:
            raise member.error
        self.note(f"{member} ended ({member.exit_words}) and is started again")
        member.end()
        member.start()

    def wait(self, on_poll: Callable[["LocalCluster"], None] = lambda cluster: None) -> RunFolder:
        """Wait for the end of the training; `on_poll` is called some times a second."""
        while not self.has_finished():
            on_poll(self)
            time.sleep(_POLL_SECONDS)
        on_poll(self)
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
    on_poll: Callable[[LocalCluster], None] = lambda cluster: None,
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
    on_poll : callable of LocalCluster
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

    def notify(text: str) -> None:
        if progress:
            tqdm.write(f"islesedu: {text}", file=sys.stderr)

    config = ClusterConfig.make(config, options)
    processes = sum(
        whole(1)(name, n, TrainingError) for name, n in (("workers", workers), ("ps", ps))
    )
    check_start(folder, output, config, 1 + processes)
    check_threads(config.threads)
    check_folder(RunFolder(output), config.steps, resume)
    start, last = max([0, *read_updates(output)["step"]]), [0.0]

    def poll(cluster: LocalCluster) -> None:
        on_poll(cluster)
        if progress and time.monotonic() - last[0] > 1:
            last[0] = time.monotonic()
            bar.show(read_updates(output).to_dict("records"))

    given = as_options(config.changed() | {"resume": resume})
    cluster = LocalCluster(folder, output, workers=workers, ps=ps, options=given, notify=notify)
    notify(f"starting {cluster}; it may take half a minute")
    with cluster:
        bar = UpdateBar(config.steps, start, progress=progress)
        try:
            run = cluster.wait(poll)
            bar.show(read_updates(output).to_dict("records"))
        finally:
            bar.close()
    return run
