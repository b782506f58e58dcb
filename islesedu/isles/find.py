"""Find the cases of an ISLES folder, whichever of the layouts it has."""

import os
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from islesedu import CHANNELS
from islesedu.errors import IslesError
from islesedu.isles.case import SERIES, Case, Problem, part_of
from islesedu.isles.clinical_join import join_clinical

_LESION = "lesion"
_FIELDS = {f"mr_{channel.lower()}": channel for channel in (*CHANNELS, SERIES)}
_FIELDS |= {"mr_rcbv": "CBV", "mr_rcbf": "CBF", "ot": _LESION}
"""Channel of the fifth dotted field of ISLES 2017 (of the whole name in the flat variant)."""
_SUFFIXES = {"adc": "ADC", "dwi": "DWI", "flair": "FLAIR", "msk": _LESION}
_BIDS = re.compile(r"(?P<sub>sub-[^_]+)_(?:(?P<ses>ses-[^_]+)_)?(?:.*_)?(?P<suffix>[A-Za-z]+)$")
_TRUTH = "truth"
"""Sub-folder in which the synthetic cohort keeps the lesions of its test cases."""


class _Found(NamedTuple):
    """What one file's name says; files with the same `key` belong to one case."""

    key: tuple
    name: str
    folder: Path
    channel: str
    file: Path


def find_cases(folder: str | os.PathLike[str]) -> list[Case]:
    """Find every case below a folder: training before test, training_2 before training_10.

    Understood are ISLES 2017 as it was handed out
    (``training_1/VSD.Brain.XX.O.MR_ADC.128020/VSD.Brain.XX.O.MR_ADC.128020.nii``, prefix ``VSD.``
    or ``SMIR.``), its flat variant (``training_22/MR_rCBF.nii``), and ISLES 2022
    (``sub-strokecase0001/ses-0001/..._adc.nii.gz``); .nii or .nii.gz; a whole data set, its
    training or test part, or a single case. ``__MACOSX`` is passed over, and so is
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
        No such folder, a part of it that may not be listed, no case in it, two files for one map
        of one case, two cases of one name, or a clinical table that cannot be used.

    Warns
    -----
    UserWarning
        A clinical table has no row for some of the cases.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     for number in (10, 2):
    ...         file = Path(folder) / f"training_{number}" / "MR_ADC.nii"
    ...         file.parent.mkdir()
    ...         file.touch()
    ...     [case.name for case in find_cases(folder)]  # files are not opened yet
    ['training_2', 'training_10']
    """
    cases, problems = collect(folder)
    for problem in problems:
        if problem.fatal:
            raise IslesError(problem)
    for problem in problems:
        warnings.warn(problem, stacklevel=2)
    return cases


def collect(folder: str | os.PathLike[str]) -> tuple[list[Case], list[Problem]]:
    """Find the cases as `find_cases` does, and name what is ambiguous instead of raising.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     for place in ("a/training_1", "b/training_1"):
    ...         Path(folder, place).mkdir(parents=True)
    ...         Path(folder, place, "MR_ADC.nii").touch()
    ...     cases, ambiguities = collect(folder)
    >>> len(cases), len(ambiguities)
    (2, 1)
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise IslesError(f"{folder} is not a folder; give the folder that holds the cases")
    groups: dict[tuple, list[_Found]] = {}
    for found in sorted(_scan(folder), key=lambda found: str(found.file)):
        groups.setdefault(found.key, []).append(found)
    if not groups:
        raise IslesError(
            f"{folder} holds no ISLES case; looked for names such as "
            "training_1/VSD.Brain.XX.O.MR_ADC.128020/VSD.Brain.XX.O.MR_ADC.128020.nii, "
            "training_1/MR_ADC.nii and sub-strokecase0001/ses-0001/..._adc.nii.gz"
        )
    ambiguities: list[str] = []
    cases = [_make_case(group, ambiguities) for group in groups.values()]
    cases, clinical = join_clinical(_name_sessions(cases, list(groups)))
    by_name: dict[str, Case] = {}
    for case in cases:
        other = by_name.setdefault(case.name, case)
        if other is not case:
            ambiguities.append(
                f"{case.folder} and {other.folder} are both called {case.name}; give a folder "
                "that holds only one of them, or rename one"
            )
    problems = [Problem(sentence, fatal=True) for sentence in ambiguities]
    return sorted(cases, key=_sort_key), problems + clinical


def _sort_key(case: Case) -> tuple:
    """Return a sort key: test cases last, numbers counted, so training_2 before training_10."""
    return part_of(case.folder) == "test", _natural(case.name), str(case.folder)


def _natural(name: str) -> list:
    """Return a sort key that counts: ``training_2`` before ``training_10``.

    Examples
    --------
    >>> sorted(["training_10", "training_2"], key=_natural)
    ['training_2', 'training_10']
    """
    parts = re.split(r"(\d+)", name)  # text, number, text, number, ... text
    return [int(part) if number % 2 else part.lower() for number, part in enumerate(parts)]


def _scan(folder: Path) -> Iterator[_Found]:
    """Yield what is understood among the files below a folder; links are followed once."""
    seen = set()
    for root, folders, files in os.walk(folder, followlinks=True, onerror=_raise_unlistable):
        real = os.path.realpath(root)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(
            f for f in folders if not f.startswith(".") and f not in ("__MACOSX", _TRUTH)
        )
        # Not resolved: a case that is a link goes by the link's name, not by its target's.
        place = Path(os.path.abspath(root))
        for file in files:
            if not file.startswith(".") and (found := _parse_name(place / file)):
                yield found


def _raise_unlistable(error: OSError) -> None:
    """Raise an IslesError about a folder that may not be listed: its cases would be missed."""
    raise IslesError(
        f"{error.filename} cannot be listed ({error.strerror}); change its permissions or give "
        "a folder beside it"
    ) from error


def _parse_name(file: Path) -> _Found | None:
    """Return what a file's name says about it, or None if it is no part of a case."""
    stem = _without_suffix(file.name)
    if stem == file.name:
        return None
    own = _without_suffix(
        file.parent.name
    )  # as handed out, each ISLES 2017 map has a folder of its name
    folder = file.parent.parent if _is_dotted(own) else file.parent
    if channel := _dotted_channel(stem) or _dotted_channel(own):
        return _Found(("isles2017", folder), folder.name, folder, channel, file)
    if channel := _FIELDS.get(stem.lower()):
        return _Found(("flat", file.parent), file.parent.name, file.parent, channel, file)
    if (bids := _BIDS.match(stem)) and (channel := _SUFFIXES.get(bids["suffix"].lower())):
        return _Found(
            ("isles2022", bids["sub"], bids["ses"]), bids["sub"], file.parent, channel, file
        )
    return None


def _without_suffix(name: str) -> str:
    """Return a name without .nii or .nii.gz."""
    return re.sub(r"\.nii(\.gz)?$", "", name)


def _dotted_channel(name: str) -> str | None:
    """Return the channel in the fifth dotted field of an ISLES 2017 name, None for other names.

    Examples
    --------
    >>> _dotted_channel("VSD.Brain.XX.O.MR_rCBF.127016")
    'CBF'
    """
    return _FIELDS.get(name.split(".")[4].lower()) if _is_dotted(name) else None


def _is_dotted(name: str) -> bool:
    """Tell whether a name is made like those of ISLES 2017, whatever its channel."""
    fields = name.split(".")
    return len(fields) >= 6 and fields[0] in ("VSD", "SMIR")


def _make_case(group: list[_Found], ambiguities: list[str]) -> Case:
    """Put the files of one case together; a second one for the same map is ambiguous."""
    files: dict[str, Path] = {}
    for found in group:
        taken = files.setdefault(found.channel, found.file)
        if taken != found.file:
            ambiguities.append(
                f"{found.file} is a second file for the {found.channel} of case {found.name}, "
                f"beside {taken}; keep one of the two"
            )
    lesion, first = files.pop(_LESION, None), group[0]
    return Case(first.name, first.folder, first.key[0], files, lesion)


def _name_sessions(cases: list[Case], keys: list[tuple]) -> list[Case]:
    """Add the session to the name of ISLES 2022 patients who have several."""
    visits = Counter(key[1] for key in keys if key[0] == "isles2022")
    return [
        replace(case, name=f"{key[1]}_{key[2]}")
        if case.layout == "isles2022" and visits[key[1]] > 1
        else case
        for case, key in zip(cases, keys, strict=True)
    ]
