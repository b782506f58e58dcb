"""What counts as a mask and as a voxel size, and what 0 / 0 is: what every metric starts with."""

import inspect
import warnings
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

Mask = ArrayLike
"""What a mask may be given as, see `as_mask`: an array, nested lists."""
Spacing = Sequence[float] | None
"""Voxel size in mm, one number an axis; None means voxels of 1 mm."""
Empty = Literal["nan", "max_dimension"]
"""What a mask without lesion means; `islesedu.metrics.overlap` has the table."""
_NEAR = 1e-3
"""Numbers this close to 0 or to the label count as it: files scale and round their values."""


def as_mask(name: str, array: ArrayLike) -> np.ndarray:
    """Return a mask as bool. This is the one rule of what a mask is, for the whole kit.

    A mask is bool, or numbers that are all within 1e-3 of 0 or of one single positive whole number:
    1, or a label such as 255, of which a warning tells.

    Parameters
    ----------
    name : str
        What the array is, for the message: an argument, or a file.
    array : array-like, any shape
        An array of bool is returned as it is, not copied.

    Returns
    -------
    ndarray of bool, the same shape

    Raises
    ------
    ValueError
        Other numbers (probabilities, several labels, nan), or no numbers; the message names them.

    Warns
    -----
    UserWarning
        The label is not 1.

    Examples
    --------
    >>> as_mask("truth", [0, 0.9999999998]).tolist()
    [False, True]
    >>> as_mask("truth", [0, 1, 2])
    Traceback (most recent call last):
    ValueError: truth holds 0, 1 and 2; a mask holds 0 and one other whole number: ...
    """
    array = np.asarray(array)
    if array.dtype == bool or not array.size:
        return array.astype(bool, copy=False)
    numbers = _as_numbers(array) if array.dtype == object else array
    if numbers.dtype.kind not in "iuf":
        raise ValueError(f"{name} holds {array.dtype}; a mask holds bool, or 0 and 1")
    top = numbers.max()
    label = max(int(np.rint(top)), 1) if np.isfinite(top) else 1
    inside = numbers == label
    fits = (inside | (numbers == 0)).all()
    if not fits and numbers.dtype.kind == "f":  # slower, so only where needed
        inside = numbers > label / 2
        fits = (np.abs(numbers - inside * numbers.dtype.type(label)) <= _NEAR).all()
    if not fits:
        raise ValueError(
            f"{name} holds {_listed(numbers)}; a mask holds 0 and one other whole number: apply a "
            "threshold to probabilities, or compare with one label, such as array == 1"
        )
    if label > 1:
        warnings.warn(f"{name} holds 0 and {label}; {label} is taken for lesion", stacklevel=3)
    return inside


def _as_numbers(array: np.ndarray) -> np.ndarray:
    """Return an array of objects as float, if all of them are numbers."""
    try:
        return array.astype(float)
    except (TypeError, ValueError):
        return array


def _listed(numbers: np.ndarray, most: int = 4) -> str:
    """Return the values that occur, such as "0, 1 and 2" or "0, 0.2, 0.5 and 7 others"."""
    values = [f"{value:g}" for value in np.unique(numbers)]
    if len(values) > most:
        values[most - 1 :] = [f"{len(values) - most + 1} others"]
    return " and ".join(filter(None, [", ".join(values[:-1]), values[-1]]))


def as_masks(prediction: Mask, truth: Mask, empty: str = "nan") -> tuple[np.ndarray, np.ndarray]:
    """Return both masks as bool, or raise a ValueError that says what is wrong with which.

    Examples
    --------
    >>> as_masks([0, 1], [True, True])
    (array([False,  True]), array([ True,  True]))
    """
    prediction, truth = as_mask("prediction", prediction), as_mask("truth", truth)
    check_same_grid("prediction", prediction, truth)
    check_empty_policy(empty)
    return prediction, truth


def check_same_grid(name: str, array: np.ndarray, truth: np.ndarray) -> None:
    """Raise a ValueError unless an array has the truth's shape.

    Examples
    --------
    >>> check_same_grid("prediction", np.zeros(3), np.zeros(2))
    Traceback (most recent call last):
    ValueError: prediction is (3,) and truth (2,); both must lie on one grid
    """
    if array.shape != truth.shape:
        raise ValueError(
            f"{name} is {array.shape} and truth {truth.shape}; both must lie on one grid"
        )


def check_empty_policy(empty: str) -> None:
    """Raise a ValueError unless `empty` is a policy.

    Examples
    --------
    >>> check_empty_policy("zero")
    Traceback (most recent call last):
    ValueError: empty is 'zero'; choose 'nan' or 'max_dimension'
    """
    if empty not in ("nan", "max_dimension"):
        raise ValueError(f"empty is {empty!r}; choose 'nan' or 'max_dimension'")


def ratio(part: float, whole: float, empty: str) -> float:
    """Return part / whole; for 0 / 0 nan, or 0 under the penalty.

    Examples
    --------
    >>> ratio(1, 2, "nan"), ratio(0, 0, "nan"), ratio(0, 0, "max_dimension")
    (0.5, nan, 0.0)
    """
    if whole == 0:
        return np.nan if empty == "nan" else 0.0
    return float(part / whole)


def voxel_size(shape: tuple[int, ...], spacing: Spacing) -> tuple[float, ...]:
    """Return the voxel size to use: `spacing`, or 1 along each axis.

    Examples
    --------
    >>> voxel_size((9, 9), None), voxel_size((9, 9), (2, 3))
    ((1.0, 1.0), (2.0, 3.0))
    """
    if spacing is None:
        return (1.0,) * len(shape)
    if len(spacing) != len(shape) or not all(0 < size < np.inf for size in spacing):
        raise ValueError(f"spacing is {spacing}; give {len(shape)} numbers above 0, one an axis")
    return tuple(float(size) for size in spacing)


_ARGUMENTS = """\
prediction, truth : array-like, (X, Y, Z) or any other number of axes
    Masks on one grid, see `islesedu.metrics.as_mask`.
spacing : sequence of float, optional
    Voxel size in mm, one number an axis. Without it distances are in voxels, and a voxel has the
    volume 1 mm³. Ratios do not depend on it.
empty : {"nan", "max_dimension"}
    What a mask without lesion means; `islesedu.metrics.overlap` has the table.
"""
_ERRORS = """\
Raises
------
ValueError
    What is no mask, masks on two grids, a wrong spacing or an unknown policy.

"""


def _document(*functions: Callable[..., float]) -> None:
    """Complete the docstrings of metrics by the arguments and errors that all of them share."""
    for function in functions:
        text, heading, examples = inspect.cleandoc(function.__doc__ or "").partition("Examples\n")
        parameters = "Parameters\n----------\n"
        summary, _, own = text.partition(parameters)
        own = own.strip() + "\n\n" if own else "\n"
        function.__doc__ = summary + parameters + _ARGUMENTS + own + _ERRORS + heading + examples
