from dataclasses import replace

import numpy as np
import pytest

from islesedu.isles.find import find_cases
from islesedu.isles.read import read_case
from islesedu.training import augmentation


@pytest.fixture
def patient(cohort):
    return read_case(find_cases(cohort)[0])


def with_box(patient, first, last):
    """A patient whose lesion, and whose first map, is one box."""
    lesion = np.zeros(patient.image.shape[:3], bool)
    lesion[tuple(slice(a, b) for a, b in zip(first, last, strict=True))] = True
    image = np.zeros_like(patient.image)
    image[lesion, 0] = 1
    return replace(patient, image=image, lesion=lesion)


def test_the_mirror_swaps_the_sides_of_image_and_lesion_and_twice_changes_nothing(patient):
    swapped = augmentation.mirror(patient)
    np.testing.assert_array_equal(swapped.image, patient.image[::-1])
    np.testing.assert_array_equal(swapped.lesion, patient.lesion[::-1])
    np.testing.assert_array_equal(augmentation.mirror(swapped).image, patient.image)


def test_the_mirror_follows_the_affine_not_the_first_axis(patient):
    y_first = np.array([[0, 2, 0, 0], [2, 0, 0, 0], [0, 0, 5, 0], [0, 0, 0, 1.0]])
    turned = replace(
        patient,
        image=patient.image.swapaxes(0, 1),
        lesion=patient.lesion.swapaxes(0, 1),
        affine=y_first,
    )
    assert augmentation.side_axis(y_first) == 1
    np.testing.assert_array_equal(augmentation.mirror(turned).image, turned.image[:, ::-1])


def test_a_turn_of_0_changes_nothing_and_there_and_back_little(patient):
    np.testing.assert_allclose(augmentation.turn(patient, 0).image, patient.image, rtol=1e-5)
    np.testing.assert_array_equal(augmentation.turn(patient, 0).lesion, patient.lesion)
    box = with_box(patient, (20, 20, 5), (32, 30, 9))
    back = augmentation.turn(augmentation.turn(box, 8), -8)
    inside = np.zeros_like(box.lesion)
    inside[22:30, 22:28, 6:8] = True
    assert back.lesion[inside].all()


def test_a_quarter_turn_is_a_transposition_and_slices_stay_what_they_are(patient):
    size = min(patient.image.shape[:2])
    square = replace(
        patient, image=patient.image[:size, :size], lesion=patient.lesion[:size, :size]
    )
    turned = augmentation.turn(square, 90)
    expected = [np.rot90(square.lesion, k, axes=(0, 1)) for k in (1, -1)]
    assert any(np.array_equal(turned.lesion, one) for one in expected)
    sums = square.image.sum(axis=(0, 1))
    np.testing.assert_allclose(turned.image.sum(axis=(0, 1)), sums, rtol=1e-3)


def test_the_lesion_turns_with_the_image(patient):
    box = with_box(patient, (12, 18, 4), (30, 24, 10))
    turned = augmentation.turn(box, 10)
    np.testing.assert_array_equal(turned.lesion, turned.image[..., 0] >= 0.5)
    assert (turned.lesion != box.lesion).any()


def test_recolouring_is_one_factor_and_one_shift_a_map(rng):
    image = rng.standard_normal((6, 5, 4, 3)).astype(np.float32)
    changed = augmentation.recolour(image, 0.1, rng)
    for c in range(3):
        slope, offset = np.polyfit(image[..., c].ravel(), changed[..., c].ravel(), 1)
        np.testing.assert_allclose(changed[..., c], slope * image[..., c] + offset, atol=1e-5)
        assert slope != 1 and offset != 0
    assert changed.dtype == np.float32


def test_boxes_around_the_lesion_hold_some_of_it_and_lie_in_the_volume(rng):
    lesion = np.zeros((20, 18, 6), bool)
    lesion[19, 17, 5] = lesion[9, 3, 0] = True
    starts = set()
    for _ in range(50):
        box = augmentation.patch_slices(lesion, (8, 8, 9), 1.0, rng)
        assert lesion[box].any() and lesion[box].shape == (8, 8, 6)
        assert all(s.start >= 0 and s.stop <= n for s, n in zip(box, lesion.shape, strict=True))
        starts.add(box[0].start)
    assert len(starts) > 2, "the lesion should not always lie in the middle of the box"


def test_boxes_anywhere_seldom_hold_a_small_lesion(rng):
    lesion = np.zeros((40, 40, 10), bool)
    lesion[5, 5, 5] = True
    boxes = [augmentation.patch_slices(lesion, (8, 8, 4), share, rng) for share in [0.0, 0.5] * 100]
    anywhere = np.mean([lesion[box].any() for box in boxes[::2]])
    half = np.mean([lesion[box].any() for box in boxes[1::2]])
    assert anywhere < 0.2 and 0.35 < half < 0.7
