"""Read one NIfTI file with care."""

import gzip
import zlib
from pathlib import Path

import nibabel as nib
import numpy as np

from islesedu.errors import IslesError
from islesedu.isles.formats import explain, is_packed, is_volume_name
from islesedu.isles.geometry import check_geometry, raw_header, voxels_apart
from islesedu.isles.streams import open_image, read_to_end, read_values
from islesedu.metrics.masks import as_mask

_LARGEST = 2**28
"""Voxels of the largest volume that is believed (1 GiB as float32; a real one has 0.7 million)."""
_DEFLATE_LIMIT = 1032
"""No gzip stream is longer than this many times its file (zlib's technical notes)."""


def open_volume(file: Path, series: bool = False) -> nib.Nifti1Image:
    """Open a volume, looking at its header only; refuse one that cannot be what it claims.

    Parameters
    ----------
    file : Path
        Ends in .nii or .nii.gz, small or capital letters.
    series : bool
        Allow further axes than three, as the 4-D perfusion series has.

    Returns
    -------
    image
        Not loaded yet; its `shape` begins with (X, Y, Z), further axes are 1.

    Raises
    ------
    IslesError
        No NIfTI (the message says what the file is and how to make one of it), a size that is
        absurd or not 3-D, a file too short for its header, values that are no plain numbers, a
        geometry that is none.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from islesedu.isles import write_map
    >>> with TemporaryDirectory() as folder:
    ...     file = write_map(f"{folder}/ADC.nii", np.ones((2, 3, 4)), np.eye(4), (1, 1, 1))
    ...     image = open_volume(file)
    ...     load(image).shape
    (2, 3, 4)
    """
    file = Path(file)
    if not is_volume_name(file.name):
        reason = f"{file} is no NIfTI file by its name; give a file that ends in .nii or .nii.gz"
        raise IslesError(explain(file) or reason)
    try:
        with nib.imageglobals.LoggingOutputSuppressor():  # `geometry.contradictions` says it
            image = open_image(file)
        shape, kind = image.shape, image.get_data_dtype()
    except Exception as error:  # damaged headers raise nearly anything inside nibabel
        reason = f"{file} cannot be opened as NIfTI ({one_line(error)}); copy or unpack it again"
        raise IslesError(explain(file) or reason) from error
    if not isinstance(image, nib.Nifti1Image):  # nibabel reads other formats, too
        reason = f"{file} is a {type(image).__name__}; expected a NIfTI volume in one file"
        raise IslesError(explain(file) or reason)
    flat = len(shape) < 3 or min(shape) < 1
    if flat or (not series and any(size != 1 for size in shape[3:])):
        raise IslesError(f"{file} has the shape {shape}; expected three axes (X, Y, Z)")
    voxels = int(np.prod(shape, dtype=object))
    if voxels > _LARGEST * (100 if series else 1):
        raise IslesError(
            f"{file} claims the shape {shape}, {voxels:,} voxels; more than {_LARGEST:,} are not "
            "believed: the header is damaged"
        )
    if kind.kind not in "iuf":
        raise IslesError(f"{file} holds values of type {kind}; expected real numbers")
    check_geometry(file, image)
    needed, packed = voxels * kind.itemsize, is_packed(file)
    if not packed:
        needed += image.dataobj.offset
    size = file.stat().st_size
    if needed > (size * _DEFLATE_LIMIT if packed else size):
        raise IslesError(
            f"{file} is cut off: {size:,} bytes cannot hold the {shape} voxels its header "
            "promises; copy or unpack it again"
        )
    return image


def one_line(error: Exception) -> str:
    r"""Return an error's message on one line, or its type if it has none.

    Examples
    --------
    >>> one_line(ValueError("a\n b")), one_line(KeyError())
    ('a b', 'KeyError')
    """
    return " ".join(str(error).split()) or type(error).__name__


def load(image: nib.Nifti1Image) -> np.ndarray:
    """Return the voxels of an opened volume as (X, Y, Z), float32, scaled as its header says.

    Raises
    ------
    IslesError
        The file is damaged, or scaling takes a value beyond the largest float32.

    Examples
    --------
    >>> image = nib.Nifti1Image(np.full((2, 1, 1), 7, np.int16), np.eye(4))
    >>> load(image).tolist()
    [[[7.0]], [[7.0]]]
    """
    values = _values(image, np.float32)
    return values.reshape(image.shape[:3])


def load_series(image: nib.Nifti1Image) -> np.ndarray:
    """Return an opened volume as `load` does, with its further axes (X, Y, Z, T) and its own type.

    Axes of one are dropped after the third.

    Examples
    --------
    >>> load_series(nib.Nifti1Image(np.ones((2, 3, 4, 1, 5), np.int16), np.eye(4))).shape
    (2, 3, 4, 5)
    """
    values = _values(image)
    return values.reshape(*image.shape[:3], *(n for n in image.shape[3:] if n != 1))


def _values(image: nib.Nifti1Image, dtype: type | None = None) -> np.ndarray:
    """Return all values; an IslesError for a damaged file and for values beyond float32.

    A packed file is read to its end, once, so that a wrong check sum is found.
    """
    file = image.get_filename()
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            values = read_values(image, dtype)
            beyond = ~np.isfinite(values.astype(np.float32, copy=False))
        if beyond.any():
            proxy = nib.is_proxy(image.dataobj)
            raw = image.dataobj.get_unscaled() if proxy else np.asanyarray(image.dataobj)
            beyond &= np.isfinite(raw)
        slope = float(raw_header(image)["scl_slope"])
    except Exception as error:  # whatever zlib, gzip, nibabel and the disk may say
        raise IslesError(
            f"{file} is damaged or cut off ({one_line(error)}); copy or unpack it again"
        ) from error
    if beyond.any() or np.isinf(slope):
        count = f"{np.count_nonzero(beyond):,} values beyond 3.4e38, the largest float32, with "
        raise IslesError(
            f"{file} has {count if beyond.any() else ''}the scale factor (scl_slope) {slope:g}; "
            "expected finite values in the map's unit: mend the header, or convert the images again"
        )
    return values


def read_mask(image: nib.Nifti1Image, inside: np.ndarray | None = None) -> np.ndarray:
    """Return an opened volume as a mask (X, Y, Z) of bool; an IslesError if it holds none.

    The rule is that of `islesedu.metrics.as_mask`; the message and the warning name the file. Where
    `inside`, (X, Y, Z) of bool, is False there is no brain, and NaN means background.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from islesedu.isles import write_map
    >>> with TemporaryDirectory() as folder:
    ...     lesion = np.array([[[0, 0.9999999998]]])
    ...     file = write_map(f"{folder}/OT.nii", lesion, np.eye(4), (1, 1, 1))
    ...     read_mask(open_volume(file)).tolist()
    [[[False, True]]]
    """
    values = load(image)
    if inside is not None and inside.shape == values.shape:
        values = np.where(~inside & np.isnan(values), 0, values)
    try:
        return as_mask(image.get_filename(), values)
    except ValueError as error:
        raise IslesError(str(error)) from None


def check_stream(file: Path) -> None:
    """Read a .gz file to its check sum without keeping it; an IslesError if it is wrong.

    Examples
    --------
    >>> check_stream(Path("ADC.nii"))  # not packed: no check sum
    """
    if not is_packed(file):
        return
    try:
        with gzip.open(file) as stream:
            read_to_end(stream)
    except (OSError, EOFError, zlib.error) as error:
        raise IslesError(
            f"{file} is damaged or cut off ({one_line(error)}); copy or unpack it again"
        ) from error


def open_on_grid(file: Path, other: nib.Nifti1Image) -> nib.Nifti1Image:
    """Open a volume that must have another one's grid, to half a voxel; an IslesError if not.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from islesedu.isles import write_map
    >>> with TemporaryDirectory() as folder:
    ...     file = write_map(f"{folder}/ADC.nii", np.ones((2, 3, 4)), np.eye(4), (1, 1, 1))
    ...     open_on_grid(file, open_volume(file)).shape
    (2, 3, 4)
    """
    image, name = open_volume(file), Path(other.get_filename()).name
    if image.shape[:3] != other.shape[:3]:
        raise IslesError(
            f"{file} has the grid {image.shape[:3]}, but {name} has {other.shape[:3]}; resample "
            "one onto the other"
        )
    if (apart := voxels_apart(image, other)) > 0.5:
        raise IslesError(
            f"{file} lies up to {apart:.1f} voxels away from {name}, because they have different "
            "affines; resample one onto the other"
        )
    return image
