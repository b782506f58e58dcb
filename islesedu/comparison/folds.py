"""Cross-validation by patient: who is held out when, so that each is predicted once, unseen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from islesedu import metrics
from islesedu.errors import TrainingError
from islesedu.isles.case import Case
from islesedu.isles.read import read_case
from islesedu.training.patients import count_patients, group_patients


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
    patients: Mapping[str, str] | None = None,
) -> list[Fold]:
    """Deal the patients out to folds, at random; all cases of a patient go together.

    Parameters
    ----------
    names : sequence of str
        Names of the cases.
    folds : int
        How many; as many as patients means leave-one-out.
    seed : int
        The same seed, the same folds.
    volumes : mapping of str to float, optional
        Lesion volume of each case in ml. With it each fold gets its share of small and of large
        lesions; the bins hold at least `folds` patients each. Of a patient's cases the largest
        lesion counts.
    patients : mapping of str to str, optional
        The patient of each case, from `islesedu.training.patients.group_patients`. By default what
        the names say: ``sub-1_ses-1`` and ``sub-1_ses-2`` are one patient.

    Returns
    -------
    list of Fold
        Each case is held out in exactly one of them; names keep their order.

    Raises
    ------
    TrainingError
        Fewer patients than folds, or fewer than two folds.

    Examples
    --------
    >>> [len(fold.held_out) for fold in make_folds(["a", "b", "c", "d", "e"], folds=2)]
    [3, 2]
    """
    from sklearn.model_selection import KFold, StratifiedKFold  # late: it takes a second

    if isinstance(folds, bool) or not isinstance(folds, int) or folds < 2:
        raise TrainingError(f"folds is {folds!r}; give a whole number from 2 up")
    patients = patients or group_patients(dict.fromkeys(names))
    cases_of: dict[str, list[str]] = {}
    for name in names:
        cases_of.setdefault(patients[name], []).append(name)
    units = list(cases_of)
    if folds > len(units):
        remedy = "at most that many" if len(units) > 1 else "a folder with at least 2 patients"
        raise TrainingError(
            f"folds is {folds}, but with a lesion there are only "
            f"{count_patients(names, patients)}; give {remedy}"
        )
    how = {"n_splits": folds, "shuffle": True, "random_state": seed}
    if volumes is None:
        splits = KFold(**how).split(units)
    else:
        largest = [max(volumes[name] for name in cases_of[unit]) for unit in units]
        splits = StratifiedKFold(**how).split(units, volume_bins(largest, len(units) // folds))
    made = []
    for number, (_, held_out) in enumerate(splits, start=1):
        out = {units[i] for i in held_out}
        training = tuple(name for name in names if patients[name] not in out)
        made.append(Fold(number, training, tuple(name for name in names if patients[name] in out)))
    return made


def check_apart(folds: Iterable[Fold], patients: Mapping[str, str]) -> None:
    """Raise a TrainingError if a patient is on both sides of a fold, as in older comparisons.

    Examples
    --------
    >>> check_apart(make_folds(["a", "b"], folds=2), {"a": "a", "b": "b"})
    """
    for fold in folds:
        sides = [{patients[name]: name for name in side} for side in (fold.training, fold.held_out)]
        if both := sides[0].keys() & sides[1].keys():
            here, there = (side[min(both)] for side in sides)
            raise TrainingError(
                f"fold {fold.number} trains on {here} and holds out {there}, which are one "
                "patient; an earlier version dealt them out: compare anew in another --output"
            )


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
