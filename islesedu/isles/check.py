"""Say in words what an ISLES folder holds and what is wrong with it."""

import hashlib
import os
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from islesedu import CHANNELS
from islesedu.errors import IslesError
from islesedu.isles.case import SERIES, Case, Problem
from islesedu.isles.clinical_table import part_of
from islesedu.isles.find import collect
from islesedu.isles.nifti import check_stream, load, open_volume, read_mask, voxels_apart
from islesedu.isles.quality import (
    Habits,
    adc_unit,
    check_clinical,
    check_habits,
    check_map,
    check_units,
    note_habits,
)

EXPECTED = {"isles2017": CHANNELS, "flat": CHANNELS, "isles2022": ("ADC", "DWI")}


def check_folder(
    folder: str | os.PathLike[str], channels: Sequence[str] | None = None, progress: bool = False
) -> list[Problem]:
    """Look at every case of a folder and say what is wrong.

    One map is in memory at a time. A damaged file is reported, it does not end the check.

    Parameters
    ----------
    folder : path-like
        ISLES folder.
    channels : sequence of str, optional
        Maps every case should have: by default the six of ISLES 2017, ADC and DWI of ISLES 2022.
        What is wrong with other maps is reported too, but is not fatal.
    progress : bool
        Show a progress bar.

    Returns
    -------
    list of Problem
        One line each, beginning with the file or the case; empty if all is well. `fatal` is True
        where `read_case` would refuse.

    Raises
    ------
    IslesError
        There is no case at all.
    """
    cases, complaints = collect(folder)
    problems = [Problem(complaint, fatal=True) for complaint in complaints]
    units: dict[Path, str | None] = {}
    contents: dict[str, list[Case]] = defaultdict(list)
    habits: Habits = {}
    for case in tqdm(cases, desc="check", unit="case", disable=not progress):
        wanted = tuple(channels or EXPECTED[case.layout])
        problems += check_case(case, wanted, units, contents, habits)
    problems += [*check_units(units), *check_twins(contents)]
    return [*problems, *check_habits(habits, len(cases)), *check_clinical(cases)]


def check_case(
    case: Case, wanted: tuple[str, ...], units: dict, contents: dict, habits: Habits
) -> list[Problem]:
    """Look at one case; note its ADC's unit, a digest and the habits of its maps for later."""
    problems = [
        Problem(f"{case.folder}: no {channel} map", fatal=True)
        for channel in wanted
        if channel not in case.maps
    ]
    digests, first = {}, None
    # The maps that are needed come first: the others are measured against them.
    order = sorted(case.maps, key=lambda channel: (channel not in wanted, channel))
    for channel in order:
        file, fatal = case.maps[channel], channel in wanted
        try:
            volume = open_volume(file, series=channel == SERIES)
            check_stream(file)
            if channel == SERIES:
                continue
            values = load(volume)
        except IslesError as error:
            problems.append(Problem(str(error), fatal))
            continue
        first = first or volume
        problems += check_grid(file, volume, first, fatal)
        problems += check_map(channel, file, values)
        note_habits(habits, channel, file, values)
        digest = hashlib.sha256(values.tobytes()).hexdigest()
        if digest in digests:
            problems.append(Problem(f"{file}: the same values as {digests[digest].name}"))
        digests[digest] = file
        if channel == "ADC":
            units[file] = adc_unit(values)
    if digests:
        contents["".join(digests)].append(case)
    return problems + list(check_lesion(case, first))


def check_grid(file: Path, volume, first, fatal: bool = True) -> Iterator[Problem]:
    """Compare a volume's grid with that of the case's first map."""
    name = Path(first.get_filename()).name
    if volume.shape[:3] != first.shape[:3]:
        yield Problem(f"{file}: grid {volume.shape[:3]}, but {name} has {first.shape[:3]}", fatal)
    elif (apart := voxels_apart(volume, first)) > 0.01:
        words = f"{file}: its affine puts it {apart:.2g} voxels away from {name}"
        yield Problem(words, fatal and apart > 0.5)


def check_lesion(case: Case, first) -> Iterator[Problem]:
    """Look at the lesion mask of a case."""
    if case.lesion is None:
        if part_of(case.folder) == "training":
            yield Problem(f"{case.folder}: no lesion mask, so it cannot be learned from")
        return
    try:
        volume = open_volume(case.lesion)
        check_stream(case.lesion)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            mask = read_mask(volume)
    except IslesError as error:
        yield Problem(str(error), fatal=True)
        return
    if first is not None:
        yield from check_grid(case.lesion, volume, first)
    yield from (Problem(str(warning.message)) for warning in caught)
    if not mask.any():
        yield Problem(f"{case.lesion}: the lesion mask is empty")


def check_twins(contents: dict[str, list[Case]]) -> Iterator[Problem]:
    """Name the cases whose maps are the same, voxel for voxel."""
    for cases in contents.values():
        for twin in cases[1:]:
            yield Problem(f"{twin.folder}: the same maps as {cases[0].folder}")


def summarize_folder(folder: str | os.PathLike[str]) -> str:
    """Return a small table about a folder: cases, grids, spacings, lesion volumes.

    Files that cannot be read are left out; `check_folder` names them.
    """
    (cases, _), volumes = collect(folder), []
    grids, spacings = Counter(), Counter()
    for case in cases:
        maps = [case.maps[channel] for channel in sorted(case.maps) if channel != SERIES]
        file = next(iter(maps), case.lesion)
        try:
            volume = open_volume(file or case.maps[SERIES])
            size = volume.header.get_zooms()[:3]
            grids[" x ".join(map(str, volume.shape[:3]))] += 1
            spacings[" x ".join(f"{s:.2f}" for s in size)] += 1
            if case.lesion:
                lesion = read_mask(open_volume(case.lesion))
                volumes.append(float(lesion.sum() * np.prod(size) / 1000))
        except IslesError:
            continue
    parts = Counter(part_of(case.folder) for case in cases)
    known = ", ".join(f"{parts[part]} {part}" for part in ("training", "test") if parts[part])
    total = f"{len(cases)} cases ({known})" if known else f"{len(cases)} cases"
    lines = [f"{total}, {len(volumes)} with a lesion mask that can be read"]
    lines += [f"  grid {grid}: {count} cases" for grid, count in grids.most_common()]
    lines += [f"  spacing {s} mm: {count} cases" for s, count in spacings.most_common(10)]
    if volumes:
        quantiles = np.quantile(volumes, [0, 0.25, 0.5, 0.75, 1])
        words = ", ".join(f"{q:.2f}" for q in quantiles)
        lines.append(
            f"  lesion volume in ml (least, quarter, median, three quarters, most): {words}"
        )
    return "\n".join(lines)
