"""A small state of lesson 07's notebook, as its exercises need it."""

import numpy as np
import pandas as pd


def errors(noise):
    """Return bias and standard deviation of an estimate, by threshold."""
    thresholds = np.array([0.01, 0.05, 0.2, 0.5])
    table = {"bias": -20 * thresholds, "standard deviation": 0.006 * noise / thresholds}
    return pd.DataFrame(table, index=thresholds)


STATE = {"errors": errors, "noise": 20.0}
