"""A small state of lesson 06's notebook, as its exercises need it."""

import numpy as np
import pandas as pd
from scipy import ndimage

from islesedu.metrics import dice


def box(*slices):
    """Return a mask (8, 8, 4) that is True in a box."""
    mask = np.zeros((8, 8, 4), bool)
    mask[slices] = True
    return mask


class Second:
    """Stands for the second patient."""

    brain = box()


TERRITORY = box(slice(0, 4), slice(0, 6))
CORE, PENUMBRA = box(slice(0, 2), slice(0, 2)), box(slice(2, 4), slice(0, 4))
BENIGN = box(slice(5, 7), slice(2, 4), slice(1, 3))
STATE = {
    "state": np.where(CORE, 3, np.where(PENUMBRA, 2, TERRITORY.astype(int))),
    "low_adc": box(slice(0, 1), slice(0, 2)) | box(7, 7),
    "hypoperfused": box(slice(0, 4), slice(0, 4)) | box(slice(4, 6), 0),
    "adc": np.where(CORE, 600.0, 800.0) - 120.0 * box(2, 0) + 900.0 * box(slice(4, 6), 6),
    "left": box(slice(0, 4)),
    "spacing": (2.0, 2.0, 6.0),
    "tmax": np.where(BENIGN | box(7, 3) | box(slice(0, 3), slice(0, 3)), 8.0, 2.0),
    "cbf": np.where(box(7, 3), 10.0, 30.0),
    "brain": box(),
    "across": np.broadcast_to(np.linspace(30, -30, 8)[:, None, None], (8, 8, 4)),
    "lesion": box(slice(0, 3), slice(0, 2)) | box(slice(0, 2), 5),
    "table": pd.DataFrame({"TICI": ["3", "2b", None, "1", "2b", "0", "3", "2a", "2b"]}),
    "ndimage": ndimage,
    "second": Second,
    "dice": dice,
}
STATE |= {f"second_{name}": STATE[name] for name in ("adc", "cbf", "tmax")}
