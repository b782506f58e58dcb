"""Begin a run, or go on with one: all that may refuse comes before the first change of its folder.

In this order, with the folder locked: `open_run` compares the arguments, `resume_network` loads the
last checkpoint, `begin_run` changes the folder.
"""

import filecmp
import json
import math
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from islesedu.common.files import is_partial
from islesedu.errors import TrainingError
from islesedu.training.config import TrainingConfig
from islesedu.training.run_folder import RunFolder
from islesedu.training.stored_network import is_like, load_network, remedy

if TYPE_CHECKING:
    import keras

Config = TypeVar("Config", bound=TrainingConfig)


def check_folder(run: RunFolder, steps: int, resume: bool) -> None:
    """Raise a TrainingError unless a training may begin in a run folder, or go on there."""
    if not run.settings_file.exists():
        if run.path.exists() and not all(is_partial(file) for file in run.path.iterdir()):
            raise TrainingError(
                f"{run.path} exists and is not a run folder; give an empty or new --output"
            )
        return
    if not resume:
        raise TrainingError(
            f"{run.path} already holds a run; go on with --resume, give another --output, or "
            "delete the folder"
        )
    begun = run.settings["steps"]
    if steps < begun:
        raise TrainingError(f"{run.path} was begun for {begun} steps; {steps} would be fewer")


def as_begun(config: Config, record: Path, resume: bool) -> Config:
    """Return how a training goes on that began before there was a choice of `decay`: in stairs.

    Parameters
    ----------
    config : TrainingConfig
        What is asked for.
    record : Path
        ``run.json`` or ``compare.json``.
    resume : bool
        Whether what is there is gone on with.

    Examples
    --------
    >>> as_begun(TrainingConfig(), Path("no such file"), resume=True).decay
    'continuous'
    """
    try:
        settings = json.loads(record.read_bytes()) if resume else None
    except (OSError, ValueError, RecursionError):  # none or damaged: whoever reads it says so
        return config
    older = isinstance(settings, dict) and "decay" not in settings
    return replace(config, decay="stairs") if older else config


def open_run(run: RunFolder, settings: dict[str, Any], resume: bool) -> None:
    """Make sure that a run may begin in a folder, or that the one there is the one to resume.

    Nothing is changed, see `begin_run`.
    """
    check_folder(run, settings["steps"], resume)
    if not run.settings_file.exists():
        return
    kept = TrainingConfig.completed(run.settings)
    for name, value in json.loads(json.dumps(settings)).items():  # tuples become lists
        # Moved data has the same fingerprints.
        if name not in ("folder", "steps") and kept.get(name) != value:
            how = f"{name} = {kept.get(name)!r}, not {value!r}"
            if name == "fingerprints":
                how = "other images of its training cases (or an earlier version with other files)"
            raise TrainingError(
                f"{run.path} was begun with {how}; resume it with the same arguments and the same "
                "data (only --steps may grow)"
            )


def begin_run(run: RunFolder, settings: dict[str, Any], step: int) -> None:
    """Write down that a run begins, or is to be longer than it was: after all that may refuse.

    `step` says how far it is.
    """
    if not run.settings_file.exists() or settings["steps"] > run.settings["steps"]:
        run.write_settings(settings)
    if step < settings["steps"] and run.model_file.exists():  # it is not finished any more
        os.replace(run.model_file, run.checkpoint)  # which has the same content, or is gone


def resume_network(run: RunFolder, built: "keras.Model") -> "keras.Model":
    """Return the network that a training goes on with; nothing is changed in its folder.

    Parameters
    ----------
    run : RunFolder
        Locked, and begun with the same arguments.
    built : keras.Model
        The network that its settings describe, compiled: what a new run begins with.

    Returns
    -------
    keras.Model
        That of the last checkpoint; or `built`, if there is none yet.

    Raises
    ------
    TrainingError
        The checkpoint or the curves are damaged, gone, or those of another run.
    """
    steps = [] if run.history.empty else run.history["step"].tolist()
    files = [file for file in (run.checkpoint, run.model_file) if file.exists()]
    if not files:
        if len(steps) > 1:  # with one row it may have been killed before its first checkpoint
            raise TrainingError(
                f"{run.checkpoint} is gone, although {run.history_file.name} has "
                f"{steps[-1]:.0f} steps; put it back, or train anew in another folder"
            )
        return built
    if len(files) == 2 and not filecmp.cmp(*files, shallow=False):
        raise TrainingError(
            f"{files[0]} and {files[1].name} differ, and a finished run has the same network in "
            "both; move away the one that is not this run's, and resume again"
        )
    model = load_network(files[0], run.settings)
    if not is_like(model, built):
        raise TrainingError(
            f"{files[0]} holds another network or optimizer than run.json describes; "
            f"{remedy(files[0])}"
        )
    step = int(model.optimizer.iterations)
    if steps and step not in steps:
        raise TrainingError(
            f"{files[0]} is that of step {step}, and {run.history_file.name} has no such step, so "
            f"they are of two runs; {remedy(files[0])}"
        )
    return model


def room_needed(run: RunFolder, model: "keras.Model") -> float:
    """Return the bytes that a training still writes: checkpoint and finished network."""
    variables = [*model.weights, *model.optimizer.variables]
    network = 4 * sum(math.prod(variable.shape) for variable in variables)
    there = [file.stat().st_size for file in (run.checkpoint, run.model_file) if file.exists()]
    return max(2 * network - sum(there), 0)
