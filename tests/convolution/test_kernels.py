import numpy as np
import pytest
from scipy import ndimage

from islesedu.convolution import kernels
from islesedu.convolution.forward import conv2d, conv3d


def test_identity_changes_nothing(rng):
    image = rng.integers(0, 9, (5, 6))
    np.testing.assert_array_equal(conv2d(image, kernels.IDENTITY, padding=1), image)


@pytest.mark.parametrize("name", ["identity", "sharpen", "box blur", "Gaussian blur", "emboss"])
def test_flat_ground_keeps_its_height(name):
    np.testing.assert_allclose(conv2d(np.full((5, 5), 7.0), kernels.NAMED[name]), 7)


@pytest.mark.parametrize("name", ["Sobel x", "Sobel y", "Laplacian"])
def test_flat_ground_has_no_edge(name):
    np.testing.assert_allclose(conv2d(np.full((5, 5), 7.0), kernels.NAMED[name]), 0)


def test_sobel_measures_slope():
    to_the_right = np.tile(np.arange(6), (5, 1))  # brighter by 1 a column
    assert (conv2d(to_the_right, kernels.SOBEL_X) == 8).all()
    assert (conv2d(to_the_right, kernels.SOBEL_Y) == 0).all()
    assert (conv2d(to_the_right.T, kernels.SOBEL_Y) == 8).all()


def test_laplacian_is_scipys(rng):
    volume = rng.normal(size=(6, 6, 6))
    inner = (slice(1, -1),)
    np.testing.assert_allclose(
        conv2d(volume[0], kernels.LAPLACIAN), ndimage.laplace(volume[0])[inner * 2], atol=1e-12
    )
    np.testing.assert_allclose(
        conv3d(volume, kernels.LAPLACIAN_3D), ndimage.laplace(volume)[inner * 3], atol=1e-12
    )


def test_sharpen_is_identity_minus_laplacian():
    np.testing.assert_array_equal(kernels.SHARPEN, kernels.IDENTITY - kernels.LAPLACIAN)


@pytest.mark.parametrize("axes", [2, 3])
def test_means_sum_to_one(axes):
    assert kernels.box(4, axes).sum() == pytest.approx(1)
    assert kernels.gaussian(1.3, axes=axes).sum() == pytest.approx(1)
    assert kernels.gaussian(1.3, axes=axes).shape == (9,) * axes


def test_wrong_sizes_are_refused():
    for wrong in (0, -1, 2.5, True):
        with pytest.raises(ValueError, match="size is"):
            kernels.box(wrong)
    with pytest.raises(ValueError, match="sigma is 0"):
        kernels.gaussian(0)
