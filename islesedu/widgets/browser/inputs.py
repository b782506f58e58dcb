"""What is shown, from patients, arrays and files: maps on one grid, and what lies on that grid.

Whatever cannot be shown is refused in one sentence.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import traitlets

from islesedu import CHANNELS
from islesedu.isles.case import SERIES, UNITS, Patient
from islesedu.isles.formats import volume_stem
from islesedu.isles.nifti import load_values, open_volume
from islesedu.isles.orientation import view
from islesedu.isles.quality import adc_unit
from islesedu.metrics import masks


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
    """

    name: str
    image: np.ndarray
    channels: tuple[str, ...]
    units: dict[str, str]
    spacing: tuple[float, float, float]
    affine: np.ndarray
    lesion: np.ndarray | None = None
    case: Any = None

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
    image, own = patient, {}
    if isinstance(patient, Patient):
        image, own = patient.image, {key: getattr(patient, key) for key in given}
    elif isinstance(patient, (str, os.PathLike)):
        image, affine = _read(patient, argument)
        own = {"affine": affine, "name": volume_stem(Path(patient).name)}
    given = {key: own.get(key) if value is None else value for key, value in given.items()}
    image = as_numbers(argument, image)
    if image.ndim == 3:
        image = image[..., None]
    if image.ndim != 4 or 0 in image.shape:
        batch = "; take one patient of the batch, image[0]" if image.ndim == 5 else ""
        found = f"{argument} has the shape {np.shape(patient) or image.shape}"
        raise BrowserError(f"{found}; expected (X, Y, Z) or (X, Y, Z, C){batch}")
    channels = _names_of(given["channels"], image.shape[3])
    affine, spacing = _geometry(given["affine"], given["spacing"])
    units, lesion, case = dict.fromkeys(channels, ""), None, None
    if isinstance(patient, Patient):
        units, lesion, case = {n: UNITS.get(n, "") for n in channels}, patient.lesion, patient.case
    if units.get("ADC"):
        units["ADC"] = adc_unit(image[..., channels.index("ADC")]) or units["ADC"]
    return Volume(given["name"] or "", image, channels, units, spacing, affine, lesion, case)


def _read(file: Any, argument: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the values (X, Y, Z) or (X, Y, Z, C) of a NIfTI file and its affine."""
    if not os.path.lexists(file):  # of other things open_volume says what they are
        raise BrowserError(f"{argument} is {str(file)!r}, and no such file is there; check it")
    opened = open_volume(Path(file), series=True)
    values = load_values(opened)
    while values.ndim > 3 and values.shape[3] == 1:
        values = values[:, :, :, 0]
    return values, opened.affine


def as_numbers(argument: str, values: Any) -> np.ndarray:
    """Return values as an array of real numbers."""
    values = np.asarray(values)
    if values.dtype.kind not in "buif":
        expected = "a Patient, an array of real numbers or the path of a NIfTI file"
        raise BrowserError(f"{argument} holds {values.dtype}; expected {expected}")
    return values


def _names_of(channels: Any, count: int) -> tuple[str, ...]:
    """Return the names of `count` maps."""
    if channels is None:
        if count == len(CHANNELS):
            return CHANNELS
        return tuple(f"map {number + 1}" for number in range(count)) if count > 1 else ("map",)
    channels = (channels,) if isinstance(channels, str) else tuple(map(str, channels))
    taken = {"all", "probability", SERIES} & set(channels)
    if len(channels) != count or len(set(channels)) != count or taken:
        raise BrowserError(
            f"channels is {channels}; expected {count} different names, none of them 'all', "
            f"'probability' or {SERIES!r}"
        )
    return channels


def _geometry(affine: Any, spacing: Any) -> tuple[np.ndarray, tuple[float, float, float]]:
    """Return affine and voxel size in mm; without either, voxels of 1 mm from left to right."""
    if spacing is not None:
        spacing = tuple(float(size) for size in np.ravel(spacing))
        if len(spacing) != 3 or not all(0 < size < np.inf for size in spacing):
            raise BrowserError(f"spacing is {spacing}; expected three sizes in mm, above 0")
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


def _on_grid(argument: str, values: Any, volume: Volume) -> np.ndarray:
    """Return an array or a file as numbers on the grid (X, Y, Z) of a volume."""
    affine = None
    if isinstance(values, (str, os.PathLike)):
        values, affine = _read(values, argument)
    values = as_numbers(argument, values)
    if values.ndim == 4 and values.shape[3] == 1:
        values = values[..., 0]
    if values.shape != volume.shape:
        advice = "resample it onto the patient's grid"
        if argument == "probability" and values.shape[-3:] == volume.shape:
            advice = "say with what_if= what its first axes stand for"
        if argument == "compare probability" and values.shape[-3:] == volume.shape:
            advice = "what_if is for the first side only, so give one (X, Y, Z)"
        found = f"{argument} has the shape {values.shape}"
        raise BrowserError(f"{found}, but the patient's grid is {volume.shape}; {advice}")
    if affine is not None:
        corner = np.array([*(n - 1 for n in volume.shape), 1])
        apart = max(np.abs((affine - volume.affine) @ c)[:3].max() for c in (corner, [0, 0, 0, 1]))
        if apart > min(volume.spacing) / 2:
            raise BrowserError(
                f"{argument} lies {apart:.1f} mm from the patient although both grids are "
                f"{volume.shape}; resample it onto the patient's affine"
            )
    return values


def as_mask(argument: str, values: Any, volume: Volume) -> np.ndarray:
    """Return a mask (X, Y, Z) of bool on a volume's grid."""
    try:
        return masks.as_mask(argument, _on_grid(argument, values, volume))
    except BrowserError:
        raise
    except ValueError as error:
        raise BrowserError(f"{error}; hand probabilities over as probability=") from None


def as_probability(argument: str, values: Any, volume: Volume) -> np.ndarray:
    """Return probabilities (X, Y, Z) on a volume's grid; 0 where there is no value."""
    values = _on_grid(argument, values, volume)
    values = values if values.dtype.kind == "f" else values.astype(np.float32)
    if (known := values[np.isfinite(values)]).size and (known.min() < 0 or known.max() > 1):
        raise BrowserError(
            f"{argument} reaches from {known.min():g} to {known.max():g}; expected 0 to 1: apply "
            "the sigmoid to logits first"
        )
    return np.where(np.isfinite(values), values, values.dtype.type(0))


def as_series(series: Any, volume: Volume) -> np.ndarray:
    """Return a time series (X, Y, Z, T) on a volume's grid; True takes the one of its case.

    A file on another grid is resampled to the nearest voxel.
    """
    affine = None
    if series is True:
        if volume.case is None or SERIES not in volume.case.maps:
            raise BrowserError(
                f"series is True, but {volume.name or 'the patient'} has no file {SERIES}; "
                "give an array (X, Y, Z, T) or a path"
            )
        series = volume.case.maps[SERIES]
    if isinstance(series, (str, os.PathLike)):
        series, affine = _read(series, "series")
    series = as_numbers("series", series)
    if series.ndim == 5 and series.shape[3] == 1:
        series = series[:, :, :, 0]
    if series.ndim != 4 or (affine is None and series.shape[:3] != volume.shape):
        raise BrowserError(
            f"series has the shape {series.shape}, but the patient's grid is {volume.shape}; "
            "expected (X, Y, Z, T) on it, or a NIfTI file, which says where it lies"
        )
    if affine is None or (series.shape[:3] == volume.shape and np.allclose(affine, volume.affine)):
        return series
    grid = np.indices(volume.shape).reshape(3, -1)
    there = np.linalg.inv(affine) @ volume.affine
    place = np.rint(there[:3, :3] @ grid + there[:3, 3:]).astype(int)  # (3, voxels)
    limits = np.array(series.shape[:3])[:, None]
    inside = ((place >= 0) & (place < limits)).all(axis=0)
    x, y, z = np.clip(place, 0, limits - 1)
    values = np.where(inside[:, None], series[x, y, z], series.dtype.type(0))
    return values.reshape(*volume.shape, -1)
