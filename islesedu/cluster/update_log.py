"""The log of a training on a cluster: who did which update when, and how stale it was.

``updates.csv`` has one row a case trained:

``step``
    number of the update, from 1, in the order in which the chief gave them out (in a synchronous
    training several rows share an update);
``case``
    name of the case;
``worker``, ``pid``
    who read and trained it: number of the worker, and its process, which is a new one after a
    worker has died and come back;
``start``, ``pulled``, ``end``
    when the worker began to read the case, had the weights, had delivered the gradient (seconds
    since 1970, by the worker's clock);
``staleness``
    updates of others that reached the weights between this one's pull and its push; 0 in a
    synchronous training;
``loss``, ``dice``
    of the case, before the update.
"""

import os
import time
from collections.abc import Sequence

import numpy as np
import pandas as pd

from islesedu.common.files import write_text
from islesedu.common.processes import progress_bar
from islesedu.common.tables import read_table
from islesedu.errors import TrainingError
from islesedu.training.run_folder import RunFolder

_COLUMNS = ["step", "case", "worker", "pid", "start", "pulled", "end", "staleness", "loss", "dice"]
_WRITE_SECONDS = 1.0
"""Between two writings of the file, besides those at checkpoints."""


def read_updates(run: str | os.PathLike[str]) -> pd.DataFrame:
    """Return ``updates.csv`` of a run folder, in the order of the ends; empty if there is none."""
    file = RunFolder(run).updates_file
    numbers = tuple(name for name in _COLUMNS if name != "case")
    mend = "put back a copy, or remove it: the log is lost then, and the network stays"
    try:
        table = read_table(file, numbers, ("case",), mend=mend, error=TrainingError)
    except FileNotFoundError:
        table = pd.DataFrame(columns=_COLUMNS)
    return table.sort_values("end", ignore_index=True)


def reissued(updates: pd.DataFrame, died: float) -> pd.DataFrame:
    """Return the row of the case that a worker was at when it died, which was trained afterwards.

    The coordinator puts such an order at the end of its list, so that a later one begins before it.

    Parameters
    ----------
    updates : DataFrame
        What `read_updates` returns, of an asynchronous training.
    died : float
        When a worker died (seconds since 1970).

    Returns
    -------
    DataFrame
        One row, or none if the worker was at no case.

    Examples
    --------
    >>> log = pd.DataFrame({"step": [1, 3, 4, 2], "start": [0.0, 1.0, 2.0, 3.0]})
    >>> reissued(log, died=0.5)["step"].tolist(), reissued(log, died=3.5)["step"].tolist()
    ([2], [])
    """
    after = updates[updates["start"] > died]
    row = after[after["step"] == after["step"].min()]
    started = row["start"].min()
    return row[row["step"] < updates.loc[updates["start"] < started, "step"].max()]


class UpdateLog:
    """Collect the rows, write them, and show how far the training is.

    Parameters
    ----------
    run : RunFolder
        Where to write.
    steps : int
        Number of updates wanted.
    start : int
        Updates before this call; rows of later ones, which will be repeated, are dropped.
    progress : bool
        Show a bar with the number of cases of each worker.
    """

    def __init__(self, run: RunFolder, steps: int, start: int = 0, progress: bool = True):
        self.run = run
        kept = read_updates(run)
        self.rows = kept[kept["step"] <= start].to_dict("records")
        self.before, self.written = len(self.rows), 0.0
        self.bar = UpdateBar(steps, start, progress)

    def add(self, step: int, case: str, result: dict[str, float], synchronous: bool) -> None:
        """Add a row; `result` is what `islesedu.cluster.weights` returns."""
        stale = 0 if synchronous else int(result["after"] - result["before"]) - 1
        row = {"step": step, "case": case, "staleness": stale}
        row |= {name: int(result[name]) for name in ("worker", "pid")}
        row |= {name: round(result[name], 4) for name in ("start", "pulled", "end")}
        row |= {name: round(result[name], 6) for name in ("loss", "dice")}
        self.rows.append(row)
        if time.monotonic() - self.written > _WRITE_SECONDS:
            self.write()

    def write(self) -> None:
        """Write the file and refresh the bar."""
        self.written = time.monotonic()
        text = pd.DataFrame(self.rows, columns=_COLUMNS).to_csv(index=False)
        write_text(self.run.updates_file, text)
        self.bar.show(self.rows[self.before :])

    def means(self, first: int) -> dict[str, float]:
        """Return the mean loss and Dice of the rows from `first` on."""
        rows = self.rows[first:]
        return {name: float(np.mean([row[name] for row in rows])) for name in ("loss", "dice")}


class UpdateBar:
    """A bar over the updates that says how many cases each worker has trained.

    Its clock starts with the first update, as processes take a while to come up.
    """

    def __init__(self, steps: int, start: int = 0, progress: bool = True):
        self.start, self.moves = start, False
        self.bar = progress_bar(
            total=steps, initial=start, desc="train", unit="update", progress=progress
        )

    def show(self, rows: Sequence[dict]) -> None:
        """Move to the highest update of some rows."""
        step = max((row["step"] for row in rows), default=0)
        if step <= self.start:
            return
        if not self.moves:
            self.bar.unpause()
            self.moves = True
        self.bar.set_postfix_str(_each_worker(rows), refresh=False)
        self.bar.update(max(0, step - self.bar.n))

    def close(self) -> None:
        """Leave the bar as it is."""
        self.bar.close()


def _each_worker(rows: Sequence[dict]) -> str:
    """Return how many cases each worker has trained.

    Examples
    --------
    >>> _each_worker([{"worker": 0, "loss": 0.5}, {"worker": 1, "loss": 0.1}, {"worker": 0}])
    'worker 0: 2, worker 1: 1'
    """
    workers = [row["worker"] for row in rows]
    return ", ".join(f"worker {w}: {workers.count(w)}" for w in sorted(set(workers)))
