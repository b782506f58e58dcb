"""Which artery feeds a place in the brain, and on which side: a rule from an atlas.

A place is first brought into the template by proportions: the middle and the width, the middle and
the length, the top and the mean of both scales. Talairach's atlas of 1988 was used that way.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from islesedu.isles.case import Patient
from islesedu.phantom.stroke import TERRITORIES
from islesedu.phantom.template import templates

_MOST = (2.0, 98.0)
"""Percentiles that stand for the ends of the brain, so that a few voxels do not decide."""
RULES = tuple((tmax, adc) for adc in (np.inf, 700, 660, 620, 580) for tmax in (4, 6, 8, 10))
"""Limits of Tmax (s) and ADC (1e-6 mm²/s) among which lesson 21 chooses; infinity: no limit."""


class Location(NamedTuple):
    """Side ("left" or "right") and artery, by one of the names of `artery`."""

    side: str
    artery: str


def artery(territory: str) -> str:
    """Return the artery of one of `TERRITORIES`: the branches of the MCA count as one.

    Examples
    --------
    >>> artery("MCA, deep branches"), artery("PCA")
    ('MCA', 'PCA')
    """
    return territory.split(",")[0]


def ends(brain: np.ndarray, affine: np.ndarray) -> np.ndarray:
    """Return where a brain begins and ends (2, 3) in mm.

    Parameters
    ----------
    brain : ndarray of bool, (X, Y, Z)
        Its voxels.
    affine : ndarray, (4, 4)
        From voxels to mm.
    """
    voxels = np.argwhere(brain)  # (N, 3)
    return np.percentile(voxels @ affine[:3, :3].T + affine[:3, 3], _MOST, axis=0)


@lru_cache(maxsize=1)
def template_ends() -> np.ndarray:
    """Return where the template's brain begins and ends (2, 3) in mm."""
    shares, affine = templates()
    return ends(shares.sum(axis=0) > 0.5, affine)


def to_template(place: np.ndarray, brain: np.ndarray, affine: np.ndarray) -> np.ndarray:
    """Return template coordinates (..., 3) in mm of places (..., 3) in mm of a scan.

    Parameters
    ----------
    place : ndarray, (..., 3)
        x to the right, y to the front, z up.
    brain, affine
        As for `ends`.
    """
    low, high = ends(brain, affine)
    low_there, high_there = template_ends()
    scale = (high_there - low_there) / (high - low)
    scale[2] = scale[:2].mean()  # the lowest slices of a scan often miss the end of the brain
    middle, middle_there = (low + high) / 2, (low_there + high_there) / 2
    middle[2], middle_there[2] = high[2], high_there[2]
    return (np.asarray(place, float) - middle) * scale + middle_there


def classify(place: np.ndarray) -> Location:
    """Return side and artery of a place (3,) in template mm: the ellipsoid it lies deepest in.

    Examples
    --------
    >>> classify(np.array([-44, -4, 18]))
    Location(side='left', artery='MCA')
    """
    mirrored = np.abs(np.asarray(place, float) * [1, 0, 0]) + np.asarray(place) * [0, 1, 1]
    distances = {
        name: np.linalg.norm((mirrored - middle) / np.array(axes))
        for name, (middle, axes) in TERRITORIES.items()
    }
    return Location("right" if place[0] > 0 else "left", artery(min(distances, key=distances.get)))


def suspicious(patient: Patient, tmax: float, adc: float = np.inf) -> np.ndarray:
    """Return where (X, Y, Z) Tmax is above and ADC below a limit, two voxels inside the brain.

    Parameters
    ----------
    patient : Patient
        With maps of ADC and Tmax.
    tmax, adc : float
        Limits in s and 1e-6 mm²/s. ADC is smoothed by a Gaussian of one voxel before.

    Examples
    --------
    >>> from islesedu.phantom import make_patient
    >>> one = make_patient(2017, "training", 20, 0.2).as_patient("one")
    >>> int(suspicious(one, 6).sum()) > int(suspicious(one, 6, 580).sum())
    True
    """
    maps = {name: patient.image[..., n] for n, name in enumerate(patient.channels)}
    inside = ndimage.binary_erosion(patient.brain, iterations=2)
    return inside & (maps["Tmax"] > tmax) & (ndimage.gaussian_filter(maps["ADC"], 1) < adc)


def locate(patient: Patient, mask: np.ndarray) -> Location:
    """Return side and artery of the centre of a mask's largest part; of the brain's if it is empty.

    Parameters
    ----------
    patient : Patient
        Its brain says how to bring the centre to the template.
    mask : ndarray of bool, (X, Y, Z)
        Such as `suspicious`.

    Examples
    --------
    >>> from islesedu.phantom import make_patient
    >>> one = make_patient(2017, "training", 20, 0.2)
    >>> one.stroke.territory, locate(one.as_patient("one"), one.maps["lesion"])
    ('MCA, main stem', Location(side='left', artery='MCA'))
    """
    parts, _ = ndimage.label(mask if mask.any() else patient.brain)
    largest = parts == np.bincount(parts[parts > 0]).argmax()
    centre = patient.affine[:3, :3] @ np.argwhere(largest).mean(axis=0) + patient.affine[:3, 3]
    return classify(to_template(centre, patient.brain, patient.affine))
