"""A small state of lesson 04's notebook, as its exercises need it."""

import numpy as np

STATE = {
    "y_val": np.array([0, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0.0]),
    "tpr_val": np.array([0, 0.1, 0.5, 0.9, 0.96, 0.96, 1, 1]),
    "thresholds_val": np.array([np.inf, 0.91, 0.8, 0.61, 0.347, 0.3, 0.22, 0.01]),
}
