import numpy as np
import pytest

from islesedu.phantom.circulation import SHARE_OF_FLOW, SHARE_OF_VOLUME, circulate, somewhere
from islesedu.phantom.stroke import QUANTILES, Stroke
from islesedu.phantom.template import Pose, tissue_on_grid

GRID, SPACING = (48, 48, 19), (5.0, 5.0, 6.5)
STRAIGHT = Pose((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
MIDDLE = dict.fromkeys(QUANTILES, 0.5) | {"territory": 0.1, "side": 0.9}  # MCA, right


@pytest.fixture(scope="module")
def tissue():
    return tissue_on_grid(GRID, SPACING, STRAIGHT)


def blood_of(tissue, **quantiles):
    return circulate(tissue, Stroke.of(MIDDLE | quantiles), SPACING, np.random.default_rng(3))


def test_quantiles_order_what_happens():
    small, large = (Stroke.of(MIDDLE | dict.fromkeys(QUANTILES, u)) for u in (0.05, 0.95))
    for name in ("extent", "collaterals", "reopened_before", "onset", "treatment", "resilience"):
        assert getattr(small, name) < getattr(large, name)
    assert small.side == -1 and large.side == 1
    assert small.tici == "0" and large.tici == "3"
    assert Stroke.of(MIDDLE).territory == "MCA, main stem"


def test_the_flow_falls_behind_the_artery_and_on_its_side_only(tissue):
    blood = blood_of(tissue)
    brain = tissue.gray + tissue.white > 0.5
    right = brain & (tissue.place[0] > 10)
    left = brain & (tissue.place[0] < -10)
    assert blood.blocked[right].min() < 0.2
    assert (blood.blocked[left] < 0.9).mean() < 0.02  # but for a clot, here and there
    mirrored = blood_of(tissue, side=0.1)
    assert mirrored.blocked[left].min() < 0.2


def test_some_flow_has_come_back_before_the_scan(tissue):
    none, much = blood_of(tissue, reopened_before=0.001), blood_of(tissue, reopened_before=0.999)
    short = (none.blocked < 0.5) & (tissue.gray + tissue.white > 0.5)
    np.testing.assert_allclose(none.blocked[short], much.blocked[short])
    # `at_scan` also holds what a narrowed artery and an old stroke take away, the same in both
    assert np.median(much.at_scan[short]) > np.median(none.at_scan[short]) + 0.2
    assert np.median(much.delay[short]) < np.median(none.delay[short])


def test_blood_is_late_where_it_is_short(tissue):
    blood = blood_of(tissue)
    brain = tissue.gray + tissue.white > 0.5
    short, fine = brain & (blood.at_scan < 0.5), brain & (blood.blocked > 0.95)
    assert np.median(blood.delay[short]) > np.median(blood.delay[fine]) + 1
    transit = 60 * blood.volume / np.maximum(blood.flow, 1e-3)
    assert np.median(transit[short]) > 1.3 * np.median(transit[fine])


def test_healthy_flow_and_volume_are_those_of_the_literature(tissue):
    blood = blood_of(tissue)
    fine = (blood.blocked > 0.99) & (blood.old < 0.01) & (blood.delay < 2)
    for part, flow, volume in (("gray", 53, 3.3), ("white", 25, 1.9)):
        pure = fine & (getattr(tissue, part) > 0.9)
        assert np.median(blood.healthy[pure]) == pytest.approx(flow, rel=0.15)
        assert np.median(blood.volume[pure]) == pytest.approx(volume, rel=0.2)


def test_vessels_widen_before_they_collapse():
    for shares in SHARE_OF_VOLUME.values():
        transit = np.array(shares[1:]) / SHARE_OF_FLOW[1:]
        assert (np.diff(transit) <= 0).all()  # the less flow, the longer blood stays
        assert shares[-1] == 1 and shares[0] < 0.5


def test_somewhere_is_where_the_density_is(rng):
    weight, place = np.zeros((4, 5, 3)), rng.normal(size=(3, 4, 5, 3))
    weight[2, 3, 1] = 1
    for u in rng.random((5, 2)):
        np.testing.assert_array_equal(somewhere(place, weight, u), place[:, 2, 3, 1])
