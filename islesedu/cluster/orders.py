"""Who trains which case: the chief gives out orders, and the worker reads the case itself.

An order is a small JSON text. It travels to whatever worker is free; the volume does not travel,
the worker reads it from its own view of the data. Each order is done once, and an order is one case
of one pass, so that no case is given to two workers in the same pass. If a worker dies over an
order, TensorFlow's coordinator gives the same order to another.

How the worker's Python comes to run inside a graph that the chief has built: TensorFlow keeps a
list of Python functions in each process and names them by number. `register` makes the reader the
first of a worker's process, ``pyfunc_0``, and the throttle the second; the chief's graph calls
whatever has that name *there*.
"""

import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from islesedu.errors import OrderError, TrainingError
from islesedu.isles.case import Case
from islesedu.isles.name_map import NameMap
from islesedu.training.config import TrainingConfig
from islesedu.training.dataset import case_batch, case_of_step, cases_with_lesion
from islesedu.training.provenance import fingerprint

if TYPE_CHECKING:
    import tensorflow as tf

_READER = "pyfunc_0"
"""TensorFlow's name for the first Python function of a process."""
_THROTTLE = "pyfunc_1"
"""And for the second."""


@dataclass(frozen=True)
class Order:
    """What a worker is asked to do.

    Attributes
    ----------
    step : int
        Number of the case in the stream of cases, from 0; it decides what a recipe draws.
    case : str
        Name of the case.
    fingerprint : str
        Of the patient that the chief knows under this name.
    channels : list of str
        Maps to read.
    seed : int
        Seed of the training.
    recipe : dict or None
        What to do with the case first, see `islesedu.training.recipe`.
    """

    step: int
    case: str
    fingerprint: str
    channels: list[str]
    seed: int
    recipe: dict[str, Any] | None

    @property
    def text(self) -> str:
        """The order as it travels."""
        return json.dumps(asdict(self))


def make_orders(cases: Sequence[Case], first: int, last: int, settings: dict) -> list[Order]:
    """Return the orders of some steps, in the order of `islesedu.training.dataset.case_stream`.

    Parameters
    ----------
    cases : sequence of Case
        Training cases.
    first, last : int
        Steps, from 0; `last` is not among them.
    settings : dict
        With "training" and "fingerprints" (of the cases), "channels", "seed", "recipe".
    """
    prints = dict(zip(settings["training"], settings["fingerprints"], strict=True))
    orders = []
    for step in range(first, last):
        case = case_of_step(cases, step, settings["seed"]).name
        shared = {name: settings[name] for name in ("channels", "seed", "recipe")}
        orders.append(Order(step=step, case=case, fingerprint=prints[case], **shared))
    return orders


class CaseReader:
    """Read what an order asks for, in the worker's process.

    Parameters
    ----------
    folder : path-like
        ISLES folder as this machine sees it.
    worker : int
        Number of this worker, which goes into the log of updates.
    names : dict of str to str, optional
        As for `islesedu.isles.find_cases`.

    Raises
    ------
    TrainingError
        The folder holds no case with a lesion.
    """

    def __init__(self, folder: str | os.PathLike[str], worker: int, names: NameMap | None = None):
        self.folder, self.worker = folder, worker
        self.cases = {case.name: case for case in cases_with_lesion(folder, mapping=names)}
        self.known: set[str] = set()

    def __call__(self, text: bytes) -> tuple[np.ndarray, ...]:
        """Return image (1, X, Y, Z, C), lesion (1, X, Y, Z, 1), worker, process id, start (s)."""
        start = time.time()
        order = Order(**json.loads(text))
        config = TrainingConfig(channels=order.channels, seed=order.seed, recipe=order.recipe)
        try:
            image, lesion = case_batch(self._find(order), config, order.step)
        except (ValueError, OSError) as error:  # for the chief, who gets the text of it
            raise OrderError(" ".join(str(error).split())) from error
        who = np.int64(self.worker), np.int64(os.getpid()), np.float64(start)
        return image.astype(np.float32), lesion.astype(np.float32), *who

    def _find(self, order: Order) -> Case:
        """Return the case of an order, and make sure once that it is the chief's patient."""
        case = self.cases.get(order.case)
        if case is None:
            raise TrainingError(
                f"worker {self.worker} has no case {order.case!r} in {self.folder}; give every "
                "worker the data that the chief has"
            )
        if order.case not in self.known and fingerprint(case) != order.fingerprint:
            raise TrainingError(
                f"worker {self.worker} has another patient than the chief under the name "
                f"{order.case!r} in {self.folder}; give every worker the data that the chief has"
            )
        self.known.add(order.case)
        return case


class Throttle:
    """Make a worker take `factor` times as long for a case, by sleeping before it pushes.

    Examples
    --------
    >>> start = time.time() - 0.01
    >>> _ = Throttle(3.0)(start)
    >>> time.time() - start > 0.03
    True
    """

    def __init__(self, factor: float = 1.0):
        self.factor = factor

    def __call__(self, start: float) -> np.float64:
        """Sleep, given when the worker began with the case; return for how long (s)."""
        pause = (self.factor - 1) * max(0.0, time.time() - float(start))
        time.sleep(pause)
        return np.float64(pause)


def register(reader: CaseReader, throttle: Throttle) -> object:
    """Make both callable for graphs of the chief; keep what is returned as long as they are.

    They must be the first Python functions of this process that TensorFlow learns of.
    """
    import tensorflow as tf

    with tf.Graph().as_default() as graph:
        tensors = tf.numpy_function(reader, [tf.constant("")], reader_types())
        slept = tf.numpy_function(throttle, [tf.constant(0.0, tf.float64)], tf.float64)
        tokens = [one.op.get_attr("token").decode() for one in (tensors[0], slept)]
    if tokens != [_READER, _THROTTLE]:
        raise RuntimeError(f"reader and throttle became {tokens}: register them first")
    return graph


def reader_types() -> "list[tf.DType]":
    """Return the types of what a reader returns."""
    import tensorflow as tf

    return [tf.float32, tf.float32, tf.int64, tf.int64, tf.float64]


def read_on_worker(order: "tf.Tensor", channels: int) -> "tuple[tf.Tensor, ...]":
    """Return what the reader of the process that runs this graph makes of an order.

    Returns
    -------
    image, lesion, worker, pid, start : tensor
        (1, X, Y, Z, C) and (1, X, Y, Z, 1), any X, Y, Z; three scalars.
    """
    import tensorflow as tf

    image, lesion, *who = tf.raw_ops.PyFunc(input=[order], token=_READER, Tout=reader_types())
    image.set_shape((1, None, None, None, channels))
    lesion.set_shape((1, None, None, None, 1))
    for one in who:
        one.set_shape(())
    return image, lesion, *who


def pause_on_worker(start: "tf.Tensor", gradients: "Sequence[tf.Tensor]") -> "list[tf.Tensor]":
    """Return the gradients after the pause that the throttle of the process makes."""
    import tensorflow as tf

    with tf.control_dependencies(gradients):
        (slept,) = tf.raw_ops.PyFunc(input=[start], token=_THROTTLE, Tout=[tf.float64])
    with tf.control_dependencies([slept]):
        return [tf.identity(gradient) for gradient in gradients]
