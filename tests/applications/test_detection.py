import numpy as np
import pytest

from islesedu.applications import detection
from islesedu.applications.detection import area, box_around, overlap, read_boxes, suppress, targets


def test_box_around_the_largest_part():
    mask = np.zeros((10, 12), bool)
    mask[1:3, 1:3] = mask[5:9, 4:11] = True
    assert box_around(mask) == (5, 4, 9, 11)
    assert box_around(np.zeros((4, 4))) is None


def test_parts_that_touch_by_a_corner_are_one():
    assert box_around(np.eye(4)) == (0, 0, 4, 4)


@pytest.mark.parametrize(
    "other, expected",
    [((0, 0, 4, 4), 1), ((4, 0, 8, 4), 0), ((9, 9, 10, 10), 0), ((2, 2, 6, 6), 4 / 28)],
)
def test_overlap_by_hand(other, expected):
    assert overlap((0, 0, 4, 4), other) == overlap(other, (0, 0, 4, 4)) == expected


def test_overlap_is_that_of_masks(rng):
    for _ in range(20):
        boxes, masks = [], np.zeros((2, 12, 12), bool)
        for mask in masks:
            top, left, height, width = rng.integers(1, 6, 4)
            boxes.append((top, left, top + height, left + width))
            mask[top : top + height, left : left + width] = True
        expected = (masks[0] & masks[1]).sum() / (masks[0] | masks[1]).sum()
        assert overlap(*boxes) == pytest.approx(expected)


def test_a_box_turned_inside_out_has_no_area():
    assert area((5, 5, 3, 9)) == 0 and overlap((5, 5, 3, 9), (5, 5, 3, 9)) == 0


@pytest.mark.parametrize("box", [(8, 4, 24, 30), (9, 9, 11, 10), (0, 0, 32, 32), (30, 30, 32, 32)])
def test_what_cells_should_say_is_read_back_as_the_box(box):
    target = targets(box, cells=8, stride=4)
    assert target[..., 0].sum() >= 1
    ((score, found),) = read_boxes(target, stride=4)
    assert score == 1
    np.testing.assert_allclose(found, box, atol=1e-5)


def test_no_object_no_box():
    target = targets(None, cells=8, stride=4)
    assert not target.any() and read_boxes(target, stride=4) == []


def test_the_surest_of_those_that_say_the_same_stays():
    found = [(0.9, (0, 0, 4, 4)), (0.8, (1, 0, 5, 4)), (0.7, (0, 3, 4, 7))]
    assert suppress(found) == [found[0], found[2]]
    assert suppress(found, max_overlap=0.9) == found


def test_froc_by_hand():
    """Two images with an object, one without; the second object is hit last, and twice."""
    box, far = (0, 0, 4, 4), (20, 20, 24, 24)
    found = [[(0.9, box), (0.6, far)], [(0.8, far), (0.5, box), (0.4, box)], [(0.6, far)]]
    false, sensitivity, thresholds = detection.froc(found, [box, box, None])
    assert thresholds.tolist() == [0.9, 0.8, 0.6, 0.5]
    assert sensitivity.tolist() == [0.5, 0.5, 0.5, 1.0]
    assert false.tolist() == [0, 1 / 3, 1, 1]
    nothing = detection.froc([[], []], [box, None])
    assert all(part.size == 0 for part in nothing)
    assert np.isnan(detection.froc([[(0.9, far)]], [None])[1]).all()
