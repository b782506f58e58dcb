"""The DSC time series that is shown in the slice browser, laid onto the grid of the maps."""

import os
from typing import Any

import numpy as np

from islesedu.isles.case import SERIES
from islesedu.isles.geometry import affine_of, is_placed
from islesedu.widgets.browser.inputs import BrowserError, Volume, as_numbers, read_file


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
