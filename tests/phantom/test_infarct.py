import numpy as np
import pytest
from scipy import ndimage

from islesedu.phantom import infarct
from islesedu.phantom.infarct import REOPENED, TissueFate, manual_outline, survival_hours
from islesedu.phantom.patient import make_patient


@pytest.fixture(scope="module")
def patient():
    return make_patient(2017, "training", 20, 0.25)


def uniform(flow: float, at_scan: float | None = None, shape=(10, 10, 4)) -> TissueFate:
    """A block of tissue with one flow everywhere, reopened from the first voxel to the last."""
    full = np.full(shape, flow)
    order = np.arange(full.size).reshape(shape) / full.size
    later = full if at_scan is None else np.full(shape, at_scan)
    return TissueFate(full, later, np.ones(shape), order, 0.5, np.ones(shape, bool))


def test_a_fifth_of_the_flow_is_borne_for_hours_and_half_of_it_for_ever():
    assert survival_hours(0.1) < 0.5 < survival_hours(0.2) < 3
    assert survival_hours(0.35) == pytest.approx(24, rel=0.02)
    assert survival_hours(0.5) > 24 * 7


def test_damage_is_time_by_survival(patient):
    stroke = patient.stroke
    hours = stroke.onset / 60
    at_scan = uniform(0.2).damage_at_scan(stroke)
    np.testing.assert_allclose(at_scan, hours / survival_hours(0.2))
    half = uniform(0.2, at_scan=1.0).damage_at_scan(stroke)  # flow came back half way
    np.testing.assert_allclose(half, hours / 2 / survival_hours(0.2), rtol=1e-3)


@pytest.mark.parametrize("tici, share", REOPENED.items())
def test_tici_decides_which_share_is_saved(patient, tici, share):
    # 0.3 of the flow: borne for ten hours, not for a day
    dead = uniform(0.3).dead(patient.stroke, tici=tici, onset=60, treatment=60)
    assert dead.mean() == pytest.approx(1 - share, abs=0.01)


def test_better_and_earlier_treatment_never_kills(patient):
    stroke, of = patient.stroke, patient.fate
    grades = [of.dead(stroke, tici=tici) for tici in REOPENED]
    for worse, better in zip(grades[:-1], grades[1:], strict=True):
        assert not (better & ~worse).any()
    assert grades[0].sum() > grades[-1].sum()
    early, late = (of.dead(stroke, tici="3", treatment=minutes) for minutes in (30, 480))
    assert not (early & ~late).any() and early.sum() < late.sum()


def test_drawn_lesion_lies_about_where_tissue_dies(patient):
    dead = patient.fate.dead(patient.stroke)
    overlap = (
        2 * (dead & patient.maps["lesion"]).sum() / (dead.sum() + patient.maps["lesion"].sum())
    )
    assert 0.5 < overlap < 0.97  # shifted, warped, smoothed
    assert not (patient.maps["lesion"] & ~patient.tissue.brain).any()


def test_pen_is_blunt(patient, rng):
    able = np.ones(patient.tissue.gray.shape, bool)
    noise = np.exp(3 * rng.standard_normal(able.shape))
    drawn = manual_outline(noise, patient.tissue, able, (1.0, 1.0, 1.0), rng)
    inside = patient.tissue.brain
    assert ndimage.label(drawn)[1] < ndimage.label((noise > 1) & inside)[1]


def test_no_patient_is_without_a_lesion(patient, rng):
    spacing, tissue = patient.spacing, patient.tissue
    damage = 1e-4 * (1 + patient.fate.damage(patient.stroke).clip(0, 5))
    drawn = manual_outline(damage, tissue, patient.fate.tissue, spacing, rng)
    volume = drawn.sum() * np.prod(spacing) / 1000
    assert 0 < volume < infarct.SMALLEST[1] + np.prod(spacing) / 1000
