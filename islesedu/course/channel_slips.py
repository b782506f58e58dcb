"""What the usual mistakes in standardizing and stacking channels give, for lesson 08.

Each function of slips returns wrong results by the sentence that names the mistake.
"""

from collections.abc import Mapping, Sequence

import numpy as np


def standardized(image: np.ndarray) -> np.ndarray:
    """Return the z-scores of an image (X, Y, Z, C), each channel for itself; a constant one is 0.

    Examples
    --------
    >>> standardized(np.array([0.0, 2.0]).reshape(2, 1, 1, 1)).ravel().tolist()
    [-1.0, 1.0]
    """
    std = image.std(axis=(0, 1, 2))
    return (image - image.mean(axis=(0, 1, 2))) / np.where(std == 0, 1, std)


def slips_of_standardizing(image: np.ndarray) -> dict[str, np.ndarray]:
    """Return what the usual mistakes make of an image (X, Y, Z, C)."""
    axes, right = (0, 1, 2), standardized(image)
    mean, std = image.mean(axis=axes), image.std(axis=axes)
    safe, count = np.where(std == 0, 1, std), image[..., 0].size
    slices = image.std(axis=(0, 1))
    nan = np.where(std == 0, np.nan, right)
    return {
        "each channel needs a mean and a standard deviation of its own": (
            (image - image.mean()) / image.std()
        ),
        "do not standardize slice by slice: take all voxels of the volume": (
            (image - image.mean(axis=(0, 1))) / np.where(slices < 1e-9, 1, slices)
        ),
        "divide by the standard deviation, not by the variance": (image - mean) / safe**2,
        "you did not divide by the standard deviation": image - mean,
        "you did not subtract the mean": image / safe,
        "N is the number of voxels, not that number less 1": right * np.sqrt(1 - 1 / count),
        "a constant channel has the standard deviation 0, and 0 / 0 is NaN; it must become 0": nan,
    }


def stacked(maps: Mapping[str, np.ndarray], channels: Sequence[str]) -> np.ndarray:
    """Return maps (X, Y, Z) along a new last axis, in the order of `channels`.

    Examples
    --------
    >>> stacked({"a": np.zeros((2, 3, 4)), "b": np.ones((2, 3, 4))}, ["b", "a"]).shape
    (2, 3, 4, 2)
    """
    return np.stack([np.asarray(maps[channel]) for channel in channels], axis=-1)


def slips_of_stacking(
    maps: Mapping[str, np.ndarray], channels: Sequence[str]
) -> dict[str, np.ndarray]:
    """Return what the usual mistakes make of maps (X, Y, Z)."""
    chosen = [maps[channel] for channel in channels]
    return {
        "the channels come last": np.stack(chosen),
        "joined along depth they are one long map; make a new axis": np.concatenate(
            chosen, axis=-1
        ),
        "the order is that of the list, not that of the dictionary": np.stack(
            [maps[name] for name in maps if name in channels], axis=-1
        ),
        "take the maps of the list only": np.stack(list(maps.values()), axis=-1),
    }
