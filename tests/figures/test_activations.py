"""Galleries: every tile holds its own kernel or activation, and says which."""

import numpy as np
import pytest

from islesedu import CHANNELS, figures
from islesedu.figures.activations import tiles


def test_every_kernel_is_in_its_row_and_column(ax, rng):
    kernels = rng.normal(size=(3, 5, 6, 4))  # (kh, kw, C, K)
    figures.kernel_gallery(kernels, ax, channels=CHANNELS)
    picture = ax.images[0].get_array()
    assert picture.shape == (6 * 4 - 1, 4 * 6 - 1)
    np.testing.assert_array_equal(picture[8:11, 18:23], kernels[:, :, 2, 3])
    assert picture.mask[3].all() and picture.mask[:, 5].all()  # gaps
    assert [tick.get_text() for tick in ax.get_yticklabels()] == list(CHANNELS)
    assert ax.get_yticks()[2] == 9 and ax.get_xticks()[3] == 20  # middles of that kernel
    low, high = ax.images[0].get_clim()
    assert -low == high == np.abs(kernels).max()  # mid-gray is 0


def test_one_kernel_shows_its_numbers(ax):
    figures.kernel_gallery(np.array([[1, -2], [0, 3]]), ax, numbers=True, filters=["Sobel"])
    assert [text.get_text() for text in ax.texts] == ["1.00", "-2.00", "0.00", "3.00"]
    assert [text.get_position() for text in ax.texts] == [(0, 0), (1, 0), (0, 1), (1, 1)]
    assert [text.get_color() for text in ax.texts] == ["black", "white", "black", "black"]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["Sobel"]


@pytest.mark.filterwarnings("error")
def test_a_kernel_of_zeros_is_mid_gray(ax):
    figures.kernel_gallery(np.zeros((3, 3)), ax)
    assert ax.images[0].get_clim() == (-1, 1)


def test_wrong_shapes_are_refused(ax):
    with pytest.raises(ValueError, match=r"expected \(kh, kw, C, K\)"):
        figures.kernel_gallery(np.zeros(3), ax)
    with pytest.raises(ValueError, match=r"expected \(H, W, K\)"):
        figures.activation_gallery(np.zeros((3, 3)), ax)


def test_strongest_activations_come_first(ax, rng):
    activation = rng.random((6, 7, 5)) * [1, 5, 2, 4, 3]
    figures.activation_gallery(activation, ax, count=3, columns=2)
    assert [text.get_text() for text in ax.texts] == ["filter 1", "filter 3", "filter 4"]
    picture = ax.images[0].get_array()
    np.testing.assert_array_equal(picture[:6, :7], activation[..., 1])
    np.testing.assert_array_equal(picture[:6, 8:15], activation[..., 3])
    np.testing.assert_array_equal(picture[-6:, :7], activation[..., 4])
    assert picture.mask[-6:, 8:].all()  # a place that is left over
    assert ax.images[0].get_clim() == (0, activation[..., [1, 3, 4]].max())


@pytest.mark.filterwarnings("error")
def test_weak_filters_show_on_a_scale_of_their_own(ax):
    activation = np.stack([np.eye(3), 0.01 * np.eye(3), np.ones((3, 3))], axis=-1)
    figures.activation_gallery(activation, ax, same_scale=False)
    picture = ax.images[0].get_array()
    assert picture[0, 0] == picture[0, 8] == 1  # filters 0 and 1; one that is flat is black
    assert picture[:3, 4:7].max() == 0


def test_tiles_know_their_corners():
    picture, corners = tiles(np.arange(24.0).reshape(2, 3, 2, 2), gap=2)
    assert picture.shape == (6, 8) and corners[1, 2].tolist() == [4, 6]
    assert picture[4:6, 6:8].tolist() == [[20, 21], [22, 23]]
