"""The scan: a noisy dynamic susceptibility contrast (DSC) time series, and perfusion maps from it.

The series has a coarser grid than the maps, the patient moves, the coils are uneven, and the
arterial input function that the software takes is never quite right: the artefacts of real maps,
for the same reasons.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import ndimage, stats

from islesedu.perfusion.bolus import concentration, gamma_variate, signal, tissue_curve
from islesedu.perfusion.deconvolution import deconvolve
from islesedu.phantom.circulation import Circulation
from islesedu.phantom.template import Tissue, smooth_noise

MATRIX = 128
"""Pixels along the edge of a slice of the series."""
_FINER = 16
"""Steps of a tabulated curve in one interval of the series."""
_TRANSIT = np.geomspace(0.8, 40, 80)
"""Transit times in s that curves are tabulated for."""
LATEST, EARLIEST = 20.0, 5.0
"""Delays that curves are tabulated for, s."""
PEAK = 240.0
"""Largest concentration in the artery, 1/s."""
BASELINE = 6
"""Images before the bolus arrives."""


@dataclass(frozen=True)
class Scanner:
    """How one scan was made.

    Attributes
    ----------
    dt : float
        Time between two images of the series, s.
    images : int
        Their number.
    arrival, rise, fall : float
        The arterial bolus, as in `islesedu.perfusion.bolus.gamma_variate`.
    gain : float
        Factor on CBF and CBV, from an artery that does not fill the voxel it is measured in.
    slowness : float
        Factor on MTT and 1 / CBF, from the software's way to a height and a width.
    noise : float
        Standard deviation of the signal's noise by the signal of gray matter.
    moves : tuple of tuple
        (image from which the head lies elsewhere, shift in x, in y, mm).
    whole : bool
        Whether the software keeps whole numbers only.
    """

    dt: float
    images: int
    arrival: float
    rise: float
    fall: float
    gain: float
    slowness: float
    noise: float
    moves: tuple[tuple[int, float, float], ...]
    whole: bool

    @classmethod
    def of(cls, u: Mapping[str, float], rng: np.random.Generator) -> "Scanner":
        """Return a scanner at the quantiles "gain" and "slowness"; the rest is drawn."""
        dt, images = float(rng.choice([1.2, 1.5, 1.6, 1.9])), int(rng.integers(40, 81))
        images = max(images, round(70 / dt))
        times = sorted(int(t) for t in rng.integers(3, images, rng.poisson(1.5)))
        return cls(
            dt=dt,
            images=min(images, 80),
            arrival=float(rng.uniform(BASELINE * dt, 16)),
            rise=float(rng.uniform(2.5, 3.5)),
            fall=float(rng.uniform(1.2, 2.2)),
            gain=float(np.exp(stats.norm.ppf(u["gain"], -0.7, 0.38))),
            slowness=float(np.exp(stats.norm.ppf(u["slowness"], -0.5, 0.29))),
            noise=float(rng.uniform(0.015, 0.032)),
            moves=tuple((t, *map(float, rng.normal(0, 0.6, 2))) for t in times),
            whole=bool(rng.random() < 0.4),
        )

    @property
    def artery(self) -> np.ndarray:
        """Concentration in the artery (T,), 1/s."""
        t = np.arange(self.images) * self.dt
        return gamma_variate(t, self.arrival, self.rise, self.fall, PEAK)


def series_grid(grid: tuple[int, ...], spacing: tuple[float, ...], edge: int) -> tuple:
    """Return grid and voxel size (mm) of a series with `edge` pixels and the same field of view."""
    size = (min(edge, grid[0]), min(edge, grid[1]), grid[2])
    return size, tuple(s * n / m for s, n, m in zip(spacing, grid, size, strict=True))


def resample(volume: np.ndarray, grid: tuple[int, ...]) -> np.ndarray:
    """Return a volume (X, Y, ...) on another grid in the plane, over the same field of view."""
    for axis in (0, 1):
        n, m = volume.shape[axis], grid[axis]
        if n == m:
            continue
        where = ((np.arange(m) + 0.5) * n / m - 0.5).clip(0, n - 1)
        # (m, n): straight lines between neighbours; means where the new pixels are larger
        apart = np.abs(where[:, None] - np.arange(n)) / max(1, n / m)
        weights = (1 - apart).clip(0)
        weights = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
        volume = np.moveaxis(np.tensordot(weights, volume, axes=(1, axis)), 0, axis)
    return volume


def acquire_series(
    tissue: Tissue,
    blood: Circulation,
    scanner: Scanner,
    spacing: tuple[float, float, float],
    edge: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return the DSC time series of a bolus passage, signal (x, y, Z, T), float32.

    Parameters
    ----------
    tissue, blood : Tissue, Circulation
        What is in the voxels (X, Y, Z).
    scanner : Scanner
        How the series is acquired.
    spacing : tuple of float
        Voxel size (X, Y, Z) in mm.
    edge : int
        Pixels along the edge of a slice of the series.
    rng : Generator
        Draws noise and coils.
    """
    grid, size = series_grid(tissue.gray.shape, spacing, edge)
    flow, volume = resample(blood.flow, grid), resample(blood.volume, grid)
    brain = resample(tissue.gray + tissue.white + tissue.fluid, grid) > 0.5
    weight = np.maximum(resample(blood.healthy, grid), 1e-3)
    late = resample(blood.delay * blood.healthy, grid) / weight
    bright = resample(tissue.gray + 0.85 * tissue.white + 1.7 * tissue.fluid, grid)
    bright = 1000 * bright * np.exp(0.15 * smooth_noise(rng, grid, size, 60))  # coils
    series = np.zeros((*grid, scanner.images), np.float32)
    curves = passages(flow[brain], volume[brain], late[brain], scanner)
    series[brain] = signal(curves, bright[brain][:, None])
    series = move(series, scanner, size)
    series += rng.standard_normal(series.shape, np.float32) * np.float32(1000 * scanner.noise)
    return series * brain[..., None]


def passages(
    flow: np.ndarray, volume: np.ndarray, late: np.ndarray, scanner: Scanner
) -> np.ndarray:
    """Return the concentration (N, T) in voxels with a flow, a volume and a delay (N,).

    Curves are looked up in a table of transit times and delays, not computed one by one.
    """
    step, most = scanner.dt / _FINER, scanner.images
    shape = {name: getattr(scanner, name) for name in ("arrival", "rise", "fall")}
    before, after = round(LATEST / step), round(EARLIEST / step)
    t = np.arange(before + most * _FINER + after) * step
    shape["arrival"] += before * step
    table = tissue_curve(t, 1.0, _TRANSIT, peak=PEAK, **shape).astype(np.float32)
    mtt = 60 * volume / np.maximum(flow, 1e-3)
    row = np.searchsorted(np.sqrt(_TRANSIT[1:] * _TRANSIT[:-1]), mtt)
    start = before - np.round(np.clip(late, -EARLIEST, LATEST) / step).astype(int)
    columns = start[:, None] + _FINER * np.arange(most)
    return table[row[:, None], columns] * flow[:, None]


def move(series: np.ndarray, scanner: Scanner, size: tuple[float, ...]) -> np.ndarray:
    """Return a series (x, y, Z, T) in which the head has moved within the plane, and stays so."""
    for first, x, y in scanner.moves:
        series[..., first:] = shifted(series[..., first:], x / size[0], y / size[1])
    return series


def shifted(volume: np.ndarray, x: float, y: float) -> np.ndarray:
    """Return a volume (X, Y, Z, T) whose content lies x and y voxels further, between neighbours.

    The bits of ``ndimage.shift`` with order 1 and mode "nearest", which would interpolate along the
    two other axes, too, and takes some ten times as long.
    """
    (rows, columns), moved = map(_neighbours, volume.shape, (x, y)), np.empty_like(volume)
    for i in range(len(volume)):
        line = 0.0
        for row, share in rows:
            near = volume[row[i]] * share[i]  # (Y, Z, T), float64
            for column, part in columns:
                line = line + near[column] * part[:, None, None]
        moved[i] = line
    return moved


def _neighbours(n: int, shift: float) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Return where the two neighbours of each of n places lie before a shift, and their shares."""
    place = np.clip(np.arange(n) - shift, 0, n - 1)
    low = np.floor(place).astype(int)
    share = 1 - (place - low)
    return (low, share), (np.minimum(low + 1, n - 1), 1 - share)


def perfusion_maps(
    series: np.ndarray, scanner: Scanner, grid: tuple[int, int, int], brain: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the maps CBV, CBF, MTT, TTP and Tmax (X, Y, Z) that software makes of a series.

    Parameters
    ----------
    series : ndarray, (x, y, Z, T)
        Signal.
    scanner : Scanner
        How it was taken.
    grid : tuple of int
        Of the maps.
    brain : ndarray of bool, (X, Y, Z)
        Where there are maps.
    """
    inside = series.mean(axis=-1) > 0
    smooth = ndimage.gaussian_filter(series, (1, 1, 0, 0), truncate=3)
    curves = concentration(smooth[inside], BASELINE)
    found = deconvolve(curves, scanner.artery, scanner.dt)
    found = {
        "CBV": scanner.gain * found.cbv,
        "CBF": scanner.gain / scanner.slowness * found.cbf,
        "MTT": scanner.slowness * found.mtt.clip(0, 60),
        "TTP": found.ttp,
        "Tmax": found.tmax.clip(0),
    }
    maps = {}
    share = np.maximum(resample(inside.astype(np.float32), grid), 1e-3)
    for name, values in found.items():
        volume = np.zeros(inside.shape, np.float32)
        volume[inside] = values
        volume = resample(volume, grid) / share * brain  # the air beside the brain counts nothing
        maps[name] = np.round(volume, 1 if name == "CBV" else 0) if scanner.whole else volume
    return maps
