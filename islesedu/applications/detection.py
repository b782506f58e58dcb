"""Boxes around what was found: how well two agree, and how a network predicts them.

A box is (top, left, bottom, right) in pixels; bottom and right lie just outside it, as in slices of
NumPy. A network without a notion of objects can still draw boxes: over the picture lies a grid of
cells, and each cell predicts whether its centre is inside an object and how far away that object's
four sides are (Tian et al., "FCOS: Fully Convolutional One-Stage Object Detection", ICCV 2019).
"""

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from islesedu.metrics.masks import Mask, as_mask

Box = tuple[float, float, float, float]


def box_around(mask: Mask) -> Box | None:
    """Return the box around the largest connected part of a mask (H, W); None if it is empty.

    Examples
    --------
    >>> box_around(np.array([[0, 0, 0, 0], [0, 1, 1, 0], [0, 0, 1, 0]]))
    (1, 1, 3, 3)
    """
    parts, count = ndimage.label(as_mask("mask", mask), structure=np.ones((3, 3)))
    if not count:
        return None
    largest = 1 + int(np.bincount(parts.ravel())[1:].argmax())
    rows, columns = ndimage.find_objects(parts)[largest - 1]
    return rows.start, columns.start, rows.stop, columns.stop


def area(box: Box) -> float:
    """Return the area of a box in pixels; 0 if its sides have changed places."""
    top, left, bottom, right = box
    return max(bottom - top, 0) * max(right - left, 0)


def overlap(one: Box, other: Box) -> float:
    """Return the intersection over union (IoU) of two boxes, 0 to 1.

    Examples
    --------
    >>> overlap((0, 0, 2, 2), (0, 1, 2, 3))  # 2 pixels in common, 6 in all
    0.3333333333333333
    """
    common = area(
        (max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3]))
    )
    whole = area(one) + area(other) - common
    return common / whole if whole else 0.0


def _middles(cells: int, stride: int) -> np.ndarray:
    """Return where the centres of a row of cells lie, in pixels."""
    return (np.arange(cells) + 0.5) * stride


def targets(box: Box | None, cells: int, stride: int) -> np.ndarray:
    """Return what each cell should predict.

    Parameters
    ----------
    box : Box or None
        The object, if there is one.
    cells, stride : int
        Cells along an edge, and pixels along the edge of a cell.

    Returns
    -------
    ndarray, (cells, cells, 5), float32
        1 or 0: its centre lies inside the box, or it is the cell that holds the box's own centre;
        then the distances to top, left, bottom and right, in cells. All 0 elsewhere.

    Examples
    --------
    >>> targets((0, 0, 4, 8), cells=2, stride=4)[0, 1].tolist()
    [1.0, 0.5, 1.5, 0.5, 0.5]
    """
    target = np.zeros((cells, cells, 5), np.float32)
    if box is None:
        return target
    top, left, bottom, right = box
    at = _middles(cells, stride)
    rows, columns = (at > top) & (at < bottom), (at > left) & (at < right)
    rows[min(int((top + bottom) / 2 // stride), cells - 1)] = True
    columns[min(int((left + right) / 2 // stride), cells - 1)] = True
    y, x = np.meshgrid(at, at, indexing="ij")
    inside = np.outer(rows, columns)
    sides = np.stack([y - top, x - left, bottom - y, right - x], axis=-1) / stride
    target[inside, 0], target[inside, 1:] = 1, sides[inside]
    return target


def read_boxes(output: np.ndarray, stride: int, threshold: float = 0.5) -> list[tuple[float, Box]]:
    """Turn the predictions of the cells into boxes, the highest score first.

    Parameters
    ----------
    output : ndarray, (cells, cells, 5)
        Score from 0 to 1, and four distances in cells, as in `targets`.
    stride : int
        Pixels along the edge of a cell.
    threshold : float
        Cells with a smaller score are left out.

    Returns
    -------
    list of (float, Box)
        Without those that overlap with a higher-scoring one: see `suppress`.
    """
    at = _middles(len(output), stride)
    found = []
    for row, column in np.argwhere(output[..., 0] >= threshold):
        score, up, back, down, on = output[row, column].astype(float)
        y, x = at[row], at[column]
        box = y - up * stride, x - back * stride, y + down * stride, x + on * stride
        found.append((float(score), tuple(float(side) for side in box)))
    return suppress(sorted(found, reverse=True))


def suppress(found: list[tuple[float, Box]], max_overlap: float = 0.3) -> list[tuple[float, Box]]:
    """Suppress boxes that overlap with a higher-scoring one: non-maximum suppression.

    Parameters
    ----------
    found : list of (float, Box)
        The highest score first.
    max_overlap : float
        Largest IoU of two boxes that may both stay.

    Examples
    --------
    >>> suppress([(0.9, (0, 0, 4, 4)), (0.8, (0, 0, 4, 5)), (0.6, (6, 6, 9, 9))])
    [(0.9, (0, 0, 4, 4)), (0.6, (6, 6, 9, 9))]
    """
    kept = []
    for score, box in found:
        if all(overlap(box, other) <= max_overlap for _, other in kept):
            kept.append((score, box))
    return kept


def froc(
    found: Sequence[list[tuple[float, Box]]], truth: Sequence[Box | None], least: float = 0.25
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the FROC curve: sensitivity against false positives an image, for every threshold.

    In each image the highest-scoring box with at least this overlap is the hit; other boxes on the
    same object count neither way, boxes elsewhere are false positives.

    Parameters
    ----------
    found : sequence of list of (float, Box)
        Scores and boxes of each image.
    truth : sequence of Box or None
        The object of each image, if there is one.
    least : float
        IoU of a hit.

    Returns
    -------
    false_positives, sensitivity, thresholds : ndarray, (T,)
        From the highest threshold to the lowest; sensitivity is nan without objects.

    Raises
    ------
    ValueError
        Numbers of images differ.

    Examples
    --------
    >>> found = [[(0.9, (0, 0, 4, 4)), (0.5, (8, 8, 9, 9))], [(0.7, (0, 0, 2, 2))]]
    >>> false, sensitivity, thresholds = froc(found, [(0, 0, 4, 4), None])
    >>> false.tolist(), sensitivity.tolist(), thresholds.tolist()
    ([0.0, 0.5, 1.0], [1.0, 1.0, 1.0], [0.9, 0.7, 0.5])
    """
    scored = []
    for boxes, one in zip(found, truth, strict=True):
        on_object = [one is not None and overlap(box, one) >= least for _, box in boxes]
        hits = [score for (score, _), hit in zip(boxes, on_object, strict=True) if hit]
        scored += [(max(hits), 1)] if hits else []
        scored += [(score, 0) for (score, _), hit in zip(boxes, on_object, strict=True) if not hit]
    scores, hits = np.array(sorted(scored, reverse=True)).reshape(-1, 2).T
    objects = sum(one is not None for one in truth)
    last = np.append(np.diff(scores) != 0, True)[: len(scores)]  # equal scores: one threshold
    sensitivity = hits.cumsum() / objects if objects else np.full(len(hits), np.nan)
    return (1 - hits).cumsum()[last] / len(truth), sensitivity[last], scores[last]
