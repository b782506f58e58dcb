"""Model selection: a choice made with a look at the cases it is judged by, and its optimism.

Thresholds, checkpoints, rates: whatever is chosen by its score on some cases scores better on
these than on new ones. All functions choose on some cases and score on others.

References
----------
Cawley, Talbot: "On over-fitting in model selection and subsequent selection bias in performance
evaluation", JMLR 2010.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from islesedu.metrics.fold_statistics import corrected_t_interval
from islesedu.metrics.ties import merge_ties


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
        Fewer than two folds; a case without a fold, or twice; a score that is no finite number.

    Examples
    --------
    >>> scores = pd.DataFrame({0.3: [0.9, 0.1], 0.5: [0.2, 0.4]}, index=["a", "b"])
    >>> choose_on_other_folds(scores, pd.Series({"a": 1, "b": 2})).tolist()
    [0.2, 0.1]
    """
    for name, table in (("scores", scores), ("fold_of", fold_of)):
        if twice := table.index[table.index.duplicated()].tolist():
            raise ValueError(f"{name} holds case {twice[0]!r} twice; give each case once")
    folds = fold_of.reindex(scores.index)
    if folds.isna().any():
        raise ValueError(f"fold_of has no fold for case {folds.index[folds.isna()][0]!r}")
    _check_scores(scores.to_numpy(float))
    if folds.nunique() < 2:
        raise ValueError(f"fold_of names {folds.nunique()} fold; give at least two")
    parts = []
    for fold in folds.unique():
        inside = folds == fold
        chosen = merge_ties(scores[~inside].mean()).argmax()
        parts.append(scores.loc[inside].iloc[:, chosen])
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
        Its mean over `picked_by` minus its mean over `others`; of one checkpoint, which nobody has
        picked, 0 on average.

    Raises
    ------
    ValueError
        A score that is no finite number; no cases, or the same in `picked_by` and `others`.

    Examples
    --------
    >>> round(optimism([[0.1, 0.5], [0.6, 0.4]], picked_by=[0], others=[1]), 3)
    0.2
    """
    scores = np.asarray(scores, float)
    _check_choice(scores, np.ravel(picked_by), np.ravel(others))
    best = merge_ties(scores[:, picked_by].mean(axis=1)).argmax()
    return float(scores[best, picked_by].mean() - scores[best, others].mean())


def nested_choice(inner: pd.DataFrame, outer: pd.DataFrame) -> pd.DataFrame:
    """Return what each outer fold of a nested cross-validation chooses, and what that scores.

    Parameters
    ----------
    inner, outer : DataFrame
        A row an outer fold, a column a setting, the larger the better: scores on the validation
        cases within the training cases of the fold, and on its test cases.

    Returns
    -------
    DataFrame
        By fold: setting (a column of `inner`; of equally good ones the first), inner score, outer
        score. The mean of the last is the nested estimate.

    Raises
    ------
    ValueError
        Two tables of other folds or settings; fewer than two folds; a score that is no finite
        number.

    Examples
    --------
    >>> inner = pd.DataFrame({"a": [0.5, 0.2], "b": [0.4, 0.3]}, index=[1, 2])
    >>> outer = pd.DataFrame({"a": [0.1, 0.6], "b": [0.3, 0.2]}, index=[1, 2])
    >>> nested_choice(inner, outer)["outer score"].tolist()
    [0.1, 0.2]
    """
    if not (inner.index.equals(outer.index) and inner.columns.equals(outer.columns)):
        raise ValueError("inner and outer differ in their folds or settings; give the same of both")
    if len(inner) < 2:
        raise ValueError(f"inner has {len(inner)} fold; give at least two")
    for table in (inner, outer):
        _check_scores(table.to_numpy(float))
    columns = merge_ties(inner.to_numpy(float)).argmax(axis=1)
    rows = np.arange(len(inner))
    return pd.DataFrame(
        {
            "setting": [inner.columns[column] for column in columns],
            "inner score": inner.to_numpy(float)[rows, columns],
            "outer score": outer.to_numpy(float)[rows, columns],
        },
        index=inner.index,
    )


def nested_optimism(inner: pd.DataFrame, outer: pd.DataFrame) -> tuple[float, float, float]:
    """Return what a search that is not nested reports above the nested estimate.

    Without nesting the setting with the best mean outer score is taken, and this mean reported.

    Parameters
    ----------
    inner, outer : DataFrame
        As for `nested_choice`.

    Returns
    -------
    optimism, low, high : float
        The mean difference over the folds, and its 95 % interval from
        `islesedu.metrics.corrected_t_interval`.

    Examples
    --------
    >>> inner = pd.DataFrame({"a": [0.5, 0.2], "b": [0.4, 0.3]}, index=[1, 2])
    >>> outer = pd.DataFrame({"a": [0.1, 0.6], "b": [0.3, 0.2]}, index=[1, 2])
    >>> round(nested_optimism(inner, outer)[0], 3)  # 0.35 - 0.15
    0.2
    """
    chosen = nested_choice(inner, outer)["outer score"]
    best = merge_ties(outer.mean().to_numpy()).argmax()
    differences = (outer.iloc[:, best] - chosen).to_numpy()
    interval = corrected_t_interval(differences, test_share=1 / len(differences))
    return float(differences.mean()), *interval


def _check_scores(scores: np.ndarray) -> None:
    """Raise a ValueError unless scores are a table of finite numbers."""
    if scores.ndim != 2 or not scores.size or not np.isfinite(scores).all():
        what = "nan or infinite numbers" if scores.ndim == 2 and scores.size else "no table"
        raise ValueError(f"scores hold {what}; give a finite score for each option and case")


def _check_choice(scores: np.ndarray, picked_by: np.ndarray, others: np.ndarray) -> None:
    """Raise a ValueError unless cases can pick a checkpoint that others are scored with."""
    _check_scores(scores)
    if not picked_by.size or not others.size or np.intersect1d(picked_by, others).size:
        raise ValueError(
            f"picked_by is {picked_by.tolist()} and others {others.tolist()}; give some cases of "
            "either, and none in both"
        )
