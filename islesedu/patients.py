"""One made-up patient: a head, a stroke and a scanner put together, on a grid of ISLES 2017."""

import numpy as np

from islesedu.anatomy import Pose, smooth_noise, tissue_on_grid
from islesedu.stroke import Stroke, diffusion, final_lesion, flow_left, perfusion

GRIDS = (
    ((192, 192, 19),) * 17
    + ((192, 192, 30),) * 6
    + ((192, 192, 24),)
    + ((128, 128, 25),) * 10
    + ((256, 256, 24),) * 9
)
"""Grids (X, Y, Z) of the 43 training cases of ISLES 2017."""
FIELD_OF_VIEW = 240.0
"""Edge of a slice in mm."""
THICKNESS = {19: 6.5, 24: 5.5, 25: 5.5, 30: 5.0}
"""Slice thickness in mm for each number of slices."""
TRAINING_NUMBERS = [n for n in range(1, 49) if n not in (3, 17, 25, 29, 34)]
TEST_NUMBERS = [*range(1, 9), 10, 11, *range(14, 22), *range(27, 41)]
NOISE = {"ADC": 80.0, "CBV": 0.3, "CBF": 3.5, "MTT": 1.1, "TTP": 0.7, "Tmax": 1.0}
"""Standard deviation of the scanner's noise, in each map's unit."""


def numbers(real: list[int], count: int) -> list[int]:
    """Return case numbers: those of the challenge first, then on from the last."""
    return real[:count] + list(range(real[-1] + 1, real[-1] + 1 + count - len(real)))


def case_rng(seed: int, part: str, number: int) -> np.random.Generator:
    """Return the random numbers of one case, which depend on nothing else."""
    return np.random.default_rng([seed, part == "test", number])


def case_grid(seed: int, part: str, number: int, scale: float) -> tuple[tuple, tuple]:
    """Return the grid of a case at `scale`, and the voxel size in mm.

    The grids are dealt out like cards, so that the 43 training cases have just those of the
    challenge, and each case its own whatever the number of the others.
    """
    real = TRAINING_NUMBERS if part == "training" else TEST_NUMBERS
    order = np.random.default_rng([seed, 43, part == "test"]).permutation(len(GRIDS))
    turn = real.index(number) if number in real else len(real) + number - real[-1] - 1
    x, y, z = GRIDS[order[turn % len(GRIDS)]]
    size = round(x * scale), round(y * scale), z
    return size, (FIELD_OF_VIEW / size[0], FIELD_OF_VIEW / size[1], THICKNESS[z])


def make_patient(seed: int, part: str, number: int, scale: float):
    """Make up one patient.

    Returns
    -------
    maps : dict of str to ndarray, (X, Y, Z), float32
        The six maps in their units, and ``"lesion"``, bool.
    spacing : tuple of float
        Voxel size in mm.
    stroke : Stroke
        What happened.
    """
    rng = case_rng(seed, part, number)
    stroke, pose = Stroke.draw(rng), Pose.draw(rng)
    grid, spacing = case_grid(seed, part, number, scale)
    tissue = tissue_on_grid(grid, spacing, pose)
    flow = flow_left(tissue, stroke, spacing, rng)
    lesion = final_lesion(tissue, flow, stroke, spacing, rng) & tissue.brain
    adc, old = diffusion(tissue, flow, stroke, spacing, rng)
    healthy = 1 - old  # an old stroke has little blood, and it is no part of today's lesion
    maps = {"ADC": adc} | perfusion(tissue, flow * (0.25 + 0.75 * healthy), spacing, rng)
    for channel, noise in NOISE.items():
        grain = noise * smooth_noise(rng, grid, spacing, 1.2)
        maps[channel] = np.where(tissue.brain, maps[channel] + grain, 0).astype(np.float32)
    for channel in ("ADC", "MTT", "TTP", "Tmax"):  # the scanner's software cuts these at 0
        maps[channel] = np.maximum(maps[channel], 0)
    maps["lesion"] = lesion & (old < 0.3)
    return maps, spacing, stroke
