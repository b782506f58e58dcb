"""Lay one volume over another: find where each voxel of the first lies in the second.

Volumes may also be slices (X, Y); shapes below are those of volumes. The search is SimpleITK's;
what is ours is the check. A transform maps a point of the *fixed* volume to the point of the
*moving* one that shows the same tissue; points are in mm from the first voxel's middle. SimpleITK's
arrays run (Z, Y, X), ours (X, Y, Z): hence the transpositions.
"""

import numpy as np
import SimpleITK as sitk
from scipy import ndimage

_BINS = 32
"""Gray levels of the joint histogram from which the mutual information is computed."""
_SEED = 2017
"""Of the places within voxels at which images are compared; without it they differ by the clock."""


def _as_image(volume: np.ndarray, spacing: tuple[float, ...]) -> sitk.Image:
    """Return a volume (X, Y, Z) as SimpleITK's image."""
    image = sitk.GetImageFromArray(np.asarray(volume, np.float32).T)
    image.SetSpacing([float(size) for size in spacing])
    return image


def _search(threads: int = 1) -> sitk.ImageRegistrationMethod:
    """Return a search for the most mutual information, on half of the voxels.

    Mutual information asks how well one gray value predicts the other, not whether they are equal,
    so the two volumes may have different contrasts (Mattes et al., IEEE Transactions on Medical
    Imaging 22:120, 2003). One thread and one seed give the same numbers in every run, but
    for rounding.
    """
    method = sitk.ImageRegistrationMethod()
    method.SetMetricAsMattesMutualInformation(_BINS)
    method.SetMetricSamplingStrategy(method.REGULAR)
    method.SetMetricSamplingPercentage(0.5, _SEED)
    method.SetInterpolator(sitk.sitkLinear)
    method.SetNumberOfThreads(threads)
    return method


def register_linear(
    fixed: np.ndarray,
    moving: np.ndarray,
    spacing: tuple[float, ...],
    start: sitk.Transform | None = None,
) -> sitk.Transform:
    """Find the turn and shift, or also the stretch, that lay a volume over another.

    Parameters
    ----------
    fixed, moving : ndarray, (X, Y, Z)
        Gray values on grids with one voxel size.
    spacing : tuple of float
        Voxel size in mm.
    start : SimpleITK.Transform, optional
        A rigid transform. Without it a rigid one is sought (six numbers), begun where the two
        centres of mass meet; with it what has to come first: an affine one (twelve numbers).

    Returns
    -------
    SimpleITK.Transform
        From points of `fixed` to points of `moving`.
    """
    images = _as_image(fixed, spacing), _as_image(moving, spacing)
    method = _search()
    method.SetOptimizerAsRegularStepGradientDescent(
        learningRate=2.0, minStep=1e-3, numberOfIterations=100, relaxationFactor=0.6
    )
    method.SetOptimizerScalesFromPhysicalShift()  # a radian moves the edge of the head by far
    method.SetShrinkFactorsPerLevel([4, 2])  # coarse first: fewer wrong turns
    method.SetSmoothingSigmasPerLevel([2, 1])
    if start is None:
        rigid = sitk.Euler3DTransform() if fixed.ndim == 3 else sitk.Euler2DTransform()
        moments = sitk.CenteredTransformInitializerFilter.MOMENTS
        first = sitk.CenteredTransformInitializer(*images, rigid, moments)
        method.SetInitialTransform(first, inPlace=False)
        return method.Execute(*images)
    stretch = sitk.AffineTransform(fixed.ndim)
    stretch.SetCenter([n * size / 2 for n, size in zip(fixed.shape, spacing, strict=True)])
    method.SetMovingInitialTransform(start)
    method.SetInitialTransform(stretch, inPlace=False)
    return sitk.CompositeTransform([start, method.Execute(*images)])


def register_deformable(
    fixed: np.ndarray,
    moving: np.ndarray,
    spacing: tuple[float, ...],
    start: sitk.Transform,
    *,
    mesh: tuple[int, ...] = (4, 4, 4),
    iterations: int = 12,
) -> sitk.Transform:
    """Find how a volume has to be bent to lie over another, after a linear registration.

    The bend is that of a mesh whose nodes are pulled, smooth between them (B-splines: Rueckert et
    al., IEEE Transactions on Medical Imaging 18:712, 1999).

    Parameters
    ----------
    fixed, moving, spacing
        As for `register_linear`.
    start : SimpleITK.Transform
        What that found.
    mesh : tuple of int
        Cells of the mesh along each axis; of a slice the first two count.
    iterations : int
        At most so many steps.

    Returns
    -------
    SimpleITK.Transform
        First the bend, then `start`.
    """
    images = _as_image(fixed, spacing), _as_image(moving, spacing)
    bend = sitk.BSplineTransformInitializer(images[0], [int(cells) for cells in mesh[: fixed.ndim]])
    method = _search()
    method.SetMovingInitialTransform(start)
    method.SetInitialTransform(bend, inPlace=False)
    method.SetOptimizerAsLBFGS2(numberOfIterations=iterations)
    method.SetShrinkFactorsPerLevel([2])
    method.SetSmoothingSigmasPerLevel([1])
    return sitk.CompositeTransform([start, method.Execute(*images)])


def displacement(
    transform: sitk.Transform, grid: tuple[int, ...], spacing: tuple[float, ...]
) -> np.ndarray:
    """Return by how many mm a transform moves each voxel of the fixed volume.

    Parameters
    ----------
    transform : SimpleITK.Transform
        From fixed to moving.
    grid, spacing : tuple
        (X, Y, Z) of the fixed volume, and its voxel size in mm.

    Returns
    -------
    ndarray, (3, X, Y, Z)
        Along X, Y and Z.
    """
    zeros = [0.0] * len(grid)
    sizes = [float(size) for size in spacing]
    directions = np.eye(len(grid)).ravel().tolist()
    count = [int(number) for number in grid]
    field = sitk.TransformToDisplacementField(
        transform, sitk.sitkVectorFloat64, count, zeros, sizes, directions
    )
    return sitk.GetArrayFromImage(field).T  # (Z, Y, X, 3) -> (3, X, Y, Z)


def resample_to_fixed(
    volume: np.ndarray, shift: np.ndarray, spacing: tuple[float, ...]
) -> np.ndarray:
    """Return the moving volume as it lies over the fixed one.

    Parameters
    ----------
    volume : ndarray, (X, Y, Z)
        The moving one.
    shift : ndarray, (3, X, Y, Z)
        `displacement` of each voxel of the fixed one, mm.
    spacing : tuple of float
        Voxel size in mm.

    Returns
    -------
    ndarray, (X, Y, Z)
        Linear between voxels, 0 outside.
    """
    size = np.reshape(spacing, (-1,) + (1,) * volume.ndim)
    return ndimage.map_coordinates(volume, np.indices(shift.shape[1:]) + shift / size, order=1)


def compose(first: np.ndarray, then: np.ndarray, spacing: tuple[float, ...]) -> np.ndarray:
    """Return the displacement (3, X, Y, Z) of a registration that continues another.

    Parameters
    ----------
    first : ndarray, (3, X, Y, Z)
        From the fixed volume to the moving one, mm.
    then : ndarray, (3, X, Y, Z)
        From the fixed volume to the one that `first` has resampled, mm.
    spacing : tuple of float
        Voxel size in mm.

    Examples
    --------
    >>> compose(np.ones((2, 4, 4)), np.full((2, 4, 4), 0.5), (1.0, 1.0))[0, 1, 1]
    np.float64(1.5)
    """
    where = np.indices(then.shape[1:]) + then / np.reshape(spacing, (-1,) + (1,) * (then.ndim - 1))
    return then + np.stack(
        [ndimage.map_coordinates(axis, where, order=1, mode="nearest") for axis in first]
    )


def target_registration_error(
    shift: np.ndarray, fixed: np.ndarray, moving: np.ndarray, spacing: tuple[float, ...]
) -> np.ndarray:
    """Return how far in mm each voxel is from where it should be: the target registration error.

    Parameters
    ----------
    shift : ndarray, (3, X, Y, Z)
        What was found, mm.
    fixed, moving : ndarray, (3, X, Y, Z)
        True place in the body of each voxel of either volume, mm.
    spacing : tuple of float
        Voxel size in mm.

    Returns
    -------
    ndarray, (X, Y, Z)
        NaN where a voxel is sent out of the moving volume.
    """
    size = np.reshape(spacing, (-1,) + (1,) * (shift.ndim - 1))
    where = np.indices(shift.shape[1:]) + shift / size
    arrived = [
        ndimage.map_coordinates(axis, where, order=1, cval=np.nan, prefilter=False)
        for axis in moving
    ]
    return np.linalg.norm(np.stack(arrived) - fixed, axis=0)


def jacobian_determinant(shift: np.ndarray, spacing: tuple[float, ...]) -> np.ndarray:
    """Return by which factor the volume around each voxel grows (X, Y, Z).

    This is the determinant of the Jacobian. At 0 or below the tissue is folded onto itself, which
    no brain can be.

    Examples
    --------
    >>> jacobian_determinant(np.zeros((3, 4, 4, 4)), (1, 1, 1)).max()
    np.float64(1.0)
    """
    slopes = [np.stack(np.gradient(axis, *spacing)) for axis in shift]  # d shift_i / d x_j
    axes = len(shift)
    jacobian = np.stack(slopes) + np.eye(axes).reshape(axes, axes, *[1] * axes)
    return np.linalg.det(np.moveaxis(jacobian, (0, 1), (-2, -1)))
