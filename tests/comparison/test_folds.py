from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold, StratifiedKFold

from islesedu.comparison import folds, results
from islesedu.comparison.folder import CompareFolder
from islesedu.comparison.folds import lesion_volumes, make_folds, volume_bins
from islesedu.comparison.results import read_comparison
from islesedu.errors import TrainingError
from islesedu.isles.read import read_case
from islesedu.training.dataset import cases_with_lesion
from islesedu.training.patients import group_patients

ROOT = Path(__file__).resolve().parents[2]
NAMES = [f"training_{n}" for n in range(43)]


@pytest.mark.parametrize("volumes", [None, dict(zip(NAMES, range(43), strict=True))])
def test_each_case_is_held_out_once_and_never_learned_from_there(volumes):
    folds = make_folds(NAMES, 5, volumes=volumes)
    assert sorted(name for fold in folds for name in fold.held_out) == sorted(NAMES)
    for fold in folds:
        assert not set(fold.training) & set(fold.held_out)
        assert set(fold.training) | set(fold.held_out) == set(NAMES)
        assert list(fold.training) == [name for name in NAMES if name in fold.training]
    assert [fold.number for fold in folds] == [1, 2, 3, 4, 5]
    assert {len(fold.held_out) for fold in folds} <= {8, 9}


def test_the_seed_alone_decides():
    assert make_folds(NAMES, 5, seed=1) == make_folds(NAMES, 5, seed=1)
    assert make_folds(NAMES, 5, seed=1) != make_folds(NAMES, 5, seed=2)
    assert make_folds(NAMES, 5)[0].held_out != tuple(NAMES[:9])  # shuffled


def test_stratified_folds_have_their_share_of_small_and_large_lesions():
    volumes = dict(zip(NAMES, np.arange(43.0) ** 3, strict=True))
    small, large = set(NAMES[:10]), set(NAMES[-10:])
    for seed in range(5):
        for fold in make_folds(NAMES, 5, seed, volumes):
            assert 1 <= len(small & set(fold.held_out)) <= 3
            assert 1 <= len(large & set(fold.held_out)) <= 3
    plain = [len(large & set(f.held_out)) for s in range(5) for f in make_folds(NAMES, 5, s)]
    assert max(plain) > 3 or min(plain) < 1  # chance alone does not do it


def test_bins_are_those_of_the_ranks():
    assert volume_bins([5.0, 0.1, 80.0, 1.0], 2).tolist() == [1, 0, 1, 0]
    assert volume_bins([3.0, 3.0, 3.0], 3).tolist() == [0, 1, 2]  # ties: in their order


def before(names, folds, seed, volumes):
    """Return who is held out when, as it was dealt before patients had several cases."""
    how = {"n_splits": folds, "shuffle": True, "random_state": seed}
    if volumes is None:
        splits = KFold(**how).split(names)
    else:
        bins = volume_bins([volumes[name] for name in names], len(names) // folds)
        splits = StratifiedKFold(**how).split(names, bins)
    return [tuple(names[i] for i in held_out) for _, held_out in splits]


@pytest.mark.parametrize("seed", [0, 2017])
def test_without_repeated_patients_the_folds_are_those_of_earlier_versions(seed):
    volumes = dict(zip(NAMES, np.arange(43.0) ** 2 % 97, strict=True))
    for given in (None, volumes):
        for parts in (2, 5, 43 if given is None else 7):
            made = make_folds(NAMES, parts, seed, given, group_patients(dict.fromkeys(NAMES, "")))
            assert [fold.held_out for fold in made] == before(NAMES, parts, seed, given)
    recorded = read_comparison(ROOT / "data" / "compare").settings
    made = make_folds(list(recorded["cases"]), patients=group_patients(recorded["cases"]))
    assert [list(fold.held_out) for fold in made] == recorded["held_out"]


VISITS = [f"sub-{n}_ses-{visit}" for n in range(6) for visit in (1, 2, 3)[: 1 + n % 3]]


@pytest.mark.parametrize("volumes", [None, dict(zip(VISITS, range(12), strict=True))])
def test_all_visits_of_a_patient_are_held_out_together(volumes):
    folds = make_folds(VISITS, 3, volumes=volumes)
    assert sorted(name for fold in folds for name in fold.held_out) == sorted(VISITS)
    for fold in folds:
        sides = [{name.split("_")[0] for name in side} for side in (fold.training, fold.held_out)]
        assert not sides[0] & sides[1] and len(sides[1]) == 2
        assert list(fold.training) == [name for name in VISITS if name in fold.training]


def test_copies_are_one_patient_and_patients_are_counted():
    patients = group_patients({"a": "x", "b": "x", "c": "y"})
    for fold in make_folds(["a", "b", "c"], 2, patients=patients):
        assert set(fold.held_out) in ({"a", "b"}, {"c"})
    words = "folds is 3, but with a lesion there are only 2 patients in 3 cases .a and b are one"
    with pytest.raises(TrainingError, match=words):
        make_folds(["a", "b", "c"], 3, patients=patients)
    with pytest.raises(TrainingError, match="only 1 patient in 2 cases .*; give a folder with at"):
        make_folds(["sub-1_ses-1", "sub-1_ses-2"], 2)


def test_leave_one_out():
    assert [len(fold.held_out) for fold in make_folds(NAMES[:4], 4)] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    "folds, words",
    [
        (5, "folds is 5, but with a lesion there are only 4 patients; give at most"),
        (1, "folds is 1; give a whole number from 2 up"),
        (2.5, "folds is 2.5"),
        (True, "folds is True"),
    ],
)
def test_a_number_of_folds_without_sense_is_named(folds, words):
    with pytest.raises(TrainingError, match=words):
        make_folds(NAMES[:4], folds)


def test_volumes_are_in_ml(cohort):
    case = cases_with_lesion(cohort)[0]
    patient = read_case(case)
    expected = patient.lesion.sum() * np.prod(patient.spacing) / 1000
    np.testing.assert_allclose(lesion_volumes([case])[case.name], expected)


def test_lesions_are_measured_one_patient_at_a_time(cohort, most_alive):
    patients = most_alive(folds, "read_case")
    assert len(lesion_volumes(cases_with_lesion(cohort))) == len(patients) == 4
    assert max(patients) <= 2  # the next is read, then the last goes


class Counted(str):
    """A name that counts how often names are compared with it."""

    compared = 0
    __hash__ = str.__hash__

    def __eq__(self, other):
        Counted.compared += 1
        return str.__eq__(self, other)


def test_tasks_and_their_order_take_a_few_comparisons_of_names_a_case(tmp_path, monkeypatch):
    monkeypatch.setattr(Counted, "compared", 0)
    names = [f"training_{number}" for number in range(200)]
    place = CompareFolder(tmp_path)
    place.settings = {
        "losses": ["combined", "soft_dice"],
        "cases": dict.fromkeys(map(Counted, names)),
        "held_out": [list(map(Counted, names[part::5])) for part in range(5)],
    }
    for task in place.tasks:
        assert set(task.fold.training) == set(names) - set(task.fold.held_out)
    assert place.tasks is place.tasks
    backwards = [str(name) for name in reversed(names)]
    rows = pd.DataFrame({"loss": ["soft_dice", "combined"] * 100, "case": backwards})
    ordered = results._sorted(rows, place.settings)
    assert ordered["case"].tolist() == [*names[::2], *names[1::2]]
    assert Counted.compared <= 20 * len(names)  # 200 * 200 and more with a search of lists
