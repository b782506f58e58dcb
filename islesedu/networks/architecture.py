"""What the arguments of a V-Net may be, and how many parameters it will have.

Told without Keras, so that a network that cannot be built is refused before anything is loaded.
"""

import math
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import Any

from islesedu.common.arguments import shown

ARGUMENTS = {
    "kernel_size": 5,
    "convolutions": (1, 2, 3, 3),
    "bottom_convolutions": 3,
    "initial_bias": 1.0,
    "activation_slope": 0.1,
    "film_hidden": 0,
}
"""What shapes a V-Net besides channels and filters, with the values of the original."""
_LEVELS = 16
"""Most levels: each halves the volume, and no volume is 2**16 voxels wide."""
_LARGEST = 3e38
"""Of a 32-bit float."""


def check_architecture(channels: int, filters: int, network: Mapping[str, Any]) -> dict[str, Any]:
    """Return what shapes a V-Net besides channels and filters, the original's where not given.

    Raises
    ------
    ValueError
        An argument that there is not, a count below 1, no level, a start value that is not finite;
        the sentence names the first of them.

    Examples
    --------
    >>> check_architecture(6, 4, {"kernel_size": 3})["kernel_size"]
    3
    """
    for name in network:
        if name not in ARGUMENTS:
            raise ValueError(f"there is no argument {shown(name)}; give {', '.join(ARGUMENTS)}")
    network = ARGUMENTS | dict(network)
    levels = network["convolutions"]
    if not isinstance(levels, Sequence) or isinstance(levels, str) or not levels:
        raise ValueError(
            f"convolutions is {shown(levels)}; give one count a level, such as (1, 2, 3, 3)"
        )
    if len(levels) > _LEVELS:
        raise ValueError(f"convolutions has {len(levels)} levels; give at most {_LEVELS}")
    counts = {"channels": channels, "filters": filters}
    counts |= {name: network[name] for name in ("kernel_size", "bottom_convolutions")}
    counts |= {f"convolutions[{level}]": n for level, n in enumerate(levels)}
    for argument, value in counts.items():
        if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
            raise ValueError(f"{argument} is {shown(value)}; give a whole number above 0")
    units = network["film_hidden"]
    if isinstance(units, bool) or not isinstance(units, Integral) or units < 0:
        raise ValueError(f"film_hidden is {shown(units)}; give a whole number from 0 up")
    for argument in ("initial_bias", "activation_slope"):
        if not _is_finite(network[argument]):
            raise ValueError(f"{argument} is {shown(network[argument])}; give a finite number")
    return network


def _is_finite(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    try:
        return math.isfinite(value) and abs(value) < _LARGEST
    except OverflowError:
        return False


def count_parameters(
    channels: int = 6,
    filters: int = 16,
    network: Mapping[str, Any] | None = None,
    clinical_features: int = 0,
    fusion: str = "film",
) -> int:
    """Return how many parameters `islesedu.networks.build_vnet` gives a network.

    Parameters
    ----------
    channels, filters, clinical_features, fusion
        As for `islesedu.networks.build_vnet`.
    network : mapping, optional
        Its other arguments, see `ARGUMENTS`.

    Examples
    --------
    >>> count_parameters()
    43945969
    """
    network = check_architecture(channels, filters, network or {})
    kernel, films = network["kernel_size"] ** 3, 2 * clinical_features * (fusion == "film")
    hidden = network["film_hidden"]

    def block(inputs: int, width: int, count: int) -> int:  # biases, PReLU and FiLM included
        film = (films + 1) * hidden + 2 * width * ((hidden or films) + 1) if films else 0
        return kernel * width * (inputs + (count - 1) * width) + 2 * count * width + film

    total, width = kernel * channels * filters + 2 * filters, filters
    for count in network["convolutions"]:
        total += block(width, width, count) + 16 * width**2 + 4 * width  # and down
        total += block(2 * width, width, count) + 16 * width**2 + 2 * width  # up, and the decoder's
        width *= 2
    appended = 2 * clinical_features * (fusion == "concat")
    total += block(width + appended, width, network["bottom_convolutions"])
    return total + filters + 1 + 4 * clinical_features
