import json

import numpy as np
import pytest

from islesedu.perfusion import deconvolution, truncation
from islesedu.perfusion.bolus import gamma_variate, tissue_curve
from islesedu.perfusion.deconvolution import deconvolve

T = np.arange(0, 90, 1.5)
AIF = gamma_variate(T)
METHODS = ("circulant", "truncated", "oscillation")


def curve(cbf=50.0, cbv=4.0, **more):
    return tissue_curve(T, cbf, 60 * cbv / cbf, **more)


@pytest.mark.parametrize("method", METHODS)
def test_all_14_osipi_curves_are_within_their_tolerances(shared, method):
    data = np.load(shared / "reference" / "osipi_dsc_dro.npz")
    for tissue, aif, dt, cbv, cbf in zip(
        *(data[name] for name in ("C_tis", "C_aif", "tr", "cbv_ref", "cbf_ref")), strict=True
    ):
        maps = deconvolve(tissue, aif, dt, method)
        assert abs(maps.cbv - cbv) <= 1 + 0.1 * cbv
        assert abs(maps.cbf - cbf) <= 15 + 0.1 * cbf


@pytest.mark.parametrize("method", ["circulant", "oscillation"])
def test_curves_made_like_osipis_are_within_the_same_tolerances(rng, method):
    """Their pairs of CBV and CBF, 1.243 s an image, noise of 1/200; ours, so never skipped."""
    t = np.arange(161) * 1.243
    aif = gamma_variate(t, arrival=20, fall=1.0)
    pairs = [(4.0, flow) for flow in (10, 20, 30, 40, 50, 60, 70)]
    pairs += [(2.0, flow) for flow in (5, 10, 15, 20, 25, 30, 35)]
    for cbv, cbf in pairs:
        tissue = tissue_curve(t, cbf, 60 * cbv / cbf, arrival=20, fall=1.0)
        tissue += rng.normal(0, tissue.max() / 200, len(t))
        maps = deconvolve(tissue, aif, 1.243, method)
        assert abs(maps.cbv - cbv) <= 1 + 0.1 * cbv
        assert abs(maps.cbf - cbf) <= 15 + 0.1 * cbf


def test_near_the_block_circulant_values_of_another_implementation(shared):
    cases = json.loads((shared / "reference" / "osipi_dsc_deconvolution.json").read_text())["cases"]
    data = np.load(shared / "reference" / "osipi_dsc_dro.npz")
    for number, case in enumerate(cases):
        maps = deconvolve(data["C_tis"][number], data["C_aif"][number], case["tr"])
        assert maps.cbv == pytest.approx(case["cbv_area_ratio"], rel=5e-3)  # theirs: trapezoids
        assert maps.cbf == pytest.approx(case["csvd10_cbf"], rel=0.1)


@pytest.mark.parametrize("cbf, cbv", [(20.0, 4.0), (50.0, 4.0), (10.0, 2.0)])
def test_the_values_one_began_with_come_back(cbf, cbv):
    maps = deconvolve(curve(cbf, cbv), AIF, 1.5, threshold=0.02)
    assert maps.cbv == pytest.approx(cbv, rel=0.03)
    assert maps.cbf == pytest.approx(cbf, rel=0.25)
    assert maps.mtt == pytest.approx(60 * maps.cbv / maps.cbf)


def test_times_are_in_seconds_from_the_first_image():
    maps = deconvolve(curve(delay=6), AIF, 1.5)
    assert maps.ttp == 1.5 * curve(delay=6).argmax() > 14
    at_once = deconvolve(curve(), AIF, 1.5)
    assert maps.tmax - at_once.tmax == pytest.approx(6) and 0 <= at_once.tmax <= 3


def test_the_circulant_form_does_not_mind_when_the_bolus_comes_and_the_truncated_one_does():
    delays = (-4.5, -1.5, 0, 1.5, 6)
    curves = np.array([curve(delay=delay) for delay in delays])
    for method, limit in {"circulant": 0.03, "oscillation": 0.15}.items():
        maps = deconvolve(curves, AIF, 1.5, method)
        assert np.ptp(maps.cbf) / maps.cbf[0] < limit  # a voxel's threshold moves in steps
        np.testing.assert_allclose(maps.tmax - maps.tmax[2], delays, atol=0.01)
    flow = deconvolve(curves, AIF, 1.5, "truncated", threshold=0.2).cbf
    assert flow[0] > 1.5 * flow[2]  # tissue before artery: far off


def test_short_transit_times_are_underestimated_as_is_known():
    ratios = [deconvolve(curve(60 * 4 / mtt), AIF, 1.5).cbf / (60 * 4 / mtt) for mtt in (2, 4, 12)]
    assert ratios[0] < ratios[1] < ratios[2] < 1.05


def test_the_fourier_transform_is_the_svd_of_the_block_circulant_matrix(rng):
    tissue = curve() + rng.normal(0, 0.002, len(T))
    length = 2 * len(T)
    padded = np.concatenate([truncation.smoothed(AIF), np.zeros(len(T))])
    matrix = 1.5 * np.array([np.roll(padded, n) for n in range(length)]).T
    u, s, vt = np.linalg.svd(matrix)
    keep = s > 0.1 * s[0]
    flow = (vt[keep].T / s[keep]) @ u[:, keep].T @ np.concatenate([tissue, np.zeros(len(T))])
    ours = truncation.circulant(tissue[None], AIF, 1.5, 0.1)[0]
    ahead = len(ours) - len(T)
    np.testing.assert_allclose(ours, np.concatenate([flow[-ahead:], flow[: len(T)]]), atol=1e-10)


@pytest.mark.parametrize("method", METHODS)
def test_voxels_do_not_touch_each_other(rng, monkeypatch, method):
    volume = curve() * rng.uniform(0.2, 2, (3, 4, 2, 1)) + rng.normal(0, 0.01, (3, 4, 2, len(T)))
    monkeypatch.setattr(deconvolution, "AT_ONCE", 5)
    maps = deconvolve(volume, AIF, 1.5, method)
    alone = deconvolve(volume[2, 1, 0], AIF, 1.5, method)
    for own, whole in zip(alone, maps, strict=True):
        assert whole.shape == (3, 4, 2) and own.shape == ()
        assert whole[2, 1, 0] == pytest.approx(own, rel=1e-9)


def test_oscillation_stays_under_its_limit_where_it_can(rng):
    volume = curve() + rng.normal(0, 0.005, (50, len(T)))
    flow = truncation.least_oscillating(volume, AIF, 1.5, 0.035)
    tried = truncation._THRESHOLDS
    circles = [truncation._circle(volume, AIF, 1.5, p) for p in tried]
    index = np.array([truncation.oscillation_index(circle) for circle in circles])  # (P, N)
    lowest = (index <= 0.035).argmax(axis=0)  # of the thresholds within the limit
    assert (index.min(axis=0) <= 0.035).all() and lowest.min() > 0
    expected = np.array([truncation.circulant(volume, AIF, 1.5, p) for p in tried])
    np.testing.assert_allclose(flow, expected[lowest, np.arange(len(volume))])


def test_the_correction_divides_flow_and_volume_but_not_the_time():
    plain, corrected = deconvolve(curve(), AIF, 1.5), deconvolve(curve(), AIF, 1.5, k=1.04 / 0.73)
    assert corrected.cbv == pytest.approx(plain.cbv * 0.73 / 1.04)
    assert corrected.mtt == pytest.approx(plain.mtt)


def test_an_empty_voxel_has_no_flow_and_no_time():
    maps = deconvolve(np.zeros((2, len(T))), AIF, 1.5)
    assert not any(each.any() for each in maps)


@pytest.mark.parametrize(
    "change, words",
    [
        ({"concentration": np.ones(7)}, r"concentration is \(7,\) and aif \(60,\)"),
        ({"aif": np.ones((2, 60))}, r"expected \(..., T\) and \(T,\)"),
        ({"concentration": np.full(60, np.nan)}, "concentration holds NaN or infinity in 60 of 60"),
        ({"concentration": np.r_[np.ones(59), np.inf]}, "concentration holds .* in 1 of 60"),
        ({"aif": np.r_[np.ones(59), np.inf]}, "aif holds NaN or infinity in 1 of 60"),
        ({"aif": np.r_[np.ones(59), np.nan]}, "aif holds NaN or infinity in 1 of 60"),
        ({"aif": np.full(60, 1e308)}, "aif has the sum inf"),
        ({"dt": np.inf}, "dt is inf"),
        ({"k": 0}, "k is 0"),
        ({"aif": np.zeros(60)}, "give an artery"),
        ({"dt": 0}, "dt is 0"),
        ({"method": "magic"}, "method is 'magic'; choose circulant"),
        ({"threshold": 1}, "threshold is 1"),
    ],
)
def test_what_cannot_be_deconvolved_is_refused(change, words):
    with pytest.raises(ValueError, match=words):
        deconvolve(**({"concentration": curve(), "aif": AIF, "dt": 1.5} | change))
