"""The windows of a map: between which values it is shown from black to white."""

import numpy as np

from islesedu.figures.style import ADC_FACTORS, RANGES, fits_scale


def windows_of(channel: str, unit: str, values: np.ndarray) -> dict[str, tuple[float, float]]:
    """Return the windows of a map with these values in the brain, by name, the default first.

    Examples
    --------
    >>> windows_of("T2", "", np.arange(101))
    {'1 to 99 %': (1.0, 99.0), 'full range': (0.0, 100.0)}
    """
    values = values[np.isfinite(values)].astype(float)
    if not values.size:
        return {"0 to 1": (0.0, 1.0)}
    low, first, last, high = (float(v) for v in np.percentile(values, [0, 1, 99, 100]))
    windows = {"1 to 99 %": (first, last), "full range": (low, high)}
    if channel in RANGES and channel != "TTP" and unit:  # TTP depends on the time of injection
        standard = tuple(float(end) * ADC_FACTORS.get(unit, 1) for end in RANGES[channel])
        # A map in some other unit (case 45 of ISLES 2017) would be all white or all black, and one
        # that does not reach a quarter of the window too dark to be read.
        readable = fits_scale(values, standard[1]) and last > standard[1] / 4
        named = {"standard": standard}
        windows = named | windows if readable else windows | named
    return {
        name: (low, high) if low < high else (low - (half := max(0.5, low / 1e6)), low + half)
        for name, (low, high) in windows.items()
    }
