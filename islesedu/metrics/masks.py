"""What counts as a mask and as a voxel size, and what 0 / 0 is: what every metric starts with."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

Spacing = Sequence[float] | None
Empty = Literal["nan", "max_dimension"]
"""What a mask without lesion means; `islesedu.metrics` has the table."""


def as_masks(
    prediction: np.ndarray, truth: np.ndarray, empty: str = "nan"
) -> tuple[np.ndarray, np.ndarray]:
    """Return both masks as bool, or raise a ValueError that says what is wrong with which."""
    prediction, truth = as_mask("prediction", prediction), as_mask("truth", truth)
    same_grid("prediction", prediction, truth)
    check_policy(empty)
    return prediction, truth


def as_mask(name: str, array: np.ndarray) -> np.ndarray:
    """Return one mask as bool, or raise a ValueError with the argument's name."""
    array = np.asarray(array)
    if array.dtype != bool:
        odd = array[(array != 0) & (array != 1)]
        if odd.size:
            raise ValueError(
                f"{name} holds {odd.flat[0]!r}; a mask holds only 0 and 1: apply a threshold, "
                "or compare with one label, such as array == 1"
            )
    return array.astype(bool, copy=False)


def same_grid(name: str, array: np.ndarray, truth: np.ndarray) -> None:
    """Raise a ValueError unless an array has the truth's shape."""
    if array.shape != truth.shape:
        raise ValueError(
            f"{name} is {array.shape} and truth {truth.shape}; both must lie on one grid"
        )


def check_policy(empty: str) -> None:
    """Raise a ValueError unless `empty` is a policy."""
    if empty not in ("nan", "max_dimension"):
        raise ValueError(f"empty is {empty!r}; choose 'nan' or 'max_dimension'")


def ratio(part: float, whole: float, empty: str) -> float:
    """Return part / whole; for 0 / 0 nan, or 0 under the penalty."""
    if whole == 0:
        return np.nan if empty == "nan" else 0.0
    return float(part / whole)


def edges(shape: tuple[int, ...], spacing: Spacing) -> tuple[float, ...]:
    """Return the voxel size to use: `spacing`, or 1 along each axis."""
    if spacing is None:
        return (1.0,) * len(shape)
    if len(spacing) != len(shape) or not all(size > 0 for size in spacing):
        raise ValueError(f"spacing is {spacing}; give {len(shape)} numbers above 0, one an axis")
    return tuple(float(size) for size in spacing)
