"""What lies on the grid of a patient in the slice browser: masks, probabilities, a time series."""

import os
from typing import Any

import numpy as np

from islesedu.isles.case import SERIES
from islesedu.isles.geometry import affine_of, corners_apart, is_placed
from islesedu.metrics import masks
from islesedu.widgets.browser.inputs import (
    BrowserError,
    Volume,
    as_numbers,
    read_file,
    without_ones,
)


def _on_grid(argument: str, values: Any, volume: Volume) -> np.ndarray:
    """Return an array or a file as numbers on the grid (X, Y, Z) of a volume."""
    opened = None
    if isinstance(values, (str, os.PathLike)):
        values, opened = read_file(values, argument)
    values = without_ones(as_numbers(argument, values))
    if values.shape != volume.shape:
        advice = "resample it onto the patient's grid"
        if argument == "probability" and values.shape[-3:] == volume.shape:
            advice = "say with what_if= what its first axes stand for"
        if argument == "compare probability" and values.shape[-3:] == volume.shape:
            advice = "what_if is for the first side only, so give one (X, Y, Z)"
        found = f"{argument} has the shape {values.shape}"
        raise BrowserError(f"{found}, but the patient's grid is {volume.shape}; {advice}")
    if opened is not None and volume.placed and is_placed(opened):
        apart = corners_apart(affine_of(opened), volume.affine, volume.shape)
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
        series, opened = read_file(series, "series")
        affine = affine_of(opened) if is_placed(opened) and volume.placed else None
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
