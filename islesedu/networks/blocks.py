"""The blocks of the V-Net: layer, residual block, way down, way up.

Lesson 11 lets the reader write them. Shapes are (B, X, Y, Z, C); X, Y, Z may be any sizes, odd ones
too. Without a name Keras finds one.
"""

from collections.abc import Sequence
from typing import TypeAlias

import keras
from keras import KerasTensor, layers, ops

from islesedu.networks.backend import Tensor
from islesedu.networks.packing import Conv3D

Volume: TypeAlias = KerasTensor  # (B, X, Y, Z, C)


@keras.saving.register_keras_serializable("islesedu")
class CutTo(layers.Layer):
    """Cut the last voxels of a doubled volume off where its skip has none.

    Halving 19 slices gives 10, doubling 10 gives 20: the twentieth goes. Called with the pair
    ``[volume, skip]``, of shapes (B, X' >= X, Y' >= Y, Z' >= Z, C) and (B, X, Y, Z, C''); returns
    (B, X, Y, Z, C).
    """

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        """Cut X', Y', Z' to X, Y, Z."""
        volume, skip = inputs
        x, y, z = ops.shape(skip)[1:4]
        return volume[:, :x, :y, :z, :]

    def compute_output_spec(self, inputs: Sequence[KerasTensor]) -> KerasTensor:
        """Return the shape before any volume has come."""
        volume, skip = inputs
        return KerasTensor((*skip.shape[:4], volume.shape[4]), dtype=volume.dtype)


def _part(name: str | None, part: str) -> str | None:
    """Return the name of a block's part; None, for which Keras finds a name, if it has none."""
    return name and f"{name}_{part}"


def _activate(volume: Volume, slope: float, name: str | None) -> Volume:
    """Apply PReLU: x where x is positive, a x elsewhere, with one learned a per channel."""
    start = keras.initializers.Constant(slope)
    return layers.PReLU(alpha_initializer=start, shared_axes=[1, 2, 3], name=name)(volume)


def convolve(
    volume: Volume,
    filters: int,
    size: int,
    name: str | None = None,
    slope: float = 0.1,
    bias: float = 1.0,
    stride: int = 1,
) -> Volume:
    """Convolve, add a bias, apply PReLU: (B, X, Y, Z, C) -> (B, X / stride, ..., filters)."""
    start = keras.initializers.Constant(bias)
    how = {"strides": stride, "padding": "same", "bias_initializer": start, "name": name}
    return _activate(Conv3D(filters, size, **how)(volume), slope, _part(name, "prelu"))


def residual_block(
    volume: Volume,
    shortcut: Volume,
    filters: int,
    count: int,
    size: int,
    name: str | None = None,
    **start: float,
) -> Volume:
    """Apply `count` convolutions with PReLU, then add the shortcut: the block learns a change.

    (B, X, Y, Z, C) and the shortcut's (B, X, Y, Z, filters) -> (B, X, Y, Z, filters); `start` is
    the ``slope`` and the ``bias`` with which the training starts, 0.1 and 1.0 in the original.
    """
    for number in range(1, count + 1):
        volume = convolve(volume, filters, size, _part(name, f"conv{number}"), **start)
    return layers.Add(name=_part(name, "add"))([volume, shortcut])


def down(volume: Volume, filters: int, name: str | None = None, **start: float) -> Volume:
    """Halve the size, rounding up: (B, X, Y, Z, C) -> (B, X/2, Y/2, Z/2, filters)."""
    return convolve(volume, filters, 2, _part(name, "down"), stride=2, **start)


def up(
    volume: Volume,
    skip: Volume,
    filters: int,
    name: str | None = None,
    slope: float = 0.1,
    bias: float = 1.0,
) -> Volume:
    """Double the size up to the skip's: (B, X/2, Y/2, Z/2, C) -> (B, X, Y, Z, filters)."""
    start = keras.initializers.Constant(bias)
    how = {"strides": 2, "padding": "same", "bias_initializer": start, "name": _part(name, "up")}
    volume = layers.Conv3DTranspose(filters, 2, **how)(volume)
    volume = _activate(volume, slope, _part(name, "up_prelu"))
    return CutTo(name=_part(name, "cut"))([volume, skip])
