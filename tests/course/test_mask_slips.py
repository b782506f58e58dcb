import numpy as np
import pytest

from islesedu import metrics
from islesedu.course import mask_slips
from tests.course.bank_states.lesson_09 import prediction, truth

DISTANCES = np.array([0.0, 0, 1, 5]), np.array([1.0, 0, 0])


@pytest.mark.parametrize(
    ("right", "slips"),
    [
        (metrics.dice(prediction, truth), mask_slips.slips_of_dice(prediction, truth)),
        (mask_slips.counts(truth, prediction), mask_slips.slips_of_counts(truth, prediction)),
        (4.4, mask_slips.slips_of_hausdorff95(*DISTANCES)),
        ((110, 10), mask_slips.slips_of_penalty([(100, 90, 20), (120, 130, 30), (90, 100, 9)])),
    ],
)
def test_every_slip_differs_from_the_right_answer(right, slips):
    for sentence, wrong in slips.items():
        assert not np.allclose(wrong, right, atol=1e-6), sentence


def test_distances_of_a_small_pair_by_hand():
    small = np.zeros((2, 7, 9), bool)
    small[0, 2, 2:5] = small[0, 5, 7] = small[1, 2, 1:4] = True
    slips = mask_slips.slips_of_distances(small[1], small[0])
    walked = next(wrong for sentence, wrong in slips.items() if "Pythagoras" in sentence)
    assert walked == pytest.approx((7, 9 / 7, (8 / 4 + 1 / 3) / 2))
    surfaces = mask_slips.slips_of_surface(*small[::-1])
    assert surfaces["the pixel that lies apart has a surface, too"] == (3, 3)


def test_two_empty_masks_have_slips_of_their_own():
    none = np.zeros((3, 3), bool)
    assert np.isnan(list(mask_slips.slips_of_dice(none, none).values())[0])
