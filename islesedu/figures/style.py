"""Colours, line styles, hatches and gray scales, defined once for all pictures.

Colours are those of Okabe and Ito, which colour-blind readers can distinguish. Line style, hatch,
marker and word repeat what the colour says, so that a picture also works in black and white.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from islesedu.isles.case import UNITS
from islesedu.isles.quality import adc_unit, brain

BLUE, ORANGE, GREEN, YELLOW = "#0072B2", "#D55E00", "#009E73", "#F0E442"
SKY, PINK = "#56B4E9", "#CC79A7"


@dataclass(frozen=True)
class Style:
    """How one kind of thing is drawn, in every picture.

    Attributes
    ----------
    label : str
        Its word in legends.
    color : str
        Of its line or area.
    linestyle, hatch, marker : str
        What distinguishes it without colour: its line, the pattern of its area, its marker.
    """

    label: str
    color: str
    linestyle: str
    hatch: str
    marker: str


TRUTH = Style("reference mask", ORANGE, "solid", "////", "o")
PREDICTION = Style("prediction", SKY, "dashed", "....", "s")
TRUE_POSITIVE = Style("true positive", GREEN, "solid", "++", "+")
FALSE_NEGATIVE = Style("false negative", ORANGE, "solid", "oo", "o")
FALSE_POSITIVE = Style("false positive", BLUE, "dashed", "xx", "x")

CURVES = (
    Style("first", BLUE, "solid", "", "o"),
    Style("second", ORANGE, "dashed", "//", "s"),
    Style("third", GREEN, "dashdot", "..", "^"),
    Style("fourth", PINK, "dotted", "xx", "D"),
)
"""Styles of curves or models beside one another, in this order."""

RANGES = {
    "ADC": (0.0, 1500.0),
    "CBV": (0, 5),
    "CBF": (0, 60),
    "MTT": (0, 20),
    "TTP": (10, 50),
    "Tmax": (0, 12),
}
"""Ends of the gray scale of each map, in its unit."""
ADC_FACTORS = {"1e-6 mm²/s": 1.0, "1e-3 mm²/s": 1e-3, "mm²/s": 1e-6}


class Scale(NamedTuple):
    """Ends of a gray scale, and the unit of its numbers."""

    vmin: float
    vmax: float
    unit: str


def gray_scale(channel: str, values: np.ndarray | None = None) -> Scale:
    """Return the gray scale of a map.

    A named map has the same scale for every patient (`RANGES`), so that pictures can be compared.
    ADC comes in three powers of ten; its values tell which. Maps without a range (DWI, FLAIR), and
    maps whose values cannot be in the usual unit, get the scale of their own values.

    Parameters
    ----------
    channel : str
        Name of the map.
    values : ndarray of any shape, optional
        The map of the whole volume. Without it the usual unit is taken for granted.

    Returns
    -------
    Scale
        ``(vmin, vmax, unit)``; from the 1st to the 99.5th percentile of the values that are not 0
        where no range fits.

    Examples
    --------
    >>> gray_scale("Tmax")
    Scale(vmin=0, vmax=12, unit='s')
    >>> gray_scale("ADC", np.full(9, 0.0008))
    Scale(vmin=0.0, vmax=0.0015, unit='mm²/s')
    """
    low, high = RANGES.get(channel, (np.nan, np.nan))
    if channel in RANGES and values is None:
        return Scale(low, high, UNITS[channel])
    inside = np.array([]) if values is None else brain(np.asarray(values, float))
    if channel == "ADC" and (unit := adc_unit(inside)):
        return Scale(low * ADC_FACTORS[unit], high * ADC_FACTORS[unit], unit)
    if channel in RANGES and (not inside.size or fits_scale(inside, high)):
        return Scale(low, high, UNITS[channel])
    unit = "unit unknown" if channel in RANGES else "arbitrary unit"
    if not inside.size:
        return Scale(0.0, 1.0, unit)
    low, high = np.percentile(inside, [1, 99.5])
    return Scale(float(min(low, 0)), float(high if high > min(low, 0) else 1), unit)


def fits_scale(values: np.ndarray, high: float) -> bool:
    """Tell whether values can be read on a gray scale up to `high`: neither all black nor white.

    Examples
    --------
    >>> fits_scale(np.array([5.0, 20, 60]), 60), fits_scale(np.array([5e3, 2e4, 6e4]), 60)
    (True, False)
    """
    middle, most = np.percentile(values, [50, 99.5])
    return bool(middle < 3 * high and most > 0.05 * high)
