"""Files of a folder that look like images and were not understood."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from islesedu.isles.formats import Format, volume_stem
from islesedu.isles.names import NO_CHANNEL, NO_NNUNET

_SHOWN = 5
"""How many files are named; the others are counted."""


class PassedOver(NamedTuple):
    """A file that is not used, and why."""

    file: Path
    why: Format | str


def describe(passed: Sequence[PassedOver], folder: Path) -> Iterator[str]:
    """Yield one sentence for each reason: how many files, their names, what to do.

    Examples
    --------
    >>> passed = [PassedOver(Path(f"{number}_a.nii"), NO_CHANNEL) for number in range(7)]
    >>> print(*describe(passed, Path()))  # doctest: +NORMALIZE_WHITESPACE
    passed over 7 files (0_a.nii, 1_a.nii, 2_a.nii, 3_a.nii, 4_a.nii and 2 others): the name says
    no channel that the kit knows; name it with --map, such as --map a=Tmax
    """
    by_reason: dict[Format | str, list[Path]] = {}
    for file, why in passed:
        by_reason.setdefault(why, []).append(file)
    for why, files in by_reason.items():
        names = [os.path.relpath(file, folder) for file in files[:_SHOWN]]
        more = f" and {len(files) - _SHOWN} others" if len(files) > _SHOWN else ""
        count = "1 file" if len(files) == 1 else f"{len(files)} files"
        yield f"passed over {count} ({', '.join(names)}{more}): {_reason(why, files[0])}"


def _reason(why: Format | str, file: Path) -> str:
    """Return why a file is passed over, and what to do."""
    if isinstance(why, Format):
        return why.advice(file)
    if why not in (NO_CHANNEL, NO_NNUNET):
        return why
    stem = volume_stem(file.name)
    fields = stem.split(".")
    word = fields[4] if len(fields) >= 6 else re.split(r"[_. ]", stem)[-1]
    return f"{why}; name it with --map, such as --map {word}=Tmax"
