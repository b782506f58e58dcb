"""A drawing of image, filters and feature maps as blocks: what a convolution does to the axes."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.offsetbox import AnnotationBbox, HPacker, TextArea, VPacker
from matplotlib.patches import Polygon

from islesedu.figures.style import BLUE, GREEN, ORANGE, PINK

_DEPTH = np.array([0.55, -0.45])  # one channel to the back is this far to the right and up
_FILTERS = (BLUE, GREEN, PINK, "gray")
_PLAIN = "#F2F2F2"


def convolution_blocks(image: Sequence[int], filters: Sequence[int], ax: Axes) -> Axes:
    """Draw the blocks of a convolution without padding, with stride 1: image * filters = output.

    The window in the upper right corner is marked, because all its channels can be seen there.

    Caption: "A block is an array (rows, columns, channels); channel 1 is in front. The filter
    covers all channels of its window (orange); each filter gives one feature map."

    Parameters
    ----------
    image : (H, W, C)
        Shape of the image.
    filters : (kh, kw, C, K)
        Shape of the weight tensor, at most four filters.

    Raises
    ------
    ValueError
        The shapes do not fit, or there are more than four filters.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> ax = convolution_blocks((6, 6, 3), (3, 3, 3, 2), plt.figure().add_subplot())
    """
    (height, width, channels), (kh, kw, depth, count) = image, filters
    rows, columns = height - kh + 1, width - kw + 1
    if channels != depth or min(rows, columns) < 1 or not 1 <= count <= len(_FILTERS):
        raise ValueError(
            f"image is {tuple(image)} and filters {tuple(filters)}; give (H, W, C) and "
            f"(kh, kw, C, K) with the same C, k not above H and W, and K from 1 to 4"
        )
    middle = max(height, count * (kh + 4) - 4) / 2
    back = channels * _DEPTH[0]

    corner = np.array([0.0, middle - height / 2])
    _block(ax, corner, image, [_PLAIN] * channels)
    _block(ax, corner + (columns - 1, 0), (kh, kw, channels), [ORANGE] * channels)
    _label(ax, corner + (width / 2, height + 1.4), "image", [f"{height} × {width} × ", channels])

    left = width + back + 2
    ax.text(left - 1, middle, "*", fontsize=22, ha="center", va="center")
    tops = middle - (count * (kh + 4) - 4) / 2 + np.arange(count) * (kh + 4)
    for k, top in enumerate(tops):
        _block(ax, np.array([left, top]), (kh, kw, channels), [_FILTERS[k]] * channels)
        shape = [f"{kh} × {kw} × ", channels]
        _label(ax, np.array([left + kw / 2, top + kh + 1.4]), f"filter {k + 1}", shape)

    left += kw + back + 2
    ax.text(left - 1, middle, "=", fontsize=22, ha="center", va="center")
    corner = np.array([left, middle - rows / 2])
    _block(ax, corner, (rows, columns, count), _FILTERS[:count])
    _block(ax, corner + (columns - 1, 0), (1, 1, count), [ORANGE] * count)
    name = "feature maps" if count > 1 else "feature map"
    place = corner + (columns / 2, rows + 1.4)
    _label(ax, place, name, [f"{rows} × {columns} × {count}"])

    ax.set_xlim(-0.5, left + columns + count * _DEPTH[0] + 0.5)
    lowest = max(middle + height / 2, tops[-1] + kh) + 3
    ax.set_ylim(lowest, min(middle - height / 2, tops[0]) + channels * _DEPTH[1] - 0.5)
    ax.set_aspect("equal")
    ax.axis("off")
    return ax


def _block(ax: Axes, corner: np.ndarray, shape: Sequence[int], colors: Sequence[str]) -> None:
    """Draw the three faces one sees of a block (rows, columns, channels), a square a number."""
    rows, columns, channels = shape
    right, down = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    for row, column in np.ndindex(rows, columns):  # the front: channel 1
        _square(ax, corner + (column, row), right, down, colors[0], 0.5)
    for channel, color in enumerate(colors):
        start = corner + channel * _DEPTH
        for column in range(columns):  # the top, seen from above
            _square(ax, start + column * right, right, _DEPTH, color, 0.35)
        for row in range(rows):  # the right side
            _square(ax, start + columns * right + row * down, down, _DEPTH, color, 0.65)


def _square(
    ax: Axes, corner: np.ndarray, one: np.ndarray, other: np.ndarray, color: str, alpha: float
) -> None:
    """Draw one square of a face: white below, so that what lies behind does not shine through."""
    corners = [corner, corner + one, corner + one + other, corner + other]
    ax.add_patch(Polygon(corners, facecolor="white", edgecolor="none"))
    ax.add_patch(Polygon(corners, facecolor=(color, alpha), edgecolor="0.35", linewidth=0.6))


def _label(ax: Axes, place: np.ndarray, name: str, shape: Sequence[str | int]) -> None:
    """Write a name, and below it a shape; its whole numbers, the input channels, are orange."""
    plain, strong = {"fontsize": 9}, {"fontsize": 10, "color": ORANGE, "fontweight": "bold"}
    parts = [TextArea(str(s), textprops=strong if isinstance(s, int) else plain) for s in shape]
    line = HPacker(children=parts, pad=0, sep=0, align="baseline")
    box = VPacker(children=[TextArea(name, textprops=plain), line], pad=0, sep=2, align="center")
    ax.add_artist(AnnotationBbox(box, tuple(place), frameon=False, box_alignment=(0.5, 0.5)))
