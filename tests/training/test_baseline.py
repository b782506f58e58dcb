from dataclasses import replace

import numpy as np
import pytest

from islesedu import metrics
from islesedu.isles.case import Patient
from islesedu.training import baseline


@pytest.fixture
def patients(rng):
    """Three patients whose lesion is where Tmax is above 6 s, with an ADC that says nothing."""
    made = []
    for number in range(3):
        tmax = rng.uniform(0, 10, (8, 9, 7))
        image = np.stack([rng.uniform(500, 900, tmax.shape), tmax], axis=-1).astype("float32")
        image[0] = 0  # air
        lesion = (tmax > 6) & (image != 0).all(axis=-1)
        made.append(
            Patient(
                name=f"training_{number}",
                image=image,
                lesion=lesion,
                spacing=(1.0, 1.0, 5.0),
                affine=np.eye(4),
                clinical={},
                channels=("ADC", "Tmax"),
                case=None,
            )
        )
    return made


def test_the_rule_that_made_the_lesion_is_found(patients):
    best = baseline.threshold_scores(patients, levels=400)[0]
    assert best.channel == "Tmax" and best.above
    assert best.value == pytest.approx(6, abs=0.2)
    assert best.dice > 0.95


def test_the_dice_of_a_rule_is_that_of_its_masks(patients):
    for rule in baseline.threshold_scores(patients):
        masks = [metrics.dice(rule(patient), patient.lesion) for patient in patients]
        assert rule.dice == pytest.approx(np.mean(masks), abs=1e-12)


def test_rules_are_sorted_two_a_map(patients):
    rules = baseline.threshold_scores(patients)
    assert len(rules) == 4
    assert [rule.dice for rule in rules] == sorted((rule.dice for rule in rules), reverse=True)


def test_air_is_never_lesion(patients):
    rule = baseline.Threshold("ADC", above=False, value=1e9, dice=0.0)
    assert not rule(patients[0])[0].any() and rule(patients[0])[1:].all()


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_air_that_is_not_finite_changes_nothing(patients, odd):
    with_odd = []
    for patient in patients:
        image = patient.image.copy()
        image[0] = odd
        image[1, :, :, 1] = 0
        with_odd.append(replace(patient, image=np.where(image == 0, odd, image)))
        patient.image[1, :, :, 1] = 0
    assert baseline.threshold_scores(with_odd) == baseline.threshold_scores(patients)
    for above in (True, False):
        rule = baseline.Threshold("Tmax", above, 4.0, 0.0)
        np.testing.assert_array_equal(rule(with_odd[0]), rule(patients[0]))


def test_a_lesion_of_numbers_counts_as_one_of_bool(patients):
    numbers = [replace(patient, lesion=patient.lesion.astype(np.uint8)) for patient in patients]
    assert baseline.threshold_scores(numbers) == baseline.threshold_scores(patients)
