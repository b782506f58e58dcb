"""Names of channels, as files and people write them."""

import re

from islesedu import CHANNELS

SERIES = "4DPWI"
"""Name of the bolus passage from which the perfusion maps were made; no map itself."""
LESION = "lesion"
"""What stands for the lesion mask where files are given channels."""
_NAMES = {
    name.lower(): name for name in (*CHANNELS, "DWI", "FLAIR", "T1", "T1c", "T2", "CT", "CTA")
}
_PARTS = (
    _NAMES
    | {"rcbf": "CBF", "rcbv": "CBV", "ncct": "CT", "ctp": SERIES, SERIES.lower(): SERIES}
    | {"t1w": "T1", "t1n": "T1", "t1ce": "T1c", "t1gd": "T1c", "t2w": "T2", "t2f": "FLAIR"}
    | dict.fromkeys(("msk", "mask", "seg", "ot", LESION, "lesionmsk", "lesionmask"), LESION)
)
"""Channel of each part of a file's name, in small letters."""
ANY_MASK = ("msk", "mask")
"""Parts that mean the lesion only where nothing else says which mask it is."""


def canonical(name: str) -> str:
    """Return a channel's name as the kit writes it; an unknown one stays as it is.

    Examples
    --------
    >>> [canonical(name) for name in ("adc", "TMAX", "rCBF", "NCCT", "SWI")]
    ['ADC', 'Tmax', 'CBF', 'CT', 'SWI']
    """
    return channel_of(name) or name.strip()


def channel_of(part: str) -> str | None:
    """Return the channel that a part of a file's name stands for.

    Examples
    --------
    >>> channel_of("t1ce"), channel_of("lesion-msk"), channel_of("lvo-msk")
    ('T1c', 'lesion', None)
    """
    return _PARTS.get(re.sub(r"[\s_-]", "", part.lower()))


def field_channel(field: str) -> str | None:
    """Return the channel of a field such as ISLES 2015 to 2018 have them.

    Examples
    --------
    >>> [field_channel(name) for name in ("MR_rCBF", "MR_T1c_reg", "CT_4DPWI", "CT", "OT", "ADC")]
    ['CBF', 'T1c', '4DPWI', 'CT', 'lesion', None]
    """
    field = field.strip().lower()
    if field in ("ct", "ot"):
        return channel_of(field)
    found = re.fullmatch(r"(?:mr|ct)_(.+?)(?:_reg)?", field)
    return channel_of(found[1]) if found and found[1] not in ("ot", *ANY_MASK) else None
