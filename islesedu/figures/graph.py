"""A computational graph: values as boxes, the forward pass solid, the backward pass dashed."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from islesedu.figures.style import BLUE, ORANGE


def computational_graph(
    nodes: Mapping[str, tuple[float, float]], edges: Sequence[tuple[str, str, str]], ax: Axes
) -> Axes:
    """Draw values and what is computed from what, with the gradients that flow back.

    Caption: "Solid: the forward pass. Dashed: the backward pass; beside each value is the
    derivative of the loss with respect to it."

    Parameters
    ----------
    nodes : mapping of str to (x, y)
        Label of each value and the middle of its box; one unit is about the height of three boxes.
    edges : sequence of (str, str, str)
        Label of a value, label of the value computed from it, and the text beside the first.

    Raises
    ------
    ValueError
        An edge names a value that is not among the nodes.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> ax = plt.figure().add_subplot()
    >>> ax = computational_graph({"w": (0, 0), "L": (2, 0)}, [("w", "L", "dL/dw")], ax)
    """
    for start, end, _ in edges:
        if unknown := {start, end} - set(nodes):
            raise ValueError(f"{unknown.pop()!r} is not among the nodes {', '.join(nodes)}")
    boxes = {}
    for label, place in nodes.items():
        frame = {"boxstyle": "round,pad=0.45", "facecolor": "#F2F2F2", "edgecolor": "0.3"}
        boxes[label] = ax.text(*place, label, ha="center", va="center", fontsize=11, bbox=frame)
    points = np.array(list(nodes.values()), float)
    ax.set_xlim(points[:, 0].min() - 0.8, points[:, 0].max() + 0.8)
    ax.set_ylim(points[:, 1].min() - 0.6, points[:, 1].max() + 0.6)
    ax.axis("off")
    for start, end, derivative in edges:
        _arrow(ax, boxes, nodes, (start, end), BLUE, "solid")
        _arrow(ax, boxes, nodes, (end, start), ORANGE, "dashed")
        aside = 24 if nodes[start][1] > points[:, 1].mean() else -24  # away from the arrows
        how = {"xytext": (2, aside), "textcoords": "offset points", "va": "center"}
        ax.annotate(derivative, nodes[start], color=ORANGE, fontsize=12, **how)
    return ax


def _arrow(
    ax: Axes,
    boxes: Mapping,
    nodes: Mapping[str, tuple[float, float]],
    ends: tuple[str, str],
    color: str,
    linestyle: str,
) -> None:
    """Draw an arrow between two boxes, bent to its right so that the one back lies beside it."""
    start, end = ends
    how = {
        "arrowstyle": "-|>",
        "color": color,
        "linestyle": linestyle,
        "connectionstyle": "arc3,rad=-0.13",
        "patchA": boxes[start].get_bbox_patch(),
        "patchB": boxes[end].get_bbox_patch(),
        "shrinkA": 3,
        "shrinkB": 3,
    }
    ax.annotate("", nodes[end], xytext=nodes[start], arrowprops=how)
