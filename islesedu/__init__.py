"""Learn convolution, V-Net and stroke-lesion forecasting, one short notebook at a time."""

import os

__version__ = "0.1.0"

CHANNELS: tuple[str, ...] = ("ADC", "CBV", "CBF", "MTT", "TTP", "Tmax")
"""Order of the six MRI maps along the last axis of every image in the kit."""

# TensorFlow's C++ part reports missing graphics cards in red; a student without one is not wrong.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# TensorFlow leaves oneDNN, Intel's library for fast convolutions, off on processors without AVX-512
# (most laptops): a V-Net step takes seven times as long there (benchmarks/onednn.py).
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
