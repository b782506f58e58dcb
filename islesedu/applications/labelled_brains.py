"""Labelled brains: T1 image, tissue labels and template coordinates of each voxel.

The image is the T1 template that comes with nilearn, a mean of 152 skull-stripped adults, under a
random affine and smooth deformation (`islesedu.phantom.template.tissue_on_grid`).
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from islesedu.phantom.template import Pose, t1_template, tissue_on_grid

CLASSES = ("background", "CSF", "gray matter", "white matter")
"""What a voxel can be, by its label: 0, 1, 2, 3."""


@dataclass(frozen=True)
class LabelledBrain:
    """One labelled brain.

    Attributes
    ----------
    t1 : ndarray, (X, Y, Z), float32
        Image, 0 (black) to 1.
    shares : ndarray, (X, Y, Z, 3), float32
        CSF, gray and white matter of each voxel, 0-1; together at most 1.
    labels : ndarray, (X, Y, Z), uint8
        Number in `CLASSES` of what a voxel holds most of; background where more than half is none
        of the three.
    place : ndarray, (3, X, Y, Z), float32
        Template coordinates of each voxel in mm.
    spacing : tuple of float
        Voxel size in mm.
    """

    t1: np.ndarray
    shares: np.ndarray
    labels: np.ndarray
    place: np.ndarray
    spacing: tuple[float, float, float]

    @property
    def brain(self) -> np.ndarray:
        """Voxels (X, Y, Z) that are not background."""
        return self.labels > 0


def make_labelled_brain(
    seed: int,
    grid: tuple[int, int, int] = (64, 72, 5),
    spacing: tuple[float, float, float] = (3.0, 3.0, 9.0),
) -> LabelledBrain:
    """Return a random labelled brain.

    Parameters
    ----------
    seed : int
        Another number, another brain; the same on another grid over the same field of view.
    grid : tuple of int
        (X, Y, Z); the defaults are five slices from the middle of the brain.
    spacing : tuple of float
        Voxel size in mm.

    Returns
    -------
    LabelledBrain
        Axes run to the patient's right, to the front and up.
    """
    rng = np.random.default_rng([17, seed])
    tissue = tissue_on_grid(grid, spacing, Pose.draw(rng), rng)
    volume, affine = t1_template()
    inverse = np.linalg.inv(affine)
    where = inverse[:3, :3] @ tissue.place.reshape(3, -1) + inverse[:3, 3:]  # voxels
    t1 = ndimage.map_coordinates(volume, where, order=1).reshape(grid)
    shares = np.stack([tissue.fluid, tissue.gray, tissue.white], axis=-1)  # (X, Y, Z, 3)
    return LabelledBrain(t1, shares, label(shares), tissue.place, spacing)


def label(shares: np.ndarray) -> np.ndarray:
    """Return the number in `CLASSES` of what each voxel holds most of.

    Parameters
    ----------
    shares : ndarray, (..., 3)
        CSF, gray and white matter, 0-1.

    Examples
    --------
    >>> label(np.array([[0.7, 0.2, 0.1], [0.1, 0.4, 0.5], [0.2, 0.2, 0.0]])).tolist()
    [1, 3, 0]
    """
    most = shares.argmax(axis=-1) + 1
    return np.where(shares.sum(axis=-1) > 0.5, most, 0).astype(np.uint8)
