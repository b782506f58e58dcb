"""Look at the values of one map: what no brain can have."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from islesedu import CHANNELS
from islesedu.isles.case import Case, Problem
from islesedu.isles.clinical_features import INPUTS

_USUAL = {"CBF": 19.0, "CBV": 1.4, "MTT": 5.0}
"""Brain medians of ISLES 2017 (they run from a quarter of these to two and a half times them)."""
_UNIT_FACTOR = 30.0
"""From which factor on between a median and the usual one another unit is the likeliest reason."""
_SIGNED = ("CT", "CTA")
"""Maps in Hounsfield units, where air is -1000."""
_ADC_UNITS = ((50.0, "1e-6 mm²/s"), (0.05, "1e-3 mm²/s"), (0.0, "mm²/s"))
"""A brain's median ADC is about 800e-6 mm²/s: what it is larger than tells the unit."""


def brain(values: np.ndarray) -> np.ndarray:
    """Return the finite values that are not 0: air is 0 in every map.

    Examples
    --------
    >>> brain(np.array([0, 5.0, np.nan])).tolist()
    [5.0]
    """
    return values[is_brain(values)]


def is_brain(values: np.ndarray) -> np.ndarray:
    """Return where the values are finite and not 0.

    Examples
    --------
    >>> is_brain(np.array([0, 5.0, np.nan])).tolist()
    [False, True, False]
    """
    return np.isfinite(values) & (values != 0)


def check_map(channel: str, file: Path, values: np.ndarray) -> Iterator[Problem]:
    """Look at the values of one map.

    Examples
    --------
    >>> print(*check_map("TTP", Path("TTP.nii"), np.ones((2, 2, 2))))
    TTP.nii: every voxel is the same, the map says nothing
    """
    odd = ~np.isfinite(values)
    if odd.any():
        yield Problem(f"{file}: {_count(odd)} are NaN or infinite", fatal=bool(odd.all()))
    inside = brain(values)
    if inside.size == 0 or np.ptp(values[np.isfinite(values)]) == 0:
        yield Problem(f"{file}: every voxel is the same, the map says nothing")
        return
    yield from _check_scale(channel, file, float(np.median(inside)))
    if channel not in _SIGNED and _far_below(inside):
        yield Problem(
            f"{file}: {_count(inside < 0)} that are not 0 are negative, down to "
            f"{inside.min():.4g}; no {channel} can be"
        )


def check_mask(file: Path, mask: np.ndarray, inside: np.ndarray | None) -> Iterator[Problem]:
    """Look at a lesion mask: whether it is empty, inverted, or not in the brain.

    Parameters
    ----------
    file : Path
        For the sentence.
    mask : ndarray of bool, (X, Y, Z)
        Lesion.
    inside : ndarray of bool, (X, Y, Z), or None
        Brain; None if it is not known.

    Examples
    --------
    >>> print(*check_mask(Path("OT.nii"), np.ones((2, 2, 2), bool), None))
    OT.nii: the lesion is 8 of 8 voxels (100 %), most of the volume; is the mask inverted?
    """
    if not mask.any():
        yield Problem(f"{file}: the lesion mask is empty")
        return
    known = inside is not None and inside.shape == mask.shape and inside.any()
    if mask.mean() > 0.5:
        words = f"the lesion is {_count(mask)}, most of the volume; is the mask inverted?"
        yield Problem(f"{file}: {words}")
    elif known and mask[inside].mean() > 0.5:
        words = f"the lesion is {_count(mask[inside])} of the brain; is the mask inverted?"
        yield Problem(f"{file}: {words}")
    elif known and (~inside[mask]).mean() > 0.5:
        words = f"{_count(~inside[mask])} of the lesion lie outside the brain"
        yield Problem(f"{file}: {words}; is it flipped, or another patient's?")


def _far_below(inside: np.ndarray) -> bool:
    """Return whether the least value is too low for noise, which makes small negatives."""
    return bool(inside.min() < -0.5 * np.percentile(inside, 99))


def _count(voxels: np.ndarray) -> str:
    """Return how many voxels are True, in words.

    Examples
    --------
    >>> _count(np.array([True, False, False, False]))
    '1 of 4 voxels (25 %)'
    """
    share = float(f"{100 * voxels.mean():.2g}")
    return f"{np.count_nonzero(voxels)} of {voxels.size} voxels ({share:g} %)"


def _check_scale(channel: str, file: Path, median: float) -> Iterator[Problem]:
    """Compare a brain median with the usual one; one case of ISLES 2017 is off by about 1000."""
    if channel not in _USUAL or median <= 0:
        return
    factor = _USUAL[channel] / median
    if not 1 / _UNIT_FACTOR < factor < _UNIT_FACTOR:
        times, way = (factor, "small") if factor > 1 else (1 / factor, "large")
        yield Problem(
            f"{file}: brain median {median:.3g}, about {times:.0f} times too "
            f"{way} for {channel} in its usual unit (about {_USUAL[channel]:g}); rescale the map "
            "or rely on the standardization"
        )


def adc_unit(values: np.ndarray) -> str | None:
    """Guess the unit of an ADC map from its median; None if it has no positive one.

    Examples
    --------
    >>> adc_unit(np.array([0, 800.0])), adc_unit(np.array([0, 0.8])), adc_unit(np.zeros(2))
    ('1e-6 mm²/s', '1e-3 mm²/s', None)
    """
    positive = values[np.isfinite(values) & (values > 0)]
    if positive.size == 0:
        return None
    return next(unit for limit, unit in _ADC_UNITS if np.median(positive) > limit)


def check_units(units: dict[Path, str | None]) -> Iterator[Problem]:
    """Name the ADC maps that are in another unit than most; without a majority, one of each unit.

    Examples
    --------
    >>> units = {Path("1.nii"): "mm²/s", Path("2.nii"): "mm²/s", Path("3.nii"): "1e-3 mm²/s"}
    >>> print(*check_units(units))
    3.nii: ADC seems to be in 1e-3 mm²/s, most of the others in mm²/s
    >>> print(*check_units({Path("1.nii"): "mm²/s", Path("3.nii"): "1e-3 mm²/s"}))
    1.nii: ADC seems to be in mm²/s (1 map), but in 1e-3 mm²/s (1 map) in 3.nii
    """
    counts = Counter(unit for unit in units.values() if unit)
    if len(counts) < 2:
        return
    usual, most = counts.most_common(1)[0]
    if 2 * most <= counts.total():
        first = {unit: file for file, unit in reversed(units.items())}
        maps = {unit: f"{unit} ({n} map{'s' if n > 1 else ''})" for unit, n in counts.items()}
        others = [f"in {maps[unit]} in {first[unit]}" for unit in maps if unit != usual]
        words = f"ADC seems to be in {maps[usual]}, but {' and '.join(others)}"
        yield Problem(f"{first[usual]}: {words}")
        return
    for file, unit in units.items():
        if unit and unit != usual:
            yield Problem(f"{file}: ADC seems to be in {unit}, most of the others in {usual}")


Outliers = dict[tuple[str, str], list[tuple[float, Path]]]
"""What many maps of a kind have: (channel, "negative" or "outlier") to worst values and files."""
_PERFUSION = [channel for channel in CHANNELS if channel != "ADC"]
"""Maps that are computed from the DSC time series."""
_OUTLIER = 3.0
"""From how many times the 99th percentile on a value counts as an outlier."""
_REASONS = {
    "negative": "negative values, down to {worst:.4g} in {file}: noise where little blood flows",
    "outlier": f"values more than {_OUTLIER:g} times the 99th percentile, up to {{worst:.4g}} in "
    "{file}: voxels in which the computation is unstable, such as CSF",
}


def note_outliers(outliers: Outliers, channel: str, file: Path, values: np.ndarray) -> None:
    """Note negative values and outliers of a perfusion map; real ones have both.

    Examples
    --------
    >>> note_outliers(found := {}, "CBF", Path("CBF.nii"), np.array([20.0, 19, -1]))
    >>> found["CBF", "negative"][0][0]
    -1.0
    """
    inside = brain(values)
    if channel not in _PERFUSION or not inside.size:
        return
    if (least := float(inside.min())) < 0 and not _far_below(inside):  # those are reported alone
        outliers.setdefault((channel, "negative"), []).append((least, file))
    if (most := float(inside.max())) > _OUTLIER * np.percentile(inside, 99) > 0:
        outliers.setdefault((channel, "outlier"), []).append((most, file))


def check_outliers(outliers: Outliers, cases: int) -> Iterator[Problem]:
    """Say once for each kind of map what many of them have, and where it is worst.

    Examples
    --------
    >>> print(*check_outliers({("CBF", "negative"): [(-1.0, Path("CBF.nii"))]}, cases=3))
    CBF: in 1 of 3 cases negative values, down to -1 in CBF.nii: noise where little blood flows
    """
    for (channel, kind), found in sorted(outliers.items()):
        worst, file = max(found, key=lambda one: abs(one[0]))
        reason = _REASONS[kind].format(worst=worst, file=file)
        yield Problem(f"{channel}: in {len(found)} of {cases} cases {reason}")


def check_clinical(cases: Sequence[Case]) -> Iterator[Problem]:
    """Say which columns of a clinical table have missing values; no table at all is no problem.

    Examples
    --------
    >>> case = Case("training_1", Path(), "flat", {}, clinical={"TICI": "3", "TSS": 90})
    >>> print(*check_clinical([case]))
    clinical table: TTT is missing for 1 of 1 cases: training_1
    """
    listed = [case for case in cases if case.clinical]
    for column in INPUTS:
        if names := [case.name for case in listed if column not in case.clinical]:
            more = f" and {len(names) - 5} others" if len(names) > 5 else ""
            yield Problem(
                f"clinical table: {column} is missing for {len(names)} of {len(listed)} cases: "
                f"{', '.join(names[:5])}{more}"
            )
