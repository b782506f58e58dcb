"""Read one NIfTI file with care, write one whole."""

import os
import zlib
from pathlib import Path

import nibabel as nib
import numpy as np

from islesedu.files import whole
from islesedu.isles.model import IslesError

LARGEST = 2**28
"""Voxels of the largest volume that is believed (1 GiB as float32; a real one has 0.7 million)."""
DEFLATE_LIMIT = 1032
"""No gzip stream is longer than this many times its file (zlib's technical notes)."""


def open_volume(file: Path) -> nib.Nifti1Image:
    """Open a volume, looking at its header only; refuse one that cannot be what it claims.

    Returns
    -------
    image
        Not loaded yet; its `shape` begins with (X, Y, Z), further axes are 1.

    Raises
    ------
    IslesError
        No NIfTI, a size that is absurd or not 3-D, a file too short for its header.
    """
    try:
        image = nib.load(file)
    except (nib.filebasedimages.ImageFileError, OSError, EOFError, ValueError, zlib.error) as error:
        raise IslesError(
            f"{file} cannot be opened as NIfTI ({error}); copy or unpack it again"
        ) from error
    shape = image.shape
    if len(shape) < 3 or min(shape) < 1 or any(size != 1 for size in shape[3:]):
        raise IslesError(f"{file} has the shape {shape}; expected three axes (X, Y, Z)")
    voxels = int(np.prod(shape, dtype=object))
    if voxels > LARGEST:
        raise IslesError(
            f"{file} claims the shape {shape}, {voxels:,} voxels; more than {LARGEST:,} are not "
            "believed: the header is damaged"
        )
    needed = voxels * image.get_data_dtype().itemsize
    size = file.stat().st_size
    if needed > (size * DEFLATE_LIMIT if file.suffix == ".gz" else size):
        raise IslesError(
            f"{file} is cut off: {size:,} bytes cannot hold the {shape} voxels its header "
            "promises; copy or unpack it again"
        )
    return image


def load(image: nib.Nifti1Image) -> np.ndarray:
    """Return the voxels of an opened volume as (X, Y, Z), float32, scaled as its header says."""
    file = image.get_filename()
    try:
        return image.get_fdata(dtype=np.float32, caching="unchanged").reshape(image.shape[:3])
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise IslesError(f"{file} is damaged ({error}); copy or unpack it again") from error


def same_place(image: nib.Nifti1Image, other: nib.Nifti1Image) -> bool:
    """Tell whether two volumes of one shape lie within half a voxel of one another."""
    corners = np.array(np.meshgrid(*[(0, n - 1) for n in image.shape[:3]])).reshape(3, -1)
    corners = np.vstack([corners, np.ones(corners.shape[1])])  # (4, 8)
    apart = np.abs((image.affine - other.affine) @ corners)[:3].max()
    return bool(apart <= 0.5 * min(image.header.get_zooms()[:3]))


def write_map(
    file: str | os.PathLike[str],
    array: np.ndarray,
    affine: np.ndarray,
    spacing: tuple[float, ...],
    dtype=np.float32,
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
        How values are stored.
    """
    file = Path(file)
    if np.issubdtype(dtype, np.integer):
        limits = np.iinfo(dtype)
        array = np.clip(np.rint(array), limits.min, limits.max)
    image = nib.Nifti1Image(np.asarray(array).astype(dtype), affine)
    image.header.set_zooms(spacing)
    image.header.set_xyzt_units("mm", "sec")
    image.set_qform(affine, code=1)
    image.set_sform(affine, code=1)
    with whole(file) as partial:
        nib.save(image, partial)
    return file
