"""Train the V-Net on an ISLES folder, by the original's protocol unless told otherwise.

The protocol (ISLES 2017 entry): whole volumes, one at a time, in shuffled order, each map with
zero mean and unit variance; Adagrad at 0.01, times 0.95 every 200 steps; 1000 to 1500 steps;
loss = mean cross-entropy + soft Dice. The command line and lessons 12 and 13 share this module.
"""

import itertools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import keras
import numpy as np
from keras import ops

from islesedu import CHANNELS, losses
from islesedu.isles import Case, Patient, find_cases, read_case
from islesedu.preprocess import standardize
from islesedu.runs import Recorder, RunFolder, TrainingError
from islesedu.vnet import build_vnet

LOSSES = {
    "combined": losses.combined,
    "cross_entropy": losses.cross_entropy,
    "soft_dice": losses.soft_dice,
}
OPTIMIZERS = {
    "adagrad": keras.optimizers.Adagrad,
    "adam": keras.optimizers.Adam,
    "sgd": keras.optimizers.SGD,
}


@keras.saving.register_keras_serializable("islesedu")
def dice(y_true, y_pred):
    """Dice of the thresholded prediction (probability above 0.5), as a metric for ``compile``.

    Two empty masks score 1. Shapes (B, X, Y, Z, 1), returns a scalar.
    """
    truth = ops.cast(y_true, "float32")
    mask = ops.cast(y_pred > 0.5, "float32")
    size = ops.sum(truth) + ops.sum(mask)
    return ops.where(size > 0, 2 * ops.sum(truth * mask) / ops.maximum(size, 1.0), 1.0)


def as_batch(patient: Patient) -> tuple[np.ndarray, np.ndarray | None]:
    """Turn a patient into network input and target, a batch of one.

    Parameters
    ----------
    patient : Patient
        Image (X, Y, Z, C) in the maps' own units, lesion (X, Y, Z) or None.

    Returns
    -------
    image : ndarray, (1, X, Y, Z, C), float32
        Each map with zero mean and unit variance.
    lesion : ndarray, (1, X, Y, Z, 1), float32, or None
        1 in the lesion, 0 elsewhere.
    """
    image = standardize(patient.image)[None]  # (X, Y, Z, C) -> (1, X, Y, Z, C)
    if patient.lesion is None:
        return image, None
    return image, patient.lesion[None, ..., None].astype("float32")  # -> (1, X, Y, Z, 1)


def case_stream(
    cases: Sequence[Case],
    channels: Sequence[str] = CHANNELS,
    *,
    seed: int = 2017,
    start: int = 0,
    shuffle: bool = True,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield training batches of one case, for ever, each case once per pass.

    The order of a pass depends on `seed` and the number of the pass alone, so a stream opened at
    step `start` goes on exactly where an interrupted one stopped.

    Parameters
    ----------
    cases : sequence of Case
        Cases with a lesion.
    channels : sequence of str
        Maps to read, in the order of the last axis.
    seed, start : int
        Seed of the shuffling; number of batches to skip.
    shuffle : bool
        False keeps the order of `cases` in each pass.

    Yields
    ------
    image, lesion : ndarray, (1, X, Y, Z, C) and (1, X, Y, Z, 1)
    """
    for step in itertools.count(start):
        passes, place = divmod(step, len(cases))
        order = np.random.default_rng([seed, passes]).permutation(len(cases))
        case = cases[order[place] if shuffle else place]
        yield as_batch(read_case(case, channels))


def make_optimizer(name: str = "adagrad", learning_rate: float = 0.01) -> keras.Optimizer:
    """Return the original's optimiser: Adagrad, its rate times 0.95 after every 200 steps.

    Other names ("adam", "sgd") get the same schedule.
    """
    schedule = keras.optimizers.schedules.ExponentialDecay(
        learning_rate, decay_steps=200, decay_rate=0.95, staircase=True
    )
    return OPTIMIZERS[name](schedule)


def split_cases(
    cases: Sequence[Case], validation_split: float, seed: int
) -> tuple[list[Case], list[Case]]:
    """Split cases at random into training and validation; the share is rounded to whole cases."""
    held_out = round(validation_split * len(cases))
    order = np.random.default_rng(seed).permutation(len(cases))
    validation = set(order[:held_out].tolist())
    return (
        [case for number, case in enumerate(cases) if number not in validation],
        [case for number, case in enumerate(cases) if number in validation],
    )


def train(
    folder: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    channels: Sequence[str] = CHANNELS,
    filters: int = 4,
    loss: str = "combined",
    steps: int = 1000,
    seed: int = 2017,
    optimizer: str = "adagrad",
    learning_rate: float = 0.01,
    validation_split: float = 0.0,
    checkpoint_every: int | None = None,
    resume: bool = False,
    progress: bool = True,
    network: dict | None = None,
    cases: Sequence[str] | None = None,
) -> RunFolder:
    """Train a V-Net on every case of a folder that has a lesion, and keep a run folder.

    Parameters
    ----------
    folder : path-like
        ISLES 2017 or 2022 folder.
    output : path-like
        Run folder to write; `islesedu.runs` says what is in it.
    channels : sequence of str
        Maps the network sees.
    filters : int
        Channels of the first level: 16 in the original, 4 in the lessons.
    loss : {"combined", "cross_entropy", "soft_dice"}
        What is minimised.
    steps : int
        Number of updates; each sees one case.
    seed : int
        Fixes initial weights, order of cases and split: same seed, same weights (on a CPU).
    optimizer : {"adagrad", "adam", "sgd"}
        With `learning_rate`, decaying by 5 % every 200 steps.
    learning_rate : float
        Initial rate.
    validation_split : float
        Share of the cases, in [0, 1), that are held out and scored after each round.
    checkpoint_every : int, optional
        Steps in a round; one pass over the training cases if None.
    resume : bool
        Go on from the last checkpoint of `output`, with the same arguments; only `steps` may grow.
    progress : bool
        Show a progress bar.
    network : dict, optional
        Further arguments of `build_vnet`.
    cases : sequence of str, optional
        Names of the cases to use; all with a lesion if None.

    Returns
    -------
    RunFolder

    Raises
    ------
    TrainingError
        Wrong argument, an output folder in use, other arguments than the run resumed, a loss
        that is no longer a number.
    """
    check_choice("loss", loss, LOSSES)
    check_choice("optimizer", optimizer, OPTIMIZERS)
    if not 0 <= validation_split < 1:
        raise TrainingError(f"validation_split is {validation_split}; give a share in [0, 1)")
    if steps < 1 or (checkpoint_every is not None and checkpoint_every < 1):
        raise TrainingError(
            f"steps is {steps} and checkpoint_every {checkpoint_every}; give numbers above 0"
        )
    training, validation = split_cases(cases_with_lesion(folder, cases), validation_split, seed)
    if not training:
        raise TrainingError(f"validation_split {validation_split} leaves no case to train on")
    arguments = {
        "folder": str(Path(folder).resolve()),
        "channels": list(channels),
        "filters": filters,
        "loss": loss,
        "seed": seed,
        "optimizer": optimizer,
        "learning_rate": learning_rate,
        "validation_split": validation_split,
        "checkpoint_every": checkpoint_every or len(training),
        "network": network or {},
        "training": [case.name for case in training],
        "validation": [case.name for case in validation],
    }
    run = RunFolder(output)
    open_run(run, arguments, steps, resume)

    keras.utils.set_random_seed(seed)
    if run.checkpoint.exists():
        model = keras.models.load_model(run.checkpoint)
    else:
        model = build_vnet(channels=len(channels), filters=filters, **arguments["network"])
        model.compile(
            optimizer=make_optimizer(optimizer, learning_rate),
            loss=LOSSES[loss],
            metrics=[dice],
            jit_compile=False,  # XLA makes Conv3D 10 to 25 times slower on a CPU
        )
    start, every = int(model.optimizer.iterations), arguments["checkpoint_every"]
    if start >= steps:
        run.finish()
        return run
    model.fit(
        case_stream(training, channels, seed=seed, start=start),
        steps_per_epoch=every,
        initial_epoch=start // every,
        epochs=-(-steps // every),
        validation_data=case_stream(validation, channels, shuffle=False) if validation else None,
        validation_steps=len(validation) or None,
        callbacks=[
            keras.callbacks.TensorBoard(run.tensorboard, write_graph=False),
            Recorder(run, steps, start=start, progress=progress),
        ],
        verbose=0,
    )
    run.finish()
    return run


def check_choice(argument: str, value: str, choices: dict) -> None:
    """Raise a TrainingError that lists the choices if `value` is not one of them."""
    if value not in choices:
        raise TrainingError(f"{argument} is {value!r}; choose one of {', '.join(choices)}")


def cases_with_lesion(
    folder: str | os.PathLike[str], names: Sequence[str] | None = None
) -> list[Case]:
    """Find the cases of a folder that can be learned from or scored against.

    Parameters
    ----------
    folder : path-like
        ISLES folder.
    names : sequence of str, optional
        Take these cases only, in this order.

    Raises
    ------
    TrainingError
        No case has a lesion, or a name is not among those that have.
    """
    found = {case.name: case for case in find_cases(folder) if case.lesion is not None}
    if not found:
        raise TrainingError(
            f"{folder} holds no case with a lesion mask, so there is nothing to learn from or to "
            "score against; give a training folder"
        )
    unknown = [name for name in names or () if name not in found]
    if unknown:
        raise TrainingError(
            f"{folder} has no case {unknown[0]!r} with a lesion; it has {', '.join(found)}"
        )
    return list(found.values()) if names is None else [found[name] for name in names]


def open_run(run: RunFolder, arguments: dict, steps: int, resume: bool) -> None:
    """Begin a run folder, or make sure that the one there is the one to resume."""
    if not run.settings_file.exists():
        if run.path.exists() and any(run.path.iterdir()):
            raise TrainingError(
                f"{run.path} exists and is not a run folder; give an empty or new --output"
            )
        run.write_settings(arguments | {"steps": steps})
        return
    if not resume:
        raise TrainingError(
            f"{run.path} already holds a run; go on with --resume or give another --output"
        )
    kept = run.settings
    for name, value in arguments.items():
        if kept[name] != value:
            raise TrainingError(
                f"{run.path} was begun with {name} = {kept[name]!r}, not {value!r}; resume it "
                "with the same arguments (only --steps may grow)"
            )
    if steps < kept["steps"]:
        raise TrainingError(
            f"{run.path} was begun for {kept['steps']} steps; {steps} would be fewer"
        )
    if steps > kept["steps"]:
        run.model_file.unlink(missing_ok=True)  # a longer run is not finished yet
        run.write_settings(arguments | {"steps": steps})
