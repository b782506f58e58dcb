import numpy as np
import pytest

from islesedu import figures
from islesedu.figures.pixel_grid import pixel_sides

TRUTH = np.array([[0, 1, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0]], bool)
PREDICTION = np.array([[0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 1, 1]], bool)


def test_both_masks_are_outlined_along_their_pixels(ax):
    assert figures.pixel_masks(TRUTH, PREDICTION, ax) is ax
    truth, prediction = ax.collections
    assert len(truth.get_segments()) == 8 and len(prediction.get_segments()) == 10
    dots = next(line for line in ax.lines if line.get_marker() == "o")
    assert list(zip(*dots.get_data(), strict=True)) == [(2, 0), (2, 1), (2, 2), (3, 2)]
    assert ax.get_xlim() == (-0.5, 3.5) and ax.get_ylim() == (2.5, -0.5)


def test_the_picture_counts_nothing(ax):
    figures.pixel_masks(TRUTH, PREDICTION, ax)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "reference mask",
        "prediction",
    ]
    figures.pixel_masks(TRUTH, PREDICTION, ax, legend=False)


def test_sides_lie_between_a_pixel_and_its_outside():
    sides = pixel_sides(np.array([[0, 1], [0, 0]], bool))
    assert sorted(map(str, sides.tolist())) == sorted(
        map(
            str,
            [
                [[0.5, -0.5], [1.5, -0.5]],
                [[0.5, 0.5], [1.5, 0.5]],
                [[0.5, -0.5], [0.5, 0.5]],
                [[1.5, -0.5], [1.5, 0.5]],
            ],
        )
    )
    assert pixel_sides(np.zeros((2, 2), bool)).shape == (0, 2, 2)


def test_what_is_no_pair_of_pixel_masks_is_named(ax):
    with pytest.raises(ValueError, match="^truth has 3 axes"):
        figures.pixel_masks(np.ones((2, 2, 2)), np.ones((2, 2, 2)), ax)
    with pytest.raises(ValueError, match="prediction holds"):
        figures.pixel_masks(TRUTH, PREDICTION * 0.5, ax)
