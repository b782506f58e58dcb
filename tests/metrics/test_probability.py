"""Scores of probabilities: by hand, scikit-learn's, and the loss of the kit and of MONAI."""

import json

import numpy as np
import pytest
from sklearn import calibration as sklearn_calibration
from sklearn import metrics as sklearn

from islesedu import metrics
from islesedu.metrics.probability import (
    best_dice_threshold,
    brier_score,
    calibration_curve,
    equal_mass_bins,
    expected_calibration_error,
    probability_dice,
    score_probability,
)


@pytest.fixture
def said(rng):
    """Probabilities (X, Y, Z), some of them on the edges of bins, and what came true."""
    probability = rng.random((6, 5, 4))
    probability[:2] = probability[:2].round(1)
    return probability, rng.random((6, 5, 4)) < probability**2


def test_brier_is_scikit_learns(said):
    probability, truth = said
    expected = sklearn.brier_score_loss(truth.ravel(), probability.ravel())
    assert brier_score(probability, truth) == pytest.approx(expected)


@pytest.mark.parametrize("bins", [1, 5, 10, 37])
def test_calibration_curve_is_scikit_learns(said, bins):
    probability, truth = said
    curve = calibration_curve(probability, truth, bins)
    observed, predicted = sklearn_calibration.calibration_curve(
        truth.ravel(), probability.ravel(), n_bins=bins
    )
    np.testing.assert_allclose(curve.predicted, predicted)
    np.testing.assert_allclose(curve.observed, observed)
    assert curve.count.sum() == truth.size
    gaps = np.abs(observed - predicted) * curve.count / truth.size
    assert expected_calibration_error(probability, truth, bins) == pytest.approx(gaps.sum())


def test_calibration_by_hand():
    # 8 voxels of 0.1, of which 1 is lesion; 2 of 0.6, both lesion
    probability, truth = np.repeat([0.1, 0.6], [8, 2]), np.repeat([0, 1], [7, 3])
    curve = calibration_curve(probability, truth, bins=[0, 0.5, 1])
    np.testing.assert_allclose(curve, [[0.1, 0.6], [1 / 8, 1], [8, 2]])
    ece = expected_calibration_error(probability, truth)
    assert ece == pytest.approx(0.8 * 0.025 + 0.2 * 0.4)
    assert brier_score(probability, truth) == pytest.approx((7 * 0.01 + 0.81 + 2 * 0.16) / 10)


def test_gaps_of_opposite_sign_do_not_cancel():
    probability, truth = np.array([0.2, 0.2, 0.8, 0.8]), np.array([1, 0, 1, 0])
    assert probability.mean() == truth.mean()
    assert expected_calibration_error(probability, truth) == pytest.approx(0.3)


def test_edges_belong_to_the_bin_below():
    curve = calibration_curve([0, 0.25, 0.5, 0.75, 1], [0, 0, 1, 1, 1], bins=2)
    assert curve.count.tolist() == [3, 2]


def test_probabilities_that_come_true_are_calibrated(rng):
    probability = rng.random(200_000)
    truth = rng.random(probability.size) < probability
    assert expected_calibration_error(probability, truth) < 0.01
    assert expected_calibration_error(probability**2, truth) > 0.1


def test_probability_dice_is_the_loss_without_its_minus(said):
    from islesedu.networks.losses import soft_dice

    probability, truth = said
    loss = float(soft_dice(truth.astype("float32"), probability.astype("float32")))
    assert probability_dice(probability, truth) == pytest.approx(-loss, abs=1e-6)


def test_probability_dice_of_a_mask_is_its_dice(said):
    mask, truth = said[0] > 0.5, said[1]
    assert probability_dice(mask, truth) == metrics.dice(mask, truth)


def test_probability_dice_is_monais(shared):
    cases = json.loads((shared / "reference" / "losses.json").read_text())["cases"]
    (case,) = [case for case in cases if case["id"] == "monai.DiceLoss.0"]
    logits, truth = np.array(case["input"]), np.array(case["target"])
    ours = probability_dice(1 / (1 + np.exp(-logits)), truth)
    assert 1 - ours == pytest.approx(case["peer_value"], rel=1e-5)  # MONAI adds 1e-6 to both


@pytest.mark.filterwarnings("error")
def test_empty_masks_under_both_policies():
    nothing, full = np.zeros(4), np.ones(4)
    assert probability_dice(nothing, nothing) == 1 and probability_dice(full, nothing) == 0
    scores = score_probability(nothing, nothing)
    assert np.isnan(scores["average_precision"]) and scores["brier_score"] == 0
    penalty = score_probability(nothing, nothing, empty="max_dimension")
    assert penalty["average_precision"] == 0 and penalty["probability_dice"] == 1


def test_score_probability_holds_every_measure(said):
    probability, truth = said
    scores = score_probability(*said)
    area = sklearn.average_precision_score(truth.ravel(), probability.ravel())
    assert scores["average_precision"] == pytest.approx(area)
    assert scores["brier_score"] == brier_score(*said)
    assert scores["expected_calibration_error"] == expected_calibration_error(*said)
    assert scores["probability_dice"] == probability_dice(*said) and len(scores) == 4


@pytest.mark.parametrize(
    "measure", [probability_dice, brier_score, calibration_curve, score_probability]
)
def test_what_is_no_probability_is_refused(measure):
    with pytest.raises(ValueError, match="probability holds 1.2; give numbers from 0 to 1"):
        measure([0.1, 1.2], [0, 1])
    with pytest.raises(ValueError, match="probability holds nan"):
        measure([0.1, np.nan], [0, 1])
    with pytest.raises(ValueError, match="truth holds .*2"):
        measure([0.1, 0.2, 0.3], [0, 1, 2])
    with pytest.raises(ValueError, match=r"probability is \(3,\) and truth \(2,\)"):
        measure([0.1, 0.2, 0.3], [0, 1])
    with pytest.raises(ValueError, match="holds no voxel"):
        measure([], [])


@pytest.mark.parametrize("bins", [0, 2.5, [0, 1, 0.5], [0.1, 1], [0, 0.9], [0]])
def test_bins_that_are_none_are_refused(bins):
    with pytest.raises(ValueError, match="bins is .*; give"):
        expected_calibration_error([0.1, 0.2], [0, 1], bins)


def test_an_unknown_policy_is_refused():
    with pytest.raises(ValueError, match="empty is 'zero'; choose"):
        expected_calibration_error([0.1, 0.2], [0, 1], empty="zero")


def test_bins_of_equal_mass_hold_equally_many_voxels(rng):
    probability = rng.random(1000) ** 8  # nearly all are small
    edges = equal_mass_bins(probability, 10)
    curve = calibration_curve(probability, probability > 0.5, edges)
    assert curve.count.tolist() == [100] * 10 and (edges[0], edges[-1]) == (0, 1)
    tied = np.repeat([0.0, 0.5], [90, 10])
    assert calibration_curve(tied, tied > 0, equal_mass_bins(tied)).count.sum() == 100
    with pytest.raises(ValueError, match="probability holds 1.5"):
        equal_mass_bins([0.5, 1.5])
    with pytest.raises(ValueError, match="bins is 0"):
        equal_mass_bins([0.5], 0)


def test_the_threshold_of_the_best_expected_dice_is_the_best_one(rng):
    probability = rng.random(400_000) ** 6
    truth = rng.random(probability.size) < probability
    levels = np.arange(0.02, 1, 0.02)
    dices = [metrics.dice(probability > level, truth) for level in levels]
    best = levels[np.argmax(dices)]
    assert best_dice_threshold(probability) == pytest.approx(best, abs=0.03)
    assert best_dice_threshold(probability) == pytest.approx(max(dices) / 2, abs=0.01)
    assert best_dice_threshold(np.zeros(3)) == 0
    with pytest.raises(ValueError, match="probability holds -1"):
        best_dice_threshold([-1])
