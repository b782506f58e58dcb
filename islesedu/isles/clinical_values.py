"""Cells of a clinical table: numbers in one unit, grades in one spelling, or one clear sentence."""

import math
import re

from islesedu.errors import IslesError
from islesedu.isles.clinical_features import GRADES, tici_grade

KNOWN = frozenset({"mRS", "days_to_mRS", "TICI", "TSS", "TTT"})
"""Columns whose values the kit understands."""
_TIMES = ("TSS", "TTT")
_MISSING = set("- -- . ? n/a na #n/a n.a. n.a nan none null missing unknown unk nd nk".split())
_UNITS = {"min": 1, "mins": 1, "minute": 1, "minutes": 1, "h": 60, "hr": 60, "hrs": 60}
_UNITS |= {"hour": 60, "hours": 60, "s": 1 / 60, "sec": 1 / 60, "seconds": 1 / 60}
"""Minutes in each unit of time."""
_QUANTITY = re.compile(r"([+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?)\s*([A-Za-z]*)\.?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")

Value = int | float | str


def read_value(name: str, cell: str, heading: str = "", where: str = "the table") -> Value | None:
    """Return a cell as a number or a text; None if it says that nothing is known.

    TSS and TTT are in minutes unless the cell or the heading names hours or seconds. A decimal
    comma is one. mRS is a whole number from 0 to 6, TICI a text of the scale's grades ("2b").

    Parameters
    ----------
    name : str
        The kit's name of the column; what the kit does not know is a number if it looks like one.
    cell, heading : str
        As they stand in the table.
    where : str
        File, line and case, for a message.

    Raises
    ------
    IslesError
        A value of a known column that makes no sense.

    Examples
    --------
    >>> read_value("TTT", "1.5", "TTT (h)"), read_value("TICI", "TICI 2B"), read_value("mRS", "-")
    (90, '2b', None)
    """
    cell = cell.strip()
    if not cell or cell.lower() in _MISSING:
        return None
    if name not in KNOWN:
        return _plain(cell)
    if name == "TICI":
        value, expected = tici_grade(cell), f"one of {', '.join(GRADES)}"
    else:
        value, expected = (
            _quantity(name, cell, heading),
            "a number of minutes such as 90, 0 or more",
        )
        if name == "mRS":
            value = value if value in range(7) else None
            expected = "a whole number from 0 to 6"
        elif name == "days_to_mRS":
            expected = "a number of days, 0 or more"
    if value is None:
        raise IslesError(f"{where} has {name} {cell!r}; give {expected}, or nothing if unknown")
    return value


def _quantity(name: str, cell: str, heading: str) -> int | float | None:
    """Return a number of minutes, days or points; None if it is none, or may be two."""
    found = _QUANTITY.fullmatch(cell)
    if not found or _THOUSANDS.fullmatch(found[1]):
        return None
    unit = found[2].lower()
    if name in _TIMES:
        factor = _UNITS.get(unit) if unit else _unit_of(heading)
    else:
        factor = 1 if unit in ("", "d", "day", "days") and (not unit or name != "mRS") else None
    number = float(found[1].replace(",", "."))
    if factor is None or not 0 <= number < math.inf:
        return None
    return _simplest(round(number * factor, 9))


def _unit_of(heading: str) -> float:
    """Return the minutes in the unit that a heading names; 1 if it names none.

    Examples
    --------
    >>> _unit_of("TSS (h)"), _unit_of("hours since stroke"), _unit_of("patient's TTT")
    (60, 60, 1)
    """
    words = re.findall(r"[a-z]+", heading.lower())
    units = [word for word in words if word in _UNITS and (len(word) > 3 or word == words[-1])]
    return _UNITS[units[-1]] if units else 1


def _plain(cell: str) -> Value | None:
    """Return a cell as the simplest type that holds it."""
    for kind in (int, float):
        try:
            number = kind(cell)
        except ValueError:
            continue
        return number if math.isfinite(number) else None
    return cell


def _simplest(number: float) -> int | float:
    """Return a whole number as an int."""
    return int(number) if number.is_integer() else number
