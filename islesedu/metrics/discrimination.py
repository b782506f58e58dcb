"""How well values discriminate lesion from the rest: ROC and precision-recall curves, their areas.

They depend on the order of the values only. The computation is scikit-learn's, imported when it is
needed. Values that are not finite, and a `truth` that is no mask, are a ValueError.
"""

import warnings

import numpy as np
from numpy.typing import ArrayLike

from islesedu.metrics.masks import Mask, as_mask, check_same_grid


def auc(values: ArrayLike, truth: Mask) -> float:
    """Return the area under the ROC curve, as scikit-learn computes it: 1 is perfect, 0.5 chance.

    That is the fraction of pairs (a positive, a negative) in which the positive has the larger
    value; equal values count half.

    Parameters
    ----------
    values : array_like, any shape
        Larger where lesion is likelier; no need to be probabilities.
    truth : array_like, the same shape
        Mask of the positives.

    Returns
    -------
    float
        nan if all or none are positive.

    Examples
    --------
    >>> auc([1.0, 3.0, 2.0], [False, True, True])
    1.0
    """
    from sklearn.metrics import roc_auc_score

    values, truth = _flat(values, truth)
    return float("nan") if truth.all() or not truth.any() else float(roc_auc_score(truth, values))


def roc_points(values: ArrayLike, truth: Mask) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the ROC curve, from the threshold above all values to the smallest value.

    Arguments as for `auc`.

    Returns
    -------
    false_positive_rate, true_positive_rate, thresholds : ndarray, (T + 1,)
        A voxel is positive where its value is at least the threshold; the first one is infinite. A
        rate is nan where there is nothing to count.

    Examples
    --------
    >>> false, true, thresholds = roc_points([1.0, 3.0, 2.0], [False, True, True])
    >>> false.tolist(), true.tolist(), thresholds.tolist()
    ([0.0, 0.0, 0.0, 1.0], [0.0, 0.5, 1.0, 1.0], [inf, 3.0, 2.0, 1.0])
    """
    from sklearn.metrics import roc_curve

    values, truth = _flat(values, truth)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the rates that are nan
        return roc_curve(truth, values, drop_intermediate=False)


def precision_recall_points(
    values: ArrayLike, truth: Mask
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return recall and precision for every threshold, from the highest to the lowest.

    Arguments as for `auc`.

    Returns
    -------
    recall, precision, thresholds : ndarray, (T,)
        Recall is nan if nothing is positive.

    Examples
    --------
    >>> recall, precision, _ = precision_recall_points([3, 2, 1], [1, 0, 1])
    >>> recall.tolist(), precision.round(2).tolist()
    ([0.5, 0.5, 1.0], [1.0, 0.5, 0.67])
    """
    from sklearn.metrics import precision_recall_curve

    values, truth = _flat(values, truth)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a recall that is nan here
        precision, recall, thresholds = precision_recall_curve(truth, values)
    recall = recall if truth.any() else np.full(recall.shape, np.nan)
    # scikit-learn begins with the lowest threshold, and ends with the point (0, 1) of none.
    return recall[-2::-1], precision[-2::-1], thresholds[::-1]


def average_precision(values: ArrayLike, truth: Mask) -> float:
    """Return the mean precision, weighted with what each threshold adds to the recall.

    That is the area under the steps of the precision-recall curve, as scikit-learn computes it:
    the fraction of positives is chance, 1 is perfect. nan if nothing is positive. Arguments as for
    `auc`.

    Examples
    --------
    >>> round(average_precision([3, 2, 1], [1, 0, 1]), 4)  # 1 / 2 + 2 / 3 / 2
    0.8333
    """
    from sklearn.metrics import average_precision_score

    values, truth = _flat(values, truth)
    return float(average_precision_score(truth, values)) if truth.any() else float("nan")


def _flat(values: ArrayLike, truth: Mask) -> tuple[np.ndarray, np.ndarray]:
    """Return values (N,) as float and truth (N,) as bool, as scikit-learn takes them."""
    values, truth = np.asarray(values, float), as_mask("truth", truth)
    check_same_grid("values", values, truth)
    if not np.isfinite(values).all():
        raise ValueError("values hold nan or infinity; give finite numbers")
    return values.ravel(), truth.ravel()
