"""Train the V-Net on an ISLES folder, by the original's protocol unless told otherwise.

The protocol (ISLES 2017 entry): whole volumes, one at a time, in shuffled order, each map with
zero mean and unit variance; Adagrad at 0.01, times 0.95 every 200 steps; 1000 to 1500 steps;
loss = mean cross-entropy + soft Dice. The command line and lessons 12 and 13 share this module.
"""

import os
from collections.abc import Sequence

import keras

from islesedu import CHANNELS
from islesedu.training.callbacks import Recorder
from islesedu.training.dataset import case_dataset
from islesedu.training.plan import make_optimizer, new_model, plan_training
from islesedu.training.recipe import Recipe
from islesedu.training.run_folder import RunFolder, open_run

__all__ = ["make_optimizer", "train"]


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
    recipe: Recipe | str | dict | None = None,
    clinical: Sequence[str] | None = None,
    fusion: str = "film",
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> RunFolder:
    """Train a V-Net on every case of a folder that has a lesion, and keep a run folder.

    Parameters
    ----------
    folder : path-like
        ISLES 2017 or 2022 folder.
    output : path-like
        Run folder to write; `islesedu.training.run_folder` says what is in it.
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
    recipe : Recipe, str or dict, optional
        What to do beyond the original's protocol, such as "best" or "flip=0.5;rotate=10"; see
        `islesedu.training.recipe`. Cases held out for validation are shown as they are.
    clinical : sequence of str, optional
        Columns of the clinical table that the network is told, out of "TICI", "TSS" and "TTT".
    fusion : {"film", "concat"}
        How it takes them in; see `islesedu.networks.film`.
    callbacks : sequence of keras.callbacks.Callback
        Further callbacks of ``fit``.

    Raises
    ------
    TrainingError
        Wrong argument, an output folder in use, other arguments than the run resumed, a loss
        that is no longer a number.
    IslesError
        A case that cannot be read; nothing has been written then.
    ClinicalError
        An outcome asked for as an input, or a clinical table that cannot be used.
    """
    settings, training, validation = plan_training(
        folder,
        cases,
        channels=channels,
        filters=filters,
        loss=loss,
        steps=steps,
        seed=seed,
        optimizer=optimizer,
        learning_rate=learning_rate,
        validation_split=validation_split,
        checkpoint_every=checkpoint_every,
        network=network,
        recipe=recipe,
        clinical=clinical,
        fusion=fusion,
    )
    told = settings["clinical"]["columns"] if settings["clinical"] else ()
    run = RunFolder(output)
    model = new_model(settings)
    open_run(run, settings, steps, resume)  # only now: what cannot be built leaves no folder
    if run.checkpoint.exists():
        model = keras.models.load_model(run.checkpoint)
    start, every = int(model.optimizer.iterations), settings["checkpoint_every"]
    if start >= steps:
        if not run.model_file.exists():  # killed between the last checkpoint and the end
            run.finish()
        return run
    held_out = None
    if validation:
        held_out = case_dataset(validation, channels, shuffle=False, clinical=told)
    with run.locked():
        model.fit(
            case_dataset(training, channels, seed=seed, start=start, recipe=recipe, clinical=told),
            steps_per_epoch=every,
            initial_epoch=start // every,
            epochs=-(-steps // every),
            validation_data=held_out,
            validation_steps=len(validation) or None,
            callbacks=[
                keras.callbacks.TensorBoard(run.tensorboard, write_graph=False),
                Recorder(run, steps, start=start, progress=progress),
                *callbacks,
            ],
            shuffle=False,  # the stream has done it
            verbose=0,
        )
    run.finish()
    return run
