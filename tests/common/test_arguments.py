"""What an argument may be: hostile values of every type are refused in one sentence."""

import math

import numpy as np
import pytest

from islesedu.common import arguments
from islesedu.common.arguments import names, number, one_of, optional, positive, whole


class Unshowable:
    def __repr__(self):
        raise RuntimeError("no")


JUNK = [None, True, "", "3", b"3", [], {}, math.nan, math.inf, -math.inf, 10**400, 10**9999]
JUNK += [Unshowable(), np.zeros(3), 1 + 1j, object]


@pytest.mark.parametrize("value", JUNK, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("kind", [whole(0), positive, arguments.share, one_of("a", "b")])
def test_a_kind_refuses_what_is_none_of_it_in_one_sentence(kind, value):
    with pytest.raises(ValueError, match="^steps is .*; (give|choose) ") as said:
        kind("steps", value)
    assert "\n" not in str(said.value) and len(str(said.value)) < 250


def test_a_kind_accepts_what_it_should():
    assert whole(1, 4)("n", np.int64(4)) == 4
    assert number(lambda value: value > 0, "", "")("x", np.float32(0.5)) == 0.5
    assert optional(positive)("wait", None) is None
    assert arguments.flag("packed", False) is False
    with pytest.raises(ValueError, match="n is 5; give a whole number from 1 up to 4"):
        whole(1, 4)("n", 5)


def test_names_are_told_apart_by_their_letters():
    assert names(["ADC", "CBF"])
    assert not any(map(names, ["ADC", ("ADC", "adc"), ("ADC", " "), (3,), (), None, {"ADC"}]))
