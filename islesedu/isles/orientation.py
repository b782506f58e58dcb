"""Which way up: from the axes of an array to a picture as radiologists look at it.

Arrays are indexed (X, Y, Z), and the affine says where each axis runs in the patient. Pictures are
in radiological convention: axial from below, coronal from the front, so that the patient's right
is on the viewer's left; sagittal with the front on the viewer's left.
"""

from dataclasses import dataclass

import nibabel as nib
import numpy as np

from islesedu.metrics.masks import Mask, as_mask

WORLD = {"axial": (0, 1, 2), "coronal": (0, 2, 1), "sagittal": (1, 2, 0)}
"""Directions of columns, rows and slices: 0 right-left, 1 front-back, 2 up-down."""
PLANES = tuple(WORLD)
LETTERS = (("R", "L"), ("A", "P"), ("S", "I"))
"""Ends of each direction, the one at larger mm (RAS+) first."""


@dataclass(frozen=True)
class View:
    """How a volume is cut and turned so that one plane is shown upright. Made by `view`.

    Attributes
    ----------
    plane : {"axial", "coronal", "sagittal"}
        Which plane.
    axes : tuple of int
        The array's axis along the columns of the picture, along its rows, and across slices.
    flips : tuple of bool
        Whether columns and rows run against the voxel numbers.
    labels : tuple of str
        Letters at the left, the right, the top and the bottom; "" where they are unknown.
    spacing : tuple of float
        Voxel size (sx, sy, sz) in mm.
    """

    plane: str
    axes: tuple[int, int, int]
    flips: tuple[bool, bool]
    labels: tuple[str, str, str, str]
    spacing: tuple[float, float, float]

    @property
    def axis(self) -> int:
        """Array axis that the slices are numbered along."""
        return self.axes[2]

    @property
    def aspect(self) -> float:
        """Height of a voxel in the picture divided by its width."""
        return self.spacing[self.axes[1]] / self.spacing[self.axes[0]]

    @property
    def sides(self) -> tuple[str, str]:
        """Letters of the patient's sides at the picture's left and right."""
        return self.labels[:2]

    def turn(self, one_slice: np.ndarray) -> np.ndarray:
        """Turn a slice of the array into a picture (H, W) or (H, W, C).

        Parameters
        ----------
        one_slice : ndarray, (X, Y), (X, Z) or (Y, Z), perhaps with C at the end
            As NumPy cuts it, such as ``volume[:, :, z]``: the two other axes in their order.
        """
        picture = np.asarray(one_slice)
        picture = picture.swapaxes(0, 1) if self.axes[0] < self.axes[1] else picture
        return picture[:: -1 if self.flips[1] else 1, :: -1 if self.flips[0] else 1]

    def cut(self, volume: np.ndarray, number: int) -> np.ndarray:
        """Return a slice of a volume (X, Y, Z, ...) as NumPy cuts it, not turned yet."""
        return np.asarray(volume).take(number, axis=self.axis)

    def picture(self, volume: np.ndarray, number: int) -> np.ndarray:
        """Return a slice of a volume (X, Y, Z, ...) as it is looked at: (H, W, ...)."""
        return self.turn(self.cut(volume, number))

    def pixel(self, voxel: tuple[int, int, int], shape: tuple[int, ...]) -> tuple[int, int]:
        """Return row and column of a voxel in the picture of its slice."""
        column, row = (
            shape[axis] - 1 - voxel[axis] if flip else voxel[axis]
            for axis, flip in zip(self.axes, self.flips, strict=False)
        )
        return int(row), int(column)


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


def view(affine: np.ndarray, plane: str = "axial", placed: bool = True) -> View:
    """Return how to turn a volume so that a plane is shown in radiological convention.

    Parameters
    ----------
    affine : ndarray, (4, 4)
        From voxel numbers to mm, x to the patient's right, y to the front, z up (NIfTI). Any
        orientation; an oblique volume is shown along its own axes, named after the nearest
        directions of the body.
    plane : {"axial", "coronal", "sagittal"}
        Which plane.
    placed : bool
        Whether the affine is known, as `islesedu.isles.Patient.placed` says. If not, the view has
        no letters, because left and right are unknown.

    Raises
    ------
    ValueError
        Another plane, or an affine whose axes do not span the space.

    Examples
    --------
    >>> view(np.diag([-2, 2, 5, 1])).flips  # LAS: columns run from the right already
    (False, True)
    >>> view(np.diag([2, 2, 5, 1]), "coronal").aspect  # slices of 5 mm on top of one another
    2.5
    """
    if plane not in PLANES:
        raise ValueError(f"plane is {plane!r}; choose one of {', '.join(PLANES)}")
    affine = np.asarray(affine, float)
    if affine.shape != (4, 4) or not np.isfinite(affine).all():
        raise ValueError(f"affine is {affine.tolist()}; give 4 x 4 finite numbers")
    if np.linalg.matrix_rank(affine[:3, :3]) < 3:
        raise ValueError(
            f"affine is {affine.tolist()}; its axes do not span the space, take the file's own"
        )
    world, runs = WORLD[plane], directions(affine)
    return View(
        plane=plane,
        axes=tuple(runs[w][0] for w in world),
        flips=tuple(runs[w][1] > 0 for w in world[:2]),
        labels=(*LETTERS[world[0]], *LETTERS[world[1]]) if placed else ("",) * 4,
        spacing=tuple(float(size) for size in nib.affines.voxel_sizes(affine)),
    )


AXIAL = view(np.eye(4))
"""View of a volume whose axes run to the patient's right, front and top (RAS): the cohort's."""


def upright(slice_xy: np.ndarray, view: View = AXIAL) -> np.ndarray:
    """Turn a slice (X, Y) or (X, Y, C) into a picture (H, W, ...): front up, right on the left.

    Examples
    --------
    >>> upright(np.array([[1, 2], [3, 4]])).tolist()  # 4: the patient's right, in front
    [[4, 2], [3, 1]]
    """
    return view.turn(slice_xy)


def best_slice(mask: Mask, axis: int = 2) -> int:
    """Return the slice of a mask (X, Y, Z) with the most voxels; the middle one if empty.

    Parameters
    ----------
    mask : array-like, (X, Y, Z)
        Lesion, see `islesedu.metrics.as_mask`.
    axis : int
        Array axis that the slices are numbered along: 2 is Z; `View.axis` for other planes.

    Examples
    --------
    >>> best_slice(np.zeros((4, 4, 5), bool))
    2
    """
    mask = as_mask("mask", mask)
    areas = mask.sum(axis=tuple(other for other in range(mask.ndim) if other != axis % mask.ndim))
    return int(areas.argmax()) if areas.any() else mask.shape[axis] // 2
