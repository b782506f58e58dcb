"""Windows of a map: which values are shown black and white."""

import numpy as np

from islesedu.figures.style import ADC_FACTORS, RANGES, fits_scale

OWN = ("TTP",)
"""Maps that begin with a window of their own values: TTP depends on when the injection was."""


def unit_size(unit: str) -> float:
    """Return how much one of a unit is, among units of the same kind."""
    return ADC_FACTORS.get(unit, 1)


def windows_of(channel: str, unit: str, values: np.ndarray) -> dict[str, tuple[float, float]]:
    """Return the windows one may choose for a map, by name; the one to begin with first.

    Parameters
    ----------
    values : ndarray
        The map's values in the brain; those that are none are left out.
    """
    values = values[np.isfinite(values)].astype(float)
    if not values.size:
        return {"0 to 1": (0.0, 1.0)}
    low, first, last, high = (float(v) for v in np.percentile(values, [0, 1, 99, 100]))
    windows = {"1 to 99 %": (first, last), "full range": (low, high)}
    if channel in RANGES and channel not in OWN and unit:
        standard = tuple(float(end) * unit_size(unit) for end in RANGES[channel])
        named = {"standard": standard}
        # A map in some other unit (case 45 of ISLES 2017) would be all white or all black, and one
        # that does not reach a quarter of the window too dark to be read.
        reads = fits_scale(values, standard[1]) and last > standard[1] / 4
        windows = named | windows if reads else windows | named
    return {
        name: (low, high) if low < high else (low - 0.5, low + 0.5)
        for name, (low, high) in windows.items()
    }
