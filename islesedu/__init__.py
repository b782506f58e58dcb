"""Learn convolution, V-Net and stroke-lesion forecasting, one short notebook at a time."""

__version__ = "0.1.0"

CHANNELS: tuple[str, ...] = ("ADC", "CBV", "CBF", "MTT", "TTP", "Tmax")
"""Order of the six MRI maps along the last axis of every image in the kit."""
