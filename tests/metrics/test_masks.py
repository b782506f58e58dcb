"""The one rule of what a mask is."""

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from islesedu.metrics.masks import as_mask, as_masks

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
