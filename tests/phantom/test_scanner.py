import dataclasses

import numpy as np
import pytest
from scipy import ndimage

from islesedu.perfusion.bolus import tissue_curve
from islesedu.phantom.circulation import Circulation
from islesedu.phantom.diffusion import diffusion_map
from islesedu.phantom.scanner import (
    BASELINE,
    PEAK,
    Scanner,
    acquire_series,
    move,
    passages,
    perfusion_maps,
    resample,
    series_grid,
    shifted,
)
from islesedu.phantom.template import Tissue

QUIET = Scanner(
    dt=1.5,
    images=60,
    arrival=12.0,
    rise=3.0,
    fall=1.5,
    gain=1.0,
    slowness=1.0,
    noise=0.0,
    moves=(),
    whole=False,
)
GRID, SPACING = (12, 12, 4), (5.0, 5.0, 5.0)


def block(flow=30.0, volume=2.0, delay=1.0):
    """Gray matter everywhere, with one flow, volume and delay."""
    ones = np.ones(GRID, np.float32)
    tissue = Tissue(ones, 0 * ones, 0 * ones, np.zeros((3, *GRID), np.float32))
    parts = [flow * ones, ones, ones, volume * ones, delay * ones, 0 * ones]
    return tissue, Circulation(*parts)


def test_table_of_curves_is_the_curve(rng):
    flow, volume, late = rng.uniform(5, 60, 20), rng.uniform(0.5, 5, 20), rng.uniform(-2, 12, 20)
    found = passages(flow, volume, late, QUIET)
    t = np.arange(QUIET.images) * QUIET.dt
    artery = {"arrival": QUIET.arrival, "rise": QUIET.rise, "fall": QUIET.fall, "peak": PEAK}
    for curve, f, v, d in zip(found, flow, volume, late, strict=True):
        expected = tissue_curve(t, f, 60 * v / f, delay=d, **artery)
        assert np.abs(curve - expected).max() < 0.04 * expected.max()


@pytest.mark.parametrize("shift", [(0.0, 0.4), (0.3, -0.7), (-2.6, 3.1), (1.0, -9.5)])
def test_a_shift_is_that_of_scipy_to_the_last_bit(rng, shift):
    series = 1000 * rng.random((11, 7, 3, 5), np.float32)
    part = series[..., 2:]
    expected = ndimage.shift(part, (*shift, 0, 0), order=1, mode="nearest")
    found = shifted(part, *shift)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected)


def test_maps_of_a_film_are_what_was_put_in(rng):
    tissue, blood = block()
    series = acquire_series(tissue, blood, QUIET, SPACING, 12, rng)
    assert series.shape == (*GRID, QUIET.images)
    maps = perfusion_maps(series, QUIET, GRID, tissue.brain)
    middle = tuple(n // 2 for n in GRID)
    assert maps["CBV"][middle] == pytest.approx(2.0, rel=0.05)
    assert 18 < maps["CBF"][middle] < 33  # regularization takes some of it (lesson 07)
    assert maps["MTT"][middle] == pytest.approx(60 * maps["CBV"][middle] / maps["CBF"][middle])
    assert maps["Tmax"][middle] == pytest.approx(1.0, abs=1.5 * QUIET.dt)


def test_gain_and_slowness_scale_maps_and_keep_the_central_volume_theorem(rng):
    tissue, blood = block()
    series = acquire_series(tissue, blood, QUIET, SPACING, 12, rng)
    other = dataclasses.replace(QUIET, gain=0.5, slowness=2.0)
    one, two = (perfusion_maps(series, s, GRID, tissue.brain) for s in (QUIET, other))
    np.testing.assert_allclose(two["CBV"], 0.5 * one["CBV"])
    np.testing.assert_allclose(two["CBF"], 0.25 * one["CBF"])
    np.testing.assert_allclose(two["MTT"], 2 * one["MTT"])


def test_noise_makes_negative_volumes_and_late_maxima_where_nothing_flows(rng):
    tissue, blood = block(flow=0.0, volume=0.0)
    series = acquire_series(tissue, blood, dataclasses.replace(QUIET, noise=0.03), SPACING, 12, rng)
    maps = perfusion_maps(series, QUIET, GRID, tissue.brain)
    assert 0.2 < (maps["CBV"] < 0).mean() < 0.8
    assert maps["Tmax"].max() > 30 and maps["Tmax"].min() >= 0


def test_some_software_keeps_whole_numbers(rng):
    tissue, blood = block()
    series = acquire_series(tissue, blood, QUIET, SPACING, 12, rng)
    whole = dataclasses.replace(QUIET, whole=True)
    maps = perfusion_maps(series, whole, GRID, tissue.brain)
    for name, values in maps.items():
        factor = 10 if name == "CBV" else 1
        np.testing.assert_allclose(factor * values, np.round(factor * values), atol=1e-4)


def test_head_moves_and_stays(rng):
    series = np.zeros((9, 9, 2, 10), np.float32)
    series[4, 4] = 1
    moved = move(
        series.copy(), dataclasses.replace(QUIET, moves=((6, 5.0, -5.0),)), (5.0, 5.0, 5.0)
    )
    np.testing.assert_array_equal(moved[..., :6], series[..., :6])
    assert (moved[5, 3, :, 6:] == 1).all() and moved[..., 6:].sum() == series[..., 6:].sum()


@pytest.mark.parametrize("grid", [(6, 6, 3), (12, 12, 3), (20, 20, 3)])
def test_resampling_keeps_constants_and_ramps(grid):
    x = np.broadcast_to(np.arange(12.0)[:, None, None], (12, 12, 3)).astype(np.float32)
    found = resample(x, grid)
    assert found.shape == grid
    centres = (np.arange(grid[0]) + 0.5) * 12 / grid[0] - 0.5
    inner = slice(2, -2)
    np.testing.assert_allclose(found[inner, 0, 0], centres[inner], atol=1e-4)
    np.testing.assert_allclose(resample(np.ones((12, 12, 3)), grid), 1, rtol=1e-6)


def test_film_has_the_same_field_of_view():
    assert series_grid((192, 192, 19), (1.25, 1.25, 6.5), 128) == (
        (128, 128, 19),
        (1.875, 1.875, 6.5),
    )
    assert series_grid((48, 48, 19), (5.0, 5.0, 6.5), 128)[0] == (48, 48, 19)


def test_scanners_are_possible_ones():
    for seed in range(30):
        rng = np.random.default_rng(seed)
        scanner = Scanner.of({"gain": rng.random(), "slowness": rng.random()}, rng)
        assert 40 <= scanner.images <= 80 and 1 <= scanner.dt <= 2
        assert scanner.arrival >= BASELINE * scanner.dt  # the baseline is free of agent
        assert scanner.artery[-1] < 0.05 * scanner.artery.max()  # and the bolus is gone in the end


def test_adc_falls_where_tissue_dies_and_is_high_in_fluid(rng):
    tissue, blood = block()
    damage = np.zeros(GRID)
    damage[:6] = 10
    adc = diffusion_map(tissue, blood, damage, SPACING, rng)
    dead, alive = np.median(adc[:6]), np.median(adc[6:])
    assert 450 < dead < 700 < alive < 950
    np.testing.assert_array_equal(adc, np.round(adc))
    ones = np.ones(GRID, np.float32)
    fluid = dataclasses.replace(tissue, gray=0 * ones, fluid=ones)
    assert np.median(diffusion_map(fluid, blood, 0 * damage, SPACING, rng)) > 2500
