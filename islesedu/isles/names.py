"""What the name of one file says: which case it belongs to, and which channel it holds."""

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from islesedu.errors import IslesError
from islesedu.isles.channels import ANY_MASK, LESION, canonical, channel_of, field_channel
from islesedu.isles.formats import volume_stem
from islesedu.isles.name_map import NameMap, match_name

_COPY = re.compile(r"( ?\(\d+\)| ?- copy( ?\(\d+\))?| copy( \d+)?)$", re.IGNORECASE)
_PREDICTION = re.compile(r"(SMIR\.[^.]+\.[^.]+|.+_(prediction|probability))$")
_NNUNET = re.compile(r"(?P<case>.+)_(?P<number>\d{4})$")


NO_CHANNEL = "the name says no channel that the kit knows"
NO_NNUNET = "no dataset.json of nnU-Net beside the folder names this channel (channel_names)"


class Found(NamedTuple):
    """What one file's name says; files with the same `key` belong to one case.

    `rank` tells how sure that is (0: the user has said so), `rest` what a mapped name says besides
    its channel, `session` and `space` what BIDS calls so.
    """

    key: tuple
    name: str
    folder: Path
    channel: str
    file: Path
    rank: int = 1
    rest: str = ""
    session: str | None = None
    space: str | None = None


def parse_name(file: Path, root: Path, names: NameMap) -> Found | str:
    """Return what a volume's name says, or why it is no part of a case.

    Examples
    --------
    >>> found = parse_name(Path("training_2/MR_rCBF.nii"), Path(), {})
    >>> found.name, found.channel
    ('training_2', 'CBF')
    """
    stem = volume_stem(file.name)
    mapped = match_name(names, file, root)
    if mapped and mapped.names_case:
        return Found(("mapped", mapped.rest), mapped.rest, file.parent, mapped.channel, file, 0)
    if not mapped and _COPY.search(stem):
        return "looks like a copy; delete it, or rename it if it is the only one"
    for parse in (_parse_dotted, _parse_bids, _parse_nnunet):
        if found := parse(file, stem):
            break
    else:
        found = _parse_plain(file, stem)
    if mapped:
        return found._replace(channel=mapped.channel, rank=0, rest=mapped.rest)
    if found.channel:
        return found
    if _PREDICTION.match(stem):
        return "looks like a prediction, not like a map"
    return NO_CHANNEL if found.key[0] != "nnunet" else NO_NNUNET


def _parse_dotted(file: Path, stem: str) -> Found | None:
    """Return what a name of ISLES 2015 to 2018 says: the channel is the fifth dotted field."""
    own = volume_stem(file.parent.name)  # as handed out, each map has a folder of its name
    nested = _is_dotted(own)
    if not nested and not _is_dotted(stem):
        return None
    folder = file.parent.parent if nested else file.parent
    fields = [name.split(".")[4] for name in (stem, own) if _is_dotted(name)]
    channel = next(filter(None, map(field_channel, fields)), "")
    return Found(("isles2017", folder), folder.name, folder, channel, file)


def _is_dotted(name: str) -> bool:
    """Tell whether a name is made like those of ISLES 2017, whatever its channel."""
    fields = name.split(".")
    return len(fields) >= 6 and fields[0].upper() in ("VSD", "SMIR")


def _parse_bids(file: Path, stem: str) -> Found | None:
    """Return what a BIDS name says, such as those of ISLES 2022 and 2024."""
    subject, *parts = stem.split("_")
    if not re.match(r"sub-.", subject, re.IGNORECASE) or not parts:
        return None
    labels = dict(part.lower().split("-", 1) for part in parts if "-" in part)
    session = next((part for part in parts if part.lower().startswith("ses-")), None)
    channel, last = channel_of(parts[-1]), parts[:-1]
    if len(parts) > 1 and parts[-1].lower() in ANY_MASK:
        other = [part for part in last if "-" not in part]
        said = {labels[label] for label in ("desc", "label") if label in labels} | set(other)
        channel = LESION if all(LESION in word.lower() for word in said) else None
    key = ("isles2022", subject, session)
    return Found(
        key, subject, file.parent, channel or "", file, 1, "", session, labels.get("space")
    )


def _parse_nnunet(file: Path, stem: str) -> Found | None:
    """Return what a name in ``imagesTr`` or ``labelsTr`` says; dataset.json names the channels."""
    kind = re.fullmatch(r"(images|labels)(tr|ts|val)", file.parent.name, re.IGNORECASE)
    if not kind:
        return None
    root, image = file.parent.parent, _NNUNET.match(stem)
    part = kind[2].lower()
    if kind[1].lower() == "labels":
        return Found(("nnunet", root, part, stem), stem, file.parent, LESION, file)
    if not image:
        return None
    listing = root / "dataset.json"
    changed = listing.stat().st_mtime_ns if listing.is_file() else 0
    channel = _nnunet_channels(listing, changed).get(int(image["number"]), "")
    key = ("nnunet", root, part, image["case"])
    return Found(key, image["case"], file.parent, channel, file)


@lru_cache(maxsize=8)
def _nnunet_channels(file: Path, changed: int) -> dict[int, str]:
    """Return the channels that a dataset.json names, by number; `changed` is its time, or 0."""
    if not changed:
        return {}
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
        named = content.get("channel_names") or content.get("modality") or {}
        return {int(number): canonical(str(name)) for number, name in named.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise IslesError(
            f"{file} is damaged ({error}); expected the dataset.json of nnU-Net, such as "
            '{"channel_names": {"0": "DWI", "1": "ADC"}}'
        ) from error


def _parse_plain(file: Path, stem: str) -> Found:
    """Return what any other name says: ``MR_ADC``, ``ADC``, or the folder's name and a channel."""
    folder, own = file.parent, file.parent.name
    key = ("flat", folder)
    if channel := field_channel(stem):
        return Found(key, own, folder, channel, file)
    rank, channel = 2, channel_of(stem) if stem.lower() not in (*ANY_MASK, "seg") else None
    if stem.lower().startswith(own.lower()) and stem[len(own) : len(own) + 1] in ("_", "-"):
        channel = channel or channel_of(stem[len(own) + 1 :])
    if channel and stem.lower() == own.lower():  # each map in a folder of its name
        folder = folder.parent
    return Found(("flat", folder), folder.name, folder, channel or "", file, rank)
