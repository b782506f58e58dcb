"""A small state of lesson 02's notebook, as its exercises need it."""

import numpy as np

STATE = {
    "image": np.arange(108).reshape(6, 6, 3) % 7,
    "filter_1": np.arange(27).reshape(3, 3, 3) % 5 - 2,
}
