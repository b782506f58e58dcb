"""The run folder: what a training leaves on disk, so that it can be resumed, repeated and used.

``run.json``
    arguments, versions, and the names of the training and validation cases;
``checkpoint.keras``
    network, optimiser state and step count after the last whole round;
``history.csv``
    one row a round: step, loss, Dice, and the same for validation cases if there are any;
``model.keras``
    the finished network (its presence means: this run is finished);
``tensorboard/``
    the same curves for ``tensorboard --logdir``;
``updates.csv``
    of a training on a cluster only: who did which update when, see `islesedu.cluster.update_log`.

Every file is written beside its final name and renamed, so a run killed at any moment holds only
whole files.
"""

import json
import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from islesedu import __version__
from islesedu.common.files import is_partial, remove_partials, whole, write_text
from islesedu.common.locks import Lock, folder_lock
from islesedu.errors import TrainingError
from islesedu.training.config import TrainingConfig
from islesedu.training.run_records import RUN, read_curves, read_settings
from islesedu.training.stored_network import load_network

if TYPE_CHECKING:
    import keras


class RunFolder:
    """Paths and records of one training run.

    Parameters
    ----------
    path : path-like
        The folder; it need not exist yet.
    """

    def __init__(self, path: str | os.PathLike[str]):
        self.path = Path(path)
        self.settings_file = self.path / "run.json"
        self.checkpoint = self.path / "checkpoint.keras"
        self.history_file = self.path / "history.csv"
        self.model_file = self.path / "model.keras"
        self.tensorboard = self.path / "tensorboard"
        self.updates_file = self.path / "updates.csv"

    def __fspath__(self) -> str:
        return str(self.path)

    def __repr__(self) -> str:
        return f"RunFolder({str(self.path)!r})"

    @cached_property
    def settings(self) -> dict[str, Any]:
        """What ``run.json`` holds, read once; a TrainingError if the folder holds no run."""
        missing = f"{self.path} is not a run folder: it holds no run.json"
        return read_settings(self.settings_file, missing, "train", RUN)

    @property
    def config(self) -> TrainingConfig:
        """How the network was trained."""
        return TrainingConfig.from_json(self.settings)

    @property
    def history(self) -> pd.DataFrame:
        """The learning curves, one row a round (columns step, loss, dice, ...)."""
        return read_curves(self.history_file)

    def write_settings(self, settings: dict[str, Any]) -> None:
        """Write ``run.json`` whole, with the versions of everything that shapes the result."""
        record = settings | {"versions": versions()}
        text = json.dumps(record, indent=2) + "\n"
        write_text(self.settings_file, text)
        self.settings = json.loads(text)

    def load_model(self) -> "keras.Model":
        """Return the finished network, or the last checkpoint of an unfinished run.

        A TrainingError if there is none, or it is damaged, or another one than the run's.
        """
        for file in (self.model_file, self.checkpoint):
            if file.exists():
                return load_network(file, self.settings)
        self.settings  # noqa: B018  (raises if this is no run folder at all)
        raise TrainingError(
            f"{self.path} has no checkpoint yet; go on with 'islesedu train ... --resume'"
        )

    def clear(self) -> None:
        """Remove an earlier run; a TrainingError, and nothing removed, if other files lie there."""
        own = {file.name for file in vars(self).values() if isinstance(file, Path)}
        there = list(self.path.iterdir()) if self.path.exists() else []
        foreign = [f.name for f in there if f.name not in own and not is_partial(f)]
        if foreign:
            raise TrainingError(
                f"{self.path} holds {foreign[0]}, which no run has written; give another folder"
            )
        shutil.rmtree(self.path, ignore_errors=True)
        vars(self).pop("settings", None)

    @contextmanager
    def locked(self) -> Iterator[Lock]:
        """Keep others from training in this folder; remove what killed ones left unfinished."""
        with folder_lock(self.path, "trained in") as lock:
            own = [file.name for file in vars(self).values() if isinstance(file, Path)]
            remove_partials(self.path, *own, "predictions.npz", "scores.csv")
            yield lock

    def finish(self) -> None:
        """Turn the last checkpoint into the finished network."""
        with whole(self.model_file) as partial:
            shutil.copyfile(self.checkpoint, partial)


def find_runs(path: str | os.PathLike[str]) -> list[RunFolder]:
    """Return the run that a folder is, or the runs that lie in it.

    Raises
    ------
    TrainingError
        There is none, or they were trained with different maps.
    """
    whole_folder = RunFolder(path)
    inside = sorted(whole_folder.path.glob("*/run.json"))
    if whole_folder.settings_file.exists() or not inside:
        whole_folder.settings  # noqa: B018  (raises if this is no run folder at all)
        return [whole_folder]
    runs = [RunFolder(file.parent) for file in inside]
    for run in runs:
        for what in ("channels", "clinical"):
            one, first = (getattr(r.config, what) for r in (run, runs[0]))
            if one != first:
                raise TrainingError(
                    f"{run.path} was trained with the {what} {', '.join(one) or 'none'}, "
                    f"{runs[0].path} with {', '.join(first) or 'none'}; only networks that take "
                    "the same inputs can be averaged"
                )
    return runs


def versions() -> dict[str, str]:
    """Return the versions of everything that shapes a result."""
    import keras

    packages = ("keras", "tensorflow", "numpy", "nibabel")
    return {name: version(name) for name in packages} | {
        "islesedu": __version__,
        "python": platform.python_version(),
        "backend": keras.config.backend(),
    }
