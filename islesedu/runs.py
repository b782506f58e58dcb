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
    the same curves for ``tensorboard --logdir``.

Every file is written beside its final name and renamed, so a run killed at any moment holds only
whole files.
"""

import json
import os
import platform
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
from tqdm.auto import tqdm


class TrainingError(ValueError):
    """A training that cannot start or go on; the message says why and what to do."""


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

    def __fspath__(self) -> str:
        return str(self.path)

    def __repr__(self) -> str:
        return f"RunFolder({str(self.path)!r})"

    @property
    def settings(self) -> dict[str, Any]:
        """What ``run.json`` holds; a TrainingError if the folder holds no run."""
        try:
            return json.loads(self.settings_file.read_text())
        except FileNotFoundError:
            raise TrainingError(
                f"{self.path} is not a run folder: it holds no run.json; "
                "give the folder that 'islesedu train --output' wrote"
            ) from None

    @property
    def history(self) -> pd.DataFrame:
        """The learning curves, one row a round (columns step, loss, dice, ...)."""
        return pd.read_csv(self.history_file) if self.history_file.exists() else pd.DataFrame()

    def write_settings(self, settings: dict[str, Any]) -> None:
        """Write ``run.json`` whole, with the versions of everything that shapes the result."""
        packages = ("islesedu", "keras", "tensorflow", "numpy", "nibabel")
        record = settings | {
            "versions": {name: version(name) for name in packages}
            | {"python": platform.python_version(), "backend": keras.config.backend()},
        }
        write_text(self.settings_file, json.dumps(record, indent=2) + "\n")

    def load_model(self) -> keras.Model:
        """Return the finished network, or the last checkpoint of an unfinished run."""
        for file in (self.model_file, self.checkpoint):
            if file.exists():
                return keras.models.load_model(file)
        self.settings  # noqa: B018  (raises if this is no run folder at all)
        raise TrainingError(
            f"{self.path} has no checkpoint yet; go on with 'islesedu train ... --resume'"
        )

    def finish(self) -> None:
        """Turn the last checkpoint into the finished network."""
        partial = self.path / ".partial-model.keras"
        shutil.copyfile(self.checkpoint, partial)
        os.replace(partial, self.model_file)


def write_text(file: Path, text: str) -> None:
    """Write `text` beside `file`, then rename: a reader sees the old text or the new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f".partial-{os.getpid()}-{file.name}")
    partial.write_text(text)
    os.replace(partial, file)


class Recorder(keras.callbacks.Callback):
    """Write a history row and a checkpoint after each round; stop at the wanted step.

    A round is what Keras calls an epoch: the steps between two checkpoints.

    Parameters
    ----------
    run : RunFolder
        Where to write.
    steps : int
        Step at which the training ends, also in the middle of a round.
    start : int
        Steps done before this call (not 0 after a resume).
    progress : bool
        Show a bar with loss and Dice.
    """

    def __init__(self, run: RunFolder, steps: int, *, start: int = 0, progress: bool = True):
        super().__init__()
        self.run, self.steps, self.step = run, steps, start
        history = run.history
        # Rows younger than the checkpoint were written by steps that are about to be repeated.
        self.rows = [] if history.empty else history[history.step <= start].to_dict("records")
        self.bar = tqdm(
            total=steps, initial=start, desc="train", unit="step", disable=not progress
        )

    def on_train_batch_end(self, batch, logs=None):
        """Count the step, look at the loss, stop at the last one."""
        self.step += 1
        if not np.isfinite(logs["loss"]):
            raise TrainingError(
                f"the loss became {logs['loss']} at step {self.step}; lower --learning-rate "
                f"(checkpoints up to the round before are in {self.run.path})"
            )
        self.bar.set_postfix(
            {name: f"{logs[name]:.3f}" for name in ("loss", "dice") if name in logs},
            refresh=False,
        )
        self.bar.update(self.step - self.bar.n)
        if self.step >= self.steps:
            self.model.stop_training = True

    def on_epoch_end(self, epoch, logs=None):
        """Write history first, checkpoint second: resume trusts the checkpoint."""
        self.rows.append({"step": self.step} | {name: float(x) for name, x in logs.items()})
        write_text(self.run.history_file, pd.DataFrame(self.rows).to_csv(index=False))
        partial = self.run.path / ".partial-checkpoint.keras"
        self.model.save(partial)
        os.replace(partial, self.run.checkpoint)

    def on_train_end(self, logs=None):
        """Close the bar."""
        self.bar.close()
