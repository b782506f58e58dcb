"""Find the cases of an ISLES folder, whichever of the layouts it has."""

import os
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from islesedu.errors import IslesError
from islesedu.isles.bids import arrange_bids
from islesedu.isles.case import Case, Problem, part_of
from islesedu.isles.channels import LESION
from islesedu.isles.clinical_join import join_clinical
from islesedu.isles.formats import Format, format_by_name, is_volume_name
from islesedu.isles.name_map import NameMap, check_name_map
from islesedu.isles.names import Found, parse_name
from islesedu.isles.passed_over import PassedOver, describe

_TRUTH = "truth"
"""Sub-folder in which the synthetic cohort keeps the lesions of its test cases."""
_STATES = "physiology"
"""Sub-folder in which it keeps the states of the tissue, which are no maps."""
_FOLDER = Format("a folder with the name of a file", "put the .nii or .nii.gz file in its place")


class Search(NamedTuple):
    """What was found in a folder: cases, what is wrong with it, files not understood."""

    cases: list[Case]
    problems: list[Problem]
    passed: list[PassedOver]


def find_cases(folder: str | os.PathLike[str], names: NameMap | None = None) -> list[Case]:
    """Find every case below a folder: training before test, training_2 before training_10.

    Understood are ISLES 2015 to 2018 as they were handed out
    (``training_1/VSD.Brain.XX.O.MR_ADC.128020/VSD.Brain.XX.O.MR_ADC.128020.nii``, prefix ``VSD.``
    or ``SMIR.``), the flat variant (``training_22/MR_rCBF.nii``, ``p1/ADC.nii``,
    ``p1/p1_adc.nii``, as BraTS has it), BIDS as in ISLES 2022 and 2024
    (``sub-strokecase0001/ses-0001/..._adc.nii.gz``; maps of both sessions that lie in one space
    are one case), and nnU-Net (``imagesTr/p1_0000.nii.gz`` with ``dataset.json``); .nii or
    .nii.gz; a whole data set, its training or test part, or a single case. ``__MACOSX`` is passed
    over, and so is a sub-folder ``truth``, where the synthetic cohort keeps its test lesions: ask
    for it by name. `islesedu.isles.check_folder` lists what else was passed over.

    Parameters
    ----------
    folder : path-like
        Where to look.
    names : dict of str to str, optional
        Channels of files whose names the kit does not know: from a part of the name to a channel,
        or "lesion", such as ``{"perf": "Tmax"}``; or from a pattern with ``*`` and ``{case}``,
        such as ``{"masks/{case}.nii.gz": "lesion"}``. They go before what the kit knows.

    Returns
    -------
    list of Case

    Raises
    ------
    IslesError
        No such folder, a part of it that may not be listed, no case in it, two files for one map
        of one case, two cases of one name, a clinical table that cannot be used, or `names` is no
        such mapping.

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
    found = collect(folder, names)
    for problem in found.problems:
        if problem.fatal:
            raise IslesError(problem)
    for problem in found.problems:
        warnings.warn(problem, stacklevel=2)
    return found.cases


def collect(folder: str | os.PathLike[str], names: NameMap | None = None) -> Search:
    """Find the cases as `find_cases` does, and name what is ambiguous instead of raising.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     for place in ("a/training_1", "b/training_1"):
    ...         Path(folder, place).mkdir(parents=True)
    ...         Path(folder, place, "MR_ADC.nii").touch()
    ...     found = collect(folder)
    >>> len(found.cases), len(found.problems)
    (2, 1)
    """
    folder, names = Path(folder), check_name_map(names)
    if not folder.is_dir():
        raise IslesError(f"{folder} is not a folder; give the folder that holds the cases")
    passed: list[PassedOver] = []
    parsed = sorted(_scan(folder, names, passed), key=lambda found: str(found.file))
    groups: dict[tuple, list[Found]] = {}
    for found in arrange_bids(_split_mapped(parsed), passed):
        groups.setdefault(found.key, []).append(found)
    if not groups:
        raise IslesError(
            f"{folder} holds no ISLES case; looked for names such as "
            "training_1/VSD.Brain.XX.O.MR_ADC.128020/VSD.Brain.XX.O.MR_ADC.128020.nii, "
            "training_1/MR_ADC.nii and sub-strokecase0001/ses-0001/..._adc.nii.gz"
            + "".join(f"; {sentence}" for sentence in describe(passed, folder))
        )
    ambiguities: list[str] = []
    cases = [_make_case(group, ambiguities, passed) for group in groups.values()]
    cases, clinical = join_clinical(_name_sessions(cases, list(groups)))
    by_name: dict[str, Case] = {}
    for case in cases:
        other = by_name.setdefault(case.name, case)
        if other is not case:
            ambiguities.append(
                f"{case.folder} and {other.folder} are both called {case.name}; give a folder "
                "that holds only one of them, or rename one"
            )
    problems = [Problem(sentence, fatal=True) for sentence in ambiguities] + clinical
    return Search(sorted(cases, key=_sort_key), problems, sorted(passed, key=lambda one: one.file))


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


def _scan(folder: Path, names: NameMap, passed: list[PassedOver]) -> Iterator[Found]:
    """Yield what is understood among the files below a folder; note what is passed over."""
    for file in _walk(folder, passed):
        if is_volume_name(file.name):
            found = parse_name(file, Path(os.path.abspath(folder)), names)
            if isinstance(found, Found):
                yield found
            elif file.parent.name != _STATES:
                passed.append(PassedOver(file, found))
        elif other := format_by_name(file):
            passed.append(PassedOver(file, other))


def _walk(folder: Path, passed: list[PassedOver]) -> Iterator[Path]:
    """Yield the files below a folder but hidden ones and litter; links are followed once."""
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
        if is_volume_name(place.name) and not any(map(is_volume_name, files)):
            passed.append(PassedOver(place, _FOLDER))
        yield from (place / file for file in sorted(files) if not file.startswith("."))


def _raise_unlistable(error: OSError) -> None:
    """Raise an IslesError about a folder that may not be listed: its cases would be missed."""
    raise IslesError(
        f"{error.filename} cannot be listed ({error.strerror}); change its permissions or give "
        "a folder beside it"
    ) from error


def _split_mapped(parsed: list[Found]) -> Iterator[Found]:
    """Yield files with those of several cases in one folder set apart, by the rest of their names.

    A folder holds one case, unless mapped names give it two files for one channel.
    """
    mapped = [found for found in parsed if found.rank == 0 and found.key[0] == "flat"]
    counts = Counter((found.key, found.channel) for found in mapped)
    shared = {key for (key, _), count in counts.items() if count > 1}
    for found in parsed:
        if found.rank == 0 and found.key in shared and found.rest:
            yield found._replace(key=("mapped", found.folder, found.rest), name=found.rest)
        else:
            yield found


def _make_case(group: list[Found], ambiguities: list[str], passed: list[PassedOver]) -> Case:
    """Put the files of one case together; a second one for the same map is ambiguous."""
    files: dict[str, Found] = {}
    for found in sorted(group, key=lambda found: found.rank):
        taken = files.setdefault(found.channel, found)
        if taken.rank < found.rank:
            why = f"another file is surer to be the {found.channel} of its case"
            passed.append(PassedOver(found.file, why))
        elif taken is not found:
            ambiguities.append(
                f"{found.file} is a second file for the {found.channel} of case {found.name}, "
                f"beside {taken.file}; keep one of the two"
            )
    lesion, first = files.pop(LESION, None), group[0]
    maps = {channel: found.file for channel, found in files.items()}
    return Case(first.name, first.folder, first.key[0], maps, lesion and lesion.file)


def _name_sessions(cases: list[Case], keys: Iterable[tuple]) -> list[Case]:
    """Add session and space to the name of BIDS patients who have several."""
    keys = list(keys)
    visits = Counter(key[1] for key in keys if key[0] == "isles2022")
    return [
        replace(case, name="_".join(filter(None, key[1:])))
        if case.layout == "isles2022" and visits[key[1]] > 1
        else case
        for case, key in zip(cases, keys, strict=True)
    ]
