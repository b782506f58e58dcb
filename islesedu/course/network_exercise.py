"""Exercises whose answer is a function that builds a part of a network out of Keras layers.

What the function builds is judged in `islesedu.course.network_judges`. Keras is imported when an
answer is judged, not before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from islesedu.course.answers import short
from islesedu.course.exercise import FunctionExercise, OpenExercise
from islesedu.course.sandbox import CodeStopped, run

if TYPE_CHECKING:
    import keras

_SECONDS = 20.0
"""For one call of a reader's function; a small network takes one, more on a busy machine."""


@dataclass(frozen=True, kw_only=True)
class NetworkExercise(OpenExercise):
    """A function to be written that builds something out of Keras layers.

    Attributes
    ----------
    answer : callable
        Takes the reader's function; returns "" if it is right, else a sentence that says what is
        wrong: one of `islesedu.course.network_judges`.
    slips : mapping of str to function
        Wrong functions, for the audit: each must get the sentence that is its key.
    """

    seconds: ClassVar[float] = 120.0

    def is_open(self, answer: Any) -> bool:
        """Tell whether the function is still the stub: its body only returns None."""
        return FunctionExercise.is_open(self, answer)  # type: ignore[arg-type]


class WrongPart(Exception):
    """What is wrong with the reader's function, in a sentence."""


def judged(judge: Callable[[Any], None]) -> Callable[[Any], str]:
    """Turn a function that raises `WrongPart` into one that returns its sentence, or "".

    Examples
    --------
    >>> @judged
    ... def judge(function):
    ...     raise WrongPart("the shortcut is not added")
    >>> judge(print), judge(17)
    ('the shortcut is not added', 'your answer is 17; give a function')
    """

    def sentence(function: Any) -> str:
        if not callable(function):
            return f"your answer is {short(function)}; give a function"
        try:
            judge(function)
        except WrongPart as wrong:
            return str(wrong)
        return ""

    sentence.__doc__, sentence.__name__ = judge.__doc__, judge.__name__
    return sentence


def built(function: Callable, *arguments: Any) -> Any:
    """Return what the reader's function returns; raise `WrongPart` if it stops or gives None."""
    try:
        result = run(lambda: function(*arguments), _SECONDS)
    except CodeStopped as error:
        raise WrongPart(f"your function stops with {error}") from None
    if result is None:
        raise WrongPart("your function returns None; end it with return and the result")
    return result


def inputs_of(*channels: int) -> "list[keras.KerasTensor]":
    """Return inputs (B, X, Y, Z, C) of any size, one for each number of channels."""
    import keras

    return [keras.Input((None, None, None, c)) for c in channels]


def model_of(inputs: Any, output: Any) -> "keras.Model":
    """Return the model from one input or several to what a block returned, or raise `WrongPart`."""
    import keras

    if isinstance(output, keras.Layer):
        raise WrongPart("your function returns a layer; call the layer with the volume")
    if not isinstance(output, keras.KerasTensor):
        raise WrongPart(f"your function returns {short(output)}; return what the last layer gives")
    try:
        # Keras before 3.14 refuses a model that leaves an input unused, as a slip may: use all.
        first = keras.layers.Lambda(lambda given: given[0])
        return keras.Model(inputs, first([output, *keras.tree.flatten(inputs)]))
    except ValueError:
        raise WrongPart("the result is not computed from the volumes that are given") from None


def volume_of(channels: int, seed: int, size: Sequence[int]) -> np.ndarray:
    """Return a random volume (1, X, Y, Z, C)."""
    return np.random.default_rng(seed).normal(size=(1, *size, channels)).astype("float32")


def output_of(model: "keras.Model", *volumes: np.ndarray) -> np.ndarray:
    """Return what a model gives, or raise `WrongPart` if the volumes do not go through."""
    import keras

    try:
        output = model(list(volumes) if len(volumes) > 1 else volumes[0])
    except Exception as error:  # Keras and the backend raise many kinds
        text = short(" ".join(str(error).split()))
        raise WrongPart(f"a volume does not go through: {text}") from None
    return np.asarray(keras.ops.convert_to_numpy(output))


def copy_weights(source: "keras.Model", target: "keras.Model") -> None:
    """Give two models the same random weights; raise `WrongPart` if they do not fit."""
    shapes, others = ([tuple(w.shape) for w in model.weights] for model in (source, target))
    if shapes != others:
        raise WrongPart("the number of parameters is right, but their shapes or order are not")
    rng = np.random.default_rng(2017)
    weights = [rng.normal(0, 0.4, shape).astype("float32") for shape in shapes]
    source.set_weights(weights)
    target.set_weights(weights)


def same_parameters(model: "keras.Model", wanted: int, slips: dict[int, str], what: str) -> None:
    """Raise `WrongPart` unless a model has as many parameters as wanted.

    `slips` has the sentence for numbers that come from known mistakes.
    """
    found = model.count_params()
    if found != wanted:
        much = "few" if found < wanted else "many"
        usual = f"{what} has {found:,} parameters, which is too {much}"
        raise WrongPart(slips.get(found, usual))
