"""Widgets: each is a ``.py`` with the numbers and one plain ``.js`` with the picture beside it."""

from islesedu.widgets.browser import SliceBrowser
from islesedu.widgets.stepper import ConvolutionStepper
from islesedu.widgets.surface3d import show_3d

__all__ = ["ConvolutionStepper", "SliceBrowser", "show_3d"]
