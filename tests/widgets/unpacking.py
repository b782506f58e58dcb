"""What the page does with packed maps, written once more in Python."""

import zlib

import numpy as np

from islesedu.widgets.browser.packing import FIRST, LAST


def decode(codes, low, high):
    """Values of codes, NaN where there is none."""
    values = low + (codes.astype(float) - FIRST) / (LAST - FIRST) * (high - low)
    return np.where(codes < FIRST, np.nan, values)


def unpack(packed, shape):
    """The array of a shape that was packed."""
    return np.frombuffer(zlib.decompress(packed), np.uint8).reshape(shape, order="F")
