"""Train one V-Net with many workers: the chief's part.

The original was trained by asynchronous SGD: the weights lie on parameter servers; each worker
pulls them, computes the gradient of one whole case, and pushes it, without waiting for the others.
The chief computes nothing of that. It gives out orders (`islesedu.cluster.orders`), counts, judges
held-out cases and writes the run folder, which is one like that of
`islesedu.training.fitting.train`.

`islesedu.cluster.local` starts all processes on one machine; under an operator that sets TF_CONFIG
each process runs ``islesedu cluster run``. docs/cluster.md says how, and what each fault leads to.
"""

import os
from collections.abc import Callable, Sequence

import keras
import numpy as np
import pandas as pd

from islesedu import CHANNELS
from islesedu.cluster.spec import Task, wait_for
from islesedu.cluster.update_log import UpdateLog
from islesedu.cluster.watch import Watch
from islesedu.cluster.weights import check_optimizer
from islesedu.files import whole, write_text
from islesedu.networks.vnet import build_vnet
from islesedu.training.callbacks import dice
from islesedu.training.dataset import case_batch
from islesedu.training.plan import LOSSES, check_choice, new_model, plan_training
from islesedu.training.recipe import Recipe
from islesedu.training.run_folder import RunFolder, open_run

MODES = {"async": "each update is one case's gradient", "sync": "the mean of one a worker"}


def train_on_cluster(
    folder: str | os.PathLike[str],
    output: str | os.PathLike[str],
    task: Task,
    *,
    mode: str = "async",
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
    recipe: Recipe | str | dict | None = None,
    wait: float = 300.0,
    say: Callable[[str], None] = print,
) -> RunFolder:
    """Train on a cluster; called in the chief's process, while workers and servers run theirs.

    Parameters
    ----------
    folder, output, channels, filters, loss, seed, learning_rate, validation_split, resume, \
    progress, network, recipe
        As for `islesedu.training.fitting.train`.
    task : Task
        The chief's place in the cluster, from `islesedu.cluster.spec.read_task`.
    mode : {"async", "sync"}
        In "sync", each update is the mean gradient of as many cases as there are workers, and all
        wait for the slowest.
    steps : int
        Number of updates. An update sees one case in "async", one a worker in "sync".
    optimizer : {"adagrad", "sgd"}
        Its update is done by the parameter servers.
    checkpoint_every : int, optional
        Updates in a round; one pass over the training cases if None. All workers wait at the end of
        a round, so that a checkpoint holds all updates up to its step, and nothing else.
    wait : float
        Seconds to wait for processes that do not answer, at the start and later.
    say : callable of str
        Told what is waited for, and which worker has gone or come back.

    Returns
    -------
    RunFolder
        With ``updates.csv``, see `islesedu.cluster.update_log`.

    Raises
    ------
    TrainingError
        Wrong argument, a process that does not come up, a parameter server lost, a loss that is no
        longer a number.
    IslesError
        A case that cannot be read; nothing has been written then.
    """
    check_choice("mode", mode, MODES)
    check_optimizer(optimizer)
    settings, training, validation = plan_training(
        folder,
        None,
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
    )
    at_once = len(task.addresses["worker"]) if mode == "sync" else 1
    settings |= {"mode": mode, "cases_per_update": at_once}
    settings["checkpoint_every"] = checkpoint_every or -(-len(training) // at_once)
    build_vnet(channels=len(channels), filters=filters, **settings["network"])  # may complain
    run = RunFolder(output)
    open_run(run, settings, steps, resume)
    with run.locked():
        wait_for(task.others("worker", "ps"), wait, say)
        from islesedu.cluster.coordinator import Coordinator, connect

        strategy = connect(task, say)
        model = own_network(run, settings)  # variables made before the connection are lost by it
        start = int(model.optimizer.iterations)
        log = UpdateLog(run, steps, start, progress)
        watch = Watch(task, wait, say)
        coordinator = Coordinator(strategy, model, settings, training, log, watch)
        rounds = Rounds(run, settings, validation)
        every = settings["checkpoint_every"]
        while start < steps:
            end = min(steps, (start // every + 1) * every)
            before = len(log.rows)
            coordinator.train(start, end)
            log.write()
            rounds.finish(model, end, log.means(before))
            start = end
        log.bar.close()
        if not run.model_file.exists():
            run.finish()
    return run


def own_network(run: RunFolder, settings: dict) -> keras.Model:
    """Return the chief's own network: the last checkpoint, or a new one, as `train` begins."""
    if run.checkpoint.exists():
        return keras.models.load_model(run.checkpoint)
    model = new_model(settings)
    model.optimizer.build(model.trainable_variables)
    return model


class Rounds:
    """What the chief does after each round: judge held-out cases, write history and checkpoint.

    Parameters
    ----------
    run : RunFolder
        Where to write.
    settings : dict
        Of the run.
    validation : sequence of Case
        Held-out cases; may be empty.
    """

    def __init__(self, run: RunFolder, settings: dict, validation: Sequence):
        self.run, self.settings, self.validation = run, settings, validation

    def finish(self, model: keras.Model, step: int, means: dict[str, float]) -> None:
        """Write history first, checkpoint second: resume trusts the checkpoint."""
        history = self.run.history
        rows = [] if history.empty else history[history.step < step].to_dict("records")
        rows.append({"step": step} | means | self.judge(model))
        write_text(self.run.history_file, pd.DataFrame(rows).to_csv(index=False))
        with whole(self.run.checkpoint) as partial:
            model.save(partial)

    def judge(self, model: keras.Model) -> dict[str, float]:
        """Return mean loss and Dice of the held-out cases, on this machine."""
        scores = {"val_loss": [], "val_dice": []}
        for case in self.validation:
            image, lesion = case_batch(
                case, self.settings["channels"], seed=0, step=0, recipe=Recipe()
            )
            output = model(image, training=False)
            scores["val_loss"].append(float(LOSSES[self.settings["loss"]](lesion, output)))
            scores["val_dice"].append(float(dice(lesion, output)))
        return {name: float(np.mean(values)) for name, values in scores.items() if values}
