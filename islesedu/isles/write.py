"""Write a predicted mask as the challenge wants it, and find it again."""

import glob
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import nibabel as nib
import numpy as np
from numpy.typing import DTypeLike

from islesedu.errors import IslesError
from islesedu.isles.case import Case, Patient
from islesedu.isles.formats import is_volume_name, volume_stem
from islesedu.isles.geometry import doubts, warn_of
from islesedu.isles.nifti import open_on_grid, open_volume, read_mask
from islesedu.isles.read import place_of
from islesedu.isles.save import save, write_map
from islesedu.metrics.masks import Mask, as_mask


def write_prediction(
    patient: Patient, mask: Mask, folder: str | os.PathLike[str], name: str = "islesedu"
) -> Path:
    """Write a mask under the challenge's name, in the geometry of the patient's ADC map.

    Parameters
    ----------
    patient : Patient
        Whom the mask is for.
    mask : array-like, (X, Y, Z)
        See `islesedu.metrics.as_mask`; it is written as 0 and 1. Further axes of 1 are dropped.
    folder : path-like
        Where to; made if it is not there.
    name : str
        Who made it. An ISLES 2017 case is written as ``SMIR.<name>.<id of the MTT map>.nii``,
        others, and one that has no MTT map, as ``<case>_prediction.nii.gz``.

    Returns
    -------
    Path
        The file, uint8; it appears whole or not at all.

    Raises
    ------
    ValueError
        The mask has another grid than the patient, or is none.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> image = np.ones((2, 3, 4, 1), np.float32)
    >>> patient = Patient("Ada", image, None, (1, 1, 1), np.eye(4), {}, ("ADC",))
    >>> with TemporaryDirectory() as folder:
    ...     write_prediction(patient, image[..., 0] > 2, folder).name
    'Ada_prediction.nii.gz'
    """
    grid, shape = patient.image.shape[:3], np.shape(mask)
    if shape[:3] != grid or any(size != 1 for size in shape[3:]):
        raise ValueError(f"mask is {shape}, but patient {patient.name} lies on {grid}")
    values = as_mask("mask", mask).reshape(grid).astype(np.uint8)
    if not name or any(sign in name for sign in "./\\*"):
        raise ValueError(f"name is {name!r}; give a word without dot or slash")
    file = Path(folder) / _prediction_name(patient.case or Case(patient.name, Path(), "", {}), name)
    return write_patient_map(patient, file, values, np.uint8)


def write_patient_map(
    patient: Patient,
    file: str | os.PathLike[str],
    values: np.ndarray,
    dtype: DTypeLike = np.float32,
) -> Path:
    """Write an array (X, Y, Z) in the geometry of a patient's files, to the last field.

    The geometry is that of the ADC map, or without one of the first map that was read; or, if that
    one does not say where it lies, of the file of the case that does. A patient that never lay on
    disk is written with its own affine.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> image = np.ones((2, 3, 4, 1), np.float32)
    >>> patient = Patient("Ada", image, None, (1, 1, 1), np.eye(4), {}, ("ADC",))
    >>> with TemporaryDirectory() as folder:
    ...     write_patient_map(patient, f"{folder}/probability.nii", image[..., 0] / 2).name
    'probability.nii'
    """
    file, maps = Path(file), patient.case.maps if patient.case else {}
    for channel in ("ADC", *patient.channels):
        if channel not in maps:
            continue
        if (volume := open_volume(maps[channel])).shape[:3] == values.shape:
            header = _geometry_of(place_of(patient.case, volume).header, dtype)
            array = values.astype(dtype)
            return save(nib.Nifti1Image(array, header.get_best_affine(), header), file)
    return write_map(file, values, patient.affine, patient.spacing, dtype)


_GEOMETRY = ("qform_code", "sform_code", "quatern_b", "quatern_c", "quatern_d")
_GEOMETRY += ("qoffset_x", "qoffset_y", "qoffset_z", "srow_x", "srow_y", "srow_z", "xyzt_units")


def _geometry_of(header: nib.Nifti1Header, dtype: DTypeLike) -> nib.Nifti1Header:
    """Return a header with the geometry of another header, and nothing else of it."""
    copy = nib.Nifti1Header()
    copy.set_data_dtype(dtype)
    copy.set_data_shape(header.get_data_shape()[:3])
    copy.set_slope_inter(1, 0)
    copy["pixdim"][:4] = header["pixdim"][:4]  # the first is the handedness of the qform
    for field in _GEOMETRY:
        copy[field] = header[field]
    return copy


def _prediction_name(case: Case, name: str) -> str:
    """Return the file name of a case's prediction; `name` may be the wildcard ``*``."""
    if case.layout != "isles2017" or "MTT" not in case.maps:
        return f"{case.name}_prediction.nii.gz"
    return f"SMIR.{name}.{_last_field(case.maps['MTT'].name)}.nii"


def _last_field(name: str) -> str:
    """Return the last dotted field of a file name without .nii or .nii.gz.

    Examples
    --------
    >>> _last_field("SMIR.islesedu.127014.nii")
    '127014'
    """
    return volume_stem(name).split(".")[-1]


def list_predictions(folder: str | os.PathLike[str]) -> dict[str, list[Path]]:
    """List the volumes of a folder once, for many calls of `read_prediction`.

    Returns
    -------
    dict of str to list of Path
        Files by the last dotted field of their name, which tells cases apart. Empty if there is
        no such folder.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     Path(folder, "SMIR.islesedu.127014.nii").touch()
    ...     list(list_predictions(folder))
    ['127014']
    """
    listed: dict[str, list[Path]] = defaultdict(list)
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        if is_volume_name(name) and not name.startswith("."):
            listed[_last_field(name)].append(Path(folder, name))
    return dict(listed)


def read_prediction(
    folder: str | os.PathLike[str],
    case: Case,
    name: str | None = None,
    listed: Mapping[str, Sequence[Path]] | None = None,
) -> np.ndarray:
    """Read the mask that `write_prediction` wrote for a case.

    Parameters
    ----------
    folder : path-like
        Where the predictions are.
    case : Case
        Whom the mask is for.
    name : str, optional
        Who made it; any name if None, as long as there is only one.
    listed : dict, optional
        What `list_predictions` found in the folder. Without it each call lists the folder, which
        takes quadratic time in a loop over its cases.

    Returns
    -------
    ndarray of bool, (X, Y, Z)

    Raises
    ------
    IslesError
        There is no such file, or more than one, or it is no mask, or lies elsewhere in space.

    Warns
    -----
    UserWarning
        The mask's label is not 1 (see `islesedu.metrics.as_mask`), or the file does not say where
        it lies although the case does.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> patient = Patient("Ada", np.ones((2, 3, 4, 1)), None, (1, 1, 1), np.eye(4), {}, ("ADC",))
    >>> with TemporaryDirectory() as folder:
    ...     _ = write_prediction(patient, np.ones((2, 3, 4)), folder)
    ...     read_prediction(folder, Case("Ada", Path(folder), "flat", {})).shape
    (2, 3, 4)
    """
    pattern = _prediction_name(case, name or "*")
    literal = "*".join(map(glob.escape, volume_stem(pattern).split("*")))
    listed = list_predictions(folder) if listed is None else listed
    near = listed.get(_last_field(pattern), ())
    files = sorted(f for f in near if fnmatchcase(volume_stem(f.name), literal))
    if len(files) != 1:
        found = "there are " + ", ".join(f.name for f in files) if files else "there is none"
        raise IslesError(f"{folder} should hold one prediction {pattern} for {case.name}; {found}")
    if case.reference is None:  # a patient that never lay on disk
        return read_mask(open_volume(files[0]))
    place = place_of(case, open_volume(case.maps[case.reference]))
    volume = open_on_grid(files[0], place)
    warn_of(doubts(volume, place))
    return read_mask(volume)
