"""What is shown, from patients, arrays and files: maps on one grid.

Whatever cannot be shown is refused in one sentence.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import traitlets

from islesedu import CHANNELS
from islesedu.isles.case import SERIES, UNITS, Patient
from islesedu.isles.formats import volume_stem
from islesedu.isles.geometry import (
    affine_of,
    contradictions,
    doubts,
    is_placed,
    spacing_of,
    warn_of,
)
from islesedu.isles.nifti import load_series, one_line, open_volume
from islesedu.isles.orientation import view
from islesedu.isles.quality import adc_unit

_LARGEST = 2**28
"""Values of the largest array that is shown (1 GiB as float32)."""
_RESERVED = ("all", "truth", "prediction", "probability", SERIES)
"""Names that stand for something else than a map of the patient."""

_UNKNOWN = "left and right unknown"
"""What stands after the name of a patient whose files do not say where it lies."""


class BrowserError(traitlets.TraitError, ValueError):
    """What was given cannot be shown, or does not fit the patient; a widget keeps its state."""


@dataclass(frozen=True)
class Volume:
    """The maps of a patient on one grid.

    Attributes
    ----------
    name : str
        Written above the slices.
    image : ndarray, (X, Y, Z, C)
        Maps in their own units; NaN where nothing is known.
    channels : tuple of str
        Names of the maps.
    units : dict of str to str
        Their units, by name; "" where unknown.
    spacing : tuple of float
        Voxel size in mm.
    affine : ndarray, (4, 4)
        From voxel numbers to mm (RAS+).
    lesion : ndarray of bool, (X, Y, Z), or None
        What came along with the patient.
    case : Case or None
        Where the patient came from.
    placed : bool
        Whether it is known where the patient's left and right are.
    """

    name: str
    image: np.ndarray
    channels: tuple[str, ...]
    units: dict[str, str]
    spacing: tuple[float, float, float]
    affine: np.ndarray
    lesion: np.ndarray | None = None
    case: Any = None
    placed: bool = True

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels along X, Y and Z."""
        return self.image.shape[:3]


def as_volume(
    patient: Any,
    *,
    channels: Any = None,
    spacing: Any = None,
    affine: Any = None,
    name: str | None = None,
    argument: str = "patient",
) -> Volume:
    """Return a patient, an array (X, Y, Z) or (X, Y, Z, C), or a NIfTI file as a `Volume`."""
    given = {"channels": channels, "spacing": spacing, "affine": affine, "name": name}
    image, own, placed = patient, {}, True
    if isinstance(patient, Patient):
        image, own = patient.image, {key: getattr(patient, key) for key in given}
        placed = patient.placed or affine is not None
    elif isinstance(patient, (str, os.PathLike)):
        image, own, placed = _own_of(patient, argument, affine is None)
    given = {key: own.get(key) if value is None else value for key, value in given.items()}
    image = without_ones(as_numbers(argument, image))
    if image.ndim == 3:
        image = image[..., None]
    if image.ndim != 4 or 0 in image.shape:
        batch = "; take one patient of the batch, image[0]" if image.ndim == 5 else ""
        found = f"{argument} has the shape {np.shape(patient) or image.shape}"
        raise BrowserError(f"{found}; expected (X, Y, Z) or (X, Y, Z, C){batch}")
    if image.size > _LARGEST:
        raise BrowserError(
            f"{argument} has the shape {image.shape}, {image.size:,} values; at most "
            f"{_LARGEST:,} are shown: crop it, or keep every second voxel"
        )
    _check_range(argument, image)
    channels = _names_of(given["channels"], image.shape[3])
    name = "" if given["name"] is None else as_text("name", given["name"])
    affine, spacing = _geometry(given["affine"], given["spacing"])
    units, lesion, case = dict.fromkeys(channels, ""), None, None
    if isinstance(patient, Patient):
        units, lesion, case = {n: UNITS.get(n, "") for n in channels}, patient.lesion, patient.case
    if units.get("ADC"):
        units["ADC"] = adc_unit(image[..., channels.index("ADC")]) or units["ADC"]
    name = ", ".join([name] * bool(name) + [_UNKNOWN] * (not placed))
    return Volume(name, image, channels, units, spacing, affine, lesion, case, placed)


def _own_of(file: Any, argument: str, alone: bool) -> tuple[np.ndarray, dict[str, Any], bool]:
    """Return values of a NIfTI file, what it says of itself, and whether that has a place.

    Its geometry counts only if it is `alone`, which means that no other affine was given.
    """
    values, opened = read_file(file, argument)
    own = {"name": volume_stem(Path(file).name)}
    if not alone:
        return values, own, True
    warn_of((*contradictions(opened), *doubts(opened, opened)))
    own |= {"affine": affine_of(opened), "spacing": spacing_of(opened)}
    return values, own, is_placed(opened)


def read_file(file: Any, argument: str) -> tuple[np.ndarray, nib.Nifti1Image]:
    """Return the values (X, Y, Z) or (X, Y, Z, C) of a NIfTI file, and the opened file."""
    if not os.path.lexists(file):  # of other things open_volume says what they are
        raise BrowserError(f"{argument} is {str(file)!r}, and no such file is there; check it")
    opened = open_volume(Path(file), series=True)
    return load_series(opened), opened


def without_ones(values: np.ndarray) -> np.ndarray:
    """Return an array (X, Y, Z, 1, ...) as (X, Y, Z); any other one as it is.

    Examples
    --------
    >>> without_ones(np.zeros((2, 3, 4, 1, 1))).shape, without_ones(np.zeros((2, 3, 4, 5))).shape
    ((2, 3, 4), (2, 3, 4, 5))
    """
    more = values.shape[3:]
    return values.reshape(values.shape[:3]) if more and set(more) == {1} else values


def as_numbers(argument: str, values: Any) -> np.ndarray:
    """Return values as an array of real numbers."""
    expected = "a Patient, an array of real numbers or the path of a NIfTI file"
    try:
        values = values.astype(float).filled(np.nan) if np.ma.is_masked(values) else values
        values = np.asarray(values)
    except Exception as error:  # lists of several lengths, or an object that is no array
        found = f"{argument} cannot be read as an array ({one_line(error)})"
        raise BrowserError(f"{found}; expected {expected}") from None
    if values.dtype.kind not in "buif" or values.dtype.names:
        raise BrowserError(f"{argument} holds {values.dtype}; expected {expected}")
    return values


def _check_range(argument: str, image: np.ndarray) -> None:
    """Raise a BrowserError for numbers beyond those of 32 bits, between which none can be shown."""
    if image.dtype.kind == "f" and image.dtype.itemsize > 4:
        known = image[np.isfinite(image)]
        if known.size and max(known.max(), -known.min()) > np.finfo(np.float32).max:
            raise BrowserError(
                f"{argument} reaches from {known.min():g} to {known.max():g}; expected numbers "
                "within the range of 32-bit floats: replace what is no measurement by NaN"
            )


def as_text(found: str, value: Any) -> str:
    r"""Return a name as it is shown: text, or a number as text; it can be written to any file.

    Examples
    --------
    >>> as_text("name", "T1\udce9"), as_text("label", 4.0)
    ('T1?', '4')
    """
    if isinstance(value, Real) and not isinstance(value, (bool, np.bool_)):
        return f"{float(value):g}"
    if not isinstance(value, str):
        raise BrowserError(f"{found} is {value!r}; expected text")
    return value.encode("utf-8", "replace").decode()


def _names_of(channels: Any, count: int) -> tuple[str, ...]:
    """Return the names of `count` maps."""
    if channels is None:
        if count == len(CHANNELS):
            return CHANNELS
        return tuple(f"map {number + 1}" for number in range(count)) if count > 1 else ("map",)
    channels = (channels,) if isinstance(channels, str) else channels
    if isinstance(channels, (bytes, set, frozenset, Mapping)) or not isinstance(channels, Iterable):
        raise BrowserError(f"channels is {channels!r}; expected a list of {count} names")
    channels = tuple(as_text("a name in channels", name) for name in channels)
    wrong = set(_RESERVED) & set(channels) or not all(name.strip() for name in channels)
    if len(channels) != count or len(set(channels)) != count or wrong:
        raise BrowserError(
            f"channels is {channels}; expected {count} different names, none of them "
            f"{', '.join(map(repr, _RESERVED))} or empty"
        )
    return channels


def _as_sizes(spacing: Any) -> list[float]:
    """Return numbers as floats, or none of them."""
    try:
        return [float(size) for size in np.ravel(spacing)]
    except (TypeError, ValueError):
        return []


def _geometry(affine: Any, spacing: Any) -> tuple[np.ndarray, tuple[float, float, float]]:
    """Return affine and voxel size in mm; without either, voxels of 1 mm from left to right."""
    if spacing is not None:
        given, spacing = spacing, tuple(_as_sizes(spacing))
        if len(spacing) != 3 or not all(0 < size < np.inf for size in spacing):
            raise BrowserError(f"spacing is {given!r}; expected three sizes in mm, above 0")
    if affine is None:
        affine = np.diag([*(spacing or (1, 1, 1)), 1.0])
    try:
        view(affine)
    except ValueError as error:
        raise BrowserError(str(error)) from error
    affine = np.asarray(affine, float)
    sizes = tuple(float(size) for size in nib.affines.voxel_sizes(affine))
    if spacing and not np.allclose(spacing, sizes, rtol=1e-2):
        raise BrowserError(
            f"spacing is {spacing}, but affine has voxels of {tuple(round(s, 4) for s in sizes)} "
            "mm; give one of the two"
        )
    return affine, spacing or sizes
