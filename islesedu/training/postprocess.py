"""From probabilities to the mask that is handed in."""

import numpy as np
from scipy import ndimage


def threshold(probability: np.ndarray, at: float = 0.5) -> np.ndarray:
    """Call a voxel lesion where its probability is above `at`.

    Parameters
    ----------
    probability : ndarray, (X, Y, Z)
        Between 0 and 1.
    at : float
        Between 0 and 1.

    Returns
    -------
    ndarray of bool, (X, Y, Z)

    Examples
    --------
    >>> threshold(np.array([0.2, 0.5, 0.7])).tolist()
    [False, False, True]
    """
    if not 0 <= at <= 1:
        raise ValueError(f"threshold is {at}; give a probability between 0 and 1")
    return np.asarray(probability) > at


def drop_small_components(mask: np.ndarray, share: float = 0.1) -> np.ndarray:
    """Drop the connected components smaller than a share of the largest, as the original does.

    Parameters
    ----------
    mask : ndarray of bool, (X, Y, Z)
        Voxels that touch by a face belong together.
    share : float
        Between 0 (keep all) and 1 (keep only the largest, and those of its size).

    Returns
    -------
    ndarray of bool, (X, Y, Z)

    Examples
    --------
    >>> drop_small_components(np.array([1, 1, 1, 0, 1], bool), share=0.5).tolist()
    [True, True, True, False, False]
    """
    if not 0 <= share <= 1:
        raise ValueError(f"component share is {share}; give a share between 0 and 1")
    labels, count = ndimage.label(mask)
    if count == 0:
        return np.zeros_like(mask, bool)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0  # the background is no component
    return (sizes >= share * sizes.max())[labels] & (labels > 0)


def to_mask(probability: np.ndarray, at: float = 0.5, share: float = 0.0) -> np.ndarray:
    """Apply `threshold`, then `drop_small_components`: what is handed in.

    Parameters
    ----------
    probability : ndarray, (X, Y, Z)
        Between 0 and 1.
    at, share : float
        Threshold, and share of the largest component.

    Returns
    -------
    ndarray of bool, (X, Y, Z)

    Examples
    --------
    >>> to_mask(np.array([0.9, 0.9, 0.9, 0.1, 0.9]), share=0.5).tolist()
    [True, True, True, False, False]
    """
    return drop_small_components(threshold(probability, at), share)
