"""Model selection: a choice made with a look at the cases it is judged by, and its optimism.

Thresholds, checkpoints, rates: whatever is chosen by its score on some cases scores better on
these than on new ones. Both functions choose on some cases and score on others.

References
----------
Cawley, Talbot: "On over-fitting in model selection and subsequent selection bias in performance
evaluation", JMLR 2010.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike


def choose_on_other_folds(scores: pd.DataFrame, fold_of: pd.Series) -> pd.Series:
    """Return each case's score under the option that is best for the cases of the other folds.

    Parameters
    ----------
    scores : DataFrame
        A row a case, a column an option (such as a threshold); the larger the better.
    fold_of : Series
        The fold of each case, by the index of `scores`.

    Returns
    -------
    Series
        By case, in the order of `scores`; of equally good options the first counts.

    Raises
    ------
    ValueError
        Fewer than two folds.

    Examples
    --------
    >>> scores = pd.DataFrame({0.3: [0.9, 0.1], 0.5: [0.2, 0.4]}, index=["a", "b"])
    >>> choose_on_other_folds(scores, pd.Series({"a": 1, "b": 2})).tolist()
    [0.2, 0.1]
    """
    folds = fold_of.reindex(scores.index)
    if folds.nunique() < 2:
        raise ValueError(f"fold_of names {folds.nunique()} fold; give at least two")
    parts = []
    for fold in folds.unique():
        inside = folds == fold
        chosen = scores[~inside].mean().idxmax()
        parts.append(scores.loc[inside, chosen])
    return pd.concat(parts).reindex(scores.index)


def optimism(scores: ArrayLike, picked_by: ArrayLike, others: ArrayLike) -> float:
    """Return the optimism of the best checkpoint: its score on the cases that picked it, minus new.

    Parameters
    ----------
    scores : array_like, (checkpoints, cases)
        The larger the better.
    picked_by, others : array_like of int
        Columns of the cases that pick the checkpoint with the best mean, and of those that did not.

    Returns
    -------
    float
        Its mean over `picked_by` minus its mean over `others`.

    Examples
    --------
    >>> round(optimism([[0.1, 0.5], [0.6, 0.4]], picked_by=[0], others=[1]), 3)
    0.2
    """
    scores = np.asarray(scores, float)
    best = scores[:, picked_by].mean(axis=1).argmax()
    return float(scores[best, picked_by].mean() - scores[best, others].mean())
