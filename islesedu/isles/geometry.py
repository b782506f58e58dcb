"""Where the voxels of a NIfTI file lie: its affine and voxel size in mm, and what contradicts them.

One rule decides, nibabel's: the sform, or without one the qform, or without one the voxel size of
the header (pixdim). What the header says in metres or micrometres is converted to mm. A pixdim or
qform that says something else is named in a warning and not used.
"""

import warnings
from collections.abc import Iterator
from pathlib import Path

import nibabel as nib
import numpy as np

from islesedu.errors import IslesError

_TO_MM = {1: 1000.0, 3: 0.001}
"""By what to multiply, by the code of the spatial unit: metres, micrometres; all else is mm."""
_ROUNDING = 1e-3
"""Up to which share two voxel sizes are one, and up to which cosine axes are at right angles."""
_USUAL_MM = (0.05, 50.0)
"""Smallest and largest edge of a voxel that a scan of a head can have."""
_UNPLACED = "its qform_code and sform_code are 0, so it does not say where it lies"


def affine_of(image: nib.Nifti1Image) -> np.ndarray:
    """Return the affine (4, 4) of a volume, from voxel numbers to mm.

    Examples
    --------
    >>> image = nib.Nifti1Image(np.ones((2, 2, 2)), np.diag([0.002, 0.002, 0.005, 1]))
    >>> image.header.set_xyzt_units("meter")
    >>> affine_of(image).diagonal().tolist()
    [2.0, 2.0, 5.0, 1.0]
    """
    affine = image.header.get_best_affine() if image.affine is None else image.affine
    affine = np.array(affine, float)
    affine[:3] = _in_mm(image, affine[:3])
    return affine


def _in_mm(image: nib.Nifti1Image, lengths: np.ndarray) -> np.ndarray:
    """Return lengths of a header in mm, free of the rounding that another unit brings."""
    factor = _TO_MM.get(int(image.header["xyzt_units"]) & 7)
    if factor is None:
        return lengths
    with np.errstate(over="ignore"):
        return np.float32(lengths * factor).astype(float)


def spacing_of(image: nib.Nifti1Image) -> tuple[float, float, float]:
    """Return the voxel size (sx, sy, sz) in mm: that of the affine.

    Where the header's pixdim is the same up to 0.1 %, it is returned, for it is free of the
    rounding of an oblique affine.

    Examples
    --------
    >>> image = nib.Nifti1Image(np.ones((2, 2, 2)), np.diag([2, 2, 5, 1]))
    >>> image.header["pixdim"][1:4] = 1  # contradicts the affine
    >>> spacing_of(image)
    (2.0, 2.0, 5.0)
    """
    sizes = nib.affines.voxel_sizes(affine_of(image))
    pixdim = _in_mm(image, np.array(image.header.get_zooms()[:3], float))
    chosen = pixdim if np.allclose(pixdim, sizes, rtol=_ROUNDING, atol=0) else sizes
    return tuple(float(size) for size in chosen)


def is_placed(image: nib.Nifti1Image) -> bool:
    """Return whether a volume says where it lies in the patient: it has a qform or an sform.

    Examples
    --------
    >>> is_placed(nib.Nifti1Image(np.ones((2, 2, 2)), None))
    False
    """
    return bool(image.header["qform_code"] != 0 or image.header["sform_code"] != 0)


def corners_apart(affine: np.ndarray, other: np.ndarray, shape: tuple[int, ...]) -> float:
    """Return by how many mm two affines put a corner of a grid (X, Y, Z) apart, at worst.

    Examples
    --------
    >>> corners_apart(np.eye(4), np.diag([2, 1, 1, 1]), (5, 5, 5))
    4.0
    """
    corners = np.array(np.meshgrid(*[(0, n - 1) for n in shape[:3]])).reshape(3, -1)
    corners = np.vstack([corners, np.ones(corners.shape[1])])  # (4, 8)
    return float(np.abs((affine - other) @ corners)[:3].max())


def voxels_apart(image: nib.Nifti1Image, other: nib.Nifti1Image) -> float:
    """Return by how many voxels two volumes of one shape lie apart, at their worst corner.

    0 if one of them says nothing about its place (no qform, no sform): voxels are all we have.

    Examples
    --------
    >>> one, other = (nib.Nifti1Image(np.ones((2, 2, 2)), np.eye(4) * size) for size in (1, 2))
    >>> voxels_apart(one, other)
    1.0
    """
    if not (is_placed(image) and is_placed(other)):
        return 0.0
    apart = corners_apart(affine_of(image), affine_of(other), image.shape)
    return apart / min(spacing_of(image))


def raw_header(image: nib.Nifti1Image) -> nib.Nifti1Header:
    """Return the header as it lies in the file; nibabel replaces a voxel size of 0 by 1.

    Examples
    --------
    >>> raw_header(nib.Nifti1Image(np.ones((2, 2, 2)), np.eye(4)))["pixdim"][1:4].tolist()
    [1.0, 1.0, 1.0]
    """
    if image.get_filename() is None:
        return image.header
    with nib.openers.ImageOpener(image.get_filename()) as stream:
        return type(image.header).from_fileobj(stream, check=False)


def check_geometry(file: Path, image: nib.Nifti1Image) -> None:
    """Raise an IslesError if the header gives no usable voxel size or position.

    Examples
    --------
    >>> flat = nib.Nifti1Image(np.ones((2, 2, 2)), np.eye(4))
    >>> flat.set_sform(np.zeros((4, 4)), code=1)
    >>> check_geometry(Path("ADC.nii"), flat)
    Traceback (most recent call last):
    islesedu.errors.IslesError: ADC.nii gives voxels of (0, 0, 0) mm and the affine ...
    """
    edges, affine = raw_header(image)["pixdim"][1:4], affine_of(image)
    named = image.header["sform_code"] != 0  # the sform has voxel sizes of its own
    if not named and not all(0 < abs(edge) < np.inf for edge in edges):
        raise IslesError(
            f"{file} gives a voxel size (pixdim) of {_listed(edges)} and no sform; expected finite "
            "numbers above 0: set pixdim to the voxel size, or convert the images again"
        )
    with np.errstate(all="ignore"):
        sizes = nib.affines.voxel_sizes(affine)
        usable = np.isfinite(affine).all() and (sizes > 0).all()
        usable = usable and abs(np.linalg.det(affine[:3, :3] / sizes)) > _ROUNDING
    if not usable:
        raise IslesError(
            f"{file} gives voxels of {_listed(sizes)} mm and the affine {affine.tolist()}; "
            "expected finite numbers, sizes above 0 and three axes that span the space: mend the "
            "sform, or set sform_code to 0 if the qform is right"
        )


def contradictions(image: nib.Nifti1Image) -> Iterator[str]:
    """Yield a sentence for each thing in a header that contradicts the affine that is used.

    Examples
    --------
    >>> image = nib.Nifti1Image(np.ones((2, 2, 2)), np.diag([2, 2, 5, 1]))
    >>> image.header["pixdim"][1:4] = 1
    >>> print(*contradictions(image))
    None: pixdim says voxels of (1, 1, 1) mm, the sform (2, 2, 5) mm; the sform is used
    """
    file, affine = image.get_filename(), affine_of(image)
    form = "sform" if image.header["sform_code"] != 0 else "qform"
    edges, sizes = _in_mm(image, raw_header(image)["pixdim"][1:4]), spacing_of(image)
    if sheared := _shear(affine) > _ROUNDING:
        yield (
            f"{file}: the axes of its {form} are not at right angles; volumes in ml and distances "
            "are not exact and other programs may refuse it: resample it onto straight axes"
        )
    if not np.allclose(edges, sizes, rtol=_ROUNDING, atol=0):
        if form == "sform":
            used = f"the sform {_listed(sizes)} mm; the sform is used"
        else:  # a negative size: nibabel takes it without its sign
            used = f"{_listed(sizes)} is used"
        yield f"{file}: pixdim says voxels of {_listed(edges)} mm, {used}"
    elif not sheared and (apart := _forms_apart(image)) > 0.5:
        words = "lies up to {apart:.1f} voxels away from its sform; the sform is used"
        yield f"{file}: its qform {words.format(apart=apart)}"
    if not all(_USUAL_MM[0] <= size <= _USUAL_MM[1] for size in sizes):
        yield f"{file}: voxels of {_listed(sizes)} mm are none of a head; mend xyzt_units or pixdim"


def _shear(affine: np.ndarray) -> float:
    """Return the largest cosine between two axes of an affine, 0 if they are at right angles."""
    axes = affine[:3, :3] / nib.affines.voxel_sizes(affine)
    return float(np.abs(axes.T @ axes - np.eye(3)).max())


def _forms_apart(image: nib.Nifti1Image) -> float:
    """Return by how many voxels a header's qform lies from its sform; 0 if it has not both."""
    header = image.header
    if header["qform_code"] == 0 or header["sform_code"] == 0:
        return 0.0
    try:
        apart = corners_apart(header.get_qform(), header.get_sform(), image.shape)
    except (ValueError, nib.spatialimages.HeaderDataError):
        return np.inf  # quaternions that are none
    return float(np.nan_to_num(apart / min(nib.affines.voxel_sizes(image.affine)), nan=np.inf))


def doubts(image: nib.Nifti1Image, place: nib.Nifti1Image) -> Iterator[str]:
    """Yield what is doubtful about the place of a volume that is taken to lie as `place` does.

    Examples
    --------
    >>> image = nib.Nifti1Image(np.ones((2, 2, 2)), None)
    >>> print(*doubts(image, image))
    None: its qform_code and sform_code are 0, so it does not say where it lies; left and right ...
    """
    if is_placed(image):
        return
    file, other = image.get_filename(), Path(place.get_filename() or "").name
    if is_placed(place):
        yield f"{file}: {_UNPLACED}; its voxels are taken to lie as those of {other}"
    elif file == place.get_filename():  # once for a case
        yield f"{file}: {_UNPLACED}; left and right are unknown"
    if not np.allclose(spacing_of(image), spacing_of(place), rtol=1e-2):
        sizes = [_listed(spacing_of(one)) for one in (image, place)]
        yield f"{file}: voxels of {sizes[0]} mm, but {other} has {sizes[1]}; the latter are used"


def warn_of(sentences: Iterator[str]) -> None:
    """Warn of each sentence.

    Examples
    --------
    >>> warn_of(iter([]))
    """
    for sentence in sentences:
        warnings.warn(sentence, stacklevel=3)


def _listed(sizes: np.ndarray) -> str:
    """Return voxel sizes in words, such as "(2, 2, 5)"."""
    return f"({', '.join(f'{size:.4g}' for size in sizes)})"
