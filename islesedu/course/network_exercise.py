"""Exercises whose answer is a function that builds a part of a network out of Keras layers.

Two such functions are compared by what they build: the sizes and channels that come out, the
number of parameters, and the numbers that come out where both have the same weights. Keras is
imported when an answer is judged, not before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from islesedu.course.answers import short
from islesedu.course.exercise import FunctionExercise, OpenExercise
from islesedu.course.sandbox import CodeStopped, run

if TYPE_CHECKING:
    import keras

_SECONDS = 60.0
"""A network of a few layers is built in one; a busy machine takes longer."""
_SIZE = (5, 4, 3)
"""Of the volumes that are sent through: odd, even, odd."""


@dataclass(frozen=True, kw_only=True)
class NetworkExercise(OpenExercise):
    """A function to be written that builds something out of Keras layers.

    Attributes
    ----------
    answer : callable
        Takes the reader's function; returns "" if it is right, else a sentence that says what is
        wrong. See `judge_residual_block` and its neighbours.
    slips : mapping of str to function
        Wrong functions, for the audit: each must get the sentence that is its key.
    """

    def is_open(self, answer: Any) -> bool:
        """Tell whether the function is still the stub: its body only returns None."""
        return FunctionExercise.is_open(self, answer)  # type: ignore[arg-type]


class _Wrong(Exception):
    """What is wrong with the reader's function, in a sentence."""


def judged(judge: Callable[[Any], None]) -> Callable[[Any], str]:
    """Turn a function that raises `_Wrong` into one that returns its sentence, or ""."""

    def sentence(function: Any) -> str:
        if not callable(function):
            return f"Your answer is {short(function)}; give a function"
        try:
            judge(function)
        except _Wrong as wrong:
            return str(wrong)
        return ""

    sentence.__doc__, sentence.__name__ = judge.__doc__, judge.__name__
    return sentence


def _built(function: Callable, *arguments: Any) -> Any:
    """Return what the reader's function returns, or raise `_Wrong`."""
    try:
        result = run(lambda: function(*arguments), _SECONDS)
    except CodeStopped as error:
        raise _Wrong(f"your function stops with {error}") from None
    if result is None:
        raise _Wrong("your function returns None; end it with return and the result")
    return result


def _model(inputs: Any, output: Any) -> "keras.Model":
    """Return the model from one input or several to what a block returned, or raise `_Wrong`."""
    import keras

    if isinstance(output, keras.Layer):
        raise _Wrong("your function returns a layer; call the layer with the volume")
    if not isinstance(output, keras.KerasTensor):
        raise _Wrong(f"your function returns {short(output)}; return what the last layer gives")
    try:
        return keras.Model(inputs, output)
    except ValueError:
        raise _Wrong("the result is not computed from the volumes that are given") from None


def _inputs(*channels: int) -> "list[keras.KerasTensor]":
    """Return inputs (B, X, Y, Z, C) of any size."""
    import keras

    return [keras.Input((None, None, None, c)) for c in channels]


def _volume(channels: int, seed: int, size: Sequence[int] = _SIZE) -> np.ndarray:
    """Return a random volume (1, X, Y, Z, C)."""
    return np.random.default_rng(seed).normal(size=(1, *size, channels)).astype("float32")


def _output(model: "keras.Model", *volumes: np.ndarray) -> np.ndarray:
    """Return what a model gives, or raise `_Wrong`."""
    import keras

    try:
        output = model(list(volumes) if len(volumes) > 1 else volumes[0])
    except Exception as error:  # Keras and the backend raise many kinds
        text = " ".join(str(error).split())
        raise _Wrong(f"a volume does not go through: {short(text)}") from None
    return np.asarray(keras.ops.convert_to_numpy(output))


def _copy_weights(source: "keras.Model", target: "keras.Model") -> None:
    """Give a model random weights, and another one the same; raise `_Wrong` if they do not fit."""
    shapes = [[w.shape for w in model.weights] for model in (source, target)]
    if shapes[0] != shapes[1]:
        raise _Wrong("the number of parameters is right, but their shapes or their order are not")
    rng = np.random.default_rng(2017)
    weights = [rng.normal(0, 0.4, shape).astype("float32") for shape in shapes[0]]
    source.set_weights(weights)
    target.set_weights(weights)


def _same_parameters(model: "keras.Model", wanted: int, slips: dict[int, str], what: str) -> None:
    """Raise `_Wrong` if a model has not the wanted number of parameters."""
    found = model.count_params()
    if found != wanted:
        usual = (
            f"{what} has {found:,} parameters, which is too {'few' if found < wanted else 'many'}"
        )
        raise _Wrong(slips.get(found, usual))


def _layer(c_in: int, c_out: int, k: int) -> int:
    """Return the parameters of a convolution with bias and PReLU."""
    return k**3 * c_in * c_out + 2 * c_out


@judged
def judge_residual_block(function: Callable) -> None:
    """Say what is wrong with ``function(volume, shortcut, filters, count, size)``, or "".

    Examples
    --------
    >>> judge_residual_block(17)
    'Your answer is 17; give a function'
    """
    from islesedu.networks.vnet import residual_block

    for count in (2, 3):
        inputs = _inputs(6, 3)
        model = _model(inputs, _built(function, *inputs, 3, count, 3))
        if model.output_shape[-1] != 3:
            raise _Wrong("the result must have `filters` channels")
        volume, shortcut = _volume(6, 1), _volume(3, 2)
        if _output(model, volume, 0 * shortcut).shape != shortcut.shape:
            raise _Wrong("a residual block must keep the size of the volume")
        wanted = _layer(6, 3, 3) + (count - 1) * _layer(3, 3, 3)
        few = {wanted - 3 * count: "a PReLU is missing after each convolution"}
        few |= {wanted - 3: "one of the convolutions has no PReLU"}
        few |= {wanted - (count - n) * _layer(3, 3, 3): f"with count = {count} the block does not have "
                f"{count} convolutions" for n in range(1, 6) if n != count}  # fmt: skip
        _same_parameters(model, wanted, few, f"the block with count = {count}")
        model.set_weights([np.zeros_like(w) for w in model.get_weights()])
        zero = _output(model, volume, shortcut)
        if not zero.any():
            raise _Wrong("the shortcut is not added")
        if np.array_equal(zero, np.maximum(shortcut, 0)):
            raise _Wrong("the shortcut is added before the last PReLU, not after it")
        reference = _model(inputs, residual_block(*inputs, 3, count, 3))
        _copy_weights(reference, model)
        if not np.allclose(_output(model, volume, shortcut), _output(reference, volume, shortcut),
                           atol=1e-4):  # fmt: skip
            raise _Wrong("add the shortcut once, to the result of the last PReLU")


@judged
def judge_down(function: Callable) -> None:
    """Say what is wrong with ``function(volume, filters)``, or ""."""
    from islesedu.networks.vnet import down

    (image,) = _inputs(3)
    model, volume = _model(image, _built(function, image, 6)), _volume(3, 1)
    if model.output_shape[-1] != 6:
        raise _Wrong("the result must have `filters` channels")
    shape = _output(model, volume).shape[1:4]
    if shape == tuple(n // 2 for n in _SIZE):
        raise _Wrong("an odd size must be halved and rounded up, so that no voxel is lost")
    if shape != tuple(-(-n // 2) for n in _SIZE):
        raise _Wrong("the result must have half the size of the volume along each axis")
    few = {8 * 18 + 6: "the PReLU after the convolution is missing"}
    few |= {_layer(3, 6, k): "the kernel covers 2 x 2 x 2 voxels" for k in (1, 3, 4, 5)}
    _same_parameters(model, _layer(3, 6, 2), few, "the block")
    reference = _model(image, down(image, 6))
    _copy_weights(reference, model)
    if not np.allclose(_output(model, volume), _output(reference, volume), atol=1e-4):
        raise _Wrong("the parameters are right, the numbers are not: convolution, then PReLU")


@judged
def judge_up(function: Callable) -> None:
    """Say what is wrong with ``function(volume, skip, filters)``, or ""."""
    from islesedu.networks.vnet import up

    inputs = _inputs(6, 3)
    model = _model(inputs, _built(function, *inputs, 3))
    volumes = _volume(6, 1, [-(-n // 2) for n in _SIZE]), _volume(3, 2)
    if model.output_shape[-1] == 6:
        raise _Wrong("return the enlarged volume with `filters` channels; it is concatenated later")
    if model.output_shape[-1] != 3:
        raise _Wrong("the result must have `filters` channels")
    shape = _output(model, *volumes).shape[1:4]
    if shape == tuple(-(-n // 2) * 2 for n in _SIZE):
        raise _Wrong("the result must be cut to the size of the skip")
    if shape != _SIZE:
        raise _Wrong("the result must have the size of the skip")
    few = {8 * 18 + 3: "the PReLU after the transposed convolution is missing"}
    few |= {_layer(6, 3, k): "the kernel covers 2 x 2 x 2 voxels" for k in (1, 3, 4, 5)}
    _same_parameters(model, _layer(6, 3, 2), few, "the block")
    reference = _model(inputs, up(*inputs, 3))
    _copy_weights(reference, model)
    if not np.allclose(_output(model, *volumes), _output(reference, *volumes), atol=1e-4):
        raise _Wrong("the parameters are right, the numbers are not: transposed convolution, "
                     "PReLU, cut")  # fmt: skip


def _skip_first(model: "keras.Model") -> None:
    """Exchange the halves of the input channels of each convolution behind a concatenation."""
    for layer in model.layers:
        if layer.name.startswith("decoder") and layer.name.endswith("conv1"):
            kernel, bias = layer.get_weights()
            half = kernel.shape[3] // 2
            swapped = np.concatenate([kernel[:, :, :, half:], kernel[:, :, :, :half]], axis=3)
            layer.set_weights([swapped, bias])


@judged
def judge_vnet(function: Callable) -> None:
    """Say what is wrong with ``function(channels, filters, size, convolutions, bottom)``, or "".

    What it builds must do what `islesedu.networks.build_vnet` does: take any size, give one
    probability a voxel, have as many parameters, and give the same numbers with the same weights.
    """
    import keras

    from islesedu.networks.vnet import build_vnet

    for convolutions, bottom in (((1, 2), 1), ((1,), 2)):
        model = _built(function, 2, 2, 3, convolutions, bottom)
        if not isinstance(model, keras.Model):
            raise _Wrong(f"your function returns {short(model)}; return a keras.Model")
        if tuple(model.input_shape) != (None, None, None, None, 2):
            raise _Wrong("the input must take any size and have `channels` channels")
        if model.output_shape[-1] != 1:
            raise _Wrong("the output must have one channel, the probability")
        reference = build_vnet(2, 2, 3, convolutions, bottom)
        _same_parameters(model, reference.count_params(), {}, f"with {convolutions} the V-Net")
        volume = _volume(2, 3, (7, 5, 3))
        output = _output(model, volume)
        if output.shape != (1, 7, 5, 3, 1):
            raise _Wrong("each voxel must get a probability; an odd size comes out as another one")
        _copy_weights(reference, model)
        output, wanted = _output(model, volume), _output(reference, volume)
        if not 0 <= output.min() <= output.max() <= 1:
            raise _Wrong("the output is no probability: the last layer has a sigmoid")
        _skip_first(reference)
        if np.allclose(output, _output(reference, volume), atol=1e-4) and not np.allclose(
            output, wanted, atol=1e-4
        ):
            raise _Wrong("concatenate the volume from below first, then the skip")
        if not np.allclose(output, wanted, atol=1e-4):
            raise _Wrong("the parameters are right, but not what is connected with what: compare "
                         "skips and shortcuts with the diagram")  # fmt: skip
