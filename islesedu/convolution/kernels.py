"""Classic kernels: what each does to an image, in numbers small enough to check by hand.

All are (kh, kw) or, where they end in 3d, (kx, ky, kz); rows run down, columns to the right, and
`islesedu.convolution` does not flip them.
"""

import numpy as np

IDENTITY = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]])
"""Leaves every number as it is."""

SHARPEN = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
"""Identity minus Laplacian: what differs from its neighbours differs more. Sum 1."""

SOBEL_X = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
"""Right minus left, smoothed along the column: large where it gets brighter to the right. Sum 0."""

SOBEL_Y = SOBEL_X.T
"""Below minus above: large where it gets brighter downwards. Sum 0."""

LAPLACIAN = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
"""Neighbours minus four times the middle: zero response to constant and linear regions. Sum 0."""

_EMBOSS = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])
"""Lower right minus upper left, plus the image: a relief lit from one corner. Sum 1."""

LAPLACIAN_3D = np.zeros((3, 3, 3), int)
"""Six neighbours minus six times the middle voxel. Sum 0."""
LAPLACIAN_3D[1, 1, :] = LAPLACIAN_3D[1, :, 1] = LAPLACIAN_3D[:, 1, 1] = 1
LAPLACIAN_3D[1, 1, 1] = -6


def box(size: int = 3, axes: int = 2) -> np.ndarray:
    """Return the mean of size x size numbers (size x size x size for three axes). Sum 1.

    Examples
    --------
    >>> box(2).tolist()
    [[0.25, 0.25], [0.25, 0.25]]
    """
    _check_size(size)
    return np.full((size,) * axes, 1 / size**axes)


def gaussian(sigma: float = 1.0, size: int | None = None, axes: int = 2) -> np.ndarray:
    """Return exp(-r² / (2 sigma²)), scaled to the sum 1: a weighted mean.

    Parameters
    ----------
    sigma : float
        Width in pixels.
    size : int, optional
        Edge of the kernel; odd, three sigma to each side if None.
    axes : int
        2 or 3.

    Examples
    --------
    >>> gaussian(1, 3).round(3)[1].tolist()
    [0.124, 0.204, 0.124]
    """
    if not sigma > 0:
        raise ValueError(f"sigma is {sigma}; give a width above 0")
    size = 2 * int(np.ceil(3 * sigma)) + 1 if size is None else size
    _check_size(size)
    offsets = np.arange(size) - (size - 1) / 2
    squares = sum(np.meshgrid(*[offsets**2] * axes, indexing="ij"))
    weights = np.exp(-squares / (2 * sigma**2))
    return weights / weights.sum()


def inward_ring(radius: float, size: int = 15) -> np.ndarray:
    """Return a kernel (size, size, 4) that responds to edges on a circle that all point inwards.

    Its four channels are for edges that get brighter to the right, to the left, downwards and
    upwards, in this order. Around a bright blob each of them lies on its own side.

    Parameters
    ----------
    radius : float
        Of the circle, in pixels.
    size : int
        Edge of the kernel.

    Examples
    --------
    >>> right, left, down, up = np.moveaxis(inward_ring(4), -1, 0)
    >>> bool(right[:, :7].sum() > right[:, 8:].sum()), np.allclose(left, right[:, ::-1])
    (True, True)
    """
    _check_size(size)
    offsets = np.arange(size) - size // 2
    y, x = np.meshgrid(offsets, offsets, indexing="ij")
    distance = np.hypot(x, y)
    weights = np.exp(-(((distance - radius) / 1.2) ** 2)) / np.maximum(distance, 1)
    inwards = np.stack([-x, x, -y, y], axis=-1).clip(0)
    return inwards * (weights / weights.sum())[..., None]


def _check_size(size: int) -> None:
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise ValueError(f"size is {size!r}; give a whole number above 0")


NAMED = {
    "identity": IDENTITY,
    "sharpen": SHARPEN,
    "box blur": box(3),
    "Gaussian blur": gaussian(1.0, 3),
    "Sobel x": SOBEL_X,
    "Sobel y": SOBEL_Y,
    "Laplacian": LAPLACIAN,
    "emboss": _EMBOSS,
}
"""The 2-D kernels by name, for menus."""
