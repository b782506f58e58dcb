"""What happens during a training: the Dice after each step, the bar, the curves, checkpoints."""

from collections.abc import Callable

import keras
import numpy as np
import pandas as pd
from keras import ops
from tqdm.auto import tqdm

from islesedu.errors import TrainingError
from islesedu.files import whole, write_text
from islesedu.training.run_folder import RunFolder


@keras.saving.register_keras_serializable("islesedu")
def dice(y_true, y_pred):
    """Dice of the thresholded prediction (probability above 0.5), as a metric for ``compile``.

    Two empty masks score 1. Shapes (B, X, Y, Z, 1), returns a scalar.
    """
    truth = ops.cast(y_true, "float32")
    mask = ops.cast(y_pred > 0.5, "float32")
    size = ops.sum(truth) + ops.sum(mask)
    return ops.where(size > 0, 2 * ops.sum(truth * mask) / ops.maximum(size, 1.0), 1.0)


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
        self.bar = tqdm(total=steps, initial=start, desc="train", unit="step", disable=not progress)

    def on_train_batch_end(self, batch, logs=None):
        """Count the step, look at the loss, stop at the last one."""
        self.step += 1
        if not np.isfinite(logs["loss"]):
            raise TrainingError(
                f"the loss became {logs['loss']} at step {self.step}; lower --learning-rate "
                f"(checkpoints up to the round before are in {self.run.path})"
            )
        self.bar.set_postfix(
            {name: f"{logs[name]:.3f}" for name in ("loss", "dice") if name in logs}, refresh=False
        )
        self.bar.update(self.step - self.bar.n)
        if self.step >= self.steps:
            self.model.stop_training = True

    def on_epoch_end(self, epoch, logs=None):
        """Write history first, checkpoint second: resume trusts the checkpoint."""
        self.rows.append({"step": self.step} | {name: float(x) for name, x in logs.items()})
        write_text(self.run.history_file, pd.DataFrame(self.rows).to_csv(index=False))
        with whole(self.run.checkpoint) as partial:
            self.model.save(partial)

    def on_train_end(self, logs=None):
        """Close the bar."""
        self.bar.close()


class Watch(keras.callbacks.Callback):
    """Tell somebody how far a training is.

    Parameters
    ----------
    see : callable of int
        Called after each step with the number of steps done, those before a resume included. What
        it raises ends the training.
    """

    def __init__(self, see: Callable[[int], None]):
        super().__init__()
        self.see, self.step = see, 0

    def on_train_begin(self, logs=None):
        """Look how far the training already is."""
        self.step = int(self.model.optimizer.iterations)

    def on_train_batch_end(self, batch, logs=None):
        """Count and tell."""
        self.step += 1
        self.see(self.step)
