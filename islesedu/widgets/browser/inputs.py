"""A patient, an array or a file as maps on one grid, or refused in one sentence."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import traitlets

from islesedu import CHANNELS
from islesedu.isles.case import SERIES, UNITS, Patient
from islesedu.isles.nifti import open_volume
from islesedu.isles.orientation import view
from islesedu.isles.quality import adc_unit


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
        Maps in their own units; no value (NaN) where nothing is known.
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
    lesion = case = None
    if isinstance(patient, Patient):
        image, lesion, case = patient.image, patient.lesion, patient.case
        channels = patient.channels if channels is None else channels
        affine = patient.affine if affine is None else affine
        spacing = patient.spacing if spacing is None else spacing
        name = patient.name if name is None else name
    elif isinstance(patient, (str, os.PathLike)):
        image, own = read(patient, argument)
        affine = own if affine is None else affine
        name = Path(patient).name.split(".nii")[0] if name is None else name
    else:
        image = patient
    image = as_numbers(argument, image)
    if image.ndim == 3:
        image = image[..., None]
    if image.ndim != 4 or 0 in image.shape:
        batch = "; take one patient of the batch, image[0]" if image.ndim == 5 else ""
        raise BrowserError(
            f"{argument} has the shape {np.shape(patient) or image.shape}; expected (X, Y, Z) or "
            f"(X, Y, Z, C){batch}"
        )
    channels = names_of(channels, image.shape[3])
    affine, spacing = geometry(affine, spacing)
    units = dict.fromkeys(channels, "")
    if isinstance(patient, Patient):
        units = {name: unit_of(name, image[..., n]) for n, name in enumerate(channels)}
    return Volume(name or "", image, channels, units, spacing, affine, lesion, case)


def read(file: Any, argument: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the values (X, Y, Z) or (X, Y, Z, C) of a NIfTI file and its affine."""
    if not Path(file).is_file():
        raise BrowserError(
            f"{argument} is {str(file)!r}, and no such file is there; check the path"
        )
    opened = open_volume(Path(file), series=True)
    values = np.asanyarray(opened.dataobj)
    while values.ndim > 3 and values.shape[3] == 1:
        values = values[:, :, :, 0]
    return values, opened.affine


def as_numbers(argument: str, values: Any) -> np.ndarray:
    """Return values as an array of real numbers."""
    values = np.asarray(values)
    if values.dtype.kind not in "buif":
        raise BrowserError(
            f"{argument} holds {values.dtype}; expected a Patient, an array of real numbers or "
            "the path of a NIfTI file"
        )
    return values


def names_of(channels: Any, count: int) -> tuple[str, ...]:
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


def geometry(affine: Any, spacing: Any) -> tuple[np.ndarray, tuple[float, float, float]]:
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


def unit_of(channel: str, values: np.ndarray) -> str:
    """Return the unit of a patient's map; that of ADC is told from its size."""
    return (channel == "ADC" and adc_unit(values)) or UNITS.get(channel, "")
