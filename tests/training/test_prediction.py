import numpy as np
import pytest

from islesedu.training import prediction


def test_threshold_is_exclusive_and_checked():
    assert prediction.to_mask(np.array([0.5, 0.51]), 0.5).tolist() == [False, True]
    with pytest.raises(ValueError, match="threshold is 1.5"):
        prediction.to_mask(np.zeros(3), 1.5)


@pytest.fixture
def mask():
    """Components of 12, 6 and 1 voxels; the last touches the first by a corner only."""
    mask = np.zeros((8, 8, 3), bool)
    mask[0:3, 0:4, 0] = mask[6, 0:6, 2] = mask[3, 4, 0] = True
    return mask


@pytest.mark.parametrize(("share", "left"), [(0, 19), (0.08, 19), (0.1, 18), (0.5, 18), (0.6, 12)])
def test_small_components_go(mask, share, left):
    assert prediction.drop_small_components(mask, share).sum() == left


def test_a_mask_of_255_is_a_mask_and_probabilities_are_none(mask):
    with pytest.warns(UserWarning, match="mask holds 0 and 255"):
        assert prediction.drop_small_components(mask * np.uint8(255), 0.5).sum() == 18
    with pytest.raises(ValueError, match="mask holds 0 and 0.3"):
        prediction.drop_small_components(0.3 * mask)


def test_nothing_is_added_and_the_argument_stays(mask):
    before = mask.copy()
    assert not (prediction.drop_small_components(mask, 0.5) & ~mask).any()
    np.testing.assert_array_equal(mask, before)


def test_empty_mask_stays_empty():
    assert not prediction.drop_small_components(np.zeros((3, 3, 3), bool)).any()


def test_share_is_checked(mask):
    with pytest.raises(ValueError, match="component_share is 2"):
        prediction.drop_small_components(mask, 2)
