"""Treatment information as numbers a network can read: which columns, which scale, what is missing.

The table of ISLES 2017 holds what was known when the patient was treated (TICI, TSS, TTT) and how
the patient was three months later (mRS, days to mRS). The first may be an input. The second is an
outcome, like the lesion itself: using it as an input leaks the answer.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np

from islesedu.errors import ClinicalError

INPUTS = {
    "TICI": "how well the artery was reopened (0, 1, 2a, 2b, 2c, 3)",
    "TSS": "minutes from the first symptom to the scan",
    "TTT": "minutes from the scan to the treatment",
}
"""What may be an input. TICI is known when the treatment ends, so a prediction that uses it answers
a question asked then; TSS and TTT are known before."""
_OUTCOMES = {
    "mRS": "the disability 90 days later",
    "days_to_mRS": "the day on which the disability was judged",
}
GRADES = {"0": 0.0, "1": 1.0, "2": 2.5, "2a": 2.0, "2b": 3.0, "2c": 3.5, "3": 4.0}
"""Number of each grade, in the order in which grades are listed. The steps are ours: grades have an
order, no distances. "2" stands in tables that do not distinguish 2a (less than half reopened) from
2b; 2c was added later."""
_ROMAN = {"i": "1", "ii": "2", "iia": "2a", "iib": "2b", "iic": "2c", "iii": "3"}
FUSIONS = ("film", "concat")
"""How a network may be conditioned on them; see `islesedu.networks.film`."""


def tici_grade(value: Any) -> str | None:
    """Return a grade of the TICI scale as `GRADES` spells it; None if it is none.

    Examples
    --------
    >>> tici_grade("mTICI 2B"), tici_grade("3.0"), tici_grade(0.0), tici_grade("IIb")
    ('2b', '3', '0', '2b')
    >>> tici_grade("2a-2b") is tici_grade(2.5) is tici_grade(True) is None
    True
    """
    text = "" if isinstance(value, (bool, np.bool_)) else str(value).lower()
    text = re.sub(r"^([meo]?tici)?(grade)?[:=_-]?", "", re.sub(r"\s", "", text))
    text = re.sub(r"^([0-3])[.,]0+$", r"\1", text)
    text = _ROMAN.get(text, text)
    return text if text in GRADES else None


def check_columns(columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns as a tuple if each may be an input, and is named once.

    Raises
    ------
    ClinicalError
        An outcome, a column that the kit does not know, the same twice, or none.

    Examples
    --------
    >>> check_columns(["TICI", "TTT"])
    ('TICI', 'TTT')
    """
    columns = (columns,) if isinstance(columns, str) else tuple(columns)
    for name in columns:
        if name in _OUTCOMES:
            raise ClinicalError(
                f"{name} is an outcome ({_OUTCOMES[name]}): nobody knows it when the prediction is "
                f"made, and a network that sees it has seen the answer; inputs are "
                f"{', '.join(INPUTS)}"
            )
        if name not in INPUTS:
            raise ClinicalError(f"no clinical column {name!r}; inputs are {', '.join(INPUTS)}")
    if not columns or len(set(columns)) < len(columns):
        raise ClinicalError(
            f"clinical columns are {', '.join(columns) or 'none'}; name at least one of "
            f"{', '.join(INPUTS)}, and each once"
        )
    return columns


def as_number(column: str, value: Any, whose: str = "the table") -> float:
    """Return a cell of the table as a number; nan where nothing is known.

    Parameters
    ----------
    column : str
        One of `INPUTS`.
    value : str, number or None
        A grade such as "2b", or minutes.
    whose : str
        For the message: the name of the patient.

    Raises
    ------
    ClinicalError
        No grade of the scale, or no number of minutes from 0 up.

    Examples
    --------
    >>> as_number("TICI", "2B"), as_number("TTT", 95), as_number("TSS", None)
    (3.0, 95.0, nan)
    """
    if value is None or (isinstance(value, Real) and np.isnan(value)):
        return np.nan
    if column == "TICI":
        grade = tici_grade(value)
        if grade is None:
            raise ClinicalError(f"{whose} has TICI {value!r}; grades are {', '.join(GRADES)}")
        return GRADES[grade]
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 <= value < np.inf:
        raise ClinicalError(f"{whose} has {column} {value!r}; give minutes, 0 or more")
    return float(value)


def clinical_vector(
    row: Mapping[str, Any], columns: Sequence[str], whose: str = "the table"
) -> np.ndarray:
    """Return a patient's row as the network's second input.

    Parameters
    ----------
    row : mapping
        ``patient.clinical`` or ``case.clinical``; a column may be missing.
    columns : sequence of str
        Which, and in which order.
    whose : str
        Name of the patient, for a message.

    Returns
    -------
    ndarray, (F,), float32
        In the columns' own units; nan where nothing is known.

    Examples
    --------
    >>> clinical_vector({"TICI": "2b", "TTT": 95}, ["TICI", "TSS", "TTT"])
    array([ 3., nan, 95.], dtype=float32)
    """
    numbers = [as_number(name, row.get(name), whose) for name in check_columns(columns)]
    return np.array(numbers, np.float32)


def fit_scale(vectors: Iterable[np.ndarray], columns: Sequence[str]) -> dict[str, list[float]]:
    """Return how the columns of the training patients are spread.

    Parameters
    ----------
    vectors : iterable of ndarray, (F,)
        One a patient, from `clinical_vector`.
    columns : sequence of str, (F,)
        Their names.

    Returns
    -------
    dict of str to list of float, (F,)
        ``mean``, ``std`` (1 where all are alike), ``low`` and ``high`` of the known values.

    Raises
    ------
    ClinicalError
        No patient has a value in one of the columns.

    Examples
    --------
    >>> fit_scale([np.array([60.0]), np.array([np.nan]), np.array([120.0])], ["TTT"])
    {'mean': [90.0], 'std': [30.0], 'low': [60.0], 'high': [120.0]}
    """
    table = np.array(list(vectors), float)
    for name, values in zip(columns, table.T, strict=True):
        if np.isnan(values).all():
            raise ClinicalError(
                f"none of the {len(values)} training cases has {name}: is the clinical table "
                "(ISLES2017_Training.csv) beside or above the folder? Leave the column out, or add "
                "the table"
            )
    std = np.nanstd(table, axis=0)
    spread = {
        "mean": np.nanmean(table, axis=0),
        "std": np.where(std > 0, std, 1.0),
        "low": np.nanmin(table, axis=0),
        "high": np.nanmax(table, axis=0),
    }
    return {name: [float(value) for value in values] for name, values in spread.items()}
