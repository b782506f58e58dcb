"""From the files of a case to a patient in memory."""

from collections.abc import Sequence

import numpy as np

from islesedu import CHANNELS
from islesedu.errors import IslesError
from islesedu.isles.case import Case, Patient
from islesedu.isles.nifti import load, open_on_grid, open_volume, read_mask


def read_case(case: Case, channels: Sequence[str] = CHANNELS) -> Patient:
    """Read the maps of a case, and its lesion if there is one.

    Values stay in the units of the files. Maps that are not asked for, such as the large 4-D
    perfusion series, are never loaded.

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
        The lesion's label is not 1 (see `islesedu.metrics.as_mask`).

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
    first = open_volume(case.maps[channels[0]])
    image = np.empty((*first.shape[:3], len(channels)), np.float32)
    for number, channel in enumerate(channels):
        image[..., number] = load(open_on_grid(case.maps[channel], first))
    lesion = read_mask(open_on_grid(case.lesion, first)) if case.lesion else None
    return Patient(
        name=case.name,
        image=image,
        lesion=lesion,
        spacing=tuple(float(size) for size in first.header.get_zooms()[:3]),
        affine=first.affine,
        clinical=case.clinical,
        channels=channels,
        case=case,
    )
