"""Which BIDS files of a patient are one case: a session's, or all that lie in one space."""

from collections.abc import Iterable, Iterator

from islesedu.isles.channels import LESION
from islesedu.isles.formats import volume_stem
from islesedu.isles.names import Found
from islesedu.isles.passed_over import PassedOver


def arrange_bids(parsed: Iterable[Found], passed: list[PassedOver]) -> Iterator[Found]:
    """Yield files with the keys of their cases; those of other layouts stay as they are.

    Maps that were registered to one space, as in ISLES 2024 (``space-ncct``), are one case,
    whichever session they are from. The image that gives the space its name belongs to them, and
    the lesion; other images of the patient lie elsewhere and are passed over. A lesion alone in its
    session belongs to the only other session.

    Examples
    --------
    >>> from pathlib import Path
    >>> from islesedu.isles.names import parse_name
    >>> files = "sub-1_ses-1_space-ncct_tmax.nii", "sub-1_ses-2_space-ncct_adc.nii"
    >>> parsed = [parse_name(Path(file), Path(), {}) for file in files]
    >>> {found.key for found in arrange_bids(parsed, [])}
    {('isles2022', 'sub-1', None, 'space-ncct')}
    """
    patients: dict[str, list[Found]] = {}
    for found in parsed:
        if found.key[0] != "isles2022":
            yield found
        else:
            patients.setdefault(found.key[1], []).append(found)
    for files in patients.values():
        spaces = {found.space for found in files if found.space and found.channel != LESION}
        files = list(_drop_lone_lesions(files, spaces, passed))
        if spaces:
            files = list(_in_space(files, spaces, passed))
        yield from _join_lesion(files)


def _drop_lone_lesions(
    files: list[Found], spaces: set[str], passed: list[PassedOver]
) -> Iterator[Found]:
    """Yield a patient's files without lesions of a space that has no map, if there is another."""
    has_lesion = any(found.channel == LESION and not found.space for found in files)
    for found in files:
        if not found.space or found.space in spaces:
            yield found
        elif has_lesion:
            why = f"no map lies in its space (space-{found.space})"
            passed.append(PassedOver(found.file, why))
        else:
            yield found._replace(space=None)


def _in_space(files: list[Found], spaces: set[str], passed: list[PassedOver]) -> Iterator[Found]:
    """Yield a patient's files with one key for each space, or for each session of it."""
    space = next(iter(spaces)) if len(spaces) == 1 else None
    channels = [(found.channel, found.space) for found in files if found.space]
    merged = len(set(channels)) == len(channels)
    held = {channel for channel, _ in channels}
    for found in files:
        origin = volume_stem(found.file.name).lower().endswith(f"_{space}")
        if space and not found.space:
            if found.channel in held or not (origin or found.channel == LESION):
                why = f"lies in another space than the registered maps (space-{space})"
                passed.append(PassedOver(found.file, why))
                continue
            found = found._replace(space=space)
        session = None if merged and found.space else found.session
        label = found.space and f"space-{found.space}"
        yield found._replace(key=(*found.key[:2], session, label))


def _join_lesion(files: list[Found]) -> list[Found]:
    """Return a patient's files, a lesion that is alone joined to the only case without one."""
    channels: dict[tuple, set[str]] = {}
    for found in files:
        channels.setdefault(found.key, set()).add(found.channel)
    alone = [key for key, held in channels.items() if held == {LESION}]
    without = [key for key, held in channels.items() if LESION not in held]
    if len(alone) != 1 or len(without) != 1 or len(channels) != 2:
        return files
    return [found._replace(key=without[0]) if found.key == alone[0] else found for found in files]
