"""Train the V-Net on an ISLES folder, by the original's protocol unless told otherwise.

The protocol (ISLES 2017 entry): whole volumes, one at a time, in shuffled order, each map with
zero mean and unit variance; Adagrad at 0.01 x 0.95 ** (step / 200); 1000 to 1500 steps;
loss = mean cross-entropy + soft Dice. The command line and lessons 12 and 13 share this module.
"""

import os
from collections.abc import Callable, Sequence
from typing import Any

import keras

from islesedu.common.files import room_for
from islesedu.isles.case import Case
from islesedu.training.callbacks import Recorder
from islesedu.training.config import TrainingConfig
from islesedu.training.dataset import case_dataset
from islesedu.training.plan import make_optimizer, new_model, plan_training
from islesedu.training.provenance import renew, renewed
from islesedu.training.resume import as_begun, begin_run, open_run, resume_network, room_needed
from islesedu.training.run_folder import RunFolder
from islesedu.training.start import check_start

__all__ = ["make_optimizer", "train"]


def train(
    folder: str | os.PathLike[str] | Sequence[Case],
    output: str | os.PathLike[str],
    config: TrainingConfig | None = None,
    *,
    cases: Sequence[str] | None = None,
    resume: bool = False,
    progress: bool = True,
    on_step: Callable[[int], None] = lambda step: None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    **options: Any,
) -> RunFolder:
    """Train a V-Net on every case of a folder that has a lesion, and keep a run folder.

    Parameters
    ----------
    folder : path-like or sequence of Case
        ISLES 2017 or 2022 folder; or cases that have been found and read in one.
    output : path-like
        Run folder to write; `islesedu.training.run_folder` says what is in it.
    config : TrainingConfig, optional
        How to train: channels, filters, loss, steps, seed, optimizer, learning_rate, decay,
        validation_split, checkpoint_every, network, recipe, clinical, fusion. See
        ``help(islesedu.training.TrainingConfig)``.
    cases : sequence of str, optional
        Names of the cases to use; all with a lesion if None.
    resume : bool
        Go on from the last checkpoint of `output`, with the same options; only `steps` may grow.
    progress : bool
        Show a progress bar.
    on_step : callable of int
        Called after each step with the number of steps done, those before a resume included. What
        it raises ends the training.
    callbacks : sequence of keras.callbacks.Callback
        Further callbacks of ``fit``.
    **options
        Fields of the configuration to replace, such as ``steps=100, seed=1``.

    Returns
    -------
    RunFolder
        The same seed gives the same weights (on a CPU).

    Raises
    ------
    TypeError
        An option that there is not.
    TrainingError
        Wrong value of an option, an output folder in use, other options than the run resumed, a
        loss that is no longer a number.
    IslesError
        A case that cannot be read; nothing has been written then.
    ClinicalError
        An outcome asked for as an input, or a clinical table that cannot be used.
    """
    config = TrainingConfig.make(config, options)
    check_start(folder, output, config)
    run = RunFolder(output)
    config = as_begun(config, run.settings_file, resume)
    settings, training, validation = plan_training(folder, config, cases)
    model = new_model(settings)
    shown = {"shuffle": False, "recipe": config.recipe.of_predictions()}
    held_out = case_dataset(validation, config, **shown) if validation else None
    with (
        room_for(run.path, room_needed(run, model), "this training"),
        run.locked() as lock,  # only now: what cannot be built leaves no folder
    ):
        if resume and run.settings_file.exists():
            run.settings = renewed(run.settings, training)
        open_run(run, settings, resume)
        model = resume_network(run, model)
        start, every = int(model.optimizer.iterations), settings["checkpoint_every"]
        data = case_dataset(training, config, start=start)
        begin_run(run, settings, start)  # the first change of the folder: nothing refuses any more
        renew(run.settings_file, training)
        if start >= config.steps:
            if not run.model_file.exists():  # killed between the last checkpoint and the end
                run.finish()
            return run

        def after_step(step: int) -> None:
            lock.check()
            if on_step:
                on_step(step)

        model.fit(
            data,
            steps_per_epoch=every,
            initial_epoch=start // every,
            epochs=-(-config.steps // every),
            validation_data=held_out,
            validation_steps=len(validation) or None,
            callbacks=[
                keras.callbacks.TensorBoard(run.tensorboard, write_graph=False),
                Recorder(run, config.steps, start=start, progress=progress, on_step=after_step),
                *callbacks,
            ],
            shuffle=False,  # the stream has done it
            verbose=0,
        )
        run.finish()
    return run
