"""The total variation of an image, and the smoothest image that agrees with what was measured.

TV is the sum of the lengths of all gradients. Noise and ghosts have much of it, a picture of a few
even regions little, however sharp their borders. Source: Rudin, Osher, Fatemi, "Nonlinear total
variation based noise removal algorithms", Physica D 60:259, 1992; for MRI: Lustig, Donoho, Pauly,
"Sparse MRI", Magnetic Resonance in Medicine 58:1182, 2007.
"""

import numpy as np

from islesedu.applications.kspace import put_back, to_image


def steps_to_next(image: np.ndarray) -> np.ndarray:
    """Return the differences (2, ..., H, W) to the next row and column, 0 at the last."""
    down, right = np.zeros((2, *image.shape))
    down[..., :-1, :] = np.diff(image, axis=-2)
    right[..., :, :-1] = np.diff(image, axis=-1)
    return np.stack([down, right])


def total_variation(image: np.ndarray, softness: float = 0.0) -> float:
    """Return the sum of sqrt(down^2 + right^2 + softness^2) over all pixels.

    Parameters
    ----------
    image : ndarray, (..., H, W)
        Real numbers.
    softness : float
        Above 0 the root has a slope everywhere.

    Examples
    --------
    >>> total_variation(np.array([[0.0, 0.0], [0.0, 1.0]]))  # two steps of 1
    2.0
    """
    return float(np.sqrt((steps_to_next(image) ** 2).sum(axis=0) + softness**2).sum())


def tv_gradient(image: np.ndarray, softness: float = 1e-2) -> np.ndarray:
    """Return by how much `total_variation` grows with each pixel (..., H, W).

    Each step pulls at its two ends, with the share that it has of the gradient's length.
    """
    down, right = steps_to_next(image)
    length = np.sqrt(down**2 + right**2 + softness**2)
    down, right = down / length, right / length
    gradient = -down - right
    gradient[..., 1:, :] += down[..., :-1, :]
    gradient[..., :, 1:] += right[..., :, :-1]
    return gradient


def smoothest(
    kspace: np.ndarray, lines: np.ndarray, steps: int = 200, rate: float = 0.02
) -> np.ndarray:
    """Return the image (..., H, W) of least total variation with these lines of k-space, nearly.

    It takes turns: a step down the gradient of TV, then what was measured is put back. Steps
    shrink to 0.

    Parameters
    ----------
    kspace : ndarray, (..., H, W)
        What was measured, 0 elsewhere.
    lines : ndarray of bool, (H,)
        Which rows were measured.
    steps, rate : int, float
        Number of turns, and length of the first step in units of the image.
    """
    image = to_image(kspace).real
    for step in range(steps):
        image = image - rate * (1 - step / steps) * tv_gradient(image)
        image = put_back(image, kspace, lines)
    return image
