"""Read one NIfTI file with care, write one whole."""

import gzip
import os
import zlib
from collections.abc import Sequence
from pathlib import Path

import nibabel as nib
import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from islesedu.errors import IslesError
from islesedu.files import whole
from islesedu.metrics.masks import as_mask

LARGEST = 2**28
"""Voxels of the largest volume that is believed (1 GiB as float32; a real one has 0.7 million)."""
DEFLATE_LIMIT = 1032
"""No gzip stream is longer than this many times its file (zlib's technical notes)."""


def open_volume(file: Path, series: bool = False) -> nib.Nifti1Image:
    """Open a volume, looking at its header only; refuse one that cannot be what it claims.

    Parameters
    ----------
    file : Path
        Ends in .nii or .nii.gz.
    series : bool
        Allow further axes than three, as the 4-D perfusion series has.

    Returns
    -------
    image
        Not loaded yet; its `shape` begins with (X, Y, Z), further axes are 1.

    Raises
    ------
    IslesError
        No NIfTI, a size that is absurd or not 3-D, a file too short for its header, values that
        are no plain numbers, a geometry that is none.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = write_map(f"{folder}/ADC.nii", np.ones((2, 3, 4)), np.eye(4), (1, 1, 1))
    ...     open_volume(file).shape
    (2, 3, 4)
    """
    file = Path(file)
    try:
        image = nib.load(file, mmap=False)
        shape, kind = image.shape, image.get_data_dtype()
    except Exception as error:  # damaged headers raise nearly anything inside nibabel
        raise IslesError(
            f"{file} cannot be opened as NIfTI ({_one_line(error)}); copy or unpack it again"
        ) from error
    flat = len(shape) < 3 or min(shape) < 1
    if flat or (not series and any(size != 1 for size in shape[3:])):
        raise IslesError(f"{file} has the shape {shape}; expected three axes (X, Y, Z)")
    voxels = int(np.prod(shape, dtype=object))
    if voxels > LARGEST * (100 if series else 1):
        raise IslesError(
            f"{file} claims the shape {shape}, {voxels:,} voxels; more than {LARGEST:,} are not "
            "believed: the header is damaged"
        )
    if kind.kind not in "iuf":
        raise IslesError(f"{file} holds values of type {kind}; expected real numbers")
    _check_geometry(file, image)
    needed = voxels * kind.itemsize
    if file.suffix != ".gz":
        needed += image.dataobj.offset
    size = file.stat().st_size
    if needed > (size * DEFLATE_LIMIT if file.suffix == ".gz" else size):
        raise IslesError(
            f"{file} is cut off: {size:,} bytes cannot hold the {shape} voxels its header "
            "promises; copy or unpack it again"
        )
    return image


def _check_geometry(file: Path, image: nib.Nifti1Image) -> None:
    """Raise an IslesError if the header gives no usable voxel size or position."""
    size = image.header.get_zooms()[:3]
    if not all(0 < edge < np.inf for edge in size) or not np.isfinite(image.affine).all():
        raise IslesError(
            f"{file} gives a voxel size of {tuple(map(float, size))} mm and the affine "
            f"{image.affine.tolist()}; expected finite numbers and sizes above 0"
        )


def _one_line(error: Exception) -> str:
    """Return an error's message on one line, or its type if it has none."""
    return " ".join(str(error).split()) or type(error).__name__


def _damaged(file: str | Path, error: Exception) -> IslesError:
    reason = _one_line(error)
    return IslesError(f"{file} is damaged or cut off ({reason}); copy or unpack it again")


def load(image: nib.Nifti1Image) -> np.ndarray:
    """Return the voxels of an opened volume as (X, Y, Z), float32, scaled as its header says.

    Examples
    --------
    >>> load(nib.Nifti1Image(np.full((2, 1, 1), 7, np.int16), np.eye(4))).tolist()
    [[[7.0]], [[7.0]]]
    """
    file = image.get_filename()
    try:
        return image.get_fdata(dtype=np.float32, caching="unchanged").reshape(image.shape[:3])
    except Exception as error:  # whatever zlib, gzip, nibabel and the disk may say
        raise _damaged(file, error) from error


def read_mask(image: nib.Nifti1Image) -> np.ndarray:
    """Return an opened volume as a mask (X, Y, Z) of bool; an IslesError if it holds none.

    The rule is that of `islesedu.metrics.as_mask`; the message and the warning name the file.

    Examples
    --------
    >>> read_mask(nib.Nifti1Image(np.array([[[0, 0.9999999998]]]), np.eye(4))).tolist()
    [[[False, True]]]
    """
    values = load(image)
    try:
        return as_mask(image.get_filename(), values)
    except ValueError as error:
        raise IslesError(str(error)) from None


def check_stream(file: Path) -> None:
    """Read a .gz file to its check sum, which loading does not do; an IslesError if it is wrong.

    Examples
    --------
    >>> check_stream(Path("ADC.nii"))  # not packed: no check sum
    """
    if file.suffix != ".gz":
        return
    try:
        with gzip.open(file) as stream:
            while stream.read(2**20):
                pass
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(file, error) from error


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
        `spacing` is not the affine's, a whole-number type is to hold NaN, the name does not end
        as it should, or the disk refuses.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_map(f"{folder}/ADC.nii", [[[800]]], np.eye(4), (1, 1, 1)).name
    'ADC.nii'
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
    image = nib.Nifti1Image(np.asarray(array).astype(dtype), affine)
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
        raise IslesError(f"{file} cannot be written ({_one_line(error)})") from error
    return file
