"""Cross-validation by patient: who is held out when, so that each is predicted once, unseen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from islesedu import metrics
from islesedu.errors import TrainingError
from islesedu.isles.case import Case
from islesedu.isles.read import read_case


@dataclass(frozen=True)
class Fold:
    """One part of a cross-validation.

    Attributes
    ----------
    number : int
        Counted from 1.
    training, held_out : tuple of str
        Names of the cases that the network learns from, and of those that it never sees.
    """

    number: int
    training: tuple[str, ...]
    held_out: tuple[str, ...]


def make_folds(
    names: Sequence[str],
    folds: int = 5,
    seed: int = 2017,
    volumes: Mapping[str, float] | None = None,
) -> list[Fold]:
    """Deal the cases out to folds, at random.

    Parameters
    ----------
    names : sequence of str
        Names of the cases; a case is a patient.
    folds : int
        How many; as many as cases means leave-one-out.
    seed : int
        The same seed, the same folds.
    volumes : mapping of str to float, optional
        Lesion volume of each case in ml. With it each fold gets its share of small and of large
        lesions; the bins hold at least `folds` cases each.

    Returns
    -------
    list of Fold
        Each case is held out in exactly one of them; names keep their order.

    Raises
    ------
    TrainingError
        Fewer cases than folds, or fewer than two folds.

    Examples
    --------
    >>> [len(fold.held_out) for fold in make_folds(["a", "b", "c", "d", "e"], folds=2)]
    [3, 2]
    """
    from sklearn.model_selection import KFold, StratifiedKFold  # late: it takes a second

    if isinstance(folds, bool) or not isinstance(folds, int) or folds < 2:
        raise TrainingError(f"folds is {folds!r}; give a whole number from 2 up")
    if folds > len(names):
        raise TrainingError(
            f"folds is {folds}, but there are only {len(names)} cases with a lesion; give at most "
            "that many"
        )
    how = {"n_splits": folds, "shuffle": True, "random_state": seed}
    if volumes is None:
        splits = KFold(**how).split(names)
    else:
        bins = volume_bins([volumes[name] for name in names], len(names) // folds)
        splits = StratifiedKFold(**how).split(names, bins)
    return [
        Fold(number, tuple(names[i] for i in training), tuple(names[i] for i in held_out))
        for number, (training, held_out) in enumerate(splits, start=1)
    ]


def volume_bins(volumes: Sequence[float], bins: int) -> np.ndarray:
    """Return the bin of each volume, 0 for the smallest; the bins hold equally many, about.

    Examples
    --------
    >>> volume_bins([9.0, 1.0, 2.0, 30.0], 2).tolist()
    [1, 0, 0, 1]
    """
    ranks = np.argsort(np.argsort(volumes, kind="stable"), kind="stable")
    return ranks * bins // len(ranks)


def lesion_volumes(cases: Sequence[Case]) -> dict[str, float]:
    """Return the lesion volume (ml) of each case, by its name."""
    patients = (read_case(case, (case.reference,)) for case in cases)
    return {p.name: metrics.volume_ml(p.lesion, spacing=p.spacing) for p in patients}
