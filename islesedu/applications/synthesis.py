"""Pictures made from tissue maps: a random contrast, a blur, an uneven coil, noise.

A network that has seen every contrast but no real picture is not surprised by the next scanner.
Method: Billot et al., "SynthSeg: Segmentation of brain MRI scans of any contrast and resolution
without retraining", Medical Image Analysis 86:102789, 2023.
"""

import numpy as np
from scipy import ndimage

from islesedu.phantom.template import smooth_noise


def paint(
    shares: np.ndarray, means: np.ndarray, spreads: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Give each tissue a gray value, and each voxel the mixture of those of its tissues.

    Parameters
    ----------
    shares : ndarray, (..., tissues)
        Share of each tissue in a voxel, 0-1. What is left is background, which stays black.
    means, spreads : ndarray, (tissues,)
        Mean and standard deviation of each tissue's gray value over the voxels.
    rng : Generator
        Draws the values.

    Returns
    -------
    ndarray, (...)

    Examples
    --------
    >>> shares = np.array([[1.0, 0.0], [0.5, 0.5], [0.0, 0.0]])
    >>> paint(shares, np.array([2.0, 6.0]), np.zeros(2), np.random.default_rng(0))
    array([2., 4., 0.])
    """
    means, spreads = np.asarray(means, float), np.asarray(spreads, float)
    return (shares * (means + spreads * rng.standard_normal(shares.shape))).sum(axis=-1)


def uneven_coil(
    shape: tuple[int, ...],
    spacing: tuple[float, ...],
    rng: np.random.Generator,
    strength: float = 0.2,
) -> np.ndarray:
    """Return how sensitive the receiving coil is in each voxel, around 1 and smooth over 60 mm.

    Parameters
    ----------
    shape : tuple of int
        (X, Y) or (X, Y, Z).
    spacing : tuple of float
        Voxel size in mm, one number an axis.
    rng : Generator
        Draws the field.
    strength : float
        Standard deviation of its logarithm; 0 is an even coil.
    """
    return np.exp(strength * smooth_noise(rng, shape, spacing, 60.0))


def scan(
    picture: np.ndarray,
    spacing: tuple[float, ...],
    rng: np.random.Generator,
    noise: float = 0.03,
    strength: float = 0.2,
) -> np.ndarray:
    """Return a picture as an imperfect scanner gives it: through an uneven coil, with noise.

    Parameters
    ----------
    picture : ndarray, (X, Y) or (X, Y, Z)
        Signal without faults, about 0 to 1.
    spacing : tuple of float
        Voxel size in mm.
    rng : Generator
        Draws both faults.
    noise : float
        Standard deviation in either of the two channels of the receiver; the magnitude is what
        comes out, so nothing is below 0 (Rician noise).
    strength : float
        As for `uneven_coil`.
    """
    signal = picture * uneven_coil(picture.shape, spacing, rng, strength)
    first, second = noise * rng.standard_normal((2, *picture.shape))
    return np.hypot(signal + first, second)


def random_contrast(
    shares: np.ndarray, spacing: tuple[float, ...], rng: np.random.Generator
) -> np.ndarray:
    """Return a picture of tissue maps in a contrast that no scanner need ever have had.

    Gray values from 0.2 to 1 are dealt out to the tissues like cards and then moved a little, so
    that any tissue can be the brightest, and two are seldom alike. Then come a blur of at most 0.8
    voxels and the faults of `scan`, all drawn anew.

    Parameters
    ----------
    shares : ndarray, (X, Y, tissues)
        Share of each tissue in a voxel, 0-1.
    spacing : tuple of float
        Pixel size in mm.
    rng : Generator
        Draws everything.

    Returns
    -------
    ndarray, (X, Y)
    """
    tissues = shares.shape[-1]
    means = rng.permutation(np.linspace(0.2, 1, tissues)) + rng.normal(0, 0.12, tissues)
    picture = paint(shares, means, rng.uniform(0, 0.08, tissues), rng)
    picture = ndimage.gaussian_filter(picture, rng.uniform(0, 0.8))
    return scan(picture, spacing, rng, rng.uniform(0.01, 0.05), rng.uniform(0, 0.3))
