"""Lesions found, missed and falsely seen: by hand, and as medpy counts objects."""

import numpy as np
import pytest
import SimpleITK as sitk
from medpy.metric import binary as medpy

from islesedu import metrics
from islesedu.metrics.lesionwise import (
    LesionCounts,
    count_lesions,
    lesion_f1,
    lesion_precision,
    panoptic_quality,
)
from islesedu.metrics.lesionwise import lesion_recall as recall


@pytest.fixture
def scattered(rng):
    """Small lesions in cells of their own, so that each meets one of the other mask at most."""
    cells = rng.random((2, 4, 4, 3)) < 0.5
    masks = np.zeros((2, 16, 16, 12), bool)
    masks[:, 1::4, 1::4, 1::4] = cells
    masks[:, 2::4, 2::4, 2::4] = cells  # touches the first voxel by a corner only
    return masks


def test_lesions_are_counted_not_weighed():
    truth, prediction = np.zeros((2, 9, 9), bool)
    truth[0:4, 0:4] = truth[8, 8] = truth[0, 8] = True  # a large one and two small ones
    prediction[3, 3] = prediction[8, 8] = prediction[5, 0] = True  # two found, one false
    assert count_lesions(prediction, truth) == LesionCounts(found=2, missed=1, false=1)
    assert lesion_precision(prediction, truth) == recall(prediction, truth) == 2 / 3
    assert lesion_f1(prediction, truth) == pytest.approx(2 * 2 / (2 * 2 + 1 + 1))


def test_one_to_one_matches_are_medpys(scattered):
    # medpy 0.5.2 names them the other way round: its obj_tpr divides by the predicted objects.
    expected = medpy.obj_tpr(*scattered, connectivity=3), 1 - medpy.obj_fpr(*scattered, 3)
    assert (lesion_precision(*scattered), recall(*scattered)) == pytest.approx(expected)
    assert 0 < expected[0] != expected[1] > 0


def test_lesions_are_the_components_of_simpleitk(rng):
    mask = rng.random((12, 12, 8)) < 0.04
    image = sitk.GetImageFromArray(mask.astype(np.uint8))
    labels = sitk.GetArrayFromImage(sitk.ConnectedComponent(image, True))
    assert count_lesions(mask, mask).found == labels.max() > 10


def test_one_blob_finds_all_unless_more_than_contact_is_asked_for():
    truth, blob = np.zeros((2, 9), bool)
    truth[[1, 4, 7]] = blob[0:9] = True
    assert count_lesions(blob, truth) == (3, 0, 0)
    assert count_lesions(blob, truth, overlap=0.5) == (3, 0, 1)  # 3 of 9 voxels are true
    assert count_lesions(truth, blob, overlap=0.5) == (0, 1, 0)
    assert count_lesions(blob, truth, overlap=1 / 3) == (3, 0, 1), "exactly that much is too little"


def test_f1_is_the_harmonic_mean(scattered):
    p, r = lesion_precision(*scattered), recall(*scattered)
    assert lesion_f1(*scattered) == pytest.approx(2 * p * r / (p + r))


def test_empty_masks_under_both_policies():
    empty, full = np.zeros((4, 4), bool), np.ones((4, 4), bool)
    for measure in (lesion_precision, recall, lesion_f1):
        assert np.isnan(measure(empty, empty))
        assert measure(empty, empty, empty="max_dimension") == 0
    assert np.isnan(lesion_precision(empty, full)) and recall(empty, full) == 0
    assert lesion_precision(full, empty) == 0 and np.isnan(recall(full, empty))
    assert lesion_f1(empty, full) == lesion_f1(full, empty) == 0


def test_what_cannot_be_counted_is_refused():
    mask = np.ones((2, 2), bool)
    for overlap in (-0.1, 1, np.nan):
        with pytest.raises(ValueError, match="overlap is .*; give a share"):
            lesion_f1(mask, mask, overlap=overlap)
    with pytest.raises(ValueError, match="prediction holds .*0.3"):
        count_lesions(np.full((2, 2), 0.3), mask)
    with pytest.raises(ValueError, match="empty is 'zero'"):
        recall(mask, mask, empty="zero")


def test_metrics_pass_them_on():
    assert metrics.lesion_f1 is lesion_f1


def test_panoptic_quality_by_hand():
    """Of three true lesions one has IoU 3 / 4, one just 1 / 2, one is missed."""
    truth, prediction = np.zeros((3, 12), bool), np.zeros((3, 12), bool)
    truth[0, :4] = truth[0, 6:8] = truth[2, 3] = True
    prediction[0, :3] = prediction[0, 6] = True
    assert panoptic_quality(prediction, truth) == pytest.approx(0.75 / (1 + 1 / 2 + 2 / 2))
    assert panoptic_quality(truth, truth) == 1


def test_panoptic_quality_punishes_merged_and_split_lesions():
    whole, halves = np.ones(9, bool), np.ones(9, bool)
    halves[4] = False
    for pair in ((whole, halves), (halves, whole)):
        assert lesion_f1(*pair) == 1 and panoptic_quality(*pair) == 0


def test_panoptic_quality_of_empty_masks_and_of_odd_thresholds():
    empty, full = np.zeros((4, 4), bool), np.ones((4, 4), bool)
    assert np.isnan(panoptic_quality(empty, empty)) and panoptic_quality(empty, full) == 0
    assert panoptic_quality(empty, empty, empty="max_dimension") == 0
    for threshold in (0.4, 1, np.nan):
        with pytest.raises(ValueError, match="threshold is .*; give an IoU"):
            panoptic_quality(full, full, threshold=threshold)
