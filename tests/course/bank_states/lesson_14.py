"""A small state of lesson 14's notebook, as its exercises need it."""

import numpy as np
import pandas as pd

_RNG = np.random.default_rng(14)
_SETTINGS = pd.MultiIndex.from_product([[0, 1], [0.2, 0.4]], names=["smoothing", "threshold"])
_INNER = pd.DataFrame(_RNG.random((5, 4)), index=range(1, 6), columns=_SETTINGS)
_OUTER = pd.DataFrame(_RNG.random((5, 4)), index=range(1, 6), columns=_SETTINGS)
STATE = {"inner": _INNER, "outer": _OUTER, "rng": _RNG}
