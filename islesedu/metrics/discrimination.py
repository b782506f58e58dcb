"""How well numbers discriminate, whatever the threshold: ROC and precision-recall curves.

The curves and areas are scikit-learn's, imported when they are needed.
"""

import warnings

import numpy as np
from numpy.typing import ArrayLike


def auc(values: ArrayLike, wanted: ArrayLike) -> float:
    """Return the share of pairs (a wanted one, another) in which the wanted one is larger.

    That is the area under the ROC curve: 0.5 is guessing, 1 is perfect. Equal values count half.

    Parameters
    ----------
    values : ndarray, (N,)
        A number for each place.
    wanted : ndarray of bool, (N,)
        Which places should have the larger ones.

    Returns
    -------
    float
        nan if all or none are wanted.

    Examples
    --------
    >>> auc(np.array([1.0, 3.0, 2.0]), np.array([False, True, True]))
    1.0
    """
    from sklearn.metrics import roc_auc_score

    values, wanted = _rankable(values, wanted)
    return float(roc_auc_score(wanted, values)) if 0 < wanted.sum() < wanted.size else np.nan


def roc_points(values: ArrayLike, wanted: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the points of the ROC curve, from the threshold that calls nothing to all.

    Parameters
    ----------
    values : ndarray, any shape
        Larger where it is likelier.
    wanted : ndarray of bool, the same shape
        Where it is so.

    Returns
    -------
    false_positive_rate, true_positive_rate, thresholds : ndarray, (T + 1,)
        A place is called where its value is at least the threshold; the first one is infinite. A
        rate is nan where there is nothing to count.

    Examples
    --------
    >>> alarms, found, at = roc_points(np.array([1.0, 3.0, 2.0]), np.array([False, True, True]))
    >>> alarms.tolist(), found.tolist(), at.tolist()
    ([0.0, 0.0, 0.0, 1.0], [0.0, 0.5, 1.0, 1.0], [inf, 3.0, 2.0, 1.0])
    """
    from sklearn.metrics import roc_curve

    values, wanted = _rankable(values, wanted)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nothing to count: nan, as said above
        return roc_curve(wanted, values, drop_intermediate=False)


def precision_recall_points(
    values: ArrayLike, wanted: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return recall and precision for every threshold, from the highest to the lowest.

    Parameters
    ----------
    values, wanted
        As for `roc_points`.

    Returns
    -------
    recall, precision, thresholds : ndarray, (T,)
        Recall is nan if nothing is wanted.

    Examples
    --------
    >>> recall, precision, _ = precision_recall_points(np.array([3, 2, 1]), np.array([1, 0, 1]))
    >>> recall.tolist(), precision.round(2).tolist()
    ([0.5, 0.5, 1.0], [1.0, 0.5, 0.67])
    """
    from sklearn.metrics import precision_recall_curve

    values, wanted = _rankable(values, wanted)
    if not wanted.any():
        thresholds = np.unique(values)[::-1]
        return np.full(thresholds.shape, np.nan), np.zeros(thresholds.shape), thresholds
    precision, recall, thresholds = precision_recall_curve(wanted, values)
    return recall[-2::-1], precision[-2::-1], thresholds[::-1]  # without its last point, (0, 1)


def average_precision(values: ArrayLike, wanted: ArrayLike) -> float:
    """Return the mean precision, weighted with what each threshold adds to the recall.

    That is the area under the steps of the precision-recall curve: the share of wanted places is
    guessing, 1 is perfect. nan if nothing is wanted.

    Examples
    --------
    >>> round(average_precision(np.array([3, 2, 1]), np.array([1, 0, 1])), 4)  # 1 / 2 + 2 / 3 / 2
    0.8333
    """
    from sklearn.metrics import average_precision_score

    values, wanted = _rankable(values, wanted)
    return float(average_precision_score(wanted, values)) if wanted.any() else np.nan


def _rankable(values: ArrayLike, wanted: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers (N,) and which are wanted, or a ValueError."""
    values, wanted = np.asarray(values, float), np.asarray(wanted)
    if values.shape != wanted.shape:
        raise ValueError(f"values have the shape {values.shape}, wanted has {wanted.shape}")
    if np.isnan(values).any():
        raise ValueError("values hold nan, which is neither above nor below a threshold")
    return values.ravel(), wanted.ravel().astype(bool)
