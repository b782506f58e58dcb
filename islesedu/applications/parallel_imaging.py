"""Slices with phase, seen by several receiver coils, and reconstructed from a part of k-space.

Each coil sees the slice through its own sensitivity, smooth and complex. What a scanner measures of
an image x is A x: multiply by each coil's sensitivity, transform to k-space, keep the measured
lines. The adjoint of A goes back: zero-filled coil images, each times the conjugate sensitivity,
summed. Sensitivities are scaled so that their squared magnitudes sum to 1 in each pixel.

Sources: Pruessmann et al., "SENSE: sensitivity encoding for fast MRI", Magnetic Resonance in
Medicine 42:952, 1999; Block, Uecker, Frahm, "Undersampled radial MRI with multiple coils: iterative
image reconstruction using a total variation constraint", Magnetic Resonance in Medicine 57:1086,
2007; Chambolle, Pock, "A first-order primal-dual algorithm for convex problems with applications
to imaging", Journal of Mathematical Imaging and Vision 40:120, 2011.
"""

import numpy as np
from scipy import fft

from islesedu.applications.reconstruction import to_image, to_kspace


def _coordinates(shape: tuple[int, int]) -> np.ndarray:
    """Return row and column of each pixel (2, H, W), from -1 to 1."""
    return np.stack(np.meshgrid(*(np.linspace(-1, 1, n) for n in shape), indexing="ij"))


def random_phase(
    shape: tuple[int, int], rng: np.random.Generator, strength: float = 1.0
) -> np.ndarray:
    """Return a smooth phase (H, W) in radians, as an uneven magnetic field leaves it.

    It is a polynomial of second degree in the position.

    Parameters
    ----------
    shape : tuple of int
        (H, W).
    rng : Generator
        Draws its six coefficients.
    strength : float
        Their standard deviation in radians; 0 gives a real image.

    Examples
    --------
    >>> random_phase((4, 6), np.random.default_rng(0), strength=0.0).any()
    np.False_
    """
    y, x = _coordinates(shape)
    terms = np.stack([np.ones(shape), y, x, y * x, y**2, x**2])
    return np.tensordot(strength * rng.standard_normal(len(terms)), terms, axes=1)


def coil_sensitivities(
    shape: tuple[int, int], coils: int, rng: np.random.Generator, reach: float = 0.9
) -> np.ndarray:
    """Return the sensitivities (C, H, W), complex, of coils that lie around the slice.

    A coil receives the more, the nearer a pixel is. Its position, and a phase that varies along one
    direction, are drawn. The squared magnitudes sum to 1 in each pixel.

    Parameters
    ----------
    shape : tuple of int
        (H, W).
    coils : int
        Their number.
    rng : Generator
        Draws where they lie.
    reach : float
        Distance over which the sensitivity falls, in halves of the slice's width.

    Raises
    ------
    ValueError
        Fewer than one coil.

    Examples
    --------
    >>> maps = coil_sensitivities((8, 8), 4, np.random.default_rng(0))
    >>> maps.shape, bool(np.allclose((np.abs(maps) ** 2).sum(axis=0), 1))
    ((4, 8, 8), True)
    """
    if coils < 1:
        raise ValueError(f"coils is {coils}; give at least 1")
    position = _coordinates(shape)
    angles = 2 * np.pi * (np.arange(coils) + rng.uniform() + rng.normal(0, 0.05, coils)) / coils
    maps = []
    for angle in angles:
        centre = 1.3 * np.array([np.cos(angle), np.sin(angle)]).reshape(2, 1, 1)
        distance = np.sum((position - centre) ** 2, axis=0)
        phase = rng.uniform(0, 2 * np.pi) + np.tensordot(rng.normal(0, 0.7, 2), position, axes=1)
        maps.append(np.exp(-distance / (2 * reach**2) + 1j * phase))
    maps = np.stack(maps)
    return maps / np.sqrt((np.abs(maps) ** 2).sum(axis=0))


def measure_coils(
    image: np.ndarray,
    maps: np.ndarray,
    lines: np.ndarray,
    rng: np.random.Generator,
    noise: float = 0.0,
) -> np.ndarray:
    """Return the k-space (C, H, W) that each coil measured, 0 on the lines that were not.

    Parameters
    ----------
    image : ndarray, (H, W), complex
        What lies in the scanner.
    maps : ndarray, (C, H, W)
        See `coil_sensitivities`.
    lines : ndarray of bool, (H,)
        Which rows of k-space are measured.
    rng : Generator
        Draws the noise.
    noise : float
        Its standard deviation in the real and in the imaginary part of each coil.
    """
    full = to_kspace(maps * image)
    real, imaginary = noise * rng.standard_normal((2, *full.shape))
    return np.where(lines[:, None], full + real + 1j * imaginary, 0)


def simulate_scan(
    magnitude: np.ndarray,
    rng: np.random.Generator,
    lines: np.ndarray,
    *,
    coils: int = 4,
    noise: float = 0.01,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what is true and what was measured of a slice in a scanner with several coils.

    Parameters
    ----------
    magnitude : ndarray, (H, W)
        Image without phase, 0 to 1.
    rng : Generator
        Draws phase, coils and noise.
    lines : ndarray of bool, (H,)
        Which rows of k-space are measured.
    coils : int
        Their number.
    noise : float
        As for `measure_coils`.

    Returns
    -------
    image, maps, kspace : ndarray
        The complex image (H, W); sensitivities and k-space of the coils (C, H, W).
    """
    image = magnitude * np.exp(1j * random_phase(magnitude.shape, rng))
    maps = coil_sensitivities(magnitude.shape, coils, rng)
    return image, maps, measure_coils(image, maps, lines, rng, noise)


def combine_coils(images: np.ndarray, maps: np.ndarray) -> np.ndarray:
    """Return one image (H, W) of those of all coils (C, H, W): the sum of conj(map) times image.

    Examples
    --------
    >>> maps = np.array([0.6, 0.8j]).reshape(2, 1, 1)
    >>> combine_coils(maps * 5.0, maps)
    array([[5.+0.j]])
    """
    return np.sum(np.conj(maps) * images, axis=-3)


def zero_filled(kspace: np.ndarray, maps: np.ndarray) -> np.ndarray:
    """Return the combined image (H, W) if lines that were not measured count as 0: the adjoint."""
    return combine_coils(to_image(kspace), maps)


def _steps(image: np.ndarray) -> np.ndarray:
    """Return complex differences (2, H, W) to the next row and column, 0 at the last."""
    steps = np.zeros((2, *image.shape), image.dtype)
    np.subtract(image[1:], image[:-1], out=steps[0, :-1])
    np.subtract(image[:, 1:], image[:, :-1], out=steps[1, :, :-1])
    return steps


def _steps_adjoint(steps: np.ndarray) -> np.ndarray:
    """Return the adjoint (H, W) of `_steps`."""
    down, right = steps
    image = np.zeros_like(down)
    image[:-1] -= down[:-1]
    image[1:] += down[:-1]
    image[:, :-1] -= right[:, :-1]
    image[:, 1:] += right[:, :-1]
    return image


def _rows_of(images: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return some rows (C, M, W) of the Fourier transform of images, corners in the corners."""
    columns = fft.fft(images, axis=-2, norm="ortho")
    return fft.fft(columns[..., rows, :], axis=-1, norm="ortho")


def _rows_adjoint(data: np.ndarray, rows: np.ndarray, height: int) -> np.ndarray:
    """Return the adjoint (C, H, W) of `_rows_of`."""
    columns = np.zeros((len(data), height, data.shape[-1]), data.dtype)
    columns[..., rows, :] = fft.ifft(data, axis=-1, norm="ortho")
    return fft.ifft(columns, axis=-2, norm="ortho")


def tv_sense(
    kspace: np.ndarray, maps: np.ndarray, lines: np.ndarray, weight: float = 0.002, steps: int = 100
) -> np.ndarray:
    """Return the complex image (H, W) that minimizes ``|A x - y|^2 / 2 + weight TV(x)``, nearly.

    The data term is not enforced, as the data hold noise. The steps are Chambolle and Pock's.

    Parameters
    ----------
    kspace : ndarray, (C, H, W)
        What was measured, y; 0 elsewhere.
    maps : ndarray, (C, H, W)
        Sensitivities of the coils.
    lines : ndarray of bool, (H,)
        Which rows were measured.
    weight : float
        Of the total variation. Choose it on validation slices.
    steps : int
        Number of iterations.
    """
    sigma = 0.03  # duals are of the size of the weight, images of 1: a small step there
    tau = 1 / (9.1 * sigma)  # sigma tau |K|^2 < 1; K stacks the differences and A: at most 8 + 1
    # Where the middle of k-space lies changes phases only, which the data term does not see. So
    # nothing is shifted in the loop, and only rows that were measured are transformed.
    rows, height = np.flatnonzero(np.fft.ifftshift(lines)), len(lines)
    measured = _rows_of(to_image(kspace), rows)
    image = ahead = zero_filled(kspace, maps)
    of_steps, of_data = np.zeros((2, *image.shape), complex), np.zeros_like(measured)
    for _ in range(steps):
        of_steps += sigma * _steps(ahead)
        length = np.sqrt((of_steps.real**2 + of_steps.imag**2).sum(axis=0))
        of_steps /= np.maximum(1, length / weight)
        of_data = (of_data + sigma * (_rows_of(maps * ahead, rows) - measured)) / (1 + sigma)
        seen = combine_coils(_rows_adjoint(of_data, rows, height), maps)
        old, image = image, image - tau * (_steps_adjoint(of_steps) + seen)
        ahead = 2 * image - old
    return image
