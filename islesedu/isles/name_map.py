"""Names of files that the kit does not know, and the channels they hold (``--map``)."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from islesedu.errors import IslesError
from islesedu.isles.channels import canonical
from islesedu.isles.formats import is_volume_name, volume_stem

NameMap = Mapping[str, str]
"""From a part of a file's name, or a pattern with ``*`` and ``{case}``, to a channel."""
_FORM = 'give such as {"tmax": "Tmax", "masks/{case}.nii.gz": "lesion"}'


class Match(NamedTuple):
    """What a mapping says of a file: its channel, and what the name says besides."""

    channel: str
    rest: str
    names_case: bool


def check_name_map(names: NameMap | None) -> dict[str, str]:
    """Return a mapping with the channels as the kit writes them; an IslesError if it is none.

    Examples
    --------
    >>> check_name_map({"_tmax": "TMAX", "lesion-msk": "lesion"})
    {'_tmax': 'Tmax', 'lesion-msk': 'lesion'}
    """
    if not isinstance(names, Mapping | None):
        raise IslesError(f"names is {names!r}; {_FORM}")
    for part, channel in (names or {}).items():
        if not (isinstance(part, str) and isinstance(channel, str) and channel.strip()):
            raise IslesError(f"names holds {part!r}: {channel!r}, which are not two texts; {_FORM}")
        if not re.search(r"[^\W_]", part) or part.count("{case}") > 1:
            raise IslesError(f"names holds {part!r}, no part of a file's name; {_FORM}")
    return {part: canonical(channel) for part, channel in (names or {}).items()}


def read_name_map(text: str) -> dict[str, str]:
    """Return the mapping in a text such as ``tmax=Tmax``, in JSON, or in the file that it names.

    Examples
    --------
    >>> read_name_map("tmax=Tmax")
    {'tmax': 'Tmax'}
    """
    part, sign, channel = text.rpartition("=")
    is_json = text.lstrip().startswith("{") and text.rstrip().endswith("}")
    if sign and not is_json and not text.lower().endswith(".json"):
        return check_name_map({part: channel})
    try:
        content = text if is_json else Path(text).read_text(encoding="utf-8-sig")
        return check_name_map(json.loads(content))
    except OSError as error:
        raise IslesError(
            f"{text!r} is neither PART=CHANNEL, such as tmax=Tmax, nor a JSON file that can be "
            f"read ({error.strerror})"
        ) from error
    except ValueError as error:
        reason = str(error) if isinstance(error, IslesError) else f"it is no JSON; {_FORM}"
        raise IslesError(f"{text}: {reason}") from error


def match_name(names: NameMap, file: Path, root: Path) -> Match | None:
    """Return what a mapping says of a file below `root`; None if it says nothing.

    A pattern goes before a part, a part at the end of the name before one inside it, a long part
    before a short one.

    Examples
    --------
    >>> match_name({"perf": "Tmax"}, Path("study/p1_perf.nii.gz"), Path("study"))
    Match(channel='Tmax', rest='p1', names_case=False)
    >>> match_name({"masks/{case}.nii": "lesion"}, Path("study/masks/p1.nii"), Path("study"))
    Match(channel='lesion', rest='p1', names_case=True)
    """
    path = Path(os.path.relpath(file, root)).as_posix()
    stem, found = volume_stem(file.name), []
    for part, channel in names.items():
        if any(sign in part for sign in "/*?{"):
            if match := _pattern(part).fullmatch(path):
                case = match.groupdict().get("case")
                found.append(((2, len(part)), Match(channel, case or "", case is not None)))
            continue
        word = re.escape(volume_stem(part).strip("_-. "))
        for rank, pattern in ((1, rf"(^|[_\-. ]){word}$"), (0, rf"(^|[_. ]){word}(?=[_. ])")):
            if match := re.search(pattern, stem, re.IGNORECASE):
                rest = (stem[: match.start()] + stem[match.end() :]).strip("_-. ")
                found.append(((rank, len(part)), Match(channel, rest, False)))
                break
    return max(found, key=lambda one: one[0])[1] if found else None


def _pattern(text: str) -> re.Pattern:
    """Return the expression of a pattern, to be matched with a path; the last folders will do."""
    inner = re.escape(text.strip("/")).replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
    inner = inner.replace(r"\{case\}", "(?P<case>[^/]+?)")
    end = "" if is_volume_name(text) else r"(\.nii(\.gz)*)*"
    return re.compile(f"(?:.*/)?{inner}{end}", re.IGNORECASE)
