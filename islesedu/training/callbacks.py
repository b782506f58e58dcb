"""What happens during a training: the bar, the curves, checkpoints."""

from collections.abc import Callable

import keras
import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from islesedu.common.files import whole, write_text
from islesedu.errors import DivergedError
from islesedu.training.run_folder import RunFolder


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
    on_step : callable of int
        Called after each step with the number of steps done, those before a resume included. What
        it raises ends the training.
    """

    def __init__(
        self,
        run: RunFolder,
        steps: int,
        *,
        start: int = 0,
        progress: bool = True,
        on_step: Callable[[int], None] = lambda step: None,
    ):
        super().__init__()
        self.run, self.steps, self.step, self.on_step = run, steps, start, on_step
        history = run.history
        # Rows younger than the checkpoint were written by steps that are about to be repeated.
        self.rows = [] if history.empty else history[history.step <= start].to_dict("records")
        self.bar = tqdm(total=steps, initial=start, desc="train", unit="step", disable=not progress)

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Count the step, look at the loss, stop at the last one."""
        self.step += 1
        if not np.isfinite(logs["loss"]):
            raise DivergedError(
                f"the loss became {logs['loss']} at step {self.step}; lower --learning-rate "
                f"(checkpoints up to the round before are in {self.run.path})"
            )
        self.bar.set_postfix(
            {name: f"{logs[name]:.3f}" for name in ("loss", "dice") if name in logs}, refresh=False
        )
        self.bar.update(self.step - self.bar.n)
        if self.step >= self.steps:
            self.model.stop_training = True
        self.on_step(self.step)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Write history first, checkpoint second: resume trusts the checkpoint."""
        self.rows.append({"step": self.step} | {name: float(x) for name, x in logs.items()})
        write_text(self.run.history_file, pd.DataFrame(self.rows).to_csv(index=False))
        with whole(self.run.checkpoint) as partial:
            self.model.save(partial)

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        """Close the bar."""
        self.bar.close()
