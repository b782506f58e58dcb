"""How well a picture sets wanted places apart from the others, whatever the threshold."""

import numpy as np
from scipy.stats import rankdata


def auc(values: np.ndarray, wanted: np.ndarray) -> float:
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
    inside, outside = int(wanted.sum()), int((~wanted).sum())
    if not inside or not outside:
        return float("nan")
    ranks = rankdata(values)
    return float((ranks[wanted].sum() - inside * (inside + 1) / 2) / (inside * outside))


def roc_points(values: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
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
    found, alarms, thresholds = called(values, wanted)
    found, alarms = np.append(0, found), np.append(0, alarms)
    return share(alarms), share(found), np.append(np.inf, thresholds)


def precision_recall_points(
    values: np.ndarray, wanted: np.ndarray
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
    found, alarms, thresholds = called(values, wanted)
    return share(found), found / (found + alarms), thresholds


def average_precision(values: np.ndarray, wanted: np.ndarray) -> float:
    """Return the mean precision, weighted with what each threshold adds to the recall.

    That is the area under the steps of the precision-recall curve: the share of wanted places is
    guessing, 1 is perfect. nan if nothing is wanted.

    Examples
    --------
    >>> round(average_precision(np.array([3, 2, 1]), np.array([1, 0, 1])), 4)  # 1 / 2 + 2 / 3 / 2
    0.8333
    """
    recall, precision, _ = precision_recall_points(values, wanted)
    return float((np.diff(recall, prepend=0) * precision).sum()) if recall.size else float("nan")


def called(values: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Count wanted and other places with at least each value that occurs, the largest first."""
    values, wanted = np.asarray(values, float), np.asarray(wanted)
    if values.shape != wanted.shape:
        raise ValueError(f"values have the shape {values.shape}, wanted has {wanted.shape}")
    if np.isnan(values).any():
        raise ValueError("values hold nan, which is neither above nor below a threshold")
    values, wanted = values.ravel(), wanted.ravel().astype(bool)
    order = np.argsort(-values, kind="stable")
    values, wanted = values[order], wanted[order]
    last = np.flatnonzero(np.append(np.diff(values) != 0, True))[: values.size]  # of equal ones
    return np.cumsum(wanted)[last], np.cumsum(~wanted)[last], values[last]


def share(counts: np.ndarray) -> np.ndarray:
    """Divide running counts by the last one; nan if that is 0."""
    whole = counts[-1] if counts.size else 0
    return counts / whole if whole else np.full(counts.shape, np.nan)
