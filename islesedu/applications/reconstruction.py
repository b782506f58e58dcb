"""K-space, which lines of it are measured, and two measures of the quality of an image.

A scanner measures the Fourier transform of the slice, line by line: k-space. Each line takes one
excitation, so half the lines are half the scan. The middle holds what is large and smooth, the
outside edges and detail. Both transforms keep the sum of squares. How images are reconstructed
from a part of it: `islesedu.applications.parallel_imaging` and `unrolled`.
"""

import numpy as np
from scipy import ndimage


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


def psnr(image: np.ndarray, truth: np.ndarray) -> float:
    """Return the peak signal-to-noise ratio in dB: 20 log10(largest true value / error).

    The error is the root of the mean squared difference; 6 dB more are half the error.

    Parameters
    ----------
    image, truth : ndarray, the same shape
        Gray values.

    Examples
    --------
    >>> round(psnr(np.array([1.0, 0.1]), np.array([1.0, 0.0])), 1)  # error 0.1 / root of 2
    23.0
    """
    error = np.sqrt(np.mean((np.asarray(image, float) - truth) ** 2))
    with np.errstate(divide="ignore"):  # an image without error has an infinite ratio
        return float(20 * np.log10(np.max(truth) / error))


def ssim(image: np.ndarray, truth: np.ndarray, width: float = 1.5) -> float:
    """Return the structural similarity, the mean over windows of three agreements; 1 is the same.

    Mean, contrast and correlation, each under a Gaussian window. Source: Wang, Bovik, Sheikh,
    Simoncelli, "Image quality assessment: from error visibility to structural similarity", IEEE
    Transactions on Image Processing 13:600, 2004.

    Parameters
    ----------
    image, truth : ndarray, (H, W)
        Gray values; the range of the true ones scales the two constants of the formula.
    width : float
        Standard deviation of the window in pixels.

    Examples
    --------
    >>> ssim(np.eye(8), np.eye(8))
    1.0
    """
    image, truth = np.asarray(image, float), np.asarray(truth, float)
    first, second = (0.01 * np.ptp(truth)) ** 2, (0.03 * np.ptp(truth)) ** 2

    def mean(values):
        return ndimage.gaussian_filter(values, width)

    a, b = mean(image), mean(truth)
    variances = mean(image**2) - a**2 + mean(truth**2) - b**2
    together = mean(image * truth) - a * b
    agreement = (2 * a * b + first) * (2 * together + second)
    return float(np.mean(agreement / ((a**2 + b**2 + first) * (variances + second))))
