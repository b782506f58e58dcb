import numpy as np
import pytest
from scipy import fft

from islesedu.applications.reconstruction import choose_lines, to_image, to_kspace


def test_it_is_the_fourier_transform_with_its_middle_in_the_middle(rng):
    image = rng.random((6, 8))
    expected = fft.fftshift(fft.fft2(fft.ifftshift(image))) / np.sqrt(48)
    np.testing.assert_allclose(to_kspace(image), expected)


def test_there_and_back(rng):
    stack = rng.random((3, 7, 8))
    np.testing.assert_allclose(to_image(to_kspace(stack)).real, stack)
    np.testing.assert_allclose((np.abs(to_kspace(stack)) ** 2).sum(), (stack**2).sum())


def test_a_wave_is_one_pair_of_points():
    rows = np.cos(2 * np.pi * 2 * np.arange(16) / 16)
    kspace = np.abs(to_kspace(np.tile(rows[:, None], (1, 16))))
    assert np.argwhere(kspace > 1e-9).tolist() == [[6, 8], [10, 8]]


def test_lines_are_as_many_as_asked_and_dense_in_the_middle(rng):
    lines = choose_lines(96, 0.3, rng)
    assert lines.sum() == 29 and lines[44:52].all()
    often = np.mean([choose_lines(96, 0.3, rng) for _ in range(200)], axis=0)
    assert often[24:44].mean() > 1.5 * often[:20].mean() > 0


@pytest.mark.parametrize("share, middle", [(0.05, 0.08), (1.2, 0.1), (0.5, -0.1)])
def test_shares_out_of_range_are_refused(rng, share, middle):
    with pytest.raises(ValueError, match="middle <= share"):
        choose_lines(96, share, rng, middle)
