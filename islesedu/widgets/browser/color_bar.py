"""Where a piece of the slice browser's picture lies, and the bar of a map's colours."""

import numpy as np
from matplotlib.figure import SubFigure
from matplotlib.image import BboxImage
from matplotlib.patches import Rectangle
from matplotlib.transforms import Bbox, TransformedBbox

Box = tuple[float, float, float, float]
"""Left, bottom, width and height, in shares of a part of a figure."""


def box_of(part: SubFigure, middle: float, bottom: float, width: float, height: float) -> Box:
    """Return where a place in inches lies in a part of a figure.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> box_of(Figure(figsize=(4, 2)).subfigures(), middle=2, bottom=0.5, width=2, height=1)
    (0.25, 0.25, 0.5, 0.5)
    """
    wide, tall = part.bbox.size / part.dpi
    box = (middle - width / 2) / wide, bottom / tall, width / wide, height / tall
    return tuple(map(float, box))


def draw_bar(part: SubFigure, box: Box, cmap: str, ends: tuple[float, float]) -> None:
    """Draw the colours of a map from one end to the other, with the values of both.

    Without axes, which would take as long as the map itself.
    """
    left, bottom, width, height = box
    place = TransformedBbox(Bbox.from_bounds(*box), part.transSubfigure)
    colours = np.arange(256)[None]
    part.add_artist(BboxImage(place, cmap=cmap, interpolation="nearest", data=colours))
    part.add_artist(Rectangle((left, bottom), width, height, fill=False, lw=0.8))
    for x, end in zip((left, left + width), ends, strict=True):
        font = {"fontsize": 7, "ha": "center", "va": "top"}
        part.text(x, bottom - 0.6 * height, f"{end:.4g}", **font)
