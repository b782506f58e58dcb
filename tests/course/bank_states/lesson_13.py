"""A small state of lesson 13's notebook, as its exercises need it."""

import numpy as np
import pandas as pd

from islesedu import metrics

_RNG = np.random.default_rng(13)
_TRIED = pd.DataFrame(_RNG.random((9, 3)) ** 2, columns=[0.3, 0.5, 0.7])
STATE = {"tried": _TRIED, "fold_of": pd.Series([1, 2, 3] * 3), "metrics": metrics}
