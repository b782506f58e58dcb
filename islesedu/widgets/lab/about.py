"""What the lab's JavaScript is told, in a page as in JupyterLab."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from islesedu import __version__
from islesedu.figures.style import RANGES
from islesedu.isles.case import UNITS
from islesedu.isles.clinical_features import GRADES
from islesedu.widgets.browser.page import color_tables
from islesedu.widgets.browser.state import COLORS


def about(
    networks: Sequence[dict[str, Any]], patients: Sequence[dict[str, Any]], threshold: float = 0.5
) -> dict[str, Any]:
    """Return all but voxels and weights, as JSON takes it; `threshold` is the one to begin with.

    Examples
    --------
    >>> sorted(about([], []))
    ['colors', 'grades', 'networks', 'patients', 'ranges', 'threshold', 'units', 'version']
    """
    return {
        "version": __version__,
        "networks": list(networks),
        "patients": list(patients),
        "threshold": threshold,
        "colors": color_tables(COLORS),
        "ranges": {name: ends for name, ends in RANGES.items() if name != "TTP"},
        "units": UNITS,
        "grades": [list(grade) for grade in GRADES.items()],  # JavaScript would put "3" before "2a"
    }


def probe_image(shape: Sequence[int]) -> np.ndarray:
    """Return the numbers from -1 to 1 with which a page proves its runtime (``predictor.js``).

    Parameters
    ----------
    shape : sequence of int
        Such as (1, X, Y, Z, C).

    Returns
    -------
    ndarray, float32

    Examples
    --------
    >>> probe_image((1, 3)).astype(float).round(3).tolist()
    [[0.236, -0.528, 0.708]]
    """
    count = np.arange(1, np.prod(shape) + 1, dtype=np.uint64)
    hashed = (count * np.uint64(2654435761)) % np.uint64(2**32)
    return (hashed / 2**31 - 1).astype(np.float32).reshape(shape)
