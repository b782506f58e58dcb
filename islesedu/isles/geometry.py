"""Where a volume lies: compare the grids of two files, copy the geometry of one to another."""

from pathlib import Path

import nibabel as nib
import numpy as np

from islesedu.errors import IslesError
from islesedu.isles.nifti import open_volume

GEOMETRY = ("qform_code", "sform_code", "quatern_b", "quatern_c", "quatern_d")
GEOMETRY += ("qoffset_x", "qoffset_y", "qoffset_z", "srow_x", "srow_y", "srow_z", "xyzt_units")


def geometry_of(header: nib.Nifti1Header) -> nib.Nifti1Header:
    """Return a header for a mask with the geometry of another header, and nothing else of it.

    Examples
    --------
    >>> header = nib.Nifti1Image(np.ones((2, 3, 4)), np.diag([2, 2, 5, 1])).header
    >>> geometry_of(header).get_best_affine().diagonal().tolist()
    [2.0, 2.0, 5.0, 1.0]
    """
    copy = nib.Nifti1Header()
    copy.set_data_dtype(np.uint8)
    copy.set_data_shape(header.get_data_shape()[:3])
    copy.set_slope_inter(1, 0)
    copy["pixdim"][:4] = header["pixdim"][:4]  # the first is the handedness of the qform
    for field in GEOMETRY:
        copy[field] = header[field]
    return copy


def voxels_apart(image: nib.Nifti1Image, other: nib.Nifti1Image) -> float:
    """Return by how many voxels two volumes of one shape lie apart, at their worst corner.

    0 if one of them says nothing about its place (no qform, no sform): voxels are all we have.

    Examples
    --------
    >>> one, other = (nib.Nifti1Image(np.ones((2, 2, 2)), np.eye(4) * size) for size in (1, 2))
    >>> voxels_apart(one, other)
    1.0
    """
    if any(h["qform_code"] == 0 and h["sform_code"] == 0 for h in (image.header, other.header)):
        return 0.0
    corners = np.array(np.meshgrid(*[(0, n - 1) for n in image.shape[:3]])).reshape(3, -1)
    corners = np.vstack([corners, np.ones(corners.shape[1])])  # (4, 8)
    apart = np.abs((image.affine - other.affine) @ corners)[:3].max()
    return float(apart / min(image.header.get_zooms()[:3]))


def open_on_grid(file: Path, other: nib.Nifti1Image) -> nib.Nifti1Image:
    """Open a volume that must have another one's grid, to half a voxel; an IslesError if not.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from islesedu.isles import write_map
    >>> with TemporaryDirectory() as folder:
    ...     file = write_map(f"{folder}/ADC.nii", [[[800]]], np.eye(4), (1, 1, 1))
    ...     open_on_grid(file, open_volume(file)).shape
    (1, 1, 1)
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
