"""Computational graphs: a box for each value, an arrow there and an arrow back for each edge."""

import pytest

from islesedu import figures


def test_boxes_and_arrows(ax):
    nodes = {"w": (0, 0), "z": (1, 0), "L": (2, 0)}
    figures.computational_graph(nodes, [("w", "z", "dL/dw"), ("z", "L", "dL/dz")], ax)
    labels = [text.get_text() for text in ax.texts]
    assert labels[:3] == ["w", "z", "L"] and labels.count("dL/dw") == 1
    arrows = [text.arrow_patch for text in ax.texts if getattr(text, "arrow_patch", None)]
    dashed = [arrow.get_linestyle() in ("--", "dashed") for arrow in arrows]
    assert dashed == [False, True, False, True]


def test_an_edge_to_nowhere_is_refused(ax):
    with pytest.raises(ValueError, match="'v' is not among the nodes w"):
        figures.computational_graph({"w": (0, 0)}, [("w", "v", "")], ax)
