"""The V-Net of the ISLES 2017 entry: a 3-D network that looks at a volume at five resolutions.

Milletari, Navab, Ahmadi: "V-Net: Fully Convolutional Neural Networks for Volumetric Medical Image
Segmentation", 3DV 2016, in the form of Monteiro's challenge entry: convolutions of 5 x 5 x 5, PReLU
after each, the residual added after the activation, no normalisation, no dropout.

Shapes are (B, X, Y, Z, C); X, Y, Z may be any sizes, odd ones too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
from keras import layers

from islesedu.isles.clinical_features import FUSIONS
from islesedu.networks.architecture import check_architecture
from islesedu.networks.blocks import Volume, convolve, down, residual_block, up
from islesedu.networks.film import Append, FiLM, ImputeAndScale


@dataclass(frozen=True)
class _Film:
    """What conditions each block: the scaled clinical variables, and the hidden units of FiLM."""

    clinical: Volume
    hidden: int


def _condition(volume: Volume, film: _Film | None, block: str) -> Volume:
    """Scale and shift a block's channels by the clinical variables (FiLM), if there are any."""
    if film is None:
        return volume
    return FiLM(film.hidden, name=f"{block}_film")([volume, film.clinical])


def encode(
    volume: Volume, convolutions: Sequence[int], size: int, film: _Film | None, **start: float
) -> tuple[Volume, list[Volume]]:
    """Go down the V; return what arrives at the bottom, and the skip of each level."""
    skips = []
    for level, count in enumerate(convolutions, start=1):
        block, filters = f"encoder{level}", volume.shape[-1]
        volume = residual_block(volume, volume, filters, count, size, block, **start)
        volume = _condition(volume, film, block)
        skips.append(volume)
        volume = down(volume, 2 * filters, block, **start)  # half the size, twice the channels
    return volume, skips


def decode(
    volume: Volume,
    skips: Sequence[Volume],
    convolutions: Sequence[int],
    size: int,
    film: _Film | None,
    **start: float,
) -> Volume:
    """Go up the V; each block sees the volume from below and its level's skip, side by side."""
    levels = list(enumerate(zip(convolutions, skips, strict=True), start=1))
    for level, (count, skip) in reversed(levels):
        block, filters = f"decoder{level}", skip.shape[-1]
        volume = up(volume, skip, filters, block, **start)  # twice the size, half the channels
        both = layers.Concatenate(name=f"{block}_concat")([volume, skip])  # 2 x filters
        volume = residual_block(both, volume, filters, count, size, block, **start)
        volume = _condition(volume, film, block)
    return volume


def assemble(
    image: Volume,
    filters: int,
    size: int,
    convolutions: Sequence[int],
    bottom_convolutions: int,
    film: _Film | None = None,
    appended: Volume | None = None,
    **start: float,
) -> Volume:
    """Put the V together: (B, X, Y, Z, C) -> probability of lesion, (B, X, Y, Z, 1)."""
    volume = convolve(image, filters, size, "input", **start)  # C -> filters
    volume, skips = encode(volume, convolutions, size, film, **start)
    seen = volume if appended is None else Append(name="bottom_append")([volume, appended])
    filters = volume.shape[-1]
    volume = residual_block(seen, volume, filters, bottom_convolutions, size, "bottom", **start)
    volume = _condition(volume, film, "bottom")
    volume = decode(volume, skips, convolutions, size, film, **start)
    last = {"bias_initializer": keras.initializers.Constant(start["bias"]), "dtype": "float32"}
    return layers.Conv3D(1, 1, activation="sigmoid", name="probability", **last)(volume)


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
    film_hidden: int = 0,
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
        Number of clinical variables the network is conditioned on; 0 is the original.
    fusion : {"film", "concat"}
        How: they scale and shift the channels after every block (by nothing at the start of the
        training), or they are further channels at the bottom. See `islesedu.networks.film`.
    film_hidden : int
        Units of a hidden layer between the clinical variables and the factors and terms of FiLM;
        0 is none.
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
    start = {"initial_bias": initial_bias, "activation_slope": activation_slope}
    counts = {"kernel_size": kernel_size, "convolutions": convolutions}
    counts |= {"bottom_convolutions": bottom_convolutions, "film_hidden": film_hidden}
    check_architecture(channels, filters, counts | start)
    _check_conditioning(clinical_features, fusion)
    inputs, clinical = keras.Input((None, None, None, channels), name="image"), {}
    sizes = (inputs, filters, kernel_size, convolutions, bottom_convolutions)
    if clinical_features:
        inputs = [inputs, keras.Input((clinical_features,), name="clinical")]
        scaled = ImputeAndScale(name="clinical_scale")(inputs[1])
        clinical = (
            {"film": _Film(scaled, film_hidden)} if fusion == "film" else {"appended": scaled}
        )
    output = assemble(*sizes, **clinical, slope=activation_slope, bias=initial_bias)
    return keras.Model(inputs, output, name=name)


def _check_conditioning(clinical_features: int, fusion: str) -> None:
    """Raise a ValueError that names the first argument which makes no network."""
    if isinstance(clinical_features, bool) or clinical_features not in range(1000):
        found = f"clinical_features is {clinical_features!r}"
        raise ValueError(f"{found}; give a whole number from 0 up")
    if fusion not in FUSIONS:
        raise ValueError(f"fusion is {fusion!r}; choose one of {', '.join(FUSIONS)}")
