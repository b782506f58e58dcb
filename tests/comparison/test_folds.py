import numpy as np
import pytest

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
        (5, "folds is 5, but there are only 4 cases with a lesion; give at most"),
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
