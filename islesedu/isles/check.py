"""Say in words what is wrong with an ISLES folder, before a training finds out."""

import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from islesedu import CHANNELS
from islesedu.isles.find import find_cases
from islesedu.isles.model import Case, IslesError
from islesedu.isles.volumes import load, open_volume, same_place

EXPECTED = {"isles2017": CHANNELS, "flat": CHANNELS, "isles2022": ("ADC", "DWI")}
TOO_SMALL = {"CBF": 0.5, "CBV": 0.05}
"""Brain medians below these are a tenth of the smallest real ones (4.9 and 0.45)."""
ADC_UNITS = ((50.0, "1e-6 mm²/s"), (0.05, "1e-3 mm²/s"), (0.0, "mm²/s"))
"""A brain's median ADC is about 800e-6 mm²/s: what it is larger than tells the unit."""


class Problem(str):
    """A sentence about one file; `fatal` where the case cannot be used because of it."""

    fatal: bool

    def __new__(cls, text: str, fatal: bool = False):
        """Make a sentence that knows whether it is fatal."""
        problem = super().__new__(cls, text)
        problem.fatal = fatal
        return problem


def check_folder(
    folder: str | os.PathLike[str], channels: Sequence[str] | None = None
) -> list[Problem]:
    """Look at every case of a folder and say what is wrong.

    Parameters
    ----------
    folder : path-like
        ISLES folder.
    channels : sequence of str, optional
        Maps every case should have: by default the six of ISLES 2017, ADC and DWI of ISLES 2022.

    Returns
    -------
    list of Problem
        One line each, beginning with the file or the case; empty if all is well.

    Raises
    ------
    IslesError
        There is no case at all.
    """
    problems, units, contents = [], {}, defaultdict(list)
    for case in find_cases(folder):
        wanted = channels or EXPECTED[case.layout]
        for channel in wanted:
            if channel not in case.maps:
                problems.append(Problem(f"{case.folder}: no {channel} map", fatal=True))
        digest, first = hashlib.sha256(), None
        for channel, file in case.maps.items():
            if channel == "4DPWI" or channel not in {*wanted, *EXPECTED[case.layout]}:
                continue
            try:
                volume = open_volume(file)
                values = load(volume)
            except IslesError as error:
                problems.append(Problem(str(error), fatal=True))
                continue
            first = first or volume
            problems += check_grid(file, volume, first)
            problems += check_map(channel, file, values)
            digest.update(values.tobytes())
            if channel == "ADC":
                units[file] = adc_unit(values)
        problems += check_lesion(case, first)
        if first is not None:
            contents[digest.hexdigest()].append(case)
    return [*problems, *check_units(units), *check_twins(contents)]


def brain(values: np.ndarray) -> np.ndarray:
    """Return the finite values that are not 0: air is 0 in every map."""
    return values[np.isfinite(values) & (values != 0)]


def check_grid(file: Path, volume, first) -> Iterator[Problem]:
    """Compare a volume's grid with that of the case's first map."""
    if volume.shape[:3] != first.shape[:3]:
        yield Problem(
            f"{file}: grid {volume.shape[:3]}, but {Path(first.get_filename()).name} has "
            f"{first.shape[:3]}",
            fatal=True,
        )
    elif not same_place(volume, first):
        name = Path(first.get_filename()).name
        yield Problem(f"{file}: affine puts it elsewhere than {name}", fatal=True)


def check_map(channel: str, file: Path, values: np.ndarray) -> Iterator[Problem]:
    """Look at the values of one map."""
    odd = 1 - np.isfinite(values).mean()
    if odd > 0:
        yield Problem(f"{file}: {odd:.2%} of the voxels are NaN or infinite")
    inside = brain(values)
    if inside.size == 0 or np.ptp(values[np.isfinite(values)]) == 0:
        yield Problem(f"{file}: every voxel is the same, the map says nothing")
        return
    if channel in TOO_SMALL and np.median(inside) < TOO_SMALL[channel]:
        yield Problem(
            f"{file}: brain median {np.median(inside):.3g}, about 1000 times smaller than a "
            f"{channel} in its usual unit; multiply by 1000 or rely on the standardization"
        )
    low, high = inside.min(), np.percentile(inside, 99)
    if low < -0.5 * high:  # noise makes small negatives
        share = (inside < 0).mean()
        yield Problem(
            f"{file}: {share:.2%} of the brain voxels are negative, down to {low:.4g}; "
            f"no {channel} can be"
        )


def check_lesion(case: Case, first) -> Iterator[Problem]:
    """Look at the lesion mask of a case."""
    if case.lesion is None:
        if "train" in case.name:
            yield Problem(f"{case.folder}: no lesion mask, so it cannot be learned from")
        return
    try:
        volume = open_volume(case.lesion)
        values = load(volume)
    except IslesError as error:
        yield Problem(str(error), fatal=True)
        return
    if first is not None:
        yield from check_grid(case.lesion, volume, first)
    labels = np.unique(values)
    if not np.isin(labels, (0, 1)).all():
        shown = ", ".join(f"{label:g}" for label in labels[:6])
        yield Problem(f"{case.lesion}: a mask holds 0 and 1, this one {shown}")
    if not values.any():
        yield Problem(f"{case.lesion}: the lesion mask is empty")


def adc_unit(values: np.ndarray) -> str | None:
    """Guess the unit of an ADC map from its median; None if it has no positive one."""
    positive = values[np.isfinite(values) & (values > 0)]
    if positive.size == 0:
        return None
    return next(unit for limit, unit in ADC_UNITS if np.median(positive) > limit)


def check_units(units: dict[Path, str | None]) -> Iterator[Problem]:
    """Name the ADC maps that are in another unit than most."""
    counts = Counter(unit for unit in units.values() if unit)
    if len(counts) < 2:
        return
    usual = counts.most_common(1)[0][0]
    for file, unit in units.items():
        if unit and unit != usual:
            yield Problem(f"{file}: ADC seems to be in {unit}, most of the others in {usual}")


def check_twins(contents: dict[str, list[Case]]) -> Iterator[Problem]:
    """Name the cases whose maps are the same, voxel for voxel."""
    for cases in contents.values():
        for twin in cases[1:]:
            yield Problem(f"{twin.folder}: the same maps as {cases[0].folder}")


def summarize_folder(folder: str | os.PathLike[str]) -> str:
    """Return a small table about a folder: cases, grids, spacings, lesion volumes.

    Files that cannot be read are left out; `check_folder` names them.
    """
    cases, grids, spacings, volumes = find_cases(folder), Counter(), Counter(), []
    for case in cases:
        file = case.maps.get("ADC") or next(iter(case.maps.values()), case.lesion)
        try:
            volume = open_volume(file)
            size = volume.header.get_zooms()[:3]
            grids[" x ".join(map(str, volume.shape[:3]))] += 1
            spacings[" x ".join(f"{s:.2f}" for s in size)] += 1
            if case.lesion:
                lesion = load(open_volume(case.lesion)) > 0.5
                volumes.append(float(lesion.sum() * np.prod(size) / 1000))
        except IslesError:
            continue
    lines = [f"{len(cases)} cases, {len(volumes)} with a lesion mask that can be read"]
    lines += [f"  grid {grid}: {count} cases" for grid, count in grids.most_common()]
    lines += [f"  spacing {s} mm: {count} cases" for s, count in spacings.most_common(10)]
    if volumes:
        quantiles = np.quantile(volumes, [0, 0.25, 0.5, 0.75, 1])
        words = ", ".join(f"{q:.2f}" for q in quantiles)
        lines.append(
            f"  lesion volume in ml (least, quarter, median, three quarters, most): {words}"
        )
    return "\n".join(lines)
