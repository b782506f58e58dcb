"""From the files of a case to a patient in memory."""

import contextlib
import warnings
from collections.abc import Sequence

import nibabel as nib
import numpy as np

from islesedu import CHANNELS
from islesedu.errors import IslesError
from islesedu.isles.case import SERIES, Case, Patient, finite
from islesedu.isles.geometry import (
    affine_of,
    contradictions,
    doubts,
    is_placed,
    spacing_of,
    warn_of,
)
from islesedu.isles.nifti import load, open_on_grid, open_volume, read_mask


def read_case(case: Case, channels: Sequence[str] = CHANNELS) -> Patient:
    """Read the maps of a case, and its lesion if there is one.

    Values stay in the units of the files; NaN and infinity become 0, as in air. Maps that are not
    asked for, such as the large 4-D perfusion series, are never loaded.

    Parameters
    ----------
    case : Case
        One of `find_cases`.
    channels : sequence of str
        Which maps, in the order of the image's last axis; ("ADC", "DWI") for ISLES 2022. Any that
        the case holds.

    Returns
    -------
    Patient
        image (X, Y, Z, C) float32, lesion (X, Y, Z) bool or None.

    Raises
    ------
    IslesError
        A map is missing, a file is damaged, files of the case lie on different grids, or the lesion
        is no mask.

    Warns
    -----
    UserWarning
        The lesion's label is not 1 (see `islesedu.metrics.as_mask`); a map has no finite value in
        voxels in which another one has; the header that the voxel size comes from contradicts
        itself; a file does not say where left and right are.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from islesedu.isles import find_cases, write_map
    >>> with TemporaryDirectory() as folder:
    ...     _ = write_map(f"{folder}/test_1/MR_ADC.nii", np.ones((2, 3, 4)), np.eye(4), (1, 1, 1))
    ...     read_case(find_cases(folder)[0], ["ADC"]).image.shape
    (2, 3, 4, 1)
    """
    if isinstance(channels, str):
        raise IslesError(f"channels is the text {channels!r}; give names in a tuple or list")
    channels = tuple(channels)
    if not channels:
        raise IslesError("channels is empty; name at least one map, such as ADC")
    if None in channels:  # the reference of a case that has no map
        raise IslesError(f"case {case.name} in {case.folder} has no map; it has {case.listing}")
    for channel in channels:
        if channel not in case.maps:
            raise IslesError(
                f"case {case.name} in {case.folder} has no map {channel}; it has {case.listing}"
            )
    place = place_of(case, open_volume(case.maps[channels[0]]))
    warn_of(contradictions(place))
    image = _read_maps(case, channels, place)
    lesion = None
    if case.lesion:
        volume = open_on_grid(case.lesion, place)
        warn_of(doubts(volume, place))
        lesion = read_mask(volume, (image != 0).any(axis=-1))  # (X, Y, Z, C) -> (X, Y, Z)
    return Patient(
        name=case.name,
        image=image,
        lesion=lesion,
        spacing=spacing_of(place),
        affine=affine_of(place),
        clinical=case.clinical,
        channels=channels,
        case=case,
        placed=is_placed(place),
    )


def place_of(case: Case, volume: nib.Nifti1Image) -> nib.Nifti1Image:
    """Return the file that says where a volume of a case lies.

    That is the volume itself; or, if it has neither qform nor sform, the first other map of the
    case, or its lesion, that has one and the same grid; or, if there is none, still the volume.

    Examples
    --------
    >>> volume = nib.Nifti1Image(np.ones((2, 2, 2)), np.eye(4))
    >>> from pathlib import Path
    >>> place_of(Case("training_1", Path(), "flat", {}), volume) is volume
    True
    """
    if is_placed(volume):
        return volume
    names = sorted(set(case.maps) - {SERIES}, key=lambda name: (name != case.reference, name))
    for file in filter(None, [*(case.maps[name] for name in names), case.lesion]):
        with contextlib.suppress(IslesError):  # a damaged file is named where it is needed
            other = open_volume(file)
            if is_placed(other) and other.shape[:3] == volume.shape[:3]:
                return other
    return volume


def _read_maps(case: Case, channels: Sequence[str], place: nib.Nifti1Image) -> np.ndarray:
    """Return the maps (X, Y, Z, C) of a case, 0 where they have no finite value."""
    image, gaps = np.empty((*place.shape[:3], len(channels)), np.float32), {}
    for number, channel in enumerate(channels):
        volume = open_on_grid(case.maps[channel], place)
        warn_of(doubts(volume, place))
        values = load(volume)
        image[..., number] = finite(values)
        known = np.isfinite(values)
        if not known.any():
            raise IslesError(
                f"{case.maps[channel]} holds no finite value, only NaN or infinity; expected a "
                "map: export it again"
            )
        if not known.all():
            gaps[channel] = ~known
    brain = (image != 0).any(axis=-1) if gaps else None
    for channel, gap in gaps.items():
        if inside := np.count_nonzero(gap & brain):
            warnings.warn(
                f"{case.maps[channel]} holds NaN or infinity in {inside:,} voxels in which another "
                "map has a value; they count as 0",
                stacklevel=3,
            )
    return image
