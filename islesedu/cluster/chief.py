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
from typing import Any

import keras
import numpy as np
import pandas as pd

from islesedu.cluster.config import ClusterConfig, read_slowdowns
from islesedu.cluster.spec import ClusterTask, wait_for
from islesedu.cluster.update_log import UpdateLog
from islesedu.cluster.watch import PeerMonitor
from islesedu.cluster.weights import check_optimizer
from islesedu.common.files import room_for, whole, write_text
from islesedu.errors import TrainingError
from islesedu.isles.case import Case
from islesedu.networks.losses import dice
from islesedu.training.config import TrainingConfig
from islesedu.training.dataset import case_batch
from islesedu.training.plan import LOSSES, new_model, plan_training
from islesedu.training.provenance import renew, renewed
from islesedu.training.resume import as_begun, begin_run, open_run, resume_network, room_needed
from islesedu.training.run_folder import RunFolder
from islesedu.training.start import check_start


def train_on_cluster(
    folder: str | os.PathLike[str],
    output: str | os.PathLike[str],
    task: ClusterTask,
    config: ClusterConfig | None = None,
    *,
    resume: bool = False,
    progress: bool = True,
    notify: Callable[[str], None] = print,
    **options: Any,
) -> RunFolder:
    """Train on a cluster; called in the chief's process, while workers and servers run theirs.

    Parameters
    ----------
    folder, output, resume, progress
        As for `islesedu.training.fitting.train`.
    task : ClusterTask
        The chief's place in the cluster, from `islesedu.cluster.spec.read_task`.
    config : ClusterConfig, optional
        How to train: mode, wait, and the options of a training but clinical and fusion. See
        ``help(islesedu.cluster.ClusterConfig)``.
    notify : callable of str
        Told what is waited for, and which worker has gone or come back.
    **options
        Fields of the configuration to replace, such as ``mode="sync"``.

    Returns
    -------
    RunFolder
        With ``updates.csv``, see `islesedu.cluster.update_log`.

    Raises
    ------
    TrainingError
        Wrong option, a process that does not come up, a parameter server lost, a loss that is no
        longer a number.
    IslesError
        A case that cannot be read; nothing has been written then.
    """
    config = ClusterConfig.make(config, options)
    check_start(folder, output, config)
    check_optimizer(config.optimizer)
    _check_slowed(config.slow, len(task.addresses["worker"]))
    run = RunFolder(output)
    config = as_begun(config, run.settings_file, resume)
    settings, training, validation = plan_training(folder, config)
    at_once = len(task.addresses["worker"]) if config.mode == "sync" or config.sync_start else 1
    settings["cases_per_update"] = at_once
    every = -(-len(training) // (at_once if config.mode == "sync" else 1))
    settings["checkpoint_every"] = config.checkpoint_every or every
    built = new_model(settings)  # may complain
    with room_for(run.path, room_needed(run, built), "this training"), run.locked():
        if resume and run.settings_file.exists():
            run.settings = renewed(run.settings, training)
        open_run(run, settings, resume)
        resume_network(run, built)  # may complain
        wait_for(task.others("worker", "ps"), config.wait, notify)
        from islesedu.cluster.coordinator import Coordinator, connect

        strategy = connect(task, notify)
        model = _own_network(run, settings)  # variables of before the connection are lost by it
        start = int(model.optimizer.iterations)
        log = UpdateLog(run, config.steps, start, progress)
        monitor = PeerMonitor(task, config.wait, notify)
        coordinator = Coordinator(
            strategy, model, settings, training, log, monitor, throttled=bool(config.slow)
        )
        every = settings["checkpoint_every"]
        begin_run(run, settings, start)  # the first change of the folder
        renew(run.settings_file, training)
        while start < config.steps:
            end = min(config.steps, (start // every + 1) * every)
            before = len(log.rows)
            coordinator.train(start, end)
            log.write()
            _end_round(run, model, end, log.means(before) | _validate(model, config, validation))
            start = end
        log.bar.close()
        if not run.model_file.exists():
            run.finish()
    return run


def _check_slowed(slow: str, workers: int) -> None:
    for worker in read_slowdowns(slow):
        if worker >= workers:
            raise TrainingError(
                f"slow is {slow!r}, but there is no worker {worker}; they are 0 to {workers - 1}"
            )


def _own_network(run: RunFolder, settings: dict[str, Any]) -> keras.Model:
    """Return the chief's own network: the last checkpoint, or a new one, as `train` begins."""
    return resume_network(run, new_model(settings))


def _end_round(run: RunFolder, model: keras.Model, step: int, row: dict[str, float]) -> None:
    """Write history first, checkpoint second: resume trusts the checkpoint."""
    history = run.history
    rows = [] if history.empty else history[history.step < step].to_dict("records")
    write_text(run.history_file, pd.DataFrame([*rows, {"step": step} | row]).to_csv(index=False))
    with whole(run.checkpoint) as partial:
        model.save(partial)


def _validate(
    model: keras.Model, config: TrainingConfig, cases: Sequence[Case]
) -> dict[str, float]:
    """Return mean loss and Dice of the held-out cases, on this machine; nothing without cases."""
    plain = TrainingConfig(channels=config.channels, recipe=config.recipe.of_predictions())
    scores = []
    for case in cases:
        image, lesion = case_batch(case, plain, step=0)
        output = model(image, training=False)
        loss = LOSSES[config.loss](lesion, output)
        scores.append({"val_loss": float(loss), "val_dice": float(dice(lesion, output))})
    return {name: float(np.mean([one[name] for one in scores])) for name in (scores or [{}])[0]}
