"""The drawing of a network as blocks: one a layer, with its shape, and arrows between them."""

import pytest
from matplotlib.patches import FancyArrowPatch

from islesedu import figures

SHAPES = {"input": (32, 32, 6), "conv1": (32, 32, 8), "pool1": (16, 16, 8), "flatten": (2048,)}


def test_each_layer_has_a_block_with_its_shape(ax):
    figures.feature_maps(SHAPES, ax, operations=["conv 3 x 3", "max pool", "flatten"])
    texts = [text.get_text() for text in ax.texts]
    assert "input\n32 x 32 x 6" in texts and "flatten\n2048" in texts
    assert "max pool" in texts
    assert sum(isinstance(patch, FancyArrowPatch) for patch in ax.patches) == 3


def test_fewer_rows_make_a_lower_block(ax):
    figures.feature_maps(SHAPES, ax)
    heights = [patch.get_height() for patch in ax.patches if hasattr(patch, "get_height")]
    assert heights[0] == heights[1] > heights[2]


def test_other_shapes_are_refused(ax):
    with pytest.raises(ValueError, match=r"expected \(H, W, C\)"):
        figures.feature_maps({"input": (8, 8, 1), "odd": (3, 3)}, ax)


def test_labels_of_many_blocks_stand_in_two_lines(ax):
    figures.feature_maps({f"conv{n}": (8, 8, 4) for n in range(6)}, ax)
    heights = [text.get_position()[1] for text in ax.texts]
    assert heights[0] == heights[2] == heights[4] > heights[1] == heights[3]
