"""Tissue on any grid: the MNI152 templates that come with nilearn, moved into a patient's scan.

Source: ICBM 2009a nonlinear symmetric average of 152 adults (Fonov et al. 2011), bundled
with nilearn, so that no download is needed.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import ndimage

RESOLUTION = 2
"""Edge of the templates' voxels in mm; finer would not show in slices of 5 mm."""


@dataclass(frozen=True)
class Pose:
    """How a head lies in the scanner, and how large it is.

    Attributes
    ----------
    angles : tuple of float
        Rotation about x, y and z in radians.
    shift : tuple of float
        Where the template's origin lies, in mm.
    size : tuple of float
        Width, depth and height of the head, as multiples of the template's.
    """

    angles: tuple[float, float, float]
    shift: tuple[float, float, float]
    size: tuple[float, float, float]

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Pose":
        """Draw a head: turned by a few degrees, off by a few mm, 8 % larger or smaller."""
        return cls(
            tuple(rng.normal(0, np.radians([4, 3, 5]))),
            tuple(rng.normal([0, -2, -12], [3, 4, 4])),
            tuple(rng.normal(1, 0.04) * rng.normal(1, 0.02, 3)),
        )

    def to_template(self) -> np.ndarray:
        """Return the affine (4, 4) from scanner mm to template mm."""
        cosines, sines = np.cos(self.angles), np.sin(self.angles)
        turn = np.eye(3)
        for axis, (c, s) in enumerate(zip(cosines, sines, strict=True)):
            a, b = [other for other in range(3) if other != axis]
            about = np.eye(3)
            about[a, a], about[a, b], about[b, a], about[b, b] = c, -s, s, c
            turn = turn @ about
        matrix = np.eye(4)
        matrix[:3, :3] = np.diag(1 / np.array(self.size)) @ turn
        matrix[:3, 3] = -matrix[:3, :3] @ np.array(self.shift)
        return matrix


@dataclass(frozen=True)
class Tissue:
    """What a patient's voxels are made of.

    Attributes
    ----------
    gray, white, fluid : ndarray, (X, Y, Z), float32
        Share of each voxel, 0-1; together at most 1, what is left is skull and air.
    place : ndarray, (3, X, Y, Z), float32
        Template coordinates (x to the patient's right, y to the front, z up) in mm.
    """

    gray: np.ndarray
    white: np.ndarray
    fluid: np.ndarray
    place: np.ndarray

    @property
    def brain(self) -> np.ndarray:
        """Voxels (X, Y, Z) at least half of which is brain or fluid."""
        return self.gray + self.white + self.fluid > 0.5


def scanner_affine(grid: tuple[int, int, int], spacing: tuple[float, float, float]) -> np.ndarray:
    """Return the affine (4, 4) of a scan whose middle is the scanner's origin."""
    affine = np.diag([*spacing, 1.0])
    affine[:3, 3] = -np.array(spacing) * (np.array(grid) - 1) / 2
    return affine


@lru_cache(maxsize=1)
def templates() -> tuple[np.ndarray, np.ndarray]:
    """Return the templates (3, X, Y, Z) of gray matter, white matter and fluid, with affine."""
    from nilearn import datasets

    gray = datasets.load_mni152_gm_template(resolution=RESOLUTION)
    white = datasets.load_mni152_wm_template(resolution=RESOLUTION)
    brain = datasets.load_mni152_brain_mask(resolution=RESOLUTION)
    shares = np.stack([gray.get_fdata(), white.get_fdata()]).clip(0, 1)
    shares /= np.maximum(shares.sum(axis=0), 1)
    fluid = (brain.get_fdata() > 0) * (1 - shares.sum(axis=0))
    return np.concatenate([shares, fluid[None]]).astype(np.float32), gray.affine


def tissue_on_grid(
    grid: tuple[int, int, int], spacing: tuple[float, float, float], pose: Pose
) -> Tissue:
    """Return the tissue of a head in a given pose, on the grid of a scan.

    Parameters
    ----------
    grid : tuple of int
        (X, Y, Z) of the scan.
    spacing : tuple of float
        Voxel size in mm.
    pose : Pose
        How the head lies.
    """
    shares, affine = templates()
    to_template = pose.to_template() @ scanner_affine(grid, spacing)
    voxels = np.indices(grid, dtype=np.float32).reshape(3, -1)
    place = to_template[:3, :3] @ voxels + to_template[:3, 3:]  # mm
    inverse = np.linalg.inv(affine)
    where = inverse[:3, :3] @ place + inverse[:3, 3:]  # voxels of the template
    sampled = [ndimage.map_coordinates(share, where, order=1).reshape(grid) for share in shares]
    return Tissue(*sampled, place.reshape(3, *grid).astype(np.float32))


def smooth_noise(
    rng: np.random.Generator, shape: tuple[int, ...], spacing: tuple[float, ...], width: float
) -> np.ndarray:
    """Return noise (X, Y, Z) of mean 0 and standard deviation 1 whose blobs are `width` mm wide."""
    noise = rng.standard_normal(shape, dtype=np.float32)
    noise = ndimage.gaussian_filter(noise, [width / size for size in spacing], mode="wrap")
    return (noise - noise.mean()) / noise.std()


def t1_slice(z: float = 10.0) -> np.ndarray:
    """Return a slice of the MNI152 T1 template as a picture, front of the head up.

    Parameters
    ----------
    z : float
        Height in mm above the origin of MNI space, between -70 and 108.

    Returns
    -------
    ndarray, (H, W)
        0 (black) to 1 (white), pixels of 2 mm; the right of the head on the left.
    """
    from nilearn import datasets

    template = datasets.load_mni152_template(resolution=RESOLUTION)
    volume = template.get_fdata()  # (X, Y, Z): to the right, to the front, up
    number = round((z - template.affine[2, 3]) / template.affine[2, 2])
    if not 0 <= number < volume.shape[2]:
        ends = template.affine[2, 2] * np.array([0, volume.shape[2] - 1]) + template.affine[2, 3]
        raise ValueError(f"z is {z}; give a height from {ends[0]:g} to {ends[1]:g} mm")
    picture = volume[::-1, ::-1, number].T  # (X, Y) -> (H, W)
    return picture / picture.max()
