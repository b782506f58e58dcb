"""Give a round's orders to the workers, take in what they tell, and never hang in silence."""

import queue
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from islesedu.cluster.orders import Order, make_orders
from islesedu.cluster.ports import is_loopback, keep_to_loopback
from islesedu.cluster.spec import Task
from islesedu.cluster.update_log import UpdateLog
from islesedu.cluster.watch import REMEDY, Watch
from islesedu.cluster.weights import RESULT, SharedWeights
from islesedu.errors import DivergedError, TrainingError
from islesedu.training.plan import LOSSES, make_schedule


def connect(task: Task, say: Callable[[str], None]) -> tf.distribute.Strategy:
    """Connect this process, the chief, to workers and parameter servers, which must be up."""
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
        tf.train.ClusterSpec(task.addresses), rpc_layer="grpc", task_type="chief", task_id=0
    )
    strategy = tf.distribute.ParameterServerStrategy(resolver)
    if is_loopback(task.address) and not keep_to_loopback(task.address):
        say(f"this system cannot keep {task.address} to itself: other machines can reach it")
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
        Where to put what the workers tell.
    watch : Watch
        Looks at who answers while nothing comes in.
    """

    def __init__(
        self,
        strategy: tf.distribute.Strategy,
        model: keras.Model,
        settings: dict,
        cases: Sequence,
        log: UpdateLog,
        watch: Watch,
    ):
        self.settings, self.cases, self.log, self.watch = settings, cases, log, watch
        self.coordinator = tf.distribute.coordinator.ClusterCoordinator(strategy)
        slots = settings["cases_per_update"] if settings["mode"] == "sync" else 0
        with explained():
            self.shared = SharedWeights(strategy, model, LOSSES[settings["loss"]], slots)
        self.schedule = make_schedule(settings["learning_rate"])

    def train(self, first: int, last: int) -> None:
        """Do the updates from `first` (from 0) to `last`, not among them, and fetch the weights.

        Raises
        ------
        TrainingError
            A parameter server is lost, no worker answers, the loss is no number, or a worker has
            not the chief's data.
        """
        with explained():
            self.update(first, last)
            self.shared.fetch(last)

    def update(self, first: int, last: int) -> None:
        """Do the updates from `first` to `last`, on the servers."""
        if self.settings["mode"] == "sync":
            for step in range(first, last):
                slots = self.settings["cases_per_update"]
                orders = make_orders(self.cases, step * slots, (step + 1) * slots, self.settings)
                given = [
                    (step + 1, order, self.give(self.shared.fill_slot, order, np.int32(slot)))
                    for slot, order in enumerate(orders)
                ]
                self.take_in(given)
                self.shared.apply_mean(self.rate(step))
            return
        given = []
        for order in make_orders(self.cases, first, last, self.settings):
            value = self.give(self.shared.step, order, self.rate(order.step))
            given.append((order.step + 1, order, value))
        self.take_in(given)

    def rate(self, step: int) -> tf.Tensor:
        """Return the learning rate of an update."""
        return tf.constant(float(self.schedule(step)), tf.float32)

    def give(self, function: Callable, order: Order, number: Any) -> Any:
        """Put an order in the queue; a worker that is free takes it."""
        arguments = tf.constant(order.text), tf.constant(number)
        return self.coordinator.schedule(function, args=arguments)

    def take_in(self, given: Sequence[tuple]) -> None:
        """Take in the results of all orders given, in whatever order they come."""
        results: queue.Queue = queue.Queue()
        stop = threading.Event()
        collector = threading.Thread(target=collect, args=(given, results, stop), daemon=True)
        collector.start()
        missing, synchronous = len(given), self.settings["mode"] == "sync"
        try:
            while missing:
                try:
                    step, order, row = results.get(timeout=0.5)
                except queue.Empty:
                    self.look()
                    continue
                told = dict(zip(RESULT, row.tolist(), strict=True))
                self.log.add(step, order.case, told, synchronous)
                self.watch.heard(int(told["worker"]))
                missing -= 1
                if not np.isfinite(told["loss"]):
                    raise DivergedError(
                        f"the loss became {told['loss']} at step {step}; lower --learning-rate "
                        f"(the checkpoint of the round before is in {self.log.run.path})"
                    )
            while not self.look():  # every order is off the coordinator's list, too
                time.sleep(0.01)
        finally:
            stop.set()

    def look(self) -> bool:
        """Tell whether all orders are done; raise what has gone wrong in the meantime."""
        done = self.coordinator.done()  # raises what a worker could not do
        if not done:
            self.watch.look()
        return done


def collect(given: Sequence[tuple], results: queue.Queue, stop: threading.Event) -> None:
    """Fetch results until all are there, each as soon as it may be.

    A worker that dies between doing an order and handing the result over makes a fetch fail; the
    coordinator then gives the order to another worker, so it is asked for again.
    """
    for step, order, value in given:
        while not stop.is_set():
            try:
                results.put((step, order, value.fetch()))
                break
            except (tf.errors.OpError, AssertionError):
                time.sleep(0.2)  # what is beyond repair is raised by the coordinator


@contextmanager
def explained() -> Iterator[None]:
    """Turn TensorFlow's errors into what they mean to whoever started the training."""
    try:
        yield
    except tf.errors.OpError as error:
        text = str(error)
        own = re.findall(r"\w*Error: (.+)$", text, re.MULTILINE)
        if own:  # raised by the reader, in the worker's process
            raise TrainingError(own[-1]) from error
        if "/job:ps" in text or isinstance(error, tf.errors.UnavailableError):
            raise TrainingError(f"a parameter server does not answer any more: {REMEDY}") from error
        said = text.strip().splitlines()[0][:300]
        raise TrainingError(f"TensorFlow says: {said}; go on with --resume") from error
