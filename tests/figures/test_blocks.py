"""Blocks: every number of every shape is a square, and the labels say the shapes."""

import pytest
from matplotlib.offsetbox import AnnotationBbox

from islesedu import figures


def texts(ax):
    boxes = [one for one in ax.artists if isinstance(one, AnnotationBbox)]
    labels = [box.offsetbox.get_children() for box in boxes]
    return [
        (name.get_text(), "".join(p.get_text() for p in line.get_children()))
        for name, line in labels
    ]


def test_the_labels_say_the_shapes(ax):
    figures.convolution_blocks((6, 6, 3), (3, 3, 3, 2), ax)
    assert texts(ax) == [
        ("image", "6 × 6 × 3"),
        ("filter 1", "3 × 3 × 3"),
        ("filter 2", "3 × 3 × 3"),
        ("feature maps", "4 × 4 × 2"),
    ]
    assert [text.get_text() for text in ax.texts] == ["*", "="]


def test_faces_have_a_square_for_each_number(ax):
    figures.convolution_blocks((2, 3, 1), (2, 2, 1, 1), ax)

    def faces(rows, columns, channels):
        return rows * columns + channels * (rows + columns)

    blocks = [(2, 3, 1), (2, 2, 1), (2, 2, 1), (1, 2, 1), (1, 1, 1)]  # image, window, filter, ...
    assert len(ax.patches) == 2 * sum(faces(*block) for block in blocks)


@pytest.mark.parametrize(
    ("image", "filters"),
    [((6, 6, 3), (3, 3, 2, 1)), ((2, 6, 3), (3, 3, 3, 1)), ((6, 6, 3), (3, 3, 3, 5))],
)
def test_shapes_that_do_not_fit_are_refused(ax, image, filters):
    with pytest.raises(ValueError, match="same C"):
        figures.convolution_blocks(image, filters, ax)
