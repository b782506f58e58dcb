"""Maps as small 8-bit buffers, unpacked by the browser itself (``DecompressionStream``).

A value is a code of 16 bits: 0 is no value, 256 to 65535 run evenly from the lowest to the highest
value. The high bytes travel first and are a picture by themselves, since a high byte of 0 still
means no value; the low bytes follow and make the numbers exact to 1/65279 of the range.
"""

import zlib

import numpy as np

FIRST, LAST = 256, 65535
"""Codes of the lowest and of the highest value."""
_BLOCK = 32_768
"""Values encoded at a time."""
STEPS = 200
"""Steps of the threshold between 0 and 1."""
THRESHOLDS = tuple(round(number / STEPS, 3) for number in range(STEPS + 1))


def encode(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return the codes (uint16) of values; those beyond `low` and `high` become the ends.

    In 64-bit floats, but a block at a time: whole arrays of them do not fit into the cache.

    Examples
    --------
    >>> encode(np.array([0, 1, np.nan]), 0, 1).tolist()
    [256, 65535, 0]
    """
    values = np.asarray(values)
    scale = (LAST - FIRST) / (high - low) if high > low else 0.0
    codes = np.empty(values.shape, np.uint16)
    some = max(1, _BLOCK * len(values) // max(1, values.size))
    for start in range(0, len(values), some):
        scaled = values[start : start + some].astype(np.float64)
        known = np.isfinite(scaled)
        np.copyto(scaled, low, where=~known)
        scaled -= low
        scaled *= scale
        np.rint(scaled, out=scaled)
        scaled.clip(0, LAST - FIRST, out=scaled)
        scaled += FIRST
        np.multiply(scaled, known, out=codes[start : start + some], casting="unsafe")
    return codes


def levels(probability: np.ndarray) -> np.ndarray:
    """Return how many of the thresholds 0, 0.005 ... 1 each probability is above, as uint8.

    A voxel is predicted at threshold number k where its level is above k, exactly.

    Examples
    --------
    >>> levels(np.array([0, 0.005, 0.5, 1])).tolist()
    [0, 1, 100, 200]
    """
    at = np.array(THRESHOLDS).astype(probability.dtype)  # as numpy compares with a Python float
    return np.searchsorted(at, probability, side="left").astype(np.uint8)


def pack(values: np.ndarray, noise: bool = False) -> bytes:
    """Return an array of 8 bits (X, Y, Z) compressed, x running fastest.

    In `noise`, such as measured values, only runs of the same byte are looked for: less than half
    the time, and about the same size.
    """
    flat = np.asarray(values).astype(np.uint8, copy=False).tobytes("F")
    packer = zlib.compressobj(1, strategy=zlib.Z_RLE) if noise else zlib.compressobj(6)
    return packer.compress(flat) + packer.flush()
