"""A small state of lesson 08's notebook, as its exercises need it."""

from types import SimpleNamespace

import numpy as np


def _patient(seed: int) -> SimpleNamespace:
    """Return what the exercises read of a patient: an image with background."""
    rng = np.random.default_rng(seed)
    image = rng.normal([800, 3, 40, 5, 20, 4], [300, 1, 9, 1, 5, 3], size=(6, 5, 4, 6))
    image[:2] = 0
    return SimpleNamespace(image=image)


STATE = {"patient": _patient(1), "other": _patient(2)}
