"""A small state of lesson 17's notebook, as its exercises need it: a network made of a formula."""

import numpy as np

from islesedu import CHANNELS
from islesedu.isles import Patient

_BLOCK = np.zeros((12, 10, 6))
_BLOCK[2:9, 2:8, 1:5] = np.linspace(0, 1, 168).reshape(7, 6, 4) ** 4
_EMPTY = np.zeros((*_BLOCK.shape, 6), np.float32)


def _ask(patient, TICI, TTT):
    """Return probabilities that fall with TICI and rise with TTT, more so under TICI 3."""
    return np.clip(_BLOCK - 0.3 * (TICI == "3") + TTT * (0.003 if TICI == "3" else 0.0005), 0, 1)


STATE = {
    "ask": _ask,
    "patient": Patient("one", _EMPTY, None, (8.0, 8.0, 6.0), np.eye(4), {}, CHANNELS),
    "threshold": 0.35,
}
