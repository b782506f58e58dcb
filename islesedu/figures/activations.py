"""What a network has learned: its kernels, and the activations of its filters for an image."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from islesedu.figures.slices import add_scale


def kernel_gallery(
    kernels: np.ndarray,
    ax: Axes,
    *,
    channels: Sequence[str] | None = None,
    filters: Sequence[str] | None = None,
    limit: float | None = None,
    numbers: bool = False,
) -> Axes:
    """Draw all kernels of a layer: a column a filter, a row a channel, one gray scale for all.

    Caption: "The layer's kernels: a column is a filter, a row a channel. Mid-gray is 0, white
    counts for, black counts against."

    Parameters
    ----------
    kernels : ndarray, (kh, kw, C, K), (kh, kw, C) or (kh, kw)
        Weights in Keras order.
    channels, filters : sequence of str, optional
        Names of the rows (C) and the columns (K); numbers from 0 if None.
    limit : float, optional
        Weight that is white, and black with a minus; the largest if None.
    numbers : bool
        Write each weight into its square.
    """
    kernels = np.asarray(kernels, float)
    if not 2 <= kernels.ndim <= 4:
        raise ValueError(f"kernels have the shape {kernels.shape}; expected (kh, kw, C, K)")
    kernels = kernels.reshape(*kernels.shape, *(1,) * (4 - kernels.ndim))
    kh, kw, rows, columns = kernels.shape
    limit = limit or np.abs(kernels).max() or 1.0
    picture, corners = tiles(kernels.transpose(2, 3, 0, 1))
    drawn = ax.imshow(picture, cmap="gray", vmin=-limit, vmax=limit)
    if channels is None:
        channels = [f"channel {c}" for c in range(rows)] if rows > 1 else [""]
    if filters is None:
        filters = [f"{k}" for k in range(columns)]
        ax.set_xlabel("filter")
    _name_tiles(ax, corners, (kh, kw), channels, filters)
    if numbers:
        for c, k in np.ndindex(rows, columns):
            _write_numbers(kernels[:, :, c, k], ax, *corners[c, k], limit)
    add_scale(drawn, ax, "weight (no unit)")
    return ax


def _write_numbers(kernel: np.ndarray, ax: Axes, top: int, left: int, limit: float) -> None:
    """Write the weights of one kernel (kh, kw) into its squares."""
    for (row, column), weight in np.ndenumerate(kernel):
        color = "white" if weight < -0.15 * limit else "black"
        text = f"{round(weight, 2) + 0.0:.2f}"
        ax.text(left + column, top + row, text, ha="center", va="center", color=color, fontsize=8)


def activation_gallery(
    activation: np.ndarray,
    ax: Axes,
    *,
    count: int | None = None,
    columns: int = 8,
    same_scale: bool = True,
) -> Axes:
    """Draw the activations of a layer's filters for one image, the strongest first.

    Caption: "Where each filter answers (bright) to the picture, the strongest first."

    Parameters
    ----------
    activation : ndarray, (H, W, K)
        Output of a layer for one image.
    count : int, optional
        How many filters; all if None.
    columns : int
        How many in a row.
    same_scale : bool
        One gray scale for all, so that filters can be compared; otherwise each filter from its
        least to its largest value, so that weak ones show too.
    """
    activation = np.asarray(activation, float)
    if activation.ndim != 3:
        raise ValueError(f"activation has the shape {activation.shape}; expected (H, W, K)")
    height, width, filters = activation.shape
    order = np.argsort(-activation.max(axis=(0, 1)), kind="stable")[: count or filters]
    columns = min(columns, len(order))
    rows = math.ceil(len(order) / columns)
    stack = np.full((rows * columns, height, width), np.nan)
    for place, unit in enumerate(order):
        one = activation[..., unit]
        stack[place] = one if same_scale else (one - one.min()) / (np.ptp(one) or 1)
    gap = max(1, round(0.22 * height))  # room for the number above each
    picture, corners = tiles(stack.reshape(rows, columns, height, width), gap)
    drawn = ax.imshow(picture, cmap="gray", vmin=min(0, np.nanmin(stack)))
    for unit, (top, left) in zip(order, corners.reshape(-1, 2), strict=False):
        place = (left + width / 2 - 0.5, top - 0.5)
        how = {"xytext": (0, 2), "textcoords": "offset points", "ha": "center", "fontsize": 8}
        ax.annotate(f"filter {unit}", place, **how)
    ax.set_ylim(picture.shape[0] - 0.5, -0.5 - gap)
    ax.axis("off")
    label = "activation (no unit)" if same_scale else "0: least, 1: largest"
    add_scale(drawn, ax, label)
    return ax


def tiles(stack: np.ndarray, gap: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Lay pictures (rows, columns, H, W) out in one, nan between them.

    Returns
    -------
    picture : ndarray, (rows * (H + gap) - gap, columns * (W + 1) - 1)
        All pictures; one pixel of nan lies between columns, `gap` between rows.
    corners : ndarray of int, (rows, columns, 2)
        Row and column of the first pixel of each.

    Examples
    --------
    >>> picture, corners = tiles(np.ones((2, 1, 1, 2)))
    >>> picture.tolist(), corners[1, 0].tolist()
    ([[1.0, 1.0], [nan, nan], [1.0, 1.0]], [2, 0])
    """
    rows, columns, height, width = stack.shape
    picture = np.full((rows * (height + gap) - gap, columns * (width + 1) - 1), np.nan)
    corners = np.zeros((rows, columns, 2), int)
    for row, column in np.ndindex(rows, columns):
        top, left = row * (height + gap), column * (width + 1)
        picture[top : top + height, left : left + width] = stack[row, column]
        corners[row, column] = top, left
    return picture, corners


def _name_tiles(
    ax: Axes,
    corners: np.ndarray,
    size: tuple[int, int],
    rows: Sequence[str],
    columns: Sequence[str],
) -> None:
    """Name the rows and columns of tiles at the middles of the outer ones."""
    middle = [(edge - 1) / 2 for edge in size]
    ax.set_yticks(corners[:, 0, 0] + middle[0], rows)
    ax.set_xticks(corners[0, :, 1] + middle[1], columns)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
