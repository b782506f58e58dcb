"""Tissue on any grid: the MNI152 templates that come with nilearn, moved into a patient's scan.

Source: ICBM 2009a nonlinear symmetric average of 152 adults (Fonov et al. 2011), bundled
with nilearn, so that no download is needed.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import ndimage

from islesedu.common.cache import kept

_RESOLUTION = 2
"""Edge of the templates' voxels in mm; finer would not show in slices of 5 mm."""
_VENTRICLES = (0.0, -12.0, 16.0)
"""Middle of the lateral ventricles in the template, mm."""


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
    ventricles : float
        Width of the ventricles, as a multiple of the template's; it grows with age.
    """

    angles: tuple[float, float, float]
    shift: tuple[float, float, float]
    size: tuple[float, float, float]
    ventricles: float = 1.0

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Pose":
        """Draw a head: turned by some degrees, off by some mm, larger or smaller, old or young."""
        return cls(
            tuple(rng.normal(0, np.radians([4, 3, 5]))),
            tuple(rng.normal([0, -2, -12], [3, 4, 4])),
            tuple(rng.normal(1, 0.04) * rng.normal(1, 0.02, 3)),
            float(np.clip(rng.normal(1.15, 0.15), 0.8, 1.5)),
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
        """Voxels (X, Y, Z) at least half of which is brain or CSF."""
        return self.gray + self.white + self.fluid > 0.5


def scanner_affine(grid: tuple[int, int, int], spacing: tuple[float, float, float]) -> np.ndarray:
    """Return the affine (4, 4) of a scan whose middle is the scanner's origin."""
    affine = np.diag([*spacing, 1.0])
    affine[:3, 3] = -np.array(spacing) * (np.array(grid) - 1) / 2
    return affine


_MADE_BY = ("nilearn", "scipy")
"""Importing nilearn and resampling take 3 to 4 s of processor time: once on a machine is enough."""


@lru_cache(maxsize=1)
def templates() -> tuple[np.ndarray, np.ndarray]:
    """Return the templates (3, X, Y, Z) of gray matter, white matter and CSF, with affine."""
    shares, affine = kept(f"tissue-{_RESOLUTION}-mm", _MADE_BY, _resampled)
    return shares, affine


def _resampled() -> tuple[np.ndarray, np.ndarray]:
    """Return the templates from nilearn's files."""
    from nilearn import datasets

    gray = datasets.load_mni152_gm_template(resolution=_RESOLUTION)
    white = datasets.load_mni152_wm_template(resolution=_RESOLUTION)
    brain = datasets.load_mni152_brain_mask(resolution=_RESOLUTION)
    shares = np.stack([gray.get_fdata(), white.get_fdata()]).clip(0, 1)
    shares /= np.maximum(shares.sum(axis=0), 1)
    fluid = (brain.get_fdata() > 0) * (1 - shares.sum(axis=0))
    return np.concatenate([shares, fluid[None]]).astype(np.float32), gray.affine


def tissue_on_grid(
    grid: tuple[int, int, int],
    spacing: tuple[float, float, float],
    pose: Pose,
    rng: np.random.Generator | None = None,
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
    rng : Generator, optional
        Draws how this brain differs in form from the template; without it, not at all.
    """
    shares, affine = templates()
    to_template = pose.to_template() @ scanner_affine(grid, spacing)
    voxels = np.indices(grid, dtype=np.float32).reshape(3, -1)
    place = to_template[:3, :3] @ voxels + to_template[:3, 3:]  # mm
    if rng is not None:
        place = place + _deformation(rng, grid, spacing, pose.ventricles, place)
    inverse = np.linalg.inv(affine)
    where = inverse[:3, :3] @ place + inverse[:3, 3:]  # voxels of the template
    sampled = [ndimage.map_coordinates(share, where, order=1).reshape(grid) for share in shares]
    return Tissue(*sampled, place.reshape(3, *grid).astype(np.float32))


def _deformation(
    rng: np.random.Generator,
    grid: tuple[int, ...],
    spacing: tuple[float, ...],
    ventricles: float,
    place: np.ndarray,
) -> np.ndarray:
    """Return by how many mm (3, N) the form of a brain differs from the template's.

    Smooth shifts of some mm, and ventricles that are wider by a factor: what lies around them is
    looked up nearer to their middle.
    """
    shifts = np.stack([2.5 * smooth_noise(rng, grid, spacing, 22).ravel() for _ in range(3)])
    from_middle = place - np.reshape(_VENTRICLES, (3, 1))
    near = np.exp(-((from_middle / np.reshape((22, 45, 25), (3, 1))) ** 2).sum(axis=0) / 2)
    return shifts + (1 / ventricles - 1) * near * from_middle


def smooth_noise(
    rng: np.random.Generator, shape: tuple[int, ...], spacing: tuple[float, ...], width: float
) -> np.ndarray:
    """Return noise (X, Y, Z) of mean 0 and standard deviation 1 whose blobs are `width` mm wide.

    White noise on a lattice in space, `width` mm apart, through a Gaussian of that standard
    deviation: two grids over one field of view get the same noise, finely or coarsely sampled.
    """
    rows = []
    for count, size in zip(shape, spacing, strict=True):
        nodes = width * (np.arange(math.ceil(count * size / width) + 7) - 3)
        apart = (np.arange(count)[:, None] + 0.5) * size - nodes  # (voxels, nodes), mm
        weights = np.exp(-((apart / width) ** 2) / 2)
        rows.append(weights / np.linalg.norm(weights, axis=1, keepdims=True))
    noise = rng.standard_normal([each.shape[1] for each in rows], dtype=np.float32)
    for each in rows:  # the first axis is worked on and goes to the end, three times
        noise = np.tensordot(noise, each.astype(np.float32), axes=(0, 1))
    return noise


@lru_cache(maxsize=1)
def t1_template() -> tuple[np.ndarray, np.ndarray]:
    """Return the T1 template (X, Y, Z), 0 to 1, and its affine."""
    volume, affine = kept(f"t1-{_RESOLUTION}-mm", _MADE_BY, _resampled_t1)
    return volume, affine


def _resampled_t1() -> tuple[np.ndarray, np.ndarray]:
    """Return the T1 template from nilearn's file."""
    from nilearn import datasets

    template = datasets.load_mni152_template(resolution=_RESOLUTION)
    volume = template.get_fdata(dtype=np.float32)
    return volume / volume.max(), template.affine


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
    volume, affine = t1_template()  # (X, Y, Z): to the right, to the front, up
    number = round((z - affine[2, 3]) / affine[2, 2])
    if not 0 <= number < volume.shape[2]:
        ends = affine[2, 2] * np.array([0, volume.shape[2] - 1]) + affine[2, 3]
        raise ValueError(f"z is {z}; give a height from {ends[0]:g} to {ends[1]:g} mm")
    picture = volume[::-1, ::-1, number].T.astype(float)  # (X, Y) -> (H, W)
    return picture / picture.max()
