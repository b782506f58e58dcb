"""Check and summarize an ISLES folder before a training finds out what is wrong with it."""

import hashlib
import os
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import nibabel as nib
import numpy as np
from tqdm.auto import tqdm

from islesedu import CHANNELS
from islesedu.errors import IslesError
from islesedu.isles.case import Case, Problem, part_of
from islesedu.isles.channels import SERIES
from islesedu.isles.find import collect
from islesedu.isles.geometry import contradictions, doubts, spacing_of, voxels_apart
from islesedu.isles.name_map import NameMap
from islesedu.isles.nifti import check_stream, load, open_on_grid, open_volume, read_mask
from islesedu.isles.passed_over import describe
from islesedu.isles.quality import (
    Outliers,
    adc_unit,
    check_clinical,
    check_map,
    check_mask,
    check_outliers,
    check_units,
    is_brain,
    note_outliers,
)
from islesedu.isles.read import place_of

_EXPECTED = {"isles2017": CHANNELS, "flat": CHANNELS, "isles2022": ("ADC", "DWI")}


def check_folder(
    folder: str | os.PathLike[str],
    channels: Sequence[str] | None = None,
    progress: bool = False,
    names: NameMap | None = None,
) -> list[Problem]:
    """Look at every case of a folder and say what is wrong.

    One map is in memory at a time. A damaged file is reported, it does not end the check.

    Parameters
    ----------
    folder : path-like
        ISLES folder.
    channels : sequence of str, optional
        Maps every case should have: by default the six of ISLES 2017, ADC and DWI of ISLES 2022;
        where no case has an ADC map, those that at least half of the cases have. What is wrong
        with other maps is reported too, but is not fatal.
    progress : bool
        Show a progress bar.
    names : dict of str to str, optional
        As for `find_cases`.

    Returns
    -------
    list of Problem
        One line each, beginning with the file or the case; empty if all is well. `fatal` is True
        where `read_case` would refuse. Files that look like images but were not understood are
        counted at the end, one line for each reason.

    Raises
    ------
    IslesError
        There is no case at all.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from islesedu.isles import write_map
    >>> with TemporaryDirectory() as folder:
    ...     values = np.arange(24).reshape(2, 3, 4)
    ...     _ = write_map(f"{folder}/test_1/MR_ADC.nii", values, np.eye(4), (1, 1, 1))
    ...     [problem.replace(folder, "") for problem in check_folder(folder, ["ADC", "Tmax"])]
    ['/test_1: no Tmax map; it has ADC']
    """
    cases, problems, passed = collect(folder, names)
    expected = {layout: _expected(cases, layout) for layout in {case.layout for case in cases}}
    units: dict[Path, str | None] = {}
    contents: dict[str, list[Case]] = defaultdict(list)
    outliers: Outliers = {}
    for case in tqdm(cases, desc="check", unit="case", disable=not progress):
        wanted = tuple(channels or expected[case.layout])
        problems += _check_case(case, wanted, units, contents, outliers)
    problems += [*check_units(units), *_check_duplicates(contents)]
    problems += [*check_outliers(outliers, len(cases)), *check_clinical(cases)]
    return problems + [Problem(sentence) for sentence in describe(passed, Path(folder))]


def _expected(cases: list[Case], layout: str) -> tuple[str, ...]:
    """Return the maps that the cases of a layout should have, unless told."""
    held = Counter(channel for case in cases if case.layout == layout for channel in case.maps)
    if held["ADC"]:
        return _EXPECTED.get(layout, ()) or ("ADC",)
    half = sum(case.layout == layout for case in cases) / 2
    usual = tuple(c for c, count in sorted(held.items()) if count >= half and c != SERIES)
    # Four of the six maps of ISLES 2017: the others are missing, or lie there in another format.
    is_2017 = layout == "isles2017" and len(set(usual) & set(CHANNELS)) > 4
    return CHANNELS if is_2017 else usual


def _check_case(
    case: Case, wanted: tuple[str, ...], units: dict, contents: dict, outliers: Outliers
) -> list[Problem]:
    """Look at one case; note its ADC's unit, a digest and the outliers of its maps for later."""
    problems = [
        Problem(f"{case.folder}: no {channel} map; it has {case.listing}", fatal=True)
        for channel in wanted
        if channel not in case.maps
    ]
    digests, first, inside = {}, None, None
    # The maps that are needed come first: the others are measured against them.
    for channel in sorted(case.maps, key=lambda channel: (channel not in wanted, channel)):
        file, fatal = case.maps[channel], channel in wanted
        try:
            volume = open_volume(file, series=channel == SERIES)
            if channel == SERIES:
                check_stream(file)
                continue
            values = load(volume)
        except IslesError as error:
            problems.append(Problem(str(error), fatal))
            continue
        first = first or place_of(case, volume)
        problems += _check_grid(file, volume, first, fatal)
        if volume.shape[:3] == first.shape[:3]:
            inside = is_brain(values) if inside is None else inside | is_brain(values)
        problems += check_map(channel, file, values)
        note_outliers(outliers, channel, file, values)
        digest = hashlib.sha256(values.tobytes()).hexdigest()
        if digest in digests:
            problems.append(Problem(f"{file}: the same values as {digests[digest].name}"))
        digests[digest] = file
        if channel == "ADC":
            units[file] = adc_unit(values)
    if digests:
        contents["".join(digests)].append(case)
    return problems + list(_check_lesion(case, first, inside))


def _check_grid(
    file: Path, volume: nib.Nifti1Image, first: nib.Nifti1Image, fatal: bool = True
) -> Iterator[Problem]:
    """Compare a volume's grid with that of the case's first map, and look at its header."""
    yield from map(Problem, (*contradictions(volume), *doubts(volume, first)))
    name = Path(first.get_filename()).name
    if volume.shape[:3] != first.shape[:3]:
        yield Problem(f"{file}: grid {volume.shape[:3]}, but {name} has {first.shape[:3]}", fatal)
    elif (apart := voxels_apart(volume, first)) > 0.01:
        words = f"{file}: its affine puts it {apart:.2g} voxels away from {name}"
        yield Problem(words, fatal and apart > 0.5)


def _check_lesion(
    case: Case, first: nib.Nifti1Image | None, inside: np.ndarray | None
) -> Iterator[Problem]:
    """Look at the lesion mask of a case, whose brain is `inside`."""
    if case.lesion is None:
        if part_of(case.folder) == "training":
            yield Problem(f"{case.folder}: no lesion mask, so it cannot be learned from")
        return
    try:
        volume = open_volume(case.lesion)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            mask = read_mask(volume, inside)
    except IslesError as error:
        yield Problem(str(error), fatal=True)
        return
    if first is not None:
        yield from _check_grid(case.lesion, volume, first)
    yield from (Problem(str(warning.message)) for warning in caught)
    yield from check_mask(case.lesion, mask, inside)


def _check_duplicates(contents: dict[str, list[Case]]) -> Iterator[Problem]:
    """Name the cases whose maps are the same, voxel for voxel."""
    for cases in contents.values():
        for case in cases[1:]:
            first = cases[0]
            apart = case.folder != first.folder
            who = (case.folder, first.folder) if apart else (case.name, first.name)
            yield Problem(f"{who[0]}: the same maps as {who[1]}")


def summarize_folder(folder: str | os.PathLike[str], names: NameMap | None = None) -> str:
    """Return a small table about a folder: cases, grids, spacings, lesion volumes.

    Files that cannot be read are left out; `check_folder` names them.

    Parameters
    ----------
    folder : path-like
        ISLES folder.
    names : dict of str to str, optional
        As for `find_cases`.

    Raises
    ------
    IslesError
        There is no case at all.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from islesedu.isles import write_map
    >>> with TemporaryDirectory() as folder:
    ...     _ = write_map(f"{folder}/test_1/MR_ADC.nii", np.ones((2, 3, 4)), np.eye(4), (1, 1, 1))
    ...     print(summarize_folder(folder))
    1 cases (1 test), 0 with a lesion mask that can be read
      grid 2 x 3 x 4: 1 cases
      spacing 1.00 x 1.00 x 1.00 mm: 1 cases
    """
    cases = collect(folder, names).cases
    volumes, grids, spacings = [], Counter(), Counter()
    for case in cases:
        maps = [case.maps[channel] for channel in sorted(case.maps) if channel != SERIES]
        try:
            file = next(iter(maps), case.lesion) or case.maps[SERIES]
            volume = place_of(case, open_volume(file, series=True))
            size = spacing_of(volume)
            grids[" x ".join(map(str, volume.shape[:3]))] += 1
            spacings[" x ".join(f"{s:.2f}" for s in size)] += 1
            if case.lesion:
                lesion = read_mask(open_on_grid(case.lesion, volume))
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
        shown = ", ".join(f"{q:.2f}" for q in np.quantile(volumes, [0, 0.25, 0.5, 0.75, 1]))
        lines.append(f"  lesion volume in ml (minimum, quartiles, maximum): {shown}")
    return "\n".join(lines)
