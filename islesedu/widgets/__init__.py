"""Widgets: each is a ``.py`` with the numbers and one plain ``.js`` with the picture beside it.

In most lessons: the stepper in 01 to 03, the slice browser from 04 on. Open `stepper` first, which
walks a kernel over an image; ``browser/`` shows six maps of a patient in three planes.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "browser.browser": ["SliceBrowser"],
        "lab.network_lab": ["NetworkLab"],
        "stepper": ["ConvolutionStepper"],
        "view3d": ["show_3d"],
    },
)
