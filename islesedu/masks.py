"""What counts as a mask and as a voxel size: the checks every metric starts with."""

from collections.abc import Sequence

import numpy as np

Spacing = Sequence[float] | None


def as_masks(
    prediction: np.ndarray, truth: np.ndarray, empty: str = "nan"
) -> tuple[np.ndarray, np.ndarray]:
    """Return both masks as bool, or raise a ValueError that says what is wrong with which."""
    masks = []
    for name, array in (("prediction", prediction), ("truth", truth)):
        array = np.asarray(array)
        if array.dtype != bool:
            odd = array[(array != 0) & (array != 1)]
            if odd.size:
                raise ValueError(
                    f"{name} holds {odd.flat[0]!r}; a mask holds only 0 and 1: apply a threshold, "
                    "or compare with one label, such as array == 1"
                )
        masks.append(array.astype(bool, copy=False))
    if masks[0].shape != masks[1].shape:
        raise ValueError(
            f"prediction is {masks[0].shape} and truth {masks[1].shape}; both must lie on one grid"
        )
    if empty not in ("nan", "max_dimension"):
        raise ValueError(f"empty is {empty!r}; choose 'nan' or 'max_dimension'")
    return masks[0], masks[1]


def edges(shape: tuple[int, ...], spacing: Spacing) -> tuple[float, ...]:
    """Return the voxel size to use: `spacing`, or 1 along each axis."""
    if spacing is None:
        return (1.0,) * len(shape)
    if len(spacing) != len(shape) or not all(size > 0 for size in spacing):
        raise ValueError(f"spacing is {spacing}; give {len(shape)} numbers above 0, one an axis")
    return tuple(float(size) for size in spacing)
