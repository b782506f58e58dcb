"""What is checked before a training or prediction begins, while nothing is loaded or written."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from islesedu.common.arguments import share
from islesedu.common.paths import as_path, check_apart, folder_to_read, folder_to_write
from islesedu.common.resources import check_memory
from islesedu.errors import IslesError, TrainingError
from islesedu.training.config import TrainingConfig

_PROCESS = 300_000_000
"""Bytes that a process with TensorFlow takes, and no training yet."""


def check_folders(
    folder: str | os.PathLike[str] | Sequence[Any],
    output: str | os.PathLike[str],
    inside: bool = False,
) -> None:
    """Raise an error unless there is a folder to read, and another one can be written.

    Parameters
    ----------
    folder : path-like or sequence of Case
        What will be read.
    output : path-like
        What will be written.
    inside : bool
        What is written would be read as a case, if it lay in `folder`.

    Raises
    ------
    IslesError
        `folder` is no folder.
    TrainingError
        `output` cannot be a folder, is `folder`, or lies in it with `inside`.

    Examples
    --------
    >>> check_folders(".", ".")
    Traceback (most recent call last):
    islesedu.errors.TrainingError: output is ., which is the folder to read; give another folder
    """
    written = folder_to_write("output", output, TrainingError)
    if isinstance(folder, str | os.PathLike):
        read = folder_to_read("folder", folder, IslesError)
        check_apart("output", written, read, inside, TrainingError)


def check_start(
    folder: str | os.PathLike[str] | Sequence[Any],
    output: str | os.PathLike[str],
    config: TrainingConfig,
    processes: int = 1,
) -> None:
    """Raise an error unless a training can begin here: its folders, and the memory it takes.

    Parameters
    ----------
    folder, output
        As for `check_folders`.
    config : TrainingConfig
        How to train.
    processes : int
        How many will run side by side.

    Raises
    ------
    IslesError, TrainingError
        As for `check_folders`; or there is too little memory.

    Examples
    --------
    >>> check_start([], "a new folder", TrainingConfig(filters=1))
    """
    check_folders(folder, output)
    config.check_memory()
    if processes > 1:
        check_memory(
            f"running {processes} processes (workers, parameter servers, jobs; 300 MB each, "
            "without what they train)",
            processes * _PROCESS,
            "give fewer",
            error=TrainingError,
        )


def check_prediction(
    run: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    output: str | os.PathLike[str],
    threshold: float = 0.5,
    component_share: float = 0.0,
) -> None:
    """Raise an error about the first argument of `islesedu.training.predict` without sense.

    Examples
    --------
    >>> check_prediction("run", ".", "masks", threshold=float("nan"))
    Traceback (most recent call last):
    ValueError: threshold is nan; give a number between 0 and 1
    """
    share("threshold", threshold)
    share("component_share", component_share)
    as_path("run", run)
    check_folders(folder, output, inside=True)
    check_apart("output", Path(output), Path(run))
