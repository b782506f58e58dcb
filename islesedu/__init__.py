"""Learn convolution, V-Net and stroke-lesion prediction, one short notebook at a time."""

import os

import lazy_loader

from islesedu.common import environment

__version__ = "0.1.0"

CHANNELS: tuple[str, ...] = ("ADC", "CBV", "CBF", "MTT", "TTP", "Tmax")
"""Order of the six MRI maps along the last axis of every image in the kit."""

# TensorFlow's C++ part reports missing graphics cards in red; a student without one is not wrong.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# TensorFlow leaves oneDNN, Intel's library for fast convolutions, off on processors without AVX-512
# (most laptops): a V-Net step takes seven times as long there (benchmarks/onednn.py).
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

environment.show_figures_in_notebook()

# The public face. Nothing is imported before it is asked for (PEP 562).
__getattr__, _, _names = lazy_loader.attach(
    __name__,
    submodules=[
        "applications",
        "cluster",
        "comparison",
        "convolution",
        "course",
        "errors",
        "figures",
        "isles",
        "losses",
        "metrics",
        "networks",
        "perfusion",
        "phantom",
        "training",
        "widgets",
    ],
    submod_attrs={
        "comparison": ["compare"],
        "convolution": ["conv2d"],
        "course": ["build_folder", "check", "data_folder"],
        "isles": ["check_folder", "find_cases", "read_case", "write_prediction"],
        "networks": ["build_vnet"],
        "phantom": ["make_cohort"],
        "training": ["evaluate", "predict", "standardize", "train"],
        "widgets": ["ConvolutionStepper", "SliceBrowser"],
    },
)
__all__ = ["CHANNELS", *_names]


def __dir__() -> list[str]:
    return __all__
