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
