"""Write a NIfTI file whole."""

import os
from collections.abc import Sequence
from pathlib import Path

import nibabel as nib
import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from islesedu.common.files import whole
from islesedu.errors import IslesError, reason, remedy


def write_map(
    file: str | os.PathLike[str],
    array: ArrayLike,
    affine: np.ndarray,
    spacing: Sequence[float],
    dtype: DTypeLike = np.float32,
) -> Path:
    """Write an array as NIfTI, whole or not at all; the same array gives the same bytes.

    Parameters
    ----------
    file : path-like
        Ends in .nii or .nii.gz.
    array : ndarray, (X, Y, Z)
        Values in their unit; rounded if `dtype` is a whole-number type.
    affine : ndarray, (4, 4)
        From voxel numbers to mm (scanner coordinates).
    spacing : tuple of float
        Voxel size in mm.
    dtype : dtype
        How values are stored; bool as uint8.

    Raises
    ------
    IslesError
        `spacing` is not the affine's, a whole-number type is to hold NaN, a value overflows, the
        name does not end as it should, or the disk refuses.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = write_map(f"{folder}/ADC.nii", np.ones((2, 3, 4)), np.eye(4), (1, 1, 1))
    ...     nib.load(file).shape
    (2, 3, 4)
    """
    file, dtype = Path(file), np.dtype(np.uint8 if np.dtype(dtype) == bool else dtype)
    sizes = nib.affines.voxel_sizes(affine)
    if not np.allclose(sizes, spacing[:3], rtol=1e-3):
        raise IslesError(
            f"spacing for {file} is {tuple(spacing)}, but the affine has voxels of "
            f"{tuple(map(float, sizes))} mm; give the same"
        )
    if np.issubdtype(dtype, np.integer):
        if not np.isfinite(array).all():
            raise IslesError(
                f"array for {file} holds NaN or infinite values; {dtype} cannot, use float32"
            )
        limits = np.iinfo(dtype)
        array = np.clip(np.rint(array), limits.min, limits.max)
    with np.errstate(over="ignore"):  # refused below
        values = np.asarray(array).astype(dtype)
    if np.count_nonzero(~np.isfinite(values)) > np.count_nonzero(~np.isfinite(array)):
        raise IslesError(f"array for {file} has values beyond {dtype}; rescale it")
    image = nib.Nifti1Image(values, affine)
    image.header.set_zooms(spacing)
    image.header.set_xyzt_units("mm", "sec")
    image.set_qform(affine, code=1)
    image.set_sform(affine, code=1)
    return save(image, file)


def save(image: nib.Nifti1Image, file: Path) -> Path:
    """Write an image, whole or not at all; an IslesError if that cannot be done.

    Examples
    --------
    >>> save(nib.Nifti1Image(np.ones((2, 2, 2)), np.eye(4)), Path("map.txt"))
    Traceback (most recent call last):
    islesedu.errors.IslesError: map.txt is no name for a volume; end it in .nii or .nii.gz
    """
    if not file.name.endswith((".nii", ".nii.gz")):
        raise IslesError(f"{file} is no name for a volume; end it in .nii or .nii.gz")
    try:
        with whole(file) as partial:
            nib.save(image, partial)
    except OSError as error:
        words = f"{file} cannot be written ({reason(error)}); {remedy(error)}"
        raise IslesError(words) from error
    return file
