"""The weights on the parameter servers, and what a worker does with them: pull, compute, push.

Pull and push move 4 bytes a parameter each, so a step moves 2 x parameters x 4 bytes. The push is
one operation on the server, under its lock: no part of an update is lost when workers race.
"""

from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from islesedu.cluster.orders import pause_on_worker, read_on_worker
from islesedu.errors import TrainingError
from islesedu.networks.losses import dice

_PUSHED = ("adagrad", "sgd")
"""Optimisers whose update is one operation on the server."""
RESULT = ("worker", "pid", "start", "pulled", "end", "before", "after", "loss", "dice")
"""What a step tells the chief: who, when (s), number of updates at pull and push, how good."""


class SharedWeights:
    """A network whose weights lie on the parameter servers.

    Parameters
    ----------
    strategy : tf.distribute.ParameterServerStrategy
        Deals the variables out to the servers in turn.
    model : keras.Model
        The chief's own copy, compiled with Adagrad or SGD; the weights start as its weights are.
    loss : callable
        (y_true, y_pred) -> scalar.
    slots : int
        Gradients to keep side by side for a synchronous update; 0 for asynchronous training.
    staleness_aware : bool
        Divide the learning rate of an asynchronous update by 1 + its staleness.
    throttled : bool
        Let workers sleep before they push, as long as `islesedu.cluster.orders.Throttle` says.
    """

    def __init__(
        self,
        strategy: tf.distribute.Strategy,
        model: keras.Model,
        loss: Callable[[tf.Tensor, tf.Tensor], tf.Tensor],
        slots: int = 0,
        staleness_aware: bool = False,
        throttled: bool = False,
    ):
        self.model, self.loss = model, loss
        self.staleness_aware, self.throttled = staleness_aware, throttled
        start = [variable.numpy() for variable in model.trainable_variables]
        with strategy.scope():
            self.weights = [tf.Variable(value) for value in start]
            self.squares = [tf.Variable(variable.numpy()) for variable in self.own_squares()]
            self.updates = tf.Variable(0, dtype=tf.int64)
            self.slots = [tf.Variable(tf.zeros((slots, *w.shape))) for w in start if slots]
        order, rate = tf.TensorSpec((), tf.string), tf.TensorSpec((), tf.float32)
        slot = tf.TensorSpec((), tf.int32)
        self.step = tf.function(self.train_case, input_signature=[order, rate])
        self.fill_slot = tf.function(self._fill_slot, input_signature=[order, slot])
        self.apply_mean = tf.function(self._apply_mean, input_signature=[rate])

    def own_squares(self) -> list[keras.Variable]:
        """Return the chief's own sums of squared gradients, one a weight; none for SGD."""
        optimizer, count = self.model.optimizer, len(self.model.trainable_variables)
        if isinstance(optimizer, keras.optimizers.Adagrad):
            return list(optimizer.variables)[-count:]
        return []

    def gradient(self, order: tf.Tensor) -> tuple[list[tf.Tensor], dict[str, tf.Tensor]]:
        """Read a case, pull the weights, compute: gradients, and part of `RESULT`."""
        image, lesion, worker, pid, start = read_on_worker(order, self.model.input_shape[-1])
        with tf.control_dependencies([image]):
            before = self.updates.read_value()
        with tf.control_dependencies([before]):
            weights = [variable.read_value() for variable in self.weights]  # pull
        with tf.control_dependencies(weights):
            pulled = tf.timestamp()
        with tf.control_dependencies([pulled]):
            weights = [tf.identity(weight) for weight in weights]
        with tf.GradientTape() as tape:
            tape.watch(weights)
            fixed = self.model.non_trainable_variables
            output, _ = self.model.stateless_call(weights, fixed, image, training=True)
            loss = self.loss(lesion, output)
        gradients = tape.gradient(loss, weights)
        if self.throttled:
            gradients = pause_on_worker(start, gradients)
        result = {"worker": worker, "pid": pid, "start": start, "pulled": pulled, "before": before}
        return gradients, result | {"loss": loss, "dice": dice(lesion, output)}

    def train_case(self, order: tf.Tensor, rate: tf.Tensor) -> tf.Tensor:
        """Train one case: the whole of asynchronous training."""
        gradients, result = self.gradient(order)
        if self.staleness_aware:
            rate = self._damped(rate, gradients, result["before"])
        with tf.control_dependencies(self.push(gradients, rate)):
            self.updates.assign_add(1)
            return self._as_row(result)

    def _damped(
        self, rate: tf.Tensor, gradients: Sequence[tf.Tensor], before: tf.Tensor
    ) -> tf.Tensor:
        """Return the learning rate divided by 1 + the staleness that the push is about to have."""
        with tf.control_dependencies(gradients):
            staleness = self.updates.read_value() - before
        return rate / tf.cast(1 + staleness, tf.float32)

    def _fill_slot(self, order: tf.Tensor, slot: tf.Tensor) -> tf.Tensor:
        """Train one case of a synchronous update: leave the gradient in a slot on the servers.

        Doing an order twice, after the death of a worker, leaves the same gradient there.
        """
        gradients, result = self.gradient(order)
        puts = [
            tf.raw_ops.ResourceScatterUpdate(
                resource=place.handle, indices=slot[None], updates=gradient[None]
            )
            for place, gradient in zip(self.slots, gradients, strict=True)
        ]
        with tf.control_dependencies(puts):
            return self._as_row(result)

    def _apply_mean(self, rate: tf.Tensor) -> None:
        """Update the weights by the mean of all slots."""
        means = []
        for place in self.slots:
            with tf.device(place.device):
                means.append(tf.reduce_mean(place.read_value(), axis=0))
        with tf.control_dependencies(self.push(means, rate)):
            self.updates.assign_add(1)

    def push(self, gradients: Sequence[tf.Tensor], rate: tf.Tensor) -> list[tf.Operation]:
        """Update the weights on the servers by one gradient each."""
        updates = []
        for number, (weight, gradient) in enumerate(zip(self.weights, gradients, strict=True)):
            with tf.device(weight.device):
                if self.squares:
                    update = tf.raw_ops.ResourceApplyAdagrad(
                        var=weight.handle,
                        accum=self.squares[number].handle,
                        lr=rate,
                        grad=gradient,
                        use_locking=True,
                    )
                else:
                    update = tf.raw_ops.ResourceApplyGradientDescent(
                        var=weight.handle, alpha=rate, delta=gradient, use_locking=True
                    )
                updates.append(update)
        return updates

    def _as_row(self, result: dict[str, tf.Tensor]) -> tf.Tensor:
        """Return all of `RESULT` as one row of float64, so that one message brings it."""
        result = result | {"after": self.updates.read_value(), "end": tf.timestamp()}
        return tf.stack([tf.cast(result[name], tf.float64) for name in RESULT])

    def fetch(self, steps: int) -> None:
        """Copy the weights from the servers into the chief's own network.

        The number of steps is the chief's count: a counter that workers raise may lose some.
        """
        for own, shared in zip(self.model.trainable_variables, self.weights, strict=True):
            own.assign(shared.numpy())
        for own, shared in zip(self.own_squares(), self.squares, strict=True):
            own.assign(shared.numpy())
        self.model.optimizer.iterations.assign(steps)


def check_optimizer(name: str) -> None:
    """Raise a TrainingError about an optimiser that cannot be used on parameter servers."""
    if name not in _PUSHED:
        raise TrainingError(
            f"optimizer is {name!r}; on a cluster choose one of {', '.join(_PUSHED)}, whose update "
            "is a single operation on the parameter server"
        )
