"""A case on disk, a patient in memory, and a problem with a file."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from islesedu.isles.channels import SERIES
from islesedu.metrics.masks import as_mask

UNITS = {
    "ADC": "1e-6 mm²/s",
    "CBV": "ml/100 g",
    "CBF": "ml/100 g/min",
    "MTT": "s",
    "TTP": "s",
    "Tmax": "s",
}
"""Unit of each map, as ISLES 2017 has them (ISLES 2022 keeps ADC in other powers of ten)."""


@dataclass(frozen=True)
class Case:
    """Where the files of one case are; nothing is loaded yet.

    Attributes
    ----------
    name : str
        "training_1", "test_3", "sub-strokecase0001".
    folder : Path
        Folder of the case.
    layout : {"isles2017", "flat", "isles2022", "nnunet", "mapped"}
        How its files are named: with dotted fields (ISLES 2015 to 2018), by their channel, as in
        BIDS (ISLES 2022 and 2024), as for nnU-Net, or as the user has said.
    maps : dict of str to Path
        File of each channel, such as "DWI", "FLAIR", "CT" and "4DPWI".
    lesion : Path or None
        Lesion mask; None where it is kept back, as in a test set.
    clinical : dict
        Row of the clinical table; empty if there is none.
    """

    name: str
    folder: Path
    layout: str
    maps: dict[str, Path]
    lesion: Path | None = None
    clinical: dict = field(default_factory=dict)

    @property
    def reference(self) -> str | None:
        """The channel that stands for the case, its grid and its place: ADC if there is one."""
        names = sorted(set(self.maps) - {SERIES})
        return "ADC" if "ADC" in names else next(iter(names), None)

    @property
    def listing(self) -> str:
        """The names of its maps, for a message."""
        unknown = "none whose file name says which map it is (see islesedu data check)"
        return ", ".join(self.maps) or unknown


def finite(values: np.ndarray) -> np.ndarray:
    """Return values with 0 for NaN and infinity. That is the kit's one rule for both.

    They stand where a map has no value: air, which is 0 in other files.

    Examples
    --------
    >>> finite(np.array([5.0, np.nan, np.inf])).tolist()
    [5.0, 0.0, 0.0]
    """
    values = np.asarray(values)
    known = np.isfinite(values)
    return values if known.all() else np.where(known, values, values.dtype.type(0))


@dataclass(frozen=True)
class Patient:
    """One case in memory.

    Attributes
    ----------
    name : str
        The case's name.
    image : ndarray, (X, Y, Z, C), float32
        Maps in their own units.
    lesion : ndarray of bool, (X, Y, Z), or None
        Lesion after 90 days (ISLES 2017) or on the day itself (ISLES 2022). Numbers are turned into
        bool by the rule of `islesedu.metrics.as_mask`.
    spacing : tuple of float
        Voxel size (sx, sy, sz) in mm.
    affine : ndarray, (4, 4)
        From voxel numbers to mm.
    clinical : dict
        Row of the clinical table; what is missing there is missing here.
    channels : tuple of str
        Names of the maps along the last axis of `image`.
    case : Case or None
        Where it came from.
    placed : bool
        Whether a file says where the patient's left and right are.
    """

    name: str
    image: np.ndarray
    lesion: np.ndarray | None
    spacing: tuple[float, float, float]
    affine: np.ndarray
    clinical: dict
    channels: tuple[str, ...]
    case: Case | None = None
    placed: bool = True

    def __post_init__(self):
        """Make the lesion a mask of bool; a ValueError if it is none, or has another grid."""
        if self.lesion is None:
            return
        lesion, grid = as_mask(f"lesion of {self.name}", self.lesion), np.shape(self.image)[:3]
        if lesion.shape != grid:
            raise ValueError(
                f"lesion of {self.name} has the grid {lesion.shape}, but its image has {grid}; "
                "resample one onto the other"
            )
        object.__setattr__(self, "lesion", lesion)

    @property
    def brain(self) -> np.ndarray:
        """The voxels (X, Y, Z) that are not air: some map has a finite value that is not 0."""
        return (np.isfinite(self.image) & (self.image != 0)).any(axis=-1)


class Problem(str):
    """A sentence about one file; `fatal` where the case cannot be used because of it."""

    fatal: bool

    def __new__(cls, text: str, fatal: bool = False):
        """Make a sentence that knows whether it is fatal."""
        problem = super().__new__(cls, text)
        problem.fatal = fatal
        return problem


def part_of(path: Path) -> str | None:
    """Return "training" or "test", whichever the name of a file, or of its folder, speaks of.

    Examples
    --------
    >>> part_of(Path("ISLES2017_Training.csv")), part_of(Path("test/23"))
    ('training', 'test')
    """
    for name in (path.name.lower(), path.parent.name.lower()):
        if word := re.search(r"(?<![a-z])(train|test)", name):
            return "training" if word[0] == "train" else "test"
    return None
