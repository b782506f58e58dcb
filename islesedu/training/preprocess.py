"""From a patient to what a network takes: standardize, stack, crop and undo it.

`prepare` is the one path from patients to networks: training, validation and the workers of a
cluster take it, prediction the `prepare_arrays` that it is made of, so that a network sees in use
what it saw in training.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from islesedu import CHANNELS
from islesedu.isles.case import Patient, finite
from islesedu.isles.clinical_features import clinical_vector
from islesedu.training.config import TrainingConfig

Slices = tuple[slice, ...]
Inputs = np.ndarray | tuple[np.ndarray, np.ndarray]
"""What a network takes: images (B, X, Y, Z, C), or these and clinical variables (B, F)."""


def prepare(patient: Patient, config: TrainingConfig) -> Inputs:
    """Turn a patient into what a network takes.

    Parameters
    ----------
    patient : Patient
        Image (X, Y, Z, C) in the maps' own units, read with the channels of `config`.
    config : TrainingConfig
        Of the network; `TrainingConfig.from_json` makes it from the settings of a run.

    Returns
    -------
    ndarray, (1, X, Y, Z, C), float32
        Standardized. With clinical columns a pair of it and of the clinical variables, (1, F), in
        their own units, nan where a value is missing.
    """
    return prepare_arrays(patient.image, clinical_input(patient, config.clinical))


def clinical_input(patient: Patient, columns: Sequence[str]) -> np.ndarray | None:
    """Return a patient's clinical variables (F,) in some columns; None if there are no columns."""
    return clinical_vector(patient.clinical, columns, patient.name) if columns else None


def prepare_arrays(image: np.ndarray, clinical: np.ndarray | None = None) -> Inputs:
    """Turn an image (X, Y, Z, C), and clinical variables (F,) if any, into what a network takes."""
    inputs = standardize(image)[None]  # (X, Y, Z, C) -> (1, X, Y, Z, C)
    return inputs if clinical is None else (inputs, clinical[None])


def standardize(image: np.ndarray) -> np.ndarray:
    """Give each map zero mean and unit variance over the whole volume, background included.

    z = (x - mean) / std, per channel, as the original does. The result no longer knows the unit
    of the map, so a scanner that writes seconds and one that writes milliseconds look alike.

    Parameters
    ----------
    image : ndarray, (..., C)
        Maps in their own units; NaN and infinite values count as 0.

    Returns
    -------
    ndarray, (..., C), float32
        A map that is the same everywhere becomes 0.

    Examples
    --------
    >>> standardize(np.array([[0.0], [2.0]])).tolist()
    [[-1.0], [1.0]]
    """
    values = finite(np.asarray(image, np.float32)).astype(np.float64)
    voxels = values.reshape(-1, values.shape[-1])  # (N, C): a view, worked on in place
    mean = voxels.mean(axis=0)  # (C,)
    voxels -= mean
    std = np.sqrt(np.einsum("nc,nc->c", voxels, voxels) / len(voxels))  # (C,)
    # Rounding leaves a constant map a spread of about 1e-7 of its value: that is no contrast.
    flat = std <= 1e-6 * np.abs(mean)
    voxels /= np.where(flat, np.inf, std)
    return values.astype(np.float32)


def stack(maps: Mapping[str, np.ndarray], channels: Sequence[str] = CHANNELS) -> np.ndarray:
    """Put maps behind one another along a new last axis.

    Parameters
    ----------
    maps : mapping of str to ndarray, each (X, Y, Z)
        Maps by name.
    channels : sequence of str
        Which of them, in which order.

    Returns
    -------
    ndarray, (X, Y, Z, C), float32

    Raises
    ------
    ValueError
        A map is missing or two differ in shape.
    """
    for channel in channels:
        if channel not in maps:
            raise ValueError(f"map {channel!r} is missing; there are {', '.join(maps) or 'none'}")
    shapes = {channel: np.shape(maps[channel]) for channel in channels}
    if len(set(shapes.values())) > 1:
        raise ValueError(f"maps differ in shape: {shapes}; all must lie on one grid")
    return np.stack([np.asarray(maps[channel], np.float32) for channel in channels], axis=-1)


def head_box(image: np.ndarray, margin: int = 0) -> Slices:
    """Return the slices of X, Y and Z that hold every voxel that is not 0, and so the head.

    Parameters, errors and the empty image are those of `crop_to_brain`.

    Examples
    --------
    >>> image = np.zeros((4, 1, 1, 1))
    >>> image[1:3] = 1
    >>> head_box(image)[0]
    slice(1, 3, None)
    """
    if margin < 0:
        raise ValueError(f"margin is {margin}; give 0 or more voxels")
    brain = np.any(finite(image) != 0, axis=-1)  # (X, Y, Z)
    slices = []
    for axis, size in enumerate(brain.shape):
        others = tuple(a for a in range(brain.ndim) if a != axis)
        inside = np.flatnonzero(brain.any(axis=others))
        first, last = (inside[0], inside[-1]) if inside.size else (0, size - 1)
        slices.append(slice(max(0, int(first) - margin), min(size, int(last) + 1 + margin)))
    return tuple(slices)


def crop_to_brain(image: np.ndarray, margin: int = 0) -> tuple[np.ndarray, Slices]:
    """Cut away the air around the head: the smallest box that holds every voxel that is not 0.

    Parameters
    ----------
    image : ndarray, (X, Y, Z, C)
        Maps in their own units (air is 0 in all of them, or not finite).
    margin : int
        Voxels left around the box where the volume has them.

    Returns
    -------
    cropped : ndarray, (X', Y', Z', C)
    slices : tuple of slice
        Where it was, for `uncrop`. An image without brain is not cropped.
    """
    slices = head_box(image, margin)
    return image[slices], slices


def uncrop(array: np.ndarray, slices: Slices, shape: Sequence[int]) -> np.ndarray:
    """Put a cropped array back where it was; everything around it is 0.

    Parameters
    ----------
    array : ndarray, (X', Y', Z', ...)
        For example the mask predicted from a cropped image.
    slices : tuple of slice
        What `crop_to_brain` returned.
    shape : sequence of int
        (X, Y, Z) of the whole volume.
    """
    wanted = tuple(len(range(*s.indices(n))) for s, n in zip(slices, shape, strict=True))
    if array.shape[: len(wanted)] != wanted:
        raise ValueError(f"array is {array.shape}, but the slices cut {wanted} out of {shape}")
    whole = np.zeros((*shape, *array.shape[len(wanted) :]), array.dtype)
    whole[tuple(slices)] = array
    return whole
