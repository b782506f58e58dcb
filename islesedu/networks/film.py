"""Condition a network of voxels on clinical variables: FiLM, and concatenation.

FiLM: Perez, Strub, de Vries, Dumoulin, Courville: "FiLM: Visual Reasoning with a General
Conditioning Layer", AAAI 2018. Concatenation: as Robben et al., "Prediction of final infarct volume
from native CT perfusion and treatment parameters using deep learning", Medical Image Analysis
59:101589, 2020, whose network gets the time to treatment and its success (TICI).

Shapes: a volume is (B, X, Y, Z, C), the numbers are (B, F).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import KerasTensor, layers, ops

from islesedu.isles.clinical_features import fit_scale
from islesedu.networks.backend import Tensor

_SPREAD = {"mean": 0.0, "std": 1.0, "low": -np.inf, "high": np.inf}


@keras.saving.register_keras_serializable("islesedu")
class ImputeAndScale(layers.Layer):
    """Turn (B, F) numbers with gaps into (B, 2 F): scaled values, then which of them were missing.

    A value is held between the lowest and the highest of the training patients, then gets their
    mean and standard deviation; a missing one (nan) becomes 0, the mean, and 1 among the second F.
    Until `adapt` or `set_scale` is called, values pass as they are. Nothing here is trained.
    """

    def build(self, shape: tuple[int, ...]) -> None:
        """Make the four rows of (F,) numbers that describe the training patients."""
        for name, value in _SPREAD.items():
            start = keras.initializers.Constant(value)
            row = self.add_weight(shape=(shape[-1],), initializer=start, trainable=False, name=name)
            setattr(self, name, row)

    def set_scale(self, scale: Mapping[str, Sequence[float]]) -> None:
        """Set mean, std, low and high, each of (F,), as `islesedu.isles.fit_scale` gives."""
        for name in _SPREAD:
            getattr(self, name).assign(scale[name])

    def adapt(self, vectors: np.ndarray) -> None:
        """Take them from the (N, F) numbers of the training patients, nan where missing."""
        if not self.built:
            self.build(np.shape(vectors))
        columns = [f"column {number}" for number in range(len(vectors[0]))]
        self.set_scale(fit_scale(vectors, columns))

    def call(self, vector: Tensor) -> Tensor:
        """(B, F) -> (B, 2 F)."""
        # As tensors: JAX's own functions take no Variable while Keras works out a shape.
        mean, std, low, high = (ops.convert_to_tensor(getattr(self, name)) for name in _SPREAD)
        missing = ops.isnan(vector)
        known = ops.where(missing, mean, vector)
        scaled = (ops.clip(known, low, high) - mean) / std
        return ops.concatenate([scaled, ops.cast(missing, scaled.dtype)], axis=-1)


def modulate(volume: Tensor, factor: Tensor, term: Tensor) -> Tensor:
    """Scale and shift each channel, the same in every voxel: volume (1 + factor) + term.

    Parameters
    ----------
    volume : tensor or ndarray, (B, X, Y, Z, C)
    factor, term : tensor or ndarray, (B, C)
        Nothing changes where both are 0.

    Returns
    -------
    tensor or ndarray, (B, X, Y, Z, C)

    Examples
    --------
    >>> volume = np.ones((1, 1, 1, 1, 2))
    >>> modulate(volume, np.array([[0.5, 0]]), np.array([[0, 2]])).ravel().tolist()
    [1.5, 3.0]
    """
    return volume * (1 + factor[:, None, None, None, :]) + term[:, None, None, None, :]


@keras.saving.register_keras_serializable("islesedu")
class FiLM(layers.Layer):
    """Feature-wise linear modulation: each channel times 1 + g, plus b; g and b from the numbers.

    Called with ``[volume, numbers]``, of shapes (B, X, Y, Z, C) and (B, F); returns (B, X, Y, Z,
    C). The last weights start at 0, so at first the volume passes unchanged.

    Parameters
    ----------
    hidden : int
        Units of a hidden layer with ReLU between the numbers and g and b; 0 is none, and g and b
        are then linear in the numbers.
    """

    def __init__(self, hidden: int = 0, **options: Any):
        super().__init__(**options)
        self.units = hidden

    def get_config(self) -> dict[str, Any]:
        """Return what makes the layer again."""
        return super().get_config() | ({"hidden": self.units} if self.units else {})

    def build(self, shapes: Sequence[tuple[int, ...]]) -> None:
        """Make one layer for the C factors and the C terms, and the hidden one before it."""
        numbers = shapes[1]
        if self.units:
            self.hidden = layers.Dense(
                self.units, activation="relu", dtype=self.dtype_policy, name="hidden"
            )
            self.hidden.build(numbers)
            numbers = (*numbers[:-1], self.units)
        self.dense = layers.Dense(
            2 * shapes[0][-1], kernel_initializer="zeros", dtype=self.dtype_policy, name="dense"
        )
        self.dense.build(numbers)

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        """Give every voxel of a channel the same factor and the same term."""
        volume, numbers = inputs
        numbers = self.hidden(numbers) if self.units else numbers
        factor, term = ops.split(self.dense(numbers), 2, axis=-1)
        return modulate(volume, factor, term)

    def compute_output_spec(self, inputs: Sequence[KerasTensor]) -> KerasTensor:
        """Return the shape: the volume's."""
        return KerasTensor(inputs[0].shape, dtype=self.compute_dtype)


@keras.saving.register_keras_serializable("islesedu")
class Append(layers.Layer):
    """Give each voxel the numbers as further channels: (B, X, Y, Z, C), (B, F) -> (..., C + F)."""

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        """Repeat the numbers at every voxel."""
        volume, numbers = inputs
        numbers = ops.cast(numbers[:, None, None, None, :], volume.dtype)
        size = (*ops.shape(volume)[:4], numbers.shape[-1])
        return ops.concatenate([volume, ops.broadcast_to(numbers, size)], axis=-1)

    def compute_output_spec(self, inputs: Sequence[KerasTensor]) -> KerasTensor:
        """Return the shape before any volume has come."""
        volume, numbers = inputs
        channels = volume.shape[4] + numbers.shape[1]
        return KerasTensor((*volume.shape[:4], channels), dtype=volume.dtype)


def factor_change(
    model: keras.Model, first: Sequence[float], second: Sequence[float]
) -> dict[str, float]:
    """Return by how much FiLM's factor g differs between two patients, for each block of a network.

    It is 0 where the network ignores its clinical variables: all of FiLM starts at 0.

    Parameters
    ----------
    model : keras.Model
        From `islesedu.networks.build_vnet` with ``fusion="film"``.
    first, second : sequence of float, (F,)
        Clinical variables, as `islesedu.isles.clinical_vector` gives them.

    Returns
    -------
    dict of str to float
        Mean absolute difference over the channels, by the block's name, such as "bottom".

    Raises
    ------
    ValueError
        The network has no FiLM.

    Examples
    --------
    >>> from islesedu.networks import build_vnet
    >>> small = {"filters": 1, "convolutions": (1,), "bottom_convolutions": 1, "kernel_size": 3}
    >>> untrained = build_vnet(**small, clinical_features=2, fusion="film")
    >>> factor_change(untrained, [0, 60], [4, 60])
    {'encoder1': 0.0, 'bottom': 0.0, 'decoder1': 0.0}
    """
    blocks = [layer for layer in model.layers if isinstance(layer, FiLM)]
    if not blocks:
        raise ValueError(f"{model.name} has no FiLM layer; build it with fusion='film'")
    numbers = model.get_layer("clinical_scale")(np.array([first, second], np.float32))
    changes = {}
    for layer in blocks:
        given = layer.hidden(numbers) if layer.units else numbers
        factor, _ = ops.split(layer.dense(given), 2, axis=-1)  # (2, C)
        change = ops.convert_to_numpy(ops.mean(ops.absolute(factor[1] - factor[0])))
        changes[layer.name.removesuffix("_film")] = float(change)
    return changes
