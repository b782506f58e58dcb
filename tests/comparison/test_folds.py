import numpy as np
import pandas as pd
import pytest

from islesedu.comparison import folds, results
from islesedu.comparison.folder import CompareFolder
from islesedu.comparison.folds import lesion_volumes, make_folds, volume_bins
from islesedu.errors import TrainingError
from islesedu.isles.read import read_case
from islesedu.training.dataset import cases_with_lesion

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
