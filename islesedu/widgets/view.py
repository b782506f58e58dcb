"""Which way a slice is looked at: from a volume's affine to rows, columns and letters.

Slices are shown in the radiological convention: the patient's right on the viewer's left, the front
of the head up in axial slices and to the left in sagittal ones, the top of the head up in the rest.
"""

from dataclasses import dataclass

import nibabel as nib
import numpy as np

WORLD = {"axial": (0, 1, 2), "coronal": (0, 2, 1), "sagittal": (1, 2, 0)}
"""Directions of columns, rows and slices: 0 right-left, 1 front-back, 2 up-down."""
PLANES = tuple(WORLD)
LETTERS = (("R", "L"), ("A", "P"), ("S", "I"))
"""Ends of each direction, the one at larger mm (RAS+) first."""


@dataclass(frozen=True)
class View:
    """How one plane of a volume lies on the screen.

    Attributes
    ----------
    plane : str
        "axial", "coronal" or "sagittal".
    axes : tuple of int
        The volume's axis along the columns of the picture, along its rows, and across slices.
    flips : tuple of bool
        Whether columns and rows run against the voxel numbers.
    labels : tuple of str
        Letters at the left, the right, the top and the bottom.
    """

    plane: str
    axes: tuple[int, int, int]
    flips: tuple[bool, bool]
    labels: tuple[str, str, str, str]

    def picture(self, volume: np.ndarray, index: int) -> np.ndarray:
        """Return slice `index` of a volume (X, Y, Z, ...) as it is looked at: (H, W, ...)."""
        columns, rows, across = self.axes
        picture = np.asarray(volume).take(index, axis=across)
        if columns < rows:
            picture = picture.swapaxes(0, 1)
        return picture[:: -1 if self.flips[1] else 1, :: -1 if self.flips[0] else 1]

    def pixel(self, voxel: tuple[int, int, int], shape: tuple[int, ...]) -> tuple[int, int]:
        """Return row and column of a voxel in the picture of its slice."""
        column, row = (
            shape[axis] - 1 - voxel[axis] if flip else voxel[axis]
            for axis, flip in zip(self.axes, self.flips, strict=False)
        )
        return int(row), int(column)

    def aspect(self, spacing: tuple[float, ...]) -> float:
        """Return the height of a voxel divided by its width, from the spacing in mm."""
        return spacing[self.axes[1]] / spacing[self.axes[0]]


def directions(affine: np.ndarray) -> tuple[tuple[int, int], ...]:
    """Return for right, front and top which axis of a volume runs there, and 1 or -1 for the way.

    Examples
    --------
    >>> directions(np.diag([-2, 2, 2, 1]))
    ((0, -1), (1, 1), (2, 1))
    """
    found = nib.io_orientation(affine)  # (3, 2): direction and sign of each axis
    axes = [int(np.flatnonzero(found[:, 0] == world)[0]) for world in range(3)]
    return tuple((axis, int(found[axis, 1])) for axis in axes)


def view(affine: np.ndarray, plane: str = "axial") -> View:
    """Return how a plane of a volume is looked at.

    An oblique volume is shown along its own axes, named after the nearest directions of the body.

    Parameters
    ----------
    affine : ndarray, (4, 4)
        From voxel numbers to mm, RAS+.
    plane : str
        One of `PLANES`.

    Raises
    ------
    ValueError
        No such plane, or an affine whose axes do not span the space.

    Examples
    --------
    >>> view(np.diag([-2, 2, 2, 1])).flips  # LAS: columns run from the right already
    (False, True)
    """
    if plane not in PLANES:
        raise ValueError(f"plane is {plane!r}; choose one of {', '.join(PLANES)}")
    affine = np.asarray(affine, float)
    if affine.shape != (4, 4) or not np.isfinite(affine).all():
        raise ValueError(f"affine is {affine.tolist()}; expected 4 x 4 finite numbers")
    if np.linalg.matrix_rank(affine[:3, :3]) < 3:
        raise ValueError(
            f"affine is {affine.tolist()}; its axes do not span the space, take the file's own"
        )
    world, runs = WORLD[plane], directions(affine)
    axes = tuple(runs[w][0] for w in world)
    flips = tuple(runs[w][1] > 0 for w in world[:2])
    return View(plane, axes, flips, (*LETTERS[world[0]], *LETTERS[world[1]]))
