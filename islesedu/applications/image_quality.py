"""How near an image is to the true one: error, PSNR and SSIM."""

import numpy as np
from scipy import ndimage


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
