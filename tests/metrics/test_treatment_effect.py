"""Saved tissue, permutation p-values and sample size, by hand and by simulation."""

import numpy as np
import pytest

from islesedu.metrics import dice, patients_needed, permutation_p, saved_dice

LESION_0 = np.array([1, 1, 1, 1, 0, 0], bool)
LESION_3 = np.array([1, 0, 0, 0, 0, 1], bool)  # the last voxel is lost by the treatment alone


def test_saved_tissue_is_what_only_the_untreated_lesion_holds():
    assert saved_dice((LESION_0, LESION_3), (LESION_0, LESION_3)) == 1
    half = np.array([1, 1, 0, 0, 0, 0], bool)  # saves voxels 2 and 3 of 1, 2 and 3
    assert saved_dice((LESION_0, half), (LESION_0, LESION_3)) == pytest.approx(4 / 5)
    assert saved_dice((LESION_0, LESION_0), (LESION_0, LESION_3)) == 0


def test_nothing_to_save_and_nothing_predicted_is_as_for_dice():
    empty = np.zeros(6, bool)
    assert saved_dice((LESION_0, LESION_0), (LESION_3, LESION_3)) == dice(empty, empty)
    with pytest.raises(ValueError, match="one grid"):
        saved_dice((LESION_0, LESION_3[:3]), (LESION_0, LESION_3))


def test_p_of_permutations_counts_ties_and_the_true_table():
    assert permutation_p(1.0, [1.0, 2.0, 0.0]) == pytest.approx(3 / 4)
    assert permutation_p(3.0, np.zeros(19)) == pytest.approx(1 / 20)
    with pytest.raises(ValueError, match="at least one number"):
        permutation_p(1.0, [])


def test_the_power_is_reached_in_simulated_studies(rng):
    count = round(patients_needed(0.2, 0.5, power=0.8))
    studies = rng.normal(0.2, 0.5, size=(4000, count))
    z = studies.mean(axis=1) / (0.5 / np.sqrt(count))
    assert (np.abs(z) > 1.96).mean() == pytest.approx(0.8, abs=0.03)
    assert patients_needed(0.1, 0.5) == pytest.approx(4 * patients_needed(0.2, 0.5))
    with pytest.raises(ValueError, match="other than 0"):
        patients_needed(0, 1)
