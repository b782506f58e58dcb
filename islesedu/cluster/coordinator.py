"""Give a round's orders to the workers, collect their results, and never hang in silence."""

import math
import queue
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from islesedu.cluster.orders import Order, make_orders
from islesedu.cluster.ports import answers, protect
from islesedu.cluster.spec import ClusterTask, Role
from islesedu.cluster.update_log import UpdateLog
from islesedu.cluster.watch import REMEDY, PeerMonitor
from islesedu.cluster.weights import RESULT, SharedWeights
from islesedu.errors import OrderError, ServerLostError, TrainingError
from islesedu.isles.case import Case
from islesedu.training.plan import LOSSES, make_schedule


def connect(task: ClusterTask, notify: Callable[[str], None]) -> tf.distribute.Strategy:
    """Connect this process, the chief, to workers and parameter servers, which must be up."""
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
        tf.train.ClusterSpec(task.addresses), rpc_layer="grpc", task_type="chief", task_id=0
    )
    strategy = tf.distribute.ParameterServerStrategy(resolver)
    protect(task.address, notify)
    return strategy


class Coordinator:
    """The chief's connection to workers and parameter servers.

    Parameters
    ----------
    strategy : tf.distribute.ParameterServerStrategy
        From `connect`.
    model : keras.Model
        The chief's own network, compiled.
    settings : dict
        Of the run.
    cases : sequence of Case
        To train on.
    log : UpdateLog
        Where to put the results.
    monitor : PeerMonitor
        Checks who answers while no result comes in.
    throttled : bool
        Whether workers are slowed down, see `islesedu.cluster.orders.Throttle`.
    """

    def __init__(
        self,
        strategy: tf.distribute.Strategy,
        model: keras.Model,
        settings: dict[str, Any],
        cases: Sequence[Case],
        log: UpdateLog,
        monitor: PeerMonitor,
        throttled: bool = False,
    ):
        self.settings, self.cases, self.log, self.monitor = settings, cases, log, monitor
        self.servers = monitor.task.others(Role.PS).values()
        self.coordinator = tf.distribute.coordinator.ClusterCoordinator(strategy)
        sync_start = settings.get("sync_start") or 0
        self.last_synchronous = math.inf if settings["mode"] == "sync" else sync_start
        how = {
            "slots": settings["cases_per_update"] if self.last_synchronous else 0,
            "staleness_aware": bool(settings.get("staleness_aware")),
            "throttled": throttled,
        }
        with explained(self.servers):
            self.shared = SharedWeights(strategy, model, LOSSES[settings["loss"]], **how)
        self.schedule = make_schedule(settings["learning_rate"], settings["decay"])

    def train(self, first: int, last: int) -> None:
        """Do the updates from `first` (from 0) to `last`, not among them, and fetch the weights.

        Raises
        ------
        TrainingError
            A parameter server is lost, no worker answers, the loss is no number, or a worker has
            not the chief's data.
        """
        with explained(self.servers):
            for step in range(first, min(last, self.last_synchronous)):
                self._update_by_mean(step)
            first = max(first, self.last_synchronous)
            if first < last:
                self._update_by_each(first, last)
            self.shared.fetch(last)

    def _update_by_each(self, first: int, last: int) -> None:
        seen = self.last_synchronous * (self.settings["cases_per_update"] - 1)  # cases beyond one
        orders = make_orders(self.cases, first + seen, last + seen, self.settings)
        train = self.shared.step
        scheduled = [
            self._schedule(train, order, self._rate(step), step)
            for step, order in enumerate(orders, first)
        ]
        self._collect(scheduled, synchronous=False)

    def _update_by_mean(self, step: int) -> None:
        slots = self.settings["cases_per_update"]
        orders = make_orders(self.cases, step * slots, (step + 1) * slots, self.settings)
        fill = self.shared.fill_slot
        scheduled = [self._schedule(fill, o, np.int32(i), step) for i, o in enumerate(orders)]
        self._collect(scheduled, synchronous=True)
        self.shared.apply_mean(self._rate(step))

    def _rate(self, step: int) -> tf.Tensor:
        return tf.constant(float(self.schedule(step)), tf.float32)

    def _schedule(self, function: Callable, order: Order, number: Any, step: int) -> tuple:
        """Put an order in the queue, for a free worker; return number of the update and result."""
        arguments = tf.constant(order.text), tf.constant(number)
        return step + 1, order, self.coordinator.schedule(function, args=arguments)

    def _collect(self, scheduled: Sequence[tuple], synchronous: bool) -> None:
        """Wait for the results of all orders, in whatever sequence they come, and log them."""
        results: queue.Queue = queue.Queue()
        stop = threading.Event()
        threading.Thread(target=_fetch, args=(scheduled, results, stop), daemon=True).start()
        missing = len(scheduled)
        try:
            while missing:
                try:
                    step, order, row = results.get(timeout=0.5)
                except queue.Empty:
                    self._all_done()
                    continue
                result = dict(zip(RESULT, row.tolist(), strict=True))
                self._take_note(step, order, result, synchronous)
                missing -= 1
            while not self._all_done():  # every order is off TensorFlow's list, too
                time.sleep(0.01)
        finally:
            stop.set()

    def _take_note(
        self, step: int, order: Order, result: dict[str, float], synchronous: bool
    ) -> None:
        self.log.add(step, order.case, result, synchronous)
        self.monitor.note_result()
        if not np.isfinite(result["loss"]):
            raise TrainingError(
                f"the loss became {result['loss']} at step {step}; lower --learning-rate "
                f"(the checkpoint of the round before is in {self.log.run.path})"
            )

    def _all_done(self) -> bool:
        """Tell whether all orders are done; raise what has gone wrong in the meantime."""
        done = self.coordinator.done()  # raises what a worker could not do
        if not done:
            self.monitor.check()
        return done


def _fetch(scheduled: Sequence[tuple], results: queue.Queue, stop: threading.Event) -> None:
    """Fetch results until all are there, each as soon as it may be.

    A worker that dies between doing an order and handing the result over makes a fetch fail; the
    coordinator then gives the order to another worker, so it is asked for again.
    """
    for step, order, value in scheduled:
        while not stop.is_set():
            try:
                results.put((step, order, value.fetch()))
                break
            except (tf.errors.OpError, AssertionError):
                time.sleep(0.2)  # what is beyond repair is raised by the coordinator


@contextmanager
def explained(servers: Iterable[str] = ()) -> Iterator[None]:
    """Turn TensorFlow's errors into what they mean to whoever started the training.

    Of an error in a worker's process only the text arrives here, with the name of its class.
    """
    try:
        yield
    except tf.errors.OpError as error:
        from_reader = re.search(rf"\b{OrderError.__name__}: (.+)$", str(error), re.MULTILINE)
        if from_reader:
            raise OrderError(from_reader[1]) from error
        gone = isinstance(error, (tf.errors.UnavailableError, tf.errors.AbortedError))
        if gone or not all(map(answers, servers)):
            raise ServerLostError(
                f"a parameter server does not answer any more: {REMEDY}"
            ) from error
        first_line = str(error).strip().splitlines()[0][:300]
        raise TrainingError(f"TensorFlow says: {first_line}; go on with --resume") from error
