"""Find the cases of an ISLES folder, whichever of the layouts it has."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from islesedu.isles.clinical import join_clinical
from islesedu.isles.model import Case, IslesError

LESION = "lesion"
FIELDS = {
    "mr_adc": "ADC",
    "mr_rcbv": "CBV",
    "mr_cbv": "CBV",
    "mr_rcbf": "CBF",
    "mr_cbf": "CBF",
    "mr_mtt": "MTT",
    "mr_ttp": "TTP",
    "mr_tmax": "Tmax",
    "mr_4dpwi": "4DPWI",
    "ot": LESION,
}
"""Channel of the fifth dotted field of ISLES 2017 (of the whole name in the flat variant)."""
SUFFIXES = {"adc": "ADC", "dwi": "DWI", "flair": "FLAIR", "msk": LESION}
BIDS = re.compile(r"(sub-[^_]+)_(?:.*_)?([a-z]+)$")
KEPT_BACK = "truth"
"""Sub-folder in which the synthetic cohort keeps the lesions of its test cases."""


class Found(NamedTuple):
    """What one file's name says."""

    layout: str
    name: str
    folder: Path
    channel: str
    file: Path


def find_cases(folder: str | os.PathLike[str]) -> list[Case]:
    """Find every case below a folder, in natural order (training_2 before training_10).

    Understood are ISLES 2017 as it was handed out
    (``training_1/VSD.Brain.XX.O.MR_ADC.128020/VSD.Brain.XX.O.MR_ADC.128020.nii``, prefix ``VSD.``
    or ``SMIR.``), its flat variant (``training_22/MR_rCBF.nii``), and ISLES 2022
    (``sub-strokecase0001/ses-0001/..._adc.nii.gz``); .nii or .nii.gz; a whole data set, its
    training or test part, or a single case. Litter such as ``__MACOSX`` is passed over, and so is
    a sub-folder ``truth``, where the synthetic cohort keeps its test lesions: ask for it by name.

    Parameters
    ----------
    folder : path-like
        Where to look.

    Returns
    -------
    list of Case

    Raises
    ------
    IslesError
        No such folder, no case in it, or two files for one map of one case.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise IslesError(f"{folder} is not a folder; give the folder that holds the cases")
    cases: dict[str, Case] = {}
    for found in sorted(scan(folder), key=lambda found: str(found.file)):
        add(cases, found)
    if not cases:
        raise IslesError(
            f"{folder} holds no ISLES case; looked for names such as "
            "training_1/VSD.Brain.XX.O.MR_ADC.128020/VSD.Brain.XX.O.MR_ADC.128020.nii, "
            "training_1/MR_ADC.nii and sub-strokecase0001/ses-0001/..._adc.nii.gz"
        )
    return join_clinical(sorted(cases.values(), key=lambda case: natural(case.name)), folder)


def natural(name: str) -> list:
    """Return a sort key that counts: ``training_2`` before ``training_10``."""
    return [int(part) if part.isdigit() else part.lower() for part in re.split(r"(\d+)", name)]


def scan(folder: Path) -> Iterator[Found]:
    """Yield what is understood among the files below a folder; links are followed once."""
    seen = set()
    for root, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(root)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = [
            f for f in folders if not f.startswith(".") and f not in ("__MACOSX", KEPT_BACK)
        ]
        for file in files:
            if not file.startswith(".") and (found := understand(Path(root).resolve() / file)):
                yield found


def understand(file: Path) -> Found | None:
    """Return what a file's name says about it, or None if it is no part of a case."""
    stem = re.sub(r"\.nii(\.gz)?$", "", file.name)
    if stem == file.name:
        return None
    fields = stem.split(".")
    if len(fields) >= 6 and fields[0] in ("VSD", "SMIR") and fields[4].lower() in FIELDS:
        own = file.parent.name.split(".")[0] in ("VSD", "SMIR")  # each map has its own folder
        folder = file.parent.parent if own else file.parent
        return Found("isles2017", folder.name, folder, FIELDS[fields[4].lower()], file)
    if stem.lower() in FIELDS:
        return Found("flat", file.parent.name, file.parent, FIELDS[stem.lower()], file)
    if (bids := BIDS.match(stem)) and bids[2] in SUFFIXES:
        return Found("isles2022", bids[1], file.parent, SUFFIXES[bids[2]], file)
    return None


def add(cases: dict[str, Case], found: Found) -> None:
    """Put a file where it belongs among the cases; refuse a second one for the same map."""
    case = cases.get(found.name)
    if case is None:
        case = Case(found.name, found.folder, found.layout, {})
    taken = case.lesion if found.channel == LESION else case.maps.get(found.channel)
    if taken is not None:
        raise IslesError(
            f"case {found.name} has two files for {found.channel}: {taken} and {found.file}; "
            "keep one, or give a folder that holds only one of them"
        )
    maps, lesion = dict(case.maps), case.lesion
    if found.channel == LESION:
        lesion = found.file
    else:
        maps[found.channel] = found.file
    cases[found.name] = Case(case.name, case.folder, case.layout, maps, lesion)
