import numpy as np
import pytest

from islesedu.perfusion import bolus

T = np.arange(0, 120, 1.5)


def test_area_of_the_tissue_curve_is_cbv_by_that_of_the_artery():
    artery = bolus.gamma_variate(T)
    for kind in ("exponential", "box"):
        curve = bolus.tissue_curve(T, cbf=60, mtt=4, kind=kind)  # CBV = 60 x 4 / 60 = 4
        assert 100 * curve.sum() / artery.sum() == pytest.approx(4, rel=0.01)


def test_an_exponential_tissue_obeys_its_differential_equation():
    """With R = exp(-t/MTT): C' = flow a - C / MTT."""
    t = np.arange(0, 60, 0.05)
    curve = bolus.tissue_curve(t, cbf=50, mtt=5)
    slope = np.gradient(curve, t)
    expected = 50 / 6000 * bolus.gamma_variate(t) - curve / 5
    np.testing.assert_allclose(slope[5:-5], expected[5:-5], atol=2e-5)


def test_twice_the_flow_is_twice_the_curve_and_a_delay_moves_it():
    one, two = (bolus.tissue_curve(T, cbf, 4) for cbf in (20, 40))
    np.testing.assert_allclose(two, 2 * one)
    late = bolus.tissue_curve(T, 20, 4, delay=3)  # two images of 1.5 s
    np.testing.assert_allclose(late[2:], one[:-2], atol=1e-12)


@pytest.mark.parametrize("kind", ["exponential", "box"])
def test_several_transit_times_at_once_are_each_alone(kind):
    times = np.array([[2.0, 4.0, 9.0], [1.0, 15.0, 40.0]])
    curves = bolus.tissue_curve(T, 20, times, delay=1.2, kind=kind)
    assert curves.shape == (2, 3, len(T))
    for curve, mtt in zip(curves.reshape(6, -1), times.ravel(), strict=True):
        np.testing.assert_array_equal(curve, bolus.tissue_curve(T, 20, mtt, delay=1.2, kind=kind))


def test_the_residue_begins_at_1_and_has_the_area_mtt():
    t = np.arange(0, 100, 0.001)
    for kind in ("exponential", "box"):
        r = bolus.residue(t, 6.0, kind)
        assert r[0] == 1 and r.sum() * 0.001 == pytest.approx(6, rel=1e-3)


def test_signal_there_and_back(rng):
    curve = np.outer([1, 0.3], bolus.gamma_variate(T, arrival=12)) * 10
    series = bolus.signal(curve, s0=800)
    np.testing.assert_allclose(bolus.concentration(series), curve, atol=1e-9)
    assert series.min() < 800 and series[:, :5] == pytest.approx(800)


def test_dead_voxels_give_finite_concentrations():
    series = np.zeros((2, 20))
    series[1, :5] = 100  # and then nothing at all
    curves = bolus.concentration(series)
    assert np.isfinite(curves).all() and not curves[0].any()


def test_senseless_arguments_are_refused():
    with pytest.raises(ValueError, match="kind is 'circle'; choose exponential or box"):
        bolus.residue(T, 4, "circle")
    for cbf, mtt in ((-1, 4), (10, 0), (10, np.array([4.0, 0.0]))):
        with pytest.raises(ValueError, match="cbf is .* and mtt"):
            bolus.tissue_curve(T, cbf, mtt)


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_a_signal_that_is_not_finite_is_refused(odd):
    with pytest.raises(ValueError, match="series holds NaN or infinity in 1 of 4 values; replace"):
        bolus.concentration(np.array([1000.0, odd, 900, 800]), baseline=2)
