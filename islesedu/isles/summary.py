"""Put an ISLES folder into a small table."""

import os
from collections import Counter

import numpy as np

from islesedu.errors import IslesError
from islesedu.isles.case import SERIES
from islesedu.isles.clinical_table import part_of
from islesedu.isles.find import collect
from islesedu.isles.nifti import open_volume, read_mask


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
