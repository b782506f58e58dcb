"""A small state of lesson 01's notebook, as its exercises need it."""

import numpy as np

from islesedu.convolution import kernels

STATE = {
    "image": np.arange(36).reshape(6, 6) % 7,
    "kernel": kernels.SHARPEN,
    "shift_right": np.array([[0, 0, 0], [0, 0, 1], [0, 0, 0]]),
}
