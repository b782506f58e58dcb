"""A drawing of a network as its feature maps: from large and thin to small and thick."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, Polygon, Rectangle

_LABELS = -1.4
_FRONT, _TOP, _SIDE = "#CCE4F2", "#E4F1F9", "#9CC4DE"


def feature_maps(
    shapes: Mapping[str, Sequence[int]], ax: Axes, *, operations: Sequence[str] = ()
) -> Axes:
    """Draw the output of each layer as a block: its height the rows, its depth the channels.

    Caption: "Each block is what comes out of a layer. Rows and columns shrink from left to right,
    channels grow."

    Parameters
    ----------
    shapes : mapping of str to (H, W, C) or (N,)
        Name of each layer, and the shape of its output; a vector is drawn as a bar.
    operations : sequence of str
        What stands over the arrow to each block but the first.

    Raises
    ------
    ValueError
        A shape has neither three numbers nor one.
    """
    left, largest = 0.0, max(max(shape[:2]) for shape in shapes.values() if len(shape) == 3)
    edges = []
    for name, shape in shapes.items():
        if len(shape) not in (1, 3):
            raise ValueError(f"{name} has the shape {tuple(shape)}; expected (H, W, C) or (N,)")
        start = left
        if len(shape) == 3:
            high, deep = 0.35 + 2.1 * shape[0] / largest, 0.12 + 0.02 * min(shape[2], 40)
            left += _draw_block(ax, left, high, deep)
        else:
            high = 0.3 + 0.7 * min(1.0, shape[0] / 512) * 2
            ax.add_patch(Rectangle((left, -high / 2), 0.18, high, fc=_FRONT, ec="black"))
            left += 0.18
        middle = (start + left) / 2
        text = " x ".join(str(n) for n in shape)
        low = _LABELS - (0.9 if len(shapes) > 5 and len(edges) % 2 else 0)  # in two lines
        ax.text(middle, low, f"{name}\n{text}", ha="center", va="top", fontsize=8)
        edges.append((start, left))
        left += max(1.0, 1.5 - (left - start))  # room for the words above the arrows
    for n, ((_, start), (end, _)) in enumerate(zip(edges, edges[1:], strict=False)):
        arrow = {"arrowstyle": "-|>", "mutation_scale": 10}
        ax.add_patch(FancyArrowPatch((start + 0.08, 0), (end - 0.08, 0), **arrow))
        if n < len(operations):
            ax.text((start + end) / 2, 1.55, operations[n], ha="center", va="bottom", fontsize=7)
    ax.set(xlim=(-0.8, left - 0.2), ylim=(-3.2, 2.4))
    ax.axis("off")
    return ax


def _draw_block(ax: Axes, left: float, high: float, deep: float) -> float:
    """Draw a block seen from the front, a little from above and the right; return its width."""
    wide, low, slant = 0.45 * high, -high / 2, 0.5 * deep
    ax.add_patch(Rectangle((left, low), wide, high, fc=_FRONT, ec="black"))
    top = [(0, high), (deep, high + slant), (wide + deep, high + slant), (wide, high)]
    side = [(wide, 0), (wide + deep, slant), (wide + deep, high + slant), (wide, high)]
    for corners, color in ((top, _TOP), (side, _SIDE)):
        ax.add_patch(Polygon([(left + x, low + y) for x, y in corners], fc=color, ec="black"))
    return wide + deep
