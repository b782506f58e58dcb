"""The V-Net of the ISLES 2017 entry: a 3-D network that looks at a volume at five resolutions.

Milletari, Navab, Ahmadi: "V-Net: Fully Convolutional Neural Networks for Volumetric Medical Image
Segmentation", 3DV 2016, in the form of Monteiro's challenge entry: convolutions of 5 x 5 x 5, PReLU
after each, the residual added after the activation, no normalisation, no dropout.

Shapes are (B, X, Y, Z, C); X, Y, Z may be any sizes, odd ones too.
"""

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from islesedu.isles.clinical_features import FUSIONS
from islesedu.networks.backend import Tensor
from islesedu.networks.film import Append, FiLM, ImputeAndScale


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

    def compute_output_spec(self, inputs: Sequence[Tensor]) -> keras.KerasTensor:
        """Say the shape before any volume has come."""
        volume, skip = inputs
        return keras.KerasTensor((*skip.shape[:4], volume.shape[4]), dtype=volume.dtype)


def activate(volume: Tensor, slope: float, name: str) -> Tensor:
    """Apply PReLU: x where x is positive, a x elsewhere, with one learned a per channel."""
    return layers.PReLU(
        alpha_initializer=keras.initializers.Constant(slope), shared_axes=[1, 2, 3], name=name
    )(volume)


def convolve(
    volume: Tensor,
    filters: int,
    size: int,
    name: str,
    *,
    slope: float,
    bias: float,
    stride: int = 1,
) -> Tensor:
    """Convolve, add a bias, apply PReLU: (B, X, Y, Z, C) -> (B, X / stride, ..., filters)."""
    volume = layers.Conv3D(
        filters,
        size,
        strides=stride,
        padding="same",
        bias_initializer=keras.initializers.Constant(bias),
        name=name,
    )(volume)
    return activate(volume, slope, f"{name}_prelu")


def residual_block(
    volume: Tensor, shortcut: Tensor, filters: int, count: int, size: int, name: str, **start: float
) -> Tensor:
    """Apply `count` convolutions with PReLU, then add what came in: the block learns a change.

    Parameters
    ----------
    volume : tensor, (B, X, Y, Z, C)
        What the convolutions see.
    shortcut : tensor, (B, X, Y, Z, filters)
        What is added after the last activation.
    filters, count, size : int
        Output channels, number of convolutions, their kernel size.
    name : str
        Prefix of the layer names.
    **start
        ``slope`` and ``bias`` at the start of the training.

    Returns
    -------
    tensor, (B, X, Y, Z, filters)
    """
    for number in range(1, count + 1):
        volume = convolve(volume, filters, size, f"{name}_conv{number}", **start)
    return layers.Add(name=f"{name}_add")([volume, shortcut])


def down(volume: Tensor, filters: int, name: str, **start: float) -> Tensor:
    """Halve the size, rounding up: (B, X, Y, Z, C) -> (B, X/2, Y/2, Z/2, filters)."""
    return convolve(volume, filters, 2, f"{name}_down", stride=2, **start)


def up(
    volume: Tensor, skip: Tensor, filters: int, name: str, *, slope: float, bias: float
) -> Tensor:
    """Double the size up to the skip's: (B, X/2, Y/2, Z/2, C) -> (B, X, Y, Z, filters)."""
    volume = layers.Conv3DTranspose(
        filters,
        2,
        strides=2,
        padding="same",
        bias_initializer=keras.initializers.Constant(bias),
        name=f"{name}_up",
    )(volume)
    volume = activate(volume, slope, f"{name}_up_prelu")
    return CutTo(name=f"{name}_cut")([volume, skip])


def modulated(volume: Tensor, numbers: Tensor | None, block: str) -> Tensor:
    """Apply FiLM to what a block has found, if the network is conditioned on numbers that way."""
    return volume if numbers is None else FiLM(name=f"{block}_film")([volume, numbers])


def encode(
    volume: Tensor,
    levels: Sequence[tuple[int, int]],
    filters: int,
    size: int,
    numbers: Tensor | None = None,
    **start: float,
) -> tuple[Tensor, list[Tensor]]:
    """Apply the blocks on the way down; return the bottom's input and what each level hands over.

    Parameters
    ----------
    volume : tensor, (B, X, Y, Z, filters)
    levels : sequence of (int, int)
        Number of each level, from 1 at the top, and its convolutions.
    filters, size : int
        Channels of the first level; kernel size.
    numbers : tensor, (B, F), optional
        What FiLM conditions the blocks on.
    **start
        See `residual_block`.
    """
    skips = []
    for level, count in levels:
        block = f"encoder{level}"
        volume = residual_block(volume, volume, filters, count, size, block, **start)
        volume = modulated(volume, numbers, block)
        skips.append(volume)
        filters *= 2
        volume = down(volume, filters, block, **start)  # half the size, twice the channels
    return volume, skips


def decode(
    volume: Tensor,
    skips: Sequence[Tensor],
    levels: Sequence[tuple[int, int]],
    filters: int,
    size: int,
    numbers: Tensor | None = None,
    **start: float,
) -> Tensor:
    """Apply the blocks on the way up, each to the doubled volume and what the encoder hands over.

    Parameters as in `encode`; `filters` are the channels of the bottom.
    """
    for (level, count), skip in reversed(list(zip(levels, skips, strict=True))):
        block = f"decoder{level}"
        filters //= 2
        volume = up(volume, skip, filters, block, **start)  # twice the size, half the channels
        both = layers.Concatenate(name=f"{block}_concat")([volume, skip])  # 2 x filters
        volume = residual_block(both, volume, filters, count, size, block, **start)
        volume = modulated(volume, numbers, block)
    return volume


def build_vnet(
    channels: int = 6,
    filters: int = 16,
    kernel_size: int = 5,
    convolutions: Sequence[int] = (1, 2, 3, 3),
    bottom_convolutions: int = 3,
    initial_bias: float = 1.0,
    activation_slope: float = 0.1,
    clinical_features: int = 0,
    fusion: str = "film",
    name: str = "vnet",
) -> keras.Model:
    """Build the V-Net; the defaults are the original, with 43,945,969 parameters.

    Parameters
    ----------
    channels : int
        Maps the network sees: the C of its input (B, X, Y, Z, C).
    filters : int
        Channels of the first level; each level down has twice as many. The lessons use 4.
    kernel_size : int
        Edge of the convolutions' kernels, in voxels.
    convolutions : sequence of int
        Convolutions of each level, from the top; their number is the number of levels.
    bottom_convolutions : int
        Convolutions at the bottom, below the last level.
    initial_bias : float
        What every bias starts at.
    activation_slope : float
        What every PReLU's slope for negative values starts at.
    clinical_features : int
        How many numbers about the patient the network is told; 0 is the original.
    fusion : {"film", "concat"}
        How it takes them in: they scale and shift the channels after every block (and all of that
        starts at nothing), or they are further channels at the bottom. See
        `islesedu.networks.film`.
    name : str
        Name of the model.

    Returns
    -------
    keras.Model
        (B, X, Y, Z, channels) -> (B, X, Y, Z, 1), lesion probability, float32; any X, Y, Z. With
        clinical features it takes ``[image, clinical]``, the second (B, clinical_features) in its
        own units, nan where unknown; its layer "clinical_scale" holds their mean and spread.

    Raises
    ------
    ValueError
        A count below 1, no level, a start value that is not finite, an unknown fusion.

    Examples
    --------
    >>> build_vnet(filters=1, convolutions=(1,), bottom_convolutions=1, kernel_size=1).output_shape
    (None, None, None, None, 1)
    """
    check_arguments(
        {
            "channels": channels,
            "filters": filters,
            "kernel_size": kernel_size,
            "bottom_convolutions": bottom_convolutions,
        },
        {"initial_bias": initial_bias, "activation_slope": activation_slope},
        convolutions,
        clinical_features,
        fusion,
    )
    start = {"slope": activation_slope, "bias": initial_bias}
    levels = list(enumerate(convolutions, start=1))
    image = keras.Input((None, None, None, channels), name="image")
    clinical = keras.Input((clinical_features,), name="clinical") if clinical_features else None
    numbers = None if clinical is None else ImputeAndScale(name="clinical_scale")(clinical)
    film = numbers if fusion == "film" else None
    volume = convolve(image, filters, kernel_size, "input", **start)  # C -> filters
    volume, skips = encode(volume, levels, filters, kernel_size, film, **start)
    filters *= 2 ** len(levels)
    seen = volume
    if clinical_features and fusion == "concat":
        seen = Append(name="bottom_append")([volume, numbers])
    volume = residual_block(
        seen, volume, filters, bottom_convolutions, kernel_size, "bottom", **start
    )
    volume = modulated(volume, film, "bottom")
    volume = decode(volume, skips, levels, filters, kernel_size, film, **start)
    output = layers.Conv3D(
        1,
        1,
        activation="sigmoid",
        bias_initializer=keras.initializers.Constant(initial_bias),
        dtype="float32",
        name="probability",
    )(volume)
    return keras.Model(image if clinical is None else [image, clinical], output, name=name)


def check_arguments(
    counts: dict[str, Any],
    starts: dict[str, Any],
    convolutions: Sequence[int],
    clinical_features: int,
    fusion: str,
) -> None:
    """Raise a ValueError that names the first argument that makes no sense."""
    if not isinstance(convolutions, Sequence) or not convolutions:
        found = f"convolutions is {convolutions!r}"
        raise ValueError(f"{found}; give one count a level, such as (1, 2, 3, 3)")
    counts = counts | {f"convolutions[{level}]": n for level, n in enumerate(convolutions)}
    for argument, value in counts.items():
        if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
            raise ValueError(f"{argument} is {value!r}; give a whole number above 0")
    for argument, value in starts.items():
        if not isinstance(value, Real) or not np.isfinite(value):
            raise ValueError(f"{argument} is {value!r}; give a finite number")
    if isinstance(clinical_features, bool) or clinical_features not in range(1000):
        raise ValueError(
            f"clinical_features is {clinical_features!r}; give a whole number from 0 up"
        )
    if fusion not in FUSIONS:
        raise ValueError(f"fusion is {fusion!r}; choose one of {', '.join(FUSIONS)}")
