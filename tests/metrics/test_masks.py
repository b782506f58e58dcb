"""The one rule of what a mask is."""

import contextlib
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from matplotlib.figure import Figure

from islesedu import figures, metrics
from islesedu.applications import detection
from islesedu.isles.case import Patient
from islesedu.metrics.masks import as_mask, as_masks
from islesedu.training import prediction
from islesedu.widgets import SliceBrowser

FORMS = {
    "bool": [False, True, True],
    "whole numbers": [0, 1, 1],
    "rounded by a file": [-1e-4, 0.9999999998, 1.0009],
    "lists of objects": np.array([0, 1, 1.0], object),
    "big-endian": np.array([0, 1, 1], ">f4"),
    "half precision": np.array([0, 1, 1], np.float16),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.filterwarnings("error")
def test_a_mask_has_many_forms(form):
    assert as_mask("truth", FORMS[form]).tolist() == [False, True, True]


@pytest.mark.parametrize("label", [2, 3, 255, 255.0004])
def test_another_label_is_a_mask_with_a_warning(label):
    with pytest.warns(UserWarning, match=f"truth holds 0 and {label:.0f}; {label:.0f} is taken"):
        assert as_mask("truth", [0, label]).tolist() == [False, True]


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ([0, 0.5], "0 and 0.5"),
        ([0, 1, 2], "0, 1 and 2"),
        ([0, -1], "-1 and 0"),
        ([1, 0.002], "0.002 and 1"),
        ([0, 1, np.nan], "0, 1 and nan"),
        ([0, np.inf], "0 and inf"),
        ([0.2, 0.4, 0.6, 0.8, 1.0], "0.2, 0.4, 0.6 and 2 others"),
        (np.array([0, 254, 255], np.uint8), "0, 254 and 255"),
        (np.array([0, 1 + 1j]), "complex128"),
        (["lesion"], "<U6"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_anything_else_is_refused_and_named(values, named):
    with pytest.raises(ValueError, match=f"prediction holds {named}; a mask holds"):
        as_mask("prediction", values)


@pytest.mark.filterwarnings("error")
def test_empty_and_full_masks():
    assert as_mask("truth", np.zeros((2, 3))).tolist() == [[False] * 3] * 2
    assert as_mask("truth", np.ones(3, np.uint8)).all()
    assert as_mask("truth", np.zeros((0, 3))).shape == (0, 3)


@settings(deadline=None)
@given(st.lists(st.booleans(), min_size=1), st.integers(1, 60_000), st.floats(-1e-3, 1e-3))
def test_whatever_the_label_and_the_rounding(bits, label, error):
    mask = np.array(bits)
    with pytest.warns(UserWarning) if label > 1 and mask.any() else contextlib.nullcontext():
        found = as_mask("truth", mask * float(label) + error * 0.999)
    assert found.tolist() == bits


def test_the_input_is_not_changed():
    values = np.array([0.0, 0.9999999998])
    values.flags.writeable = False
    assert as_mask("truth", values).dtype == bool and values[1] == 0.9999999998


def test_two_masks_lie_on_one_grid():
    with pytest.raises(ValueError, match=r"prediction is \(2,\) and truth \(3,\)"):
        as_masks([0, 1], [0, 1, 1])


@pytest.mark.filterwarnings("error")
@settings(deadline=None)
@given(
    arrays(bool, array_shapes(max_dims=4, max_side=4)),
    st.sampled_from(["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "g"]),
    st.sampled_from("<>"),
    st.sampled_from("CF"),
)
def test_any_type_of_0_and_1_is_the_mask_without_a_warning(mask, kind, order, layout):
    array = mask.astype(np.dtype(kind).newbyteorder(order), order=layout)
    array.flags.writeable = False
    found = as_mask("lesion", array)
    assert found.dtype == bool
    np.testing.assert_array_equal(found, mask)


@settings(deadline=None)
@given(
    arrays(bool, array_shapes(max_dims=2, max_side=4)),
    st.floats(-3, 3) | st.sampled_from([np.nan, np.inf, -np.inf]),
    st.integers(0, 15),
)
def test_a_single_odd_value_is_refused(mask, odd, place):
    nearest = np.rint(odd) if np.isfinite(odd) else -1
    assume(nearest < 0 or abs(odd - nearest) > 1.001e-3)
    array = mask.astype(float)
    array.flat[place % array.size] = odd
    with pytest.raises(ValueError, match=f"^lesion holds .*{re.escape(f'{odd:g}')}"):
        as_mask("lesion", array)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.array([-128, 1], np.int8), "x holds -128 and 1;"),
        ([None, 1], "x holds 1 and nan;"),
        (np.array([0, "lesion"], object), "x holds object;"),
        (np.zeros(2, "M8[D]"), "x holds datetime64"),
        ([1, 1.002], "x holds 1 and 1.002;"),
        ([-0.002, 1], "x holds -0.002 and 1;"),
    ],
)
def test_further_values_that_are_refused(values, words):
    with pytest.raises(ValueError, match=words):
        as_mask("x", values)


def test_an_array_of_bool_is_not_copied(rng):
    mask = rng.random((4, 4)) > 0.5
    assert as_mask("x", mask) is mask


MEASURES = ["dice", "precision", "recall", "hausdorff", "hausdorff95", "assd", "surface_dice"]
MEASURES += ["lesion_precision", "lesion_recall", "lesion_f1", "panoptic_quality", "count_lesions"]
MEASURES += ["volume_error_ml", "volume_error_relative", "score"]


@pytest.mark.parametrize("name", MEASURES)
def test_every_metric_keeps_the_rule(name, rng):
    measure = getattr(metrics, name)
    prediction, truth = rng.random((2, 6, 5, 4)) > 0.7
    with pytest.warns(UserWarning, match="prediction holds 0 and 255") as caught:
        scaled = measure(prediction * np.uint8(255), truth * 0.9999998)
    assert scaled == measure(prediction, truth) and len(caught) == 1
    with pytest.raises(ValueError, match="truth holds 0, 1 and 2"):
        measure(prediction, truth + 1 * prediction)


def test_other_metrics_keep_the_rule():
    with pytest.warns(UserWarning, match="mask holds 0 and 255"):
        assert metrics.volume_ml([0, 255], [1000]) == 1
    with pytest.raises(ValueError, match="mask holds 0 and 0.5"):
        metrics.volume_ml([0, 0.5])
    for measure in (metrics.auc, metrics.brier_score, metrics.roc_points):
        with pytest.raises(ValueError, match="truth holds 0, 1 and 2"):
            measure([0.1, 0.2, 0.3], [0, 1, 2])
    with pytest.raises(ValueError, match="truth holds 0 and 0.5"):
        metrics.score_case([0, 1], [0, 0.5], [1])


LESION = np.zeros((6, 5, 4))
LESION[1:4, 1:3, 1] = 1
PATIENT = Patient("a", np.ones((6, 5, 4, 1)), None, (1, 1, 1), np.eye(4), {}, ("ADC",))
TAKERS = {
    "best_slice": figures.best_slice,
    "surface": metrics.surface,
    "bounding_box": metrics.bounding_box,
    "surface_distances": lambda mask: metrics.surface_distances(mask, mask, (1, 1, 1)),
    "count_lesions": lambda mask: metrics.count_lesions(mask, LESION),
    "truth of hausdorff": lambda mask: metrics.hausdorff(LESION, mask),
    "truth of auc": lambda mask: metrics.auc(LESION, mask),
    "box_around": lambda mask: detection.box_around(mask[..., 1]),
    "drop_small_components": prediction.drop_small_components,
    "lesion of a patient": lambda mask: replace(PATIENT, lesion=mask).lesion,
    "lesion of the browser": lambda mask: SliceBrowser(PATIENT, lesion=mask).sides[0].truth,
    "prediction of the browser": lambda mask: SliceBrowser(PATIENT, prediction=mask).predicted,
    "outline": lambda mask: len(figures.outline(mask[..., 1], axes()).collections),
    "montage": lambda mask: len(figures.montage(PATIENT, [axes()], prediction=mask)[0].collections),
}


def axes():
    """Return axes that nobody has to close."""
    return Figure().subplots()


@pytest.mark.parametrize("taker", TAKERS)
def test_whatever_takes_a_mask_takes_it_by_the_rule(taker):
    take = TAKERS[taker]
    wanted = take(LESION.astype(bool))
    np.testing.assert_array_equal(take(LESION), wanted)
    with pytest.warns(UserWarning, match="holds 0 and 255; 255 is taken for lesion"):
        np.testing.assert_array_equal(take((255 * LESION).astype(np.int16)), wanted)
    several = LESION.copy()
    several[1, 1, 1] = 2
    for wrong in (0.5 * LESION, several, np.where(LESION, np.nan, LESION)):
        with pytest.raises(ValueError, match=r"holds 0.*; a mask holds"):
            take(wrong)


@pytest.mark.parametrize("size", [0, -1, np.nan, np.inf])
def test_a_voxel_size_is_a_finite_number_above_0(size):
    with pytest.raises(ValueError, match="spacing is"):
        metrics.volume_ml(LESION, (1, 1, size))
