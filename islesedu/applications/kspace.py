"""What an MRI scanner measures: the Fourier transform of the slice, line by line.

Each line of k-space takes one excitation, so half the lines are half the scan. The middle holds
what is large and smooth, the outside edges and detail. Both transforms keep the sum of squares.
"""

import numpy as np


def to_kspace(image: np.ndarray) -> np.ndarray:
    """Return the k-space (..., H, W), complex, of an image, its middle in the middle.

    Examples
    --------
    >>> to_kspace(np.full((4, 4), 3.0))[2, 2]  # 16 times 3, divided by the root of 16
    np.complex128(12+0j)
    """
    shifted = np.fft.ifftshift(image, axes=(-2, -1))
    return np.fft.fftshift(np.fft.fft2(shifted, norm="ortho"), axes=(-2, -1))


def to_image(kspace: np.ndarray) -> np.ndarray:
    """Return the image (..., H, W), complex, of a k-space: the inverse of `to_kspace`."""
    shifted = np.fft.ifftshift(kspace, axes=(-2, -1))
    return np.fft.fftshift(np.fft.ifft2(shifted, norm="ortho"), axes=(-2, -1))


def choose_lines(
    count: int, share: float, rng: np.random.Generator, middle: float = 0.08
) -> np.ndarray:
    """Choose the lines to measure: all in the middle, further out fewer and fewer, at random.

    Parameters
    ----------
    count : int
        Lines of the full k-space.
    share : float
        Share of them to measure, 0-1.
    rng : Generator
        Draws the lines outside the middle.
    middle : float
        Share of all lines that are measured without a gap in the middle.

    Returns
    -------
    ndarray of bool, (count,)

    Raises
    ------
    ValueError
        A share out of range, or less than the middle.

    Examples
    --------
    >>> choose_lines(8, 0.5, np.random.default_rng(0), middle=0.25).sum()
    np.int64(4)
    """
    if not 0 <= middle <= share <= 1:
        raise ValueError(f"share is {share} and middle {middle}; give 0 <= middle <= share <= 1")
    distance = np.abs(np.arange(count) - count // 2)
    lines = np.zeros(count, bool)
    lines[np.argsort(distance, kind="stable")[: round(middle * count)]] = True
    rest = np.flatnonzero(~lines)
    wanted = round(share * count) - lines.sum()
    if wanted > 0:
        weights = 1.0 / (1 + distance[rest])
        lines[rng.choice(rest, wanted, replace=False, p=weights / weights.sum())] = True
    return lines


def measure(
    image: np.ndarray, lines: np.ndarray, rng: np.random.Generator, noise: float = 0.0
) -> np.ndarray:
    """Return the k-space (..., H, W) that was measured, 0 on the lines that were not.

    Parameters
    ----------
    image : ndarray, (..., H, W)
        What lies in the scanner.
    lines : ndarray of bool, (H,)
        Which rows of k-space are measured.
    rng : Generator
        Draws the noise.
    noise : float
        Its standard deviation in the real and in the imaginary part.
    """
    full = to_kspace(image)
    real, imaginary = noise * rng.standard_normal((2, *full.shape))
    return np.where(lines[:, None], full + real + 1j * imaginary, 0)


def put_back(image: np.ndarray, kspace: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """Return the image (..., H, W) whose measured lines are those that were measured.

    Lines that were not measured stay as the image has them: "data consistency".

    Parameters
    ----------
    image : ndarray, (..., H, W)
        A guess.
    kspace : ndarray, (..., H, W)
        What was measured, see `measure`.
    lines : ndarray of bool, (H,)
        Which rows were measured.
    """
    return to_image(np.where(lines[:, None], kspace, to_kspace(image))).real
