"""One synthetic patient: a brain, a stroke and a scan on a grid of ISLES 2017."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.stats import qmc

from islesedu import CHANNELS
from islesedu.isles.case import Patient
from islesedu.phantom.circulation import Circulation, circulate
from islesedu.phantom.diffusion import diffusion_map
from islesedu.phantom.infarct import TissueFate, manual_outline
from islesedu.phantom.population import assign_by_severity
from islesedu.phantom.scanner import MATRIX, Scanner, acquire_series, perfusion_maps
from islesedu.phantom.stroke import QUANTILES, Stroke
from islesedu.phantom.template import Pose, Tissue, scanner_affine, tissue_on_grid

GRIDS = (
    ((192, 192, 19),) * 17
    + ((192, 192, 30),) * 6
    + ((192, 192, 24),)
    + ((128, 128, 25),) * 10
    + ((256, 256, 24),) * 9
)
"""Grids (X, Y, Z) of the 43 training cases of ISLES 2017."""
_FIELD_OF_VIEW = 240.0
"""Edge of a slice in mm."""
_THICKNESS = {19: 6.5, 24: 5.5, 25: 5.5, 30: 5.0}
"""Slice thickness in mm for each number of slices."""
TRAINING_NUMBERS = [n for n in range(1, 49) if n not in (3, 17, 25, 29, 34)]
TEST_NUMBERS = [*range(1, 9), 10, 11, *range(14, 22), *range(27, 41)]


def case_numbers(part: str, count: int) -> list[int]:
    """Return the numbers of the first cases of a cohort's part, "training" or "test".

    Those of the challenge come first, then on from the last.

    Examples
    --------
    >>> case_numbers("training", 4), case_numbers("test", 9)
    ([1, 2, 4, 5], [1, 2, 3, 4, 5, 6, 7, 8, 10])
    """
    real = TRAINING_NUMBERS if part == "training" else TEST_NUMBERS
    return real[:count] + list(range(real[-1] + 1, real[-1] + 1 + count - len(real)))


def _turn(part: str, number: int) -> int:
    """Return the place of a case in its part, counted from 0."""
    real = TRAINING_NUMBERS if part == "training" else TEST_NUMBERS
    return real.index(number) if number in real else len(real) + number - real[-1] - 1


def _case_rng(seed: int, part: str, number: int, what: int = 0) -> np.random.Generator:
    """Return random numbers of one case, which depend on nothing else; `what` are they for."""
    return np.random.default_rng([seed, part == "test", number, what])


def quantiles(seed: int, part: str, number: int) -> dict[str, float]:
    """Return at which quantile, in (0, 1), a case is of each of `QUANTILES`.

    They are dealt out evenly (a scrambled Sobol sequence): the first n cases of a part, whatever n,
    cover large and small, early and late strokes much better than n independent draws.
    """
    rng = np.random.default_rng([seed, 11, part == "test"])
    sequence = qmc.Sobol(len(QUANTILES), scramble=True, seed=rng)
    if before := _turn(part, number):  # SciPy cannot go forward by 0
        sequence.fast_forward(before)
    point = sequence.random(1)[0]
    return dict(zip(QUANTILES, point.clip(1e-4, 1 - 1e-4).tolist(), strict=True))


def case_grid(seed: int, part: str, number: int, scale: float) -> tuple[tuple, tuple]:
    """Return the grid of a case at `scale`, and the voxel size in mm.

    The grids are dealt out like cards, so that the 43 training cases have just those of the
    challenge, and each case its own whatever the number of the others.
    """
    order = np.random.default_rng([seed, 43, part == "test"]).permutation(len(GRIDS))
    x, y, z = GRIDS[order[_turn(part, number) % len(GRIDS)]]
    size = round(x * scale), round(y * scale), z
    return size, (_FIELD_OF_VIEW / size[0], _FIELD_OF_VIEW / size[1], _THICKNESS[z])


@dataclass(frozen=True)
class SyntheticPatient:
    """One synthetic patient: the images, and the ground truth behind them.

    Attributes
    ----------
    maps : dict of str to ndarray, (X, Y, Z), float32
        The six maps in their units, and ``"lesion"``, bool.
    spacing : tuple of float
        Voxel size in mm.
    stroke : Stroke
        What happened.
    tissue, blood, fate : Tissue, Circulation, TissueFate
        What the voxels are made of, the blood in them, and what decides about them.
    scanner : Scanner
        How the scan was made.
    series : ndarray, (x, y, Z, T), float32
        The DSC time series, on the scanner's grid.
    outline_state : mapping
        State of the random numbers before the lesion was outlined.
    """

    maps: dict[str, np.ndarray]
    spacing: tuple[float, float, float]
    stroke: Stroke
    tissue: Tissue
    blood: Circulation
    fate: TissueFate
    scanner: Scanner
    series: np.ndarray
    outline_state: Mapping[str, Any]

    def lesion_under(self, tici: str | None = None, treatment: int | None = None) -> np.ndarray:
        """Return the lesion on day 90, (X, Y, Z) bool, that another treatment would have left.

        Only the treatment differs: tissue, scan, registration and outline are the same. With the
        treatment that the patient had, this is the lesion among the maps.

        Parameters
        ----------
        tici : str, optional
            Grade of recanalization, "0" to "3"; without it the patient's own.
        treatment : int, optional
            Minutes from the scan to the treatment; without it the patient's own.
        """
        other = {"tici": tici, "treatment": treatment}
        stroke = replace(self.stroke, **{k: v for k, v in other.items() if v is not None})
        rng = np.random.default_rng()
        rng.bit_generator.state = self.outline_state
        damage = self.fate.damage(stroke)
        return manual_outline(damage, self.tissue, self.fate.tissue, self.spacing, rng)

    def as_patient(self, name: str) -> Patient:
        """Return what a hospital would have: maps, lesion and geometry, no ground truth.

        Examples
        --------
        >>> make_patient(2017, "training", 20, 0.1).as_patient("one").image.shape
        (19, 19, 19, 6)
        """
        image = np.stack([self.maps[channel] for channel in CHANNELS], axis=-1)
        affine = scanner_affine(image.shape[:3], self.spacing)
        lesion = self.maps["lesion"]
        return Patient(name, image, lesion, self.spacing, affine, {}, CHANNELS)


def make_patient(
    seed: int,
    part: str,
    number: int,
    scale: float,
    population: str = "isles",
    assignment: str = "random",
    **changes: Any,
) -> SyntheticPatient:
    """Simulate one patient; at another scale it is the same one, more or less finely sampled.

    Parameters
    ----------
    seed, part, number : int, str, int
        Which patient: of the cohort with this seed, "training" or "test", number in the challenge.
    scale : float
        Of the grid in the plane; 1 is the size of the real scans.
    population : str
        One of `islesedu.phantom.population.POPULATIONS`.
    assignment : str
        "random", or "severity": the treatment depends on the patient.
    **changes
        Fields of `Stroke` that should be otherwise than in the cohort, such as
        ``reopened_before=0.0``.

    Examples
    --------
    >>> make_patient(2017, "training", 20, 0.1, tici="0").stroke.tici
    '0'
    """
    u, rng = quantiles(seed, part, number), _case_rng(seed, part, number)
    grid, spacing = case_grid(seed, part, number, scale)
    if assignment == "severity":
        u = assign_by_severity(u)
    stroke, pose = replace(Stroke.of(u, population), **changes), Pose.draw(rng)
    tissue = tissue_on_grid(grid, spacing, pose, rng)
    blood = circulate(tissue, stroke, spacing, rng, population)
    fate = TissueFate.draw(tissue, blood, stroke, spacing, rng)
    outline_state = rng.bit_generator.state
    lesion = manual_outline(fate.damage(stroke), tissue, fate.tissue, spacing, rng)
    rng = _case_rng(seed, part, number, 1)
    scanner = Scanner.of(u, rng)
    series = acquire_series(tissue, blood, scanner, spacing, round(MATRIX * scale), rng)
    adc = diffusion_map(tissue, blood, fate.damage_at_scan(stroke), spacing, rng)
    maps = {"ADC": adc, **perfusion_maps(series, scanner, grid, tissue.brain), "lesion": lesion}
    return SyntheticPatient(
        maps, spacing, stroke, tissue, blood, fate, scanner, series, outline_state
    )
