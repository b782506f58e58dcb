"""Which way up: from the axes of an array to a picture as radiologists look at it.

Arrays are indexed (X, Y, Z), and the affine says where each axis runs in the patient. Pictures are
in radiological convention: axial from below, coronal from the front, so that the patient's right
is on the viewer's left; sagittal with the front on the viewer's left.
"""

from dataclasses import dataclass

import nibabel as nib
import numpy as np
from matplotlib.axes import Axes

SIDES = {"axial": ("RL", "AP"), "coronal": ("RL", "SI"), "sagittal": ("AP", "SI")}
"""Sides of a picture of each plane: (left to right, top to bottom)."""


@dataclass(frozen=True)
class View:
    """How a volume is cut and turned so that one plane is shown upright. Made by `view`.

    Attributes
    ----------
    plane : {"axial", "coronal", "sagittal"}
        Which plane.
    axis : int
        Array axis that the slices are numbered along.
    rows, columns : int
        Array axes that run down and to the right in the picture.
    flip_rows, flip_columns : bool
        Whether they have to be turned round for that.
    spacing : tuple of float
        Voxel size (sx, sy, sz) in mm.
    """

    plane: str
    axis: int
    rows: int
    columns: int
    flip_rows: bool
    flip_columns: bool
    spacing: tuple[float, float, float]

    @property
    def aspect(self) -> float:
        """Height of a voxel in the picture divided by its width."""
        return self.spacing[self.rows] / self.spacing[self.columns]

    @property
    def sides(self) -> tuple[str, str]:
        """Letters of the patient's sides at the picture's left and right."""
        return tuple(SIDES[self.plane][0])

    def turn(self, one_slice: np.ndarray) -> np.ndarray:
        """Turn a slice of the array into a picture (H, W) or (H, W, C).

        Parameters
        ----------
        one_slice : ndarray, (X, Y), (X, Z) or (Y, Z), perhaps with C at the end
            As NumPy cuts it, such as ``volume[:, :, z]``: the two other axes in their order.
        """
        picture = np.asarray(one_slice)
        picture = picture.swapaxes(0, 1) if self.columns < self.rows else picture
        return picture[:: -1 if self.flip_rows else 1, :: -1 if self.flip_columns else 1]

    def cut(self, volume: np.ndarray, number: int) -> np.ndarray:
        """Return a slice of a volume (X, Y, Z, ...) as NumPy cuts it, not turned yet."""
        return np.asarray(volume).take(number, axis=self.axis)


def view(affine: np.ndarray, plane: str = "axial") -> View:
    """Return how to turn a volume so that a plane is shown in radiological convention.

    Parameters
    ----------
    affine : ndarray, (4, 4)
        From voxel numbers to mm, x to the patient's right, y to the front, z up (NIfTI). Any
        orientation; an oblique one counts as the nearest straight one.
    plane : {"axial", "coronal", "sagittal"}
        Which plane.

    Returns
    -------
    View

    Raises
    ------
    ValueError
        Another plane, or an affine without three directions.

    Examples
    --------
    >>> view(np.diag([-2, 2, 5, 1])).flip_columns  # LAS: x already runs to the left
    False
    >>> view(np.diag([2, 2, 5, 1]), "coronal").aspect  # slices of 5 mm on top of one another
    2.5
    """
    if plane not in SIDES:
        raise ValueError(f"plane is {plane!r}; choose axial, coronal or sagittal")
    affine = np.asarray(affine, float)
    if affine.shape != (4, 4) or not np.isfinite(affine).all():
        raise ValueError(f"affine is {affine.tolist()}; give 4 x 4 finite numbers")
    codes = nib.aff2axcodes(affine)
    if None in codes or np.linalg.matrix_rank(affine[:3, :3]) < 3:
        raise ValueError(f"affine {affine.tolist()} has no three directions; check the file")
    across, along = SIDES[plane]
    columns = next(axis for axis, code in enumerate(codes) if code in across)
    rows = next(axis for axis, code in enumerate(codes) if code in along)
    return View(
        plane=plane,
        axis=3 - rows - columns,
        rows=rows,
        columns=columns,
        flip_rows=codes[rows] != along[1],  # numbers have to grow towards the bottom,
        flip_columns=codes[columns] != across[1],  # and towards the picture's right
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


def best_slice(mask: np.ndarray, axis: int = 2) -> int:
    """Return the slice of a mask (X, Y, Z) with the most voxels; the middle one if empty.

    Parameters
    ----------
    mask : ndarray of bool, (X, Y, Z)
        Lesion.
    axis : int
        Array axis that the slices are numbered along: 2 is Z; `View.axis` for other planes.

    Examples
    --------
    >>> best_slice(np.zeros((4, 4, 5), bool))
    2
    """
    mask = np.asarray(mask)
    areas = mask.sum(axis=tuple(other for other in range(mask.ndim) if other != axis % mask.ndim))
    return int(areas.argmax()) if areas.any() else mask.shape[axis] // 2


def mark_sides(ax: Axes, view: View = AXIAL) -> Axes:
    """Write the patient's sides onto a picture: R and L, or A and P on a sagittal one.

    Parameters
    ----------
    ax : Axes
        With a slice drawn upright.
    view : View
        How it was turned.
    """
    places = ((0.02, "left"), (0.98, "right"))
    for letter, (x, side) in zip(view.sides, places, strict=True):
        label_side(ax, x, letter, side)
    return ax


def label_side(ax: Axes, x: float, letter: str, side: str) -> None:
    """Write one letter at half height, readable on light and dark."""
    ax.text(
        x,
        0.5,
        letter,
        transform=ax.transAxes,
        ha=side,
        va="center",
        color="white",
        fontsize="small",
        fontweight="bold",
        bbox={"fc": "black", "ec": "none", "alpha": 0.6, "pad": 1.5},
    )
