"""What the usual mistakes in scoring two masks give, for lesson 09.

Each function returns wrong results by the sentence that names the mistake.
"""

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from islesedu.metrics import assd, hausdorff, surface, surface_distances


def counts(truth: np.ndarray, prediction: np.ndarray) -> tuple[int, int, int]:
    """Return TP, FP and FN of two masks.

    Examples
    --------
    >>> counts(np.array([1, 1, 0], bool), np.array([1, 0, 0], bool))
    (1, 0, 1)
    """
    kinds = truth & prediction, prediction & ~truth, truth & ~prediction
    return tuple(int(kind.sum()) for kind in kinds)


def slips_of_counts(truth: np.ndarray, prediction: np.ndarray) -> dict[str, tuple[int, ...]]:
    """Return wrong counts of TP, FP and FN."""
    hits, false, missed = counts(truth, prediction)
    return {
        "a false positive was predicted and is no lesion; FP and FN are swapped": (
            hits,
            missed,
            false,
        ),
        "that is the size of the prediction; false positives lie outside the reference": (
            hits,
            hits + false,
            missed,
        ),
        "that is the size of the lesion; false negatives were not predicted": (
            hits,
            false,
            hits + missed,
        ),
        "the pixel that lies apart was predicted, too": (hits, false - 1, missed),
        "that is the size of the lesion; true positives were also predicted": (
            hits + missed,
            false,
            missed,
        ),
    }


def slips_of_dice(prediction: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Return what the usual mistakes make of the Dice of two masks."""
    hits, size = int((prediction & truth).sum()), int(prediction.sum() + truth.sum())
    if not size:
        return {
            "two empty masks are equal: 0 / 0 is NaN, return 1 instead": np.nan,
            "two empty masks are equal: return 1 for them": 0.0,
        }
    return {
        "the factor 2 is missing": hits / size,
        "that is TP / (TP + FP + FN), the Jaccard index": hits / (size - hits),
        "that is the precision": hits / max(int(prediction.sum()), 1),
        "that is the recall": hits / max(int(truth.sum()), 1),
        "that is the accuracy: true negatives do not count in Dice": float(
            (prediction == truth).mean()
        ),
    }


def slips_of_surface(truth: np.ndarray, prediction: np.ndarray) -> dict[str, tuple[int, int]]:
    """Return wrong numbers of surface pixels of two masks (H, W)."""
    with_corners = np.ones((3, 3), bool)

    def count(pixels_of) -> tuple[int, int]:
        return tuple(int(pixels_of(mask).sum()) for mask in (truth, prediction))

    right = count(surface)
    return {
        "those are all pixels of the masks": count(lambda mask: mask),
        "a pixel that only touches the outside at a corner does not count": count(
            lambda mask: mask & ~ndimage.binary_erosion(mask, with_corners)
        ),
        "those are pixels outside the masks; surface pixels belong to the mask": count(
            lambda mask: ndimage.binary_dilation(mask) & ~mask
        ),
        "the pixel that lies apart has a surface, too": (right[0], right[1] - 1),
        "the reference mask comes first": right[::-1],
    }


def slips_of_distances(
    truth: np.ndarray, prediction: np.ndarray
) -> dict[str, tuple[float, float, float]]:
    """Return wrong triples of Hausdorff distance, pooled and directed ASSD of two masks (H, W)."""
    masks = prediction, truth
    right, pooled = hausdorff(*masks), assd(*masks)
    directed = assd(*masks, convention="directed_means")
    there = surface_distances(prediction, truth, (1, 1))
    back = surface_distances(truth, prediction, (1, 1))
    blocks = _walked(prediction, truth), _walked(truth, prediction)
    walked = np.concatenate(blocks)
    means = np.mean([block.mean() for block in blocks])
    return {
        "the two ASSD are swapped": (right, directed, pooled),
        "the Hausdorff distance looks in both directions and takes the larger maximum": (
            min(there.max(), back.max()),
            pooled,
            directed,
        ),
        "distances are straight lines (Pythagoras), not rows plus columns": (
            walked.max(),
            walked.mean(),
            means,
        ),
        "the mean goes over both directions": (right, there.mean(), back.mean()),
    }


def _walked(mask: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the distance of each surface pixel to the nearest of the other, rows plus columns."""
    here, there = np.argwhere(surface(mask)), np.argwhere(surface(other))
    return np.abs(here[:, None] - there[None]).sum(axis=-1).min(axis=1)


def slips_of_hausdorff95(there: np.ndarray, back: np.ndarray) -> dict[str, float]:
    """Return what the usual mistakes make of two arrays of distances."""
    there, back = np.asarray(there, float), np.asarray(back, float)
    each = [float(np.percentile(one, 95)) for one in (there, back)]
    return {
        "that is the pooled convention": float(np.percentile(np.concatenate([there, back]), 95)),
        "take the larger of the two, not the smaller": min(each),
        "take the larger of the two, not their mean": sum(each) / 2,
        "that is the maximum, the plain Hausdorff distance": float(max(there.max(), back.max())),
        "np.percentile counts to 100: write 95, not 0.95": max(
            float(np.percentile(one, 0.95)) for one in (there, back)
        ),
    }


def slips_of_penalty(grids: Sequence[Sequence[int]]) -> dict[str, tuple[float, float]]:
    """Return what the usual mistakes make of array sizes."""
    longest = np.array([max(grid) for grid in grids], float)
    first, last = (np.array([grid[n] for grid in grids], float) for n in (0, -1))
    different = np.unique(longest)
    diagonal = np.array([np.linalg.norm(grid) for grid in grids])
    return {
        "the longest edge is not always the first": (first.mean(), first.std()),
        "take the longest edge, not the last": (last.mean(), last.std()),
        "each size counts as often as it occurs": (different.mean(), different.std()),
        "divide by N, not by N - 1": (longest.mean(), longest.std(ddof=1)),
        "that is the variance; take its root": (longest.mean(), longest.var()),
        "take the longest edge, not the diagonal": (diagonal.mean(), diagonal.std()),
    }
