import json

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from medpy.metric import binary as medpy

from islesedu import metrics
from islesedu.phantom.cohort import GRIDS

MASKS = arrays(bool, (5, 4, 3), elements=st.booleans())


@pytest.fixture
def pair(rng):
    """Two overlapping ragged masks in a corner of a volume."""
    masks = np.zeros((2, 12, 11, 9), bool)
    masks[:, 2:8, 0:5, 3:9] = rng.random((2, 6, 5, 6)) > 0.5
    return masks


@pytest.mark.parametrize("spacing", [None, (1.25, 1.25, 6.5)])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(metrics.hausdorff, medpy.hd), (metrics.hausdorff95, medpy.hd95), (metrics.assd, medpy.assd)],
)
def test_distances_are_medpys(ours, theirs, spacing, pair):
    assert ours(*pair, spacing) == pytest.approx(theirs(*pair, voxelspacing=spacing), abs=1e-9)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (metrics.dice, medpy.dc),
        (metrics.precision, medpy.precision),
        (metrics.recall, medpy.recall),
    ],
)
def test_overlaps_are_medpys(ours, theirs, pair):
    assert ours(*pair) == pytest.approx(theirs(*pair), abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(MASKS, MASKS)
def test_properties_of_any_two_masks(prediction, truth):
    assert 0 <= metrics.dice(prediction, truth) <= 1
    assert metrics.dice(prediction, truth) == metrics.dice(truth, prediction)
    if prediction.any() and truth.any():
        worst = metrics.hausdorff(prediction, truth)
        assert worst == metrics.hausdorff(truth, prediction) <= np.linalg.norm(truth.shape)
        assert metrics.assd(prediction, truth) <= worst + 1e-12
        assert metrics.hausdorff95(prediction, truth) <= worst + 1e-12
        assert worst == pytest.approx(medpy.hd(prediction, truth), abs=1e-9)
        assert metrics.surface_dice(prediction, truth, tolerance=worst) == 1


def test_hand_worked_case():
    truth, prediction = np.zeros((2, 4, 4), bool)
    truth[1:3, 1:3], prediction[1:3, 2:4] = True, True  # a square, and the same one to the right
    assert metrics.dice(prediction, truth) == 0.5
    assert metrics.precision(prediction, truth) == metrics.recall(prediction, truth) == 0.5
    assert metrics.hausdorff(prediction, truth) == 1
    assert metrics.assd(prediction, truth) == 0.5
    assert metrics.hausdorff(prediction, truth, spacing=(1, 3)) == 3
    assert metrics.surface_dice(prediction, truth, tolerance=0.5) == 0.5
    assert metrics.volume_error_ml(prediction, truth) == 0


def test_both_conventions_of_assd():
    prediction, truth = np.array([[1, 1, 0, 1], [1, 1, 0, 0]], bool)
    assert metrics.assd(prediction, truth) == pytest.approx(2 / 5)
    assert metrics.assd(prediction, truth, convention="directed_means") == pytest.approx(1 / 3)
    there, back = medpy.asd(prediction, truth), medpy.asd(truth, prediction)
    assert metrics.assd(prediction, truth, convention="directed_means") == (there + back) / 2


def test_both_conventions_of_the_95th_percentile():
    prediction, truth = np.zeros((2, 7, 9), bool)
    prediction[2, 2:5], prediction[5, 7], truth[2, 1:4] = True, True, True
    # from prediction to truth 0 0 1 5, back 1 0 0
    assert metrics.hausdorff95(prediction, truth) == pytest.approx(1 + 0.7 * 4)
    larger = metrics.hausdorff95(prediction, truth, convention="directed_maximum")
    assert larger == pytest.approx(1 + 0.85 * 4)
    assert metrics.hausdorff95(truth, prediction, convention="directed_maximum") == larger
    for metric in (metrics.hausdorff95, metrics.assd):
        with pytest.raises(ValueError, match="^convention is 'mean'; choose 'pooled' or 'direct"):
            metric(prediction, truth, convention="mean")


def test_penalty_for_43_empty_predictions_is_the_slides():
    scores = []
    for grid in GRIDS:
        truth = np.zeros(grid, bool)
        truth[3, 4, 5] = True
        scores.append(metrics.hausdorff(np.zeros(grid, bool), truth, empty="max_dimension"))
    assert f"{np.mean(scores):.3f} {np.std(scores):.3f}" == "190.512 42.516"


def test_empty_masks_under_both_policies():
    empty, full = np.zeros((4, 6, 3), bool), np.ones((4, 6, 3), bool)
    assert metrics.dice(empty, empty) == 1 and metrics.dice(empty, full) == 0
    for distance in (metrics.hausdorff, metrics.hausdorff95, metrics.assd, metrics.surface_dice):
        assert np.isnan(distance(empty, empty)) and np.isnan(distance(full, empty))
    for distance in (metrics.hausdorff, metrics.hausdorff95, metrics.assd):
        assert distance(empty, full, empty="max_dimension") == 6
        assert distance(empty, full, (2, 1, 5), empty="max_dimension") == 15
        assert distance(empty, empty, empty="max_dimension") == 0
    assert metrics.surface_dice(empty, full, empty="max_dimension") == 0
    assert metrics.surface_dice(empty, empty, empty="max_dimension") == 1
    assert np.isnan(metrics.precision(empty, full)) and metrics.recall(empty, full) == 0
    assert metrics.precision(empty, full, empty="max_dimension") == 0


def test_volume_is_in_millilitres():
    mask = np.zeros((10, 10, 10), bool)
    mask[:5] = True
    assert metrics.volume_ml(mask, (2, 2, 5)) == 10
    assert metrics.volume_error_ml(mask, ~mask | mask, (2, 2, 5)) == -10


def test_relative_volume_error_is_medpys(pair):
    assert metrics.volume_error_relative(*pair) == pytest.approx(medpy.ravd(*pair))
    more = pair[0] | pair[1]
    expected = medpy.ravd(more, pair[1])
    assert metrics.volume_error_relative(more, pair[1], (1, 1, 5)) == pytest.approx(expected)
    assert metrics.volume_error_relative(np.zeros_like(more), more) == -1


def test_relative_volume_error_of_an_empty_truth():
    empty, full = np.zeros((2, 3), bool), np.ones((2, 3), bool)
    relative = metrics.volume_error_relative
    assert np.isnan(relative(empty, empty)) and np.isnan(relative(full, empty))
    assert relative(full, empty, empty="max_dimension") == 1
    assert relative(empty, empty, empty="max_dimension") == 0


@pytest.mark.parametrize("tolerance", [1.0, 1.3, 2.6, 6.5, 8])
def test_surface_dice_is_that_of_simpleitk_on_anisotropic_voxels(pair, tolerance):
    """Its contours and its distance maps, both by other algorithms than ours."""
    spacing = (1.25, 1.25, 6.5)
    images = [sitk.GetImageFromArray(mask.astype(np.uint8)) for mask in pair]
    contours = []
    for image in images:
        image.SetSpacing(spacing[::-1])  # SimpleITK counts axes the other way round
        contours.append(sitk.BinaryContour(image, fullyConnected=False))
    within = total = 0
    for own, other in (contours, contours[::-1]):
        far = sitk.SignedMaurerDistanceMap(other, squaredDistance=False, useImageSpacing=True)
        outline = sitk.GetArrayFromImage(own) == 1
        distances = np.maximum(sitk.GetArrayFromImage(far)[outline], 0)  # inside counts as below 0
        within, total = within + (distances <= tolerance + 1e-4).sum(), total + outline.sum()
    ours = metrics.surface_dice(*pair, spacing, tolerance=tolerance + 1e-4)
    assert 0 < ours and ours == pytest.approx(within / total)


def test_surface_dice_of_two_rods_by_hand():
    """Rods of 2 and 3 voxels in a row; distances 0 0 and 0 0 4 mm."""
    prediction, truth = np.array([[1, 1, 0], [1, 1, 1]], bool)
    dice_at = [
        metrics.surface_dice(prediction[:, None], truth[:, None], (4, 1), tolerance=t)
        for t in (3.9, 4.0)
    ]
    assert dice_at == [4 / 5, 1]


@pytest.mark.parametrize("measure", [metrics.dice, metrics.hausdorff, metrics.lesion_f1])
def test_what_is_no_mask_is_refused(measure):
    mask = np.ones((2, 2), bool)
    with pytest.raises(ValueError, match=r"prediction holds .*0.3.*threshold"):
        measure(np.full((2, 2), 0.3), mask)
    with pytest.raises(ValueError, match=r"truth holds .*2"):
        measure(mask, np.array([[0, 1], [2, 2]]))
    with pytest.raises(ValueError, match=r"nan"):
        measure(mask, np.full((2, 2), np.nan))
    with pytest.raises(ValueError, match=r"prediction is \(3, 2\) and truth \(2, 2\)"):
        measure(np.ones((3, 2), bool), mask)
    with pytest.raises(ValueError, match="empty is 'zero'; choose"):
        measure(mask, mask, empty="zero")


def test_wrong_spacing_is_refused():
    mask = np.ones((2, 2), bool)
    for spacing in [(1, 1, 1), (1, 0)]:
        with pytest.raises(ValueError, match="give 2 numbers above 0"):
            metrics.hausdorff(mask, mask, spacing)


def test_score_holds_every_measure(pair):
    scores = metrics.score(*pair, spacing=(1, 1, 5))
    assert scores["assd"] == metrics.assd(*pair, (1, 1, 5))
    assert set(scores) == {
        *("dice", "precision", "recall", "hausdorff", "hausdorff95", "assd"),
        *("volume_ml", "volume_error_ml", "volume_error_relative", "surface_dice"),
        *("lesion_precision", "lesion_recall", "lesion_f1"),
    }


def test_distances_agree_with_other_projects(shared):
    for case in json.loads((shared / "reference" / "surface_distance_google.json").read_text()):
        if "gt_ones" not in case or not case["gt_ones"] or not case["pred_ones"]:
            continue
        truth, prediction = np.zeros((2, *case["shape"]), bool)
        truth[tuple(np.transpose(case["gt_ones"]))] = True
        prediction[tuple(np.transpose(case["pred_ones"]))] = True
        peers = case["all_peers"]
        spacing = case["spacing"]
        assert metrics.hausdorff(prediction, truth, spacing) == pytest.approx(peers["medpy.hd"])
        assert metrics.hausdorff95(prediction, truth, spacing) == pytest.approx(peers["medpy.hd95"])
        assert metrics.assd(prediction, truth, spacing) == pytest.approx(peers["medpy.assd"])
        assert metrics.dice(prediction, truth) == pytest.approx(peers["medpy.dc"])


def test_a_few_outliers_decide_the_directed_percentile_and_not_the_pooled_one():
    """2 of 200 surface voxels are 10 away: few of all, but a tenth of their own mask's."""
    truth, prediction = np.zeros(700, bool), np.zeros(700, bool)
    truth[:540:3] = True  # 180 voxels, each a surface of its own
    prediction[:54:3] = True  # 18 of them
    prediction[[547, 550]] = True
    there = metrics.surface_distances(prediction, truth, (1.0,))
    back = metrics.surface_distances(truth, prediction, (1.0,))
    both = max(np.percentile(there, 95), np.percentile(back, 95))
    assert metrics.hausdorff95(prediction, truth, convention="directed_maximum") == both
    pooled = np.percentile(np.concatenate([there, back]), 95)
    assert metrics.hausdorff95(prediction, truth) == pooled != both
