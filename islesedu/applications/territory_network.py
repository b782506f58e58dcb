"""A small network that says on which side and in which territory an artery is blocked.

It looks at maps on a coarse grid of the template, into which each brain is brought by proportions
(see `islesedu.applications.territories`), and at their differences between left and right. Unlike
the atlas it is given no box and no rule: it learns both from patients whose artery is known.
"""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
from keras import layers
from scipy import ndimage

from islesedu.applications.territories import Location, ends, template_ends
from islesedu.applications.weights import load_weights
from islesedu.errors import IslesError
from islesedu.isles.case import Patient, finite

ARTERIES = ("MCA", "ACA", "PCA", "cerebellar", "border zone")
"""What can be blocked; the branches of the MCA count as one."""
CLASSES = tuple(Location(side, name) for side in ("left", "right") for name in ARTERIES)
"""Side and artery of each of the network's ten outputs."""
CHANNELS = ("ADC", "CBF", "Tmax")
"""Maps that the network sees."""
_STEP = 10.0
"""Distance of the grid's points in mm."""
_LOW, _COUNT = np.array([-75.0, -105.0, -60.0]), (16, 19, 14)
"""First point of the grid in template mm (x to the right), symmetric to the middle; its points."""


def on_template(patient: Patient) -> np.ndarray:
    """Return what the network sees of a patient (16, 19, 14, 6), float32.

    The first half of the channels are the standardized maps of `CHANNELS`, smoothed (they are
    sampled every 10 mm) and brought to the template; the second half is their difference to
    the mirror image.

    Parameters
    ----------
    patient : Patient
        With all maps of `CHANNELS`.

    Raises
    ------
    IslesError
        A map is missing.
    """
    missing = [name for name in CHANNELS if name not in patient.channels]
    if missing:
        raise IslesError(
            f"{patient.name}: no {', '.join(missing)} among {', '.join(patient.channels)}; "
            f"read the case with {', '.join(CHANNELS)}"
        )
    low, high = ends(patient.brain, patient.affine)
    low_there, high_there = template_ends()
    scale = (high - low) / (high_there - low_there)  # mm of the scan for 1 mm of the template
    scale[2] = scale[:2].mean()  # as territories.to_template does
    anchor = np.append((low + high)[:2] / 2, high[2])
    anchor_there = np.append((low_there + high_there)[:2] / 2, high_there[2])
    points = _LOW[:, None, None, None] + _STEP * np.indices(_COUNT)  # (3, 16, 19, 14)
    points = (points.reshape(3, -1) - anchor_there[:, None]) * scale[:, None] + anchor[:, None]
    inverse = np.linalg.inv(patient.affine)
    where = inverse[:3, :3] @ points + inverse[:3, 3:]
    sigma = 0.4 * _STEP / np.asarray(patient.spacing)
    seen = []
    for name in CHANNELS:
        volume = finite(patient.image[..., patient.channels.index(name)]).astype(float)
        volume = (volume - volume.mean()) / max(volume.std(), 1e-6)  # as training.standardize does
        volume = ndimage.gaussian_filter(volume, sigma)
        seen.append(ndimage.map_coordinates(volume, where, order=1).reshape(_COUNT))
    maps = np.stack(seen, axis=-1).astype(np.float32)
    return np.concatenate([maps, maps - maps[::-1]], axis=-1)


def build_territory_network(filters: int = 12) -> keras.Model:
    """Return the network: from a batch of `on_template` to probabilities (B, 10) of `CLASSES`.

    Both halves of the brain go through the same layers, the left one as its mirror image, so that
    what is learned of one side holds for the other. Each half gets a score for each artery.
    """
    inputs = keras.Input((*_COUNT, 2 * len(CHANNELS)))
    middle = _COUNT[0] // 2
    x = half = keras.Input((middle, *inputs.shape[2:]))
    for factor in (1, 2):
        x = layers.Conv3D(filters * factor, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling3D(2)(x)
    x = layers.Dropout(0.5)(layers.Flatten()(x))
    scores = keras.Model(half, layers.Dense(len(ARTERIES))(x), name="half")
    left, right = scores(inputs[:, middle - 1 :: -1]), scores(inputs[:, middle:])
    return keras.Model(inputs, layers.Softmax()(layers.Concatenate()([left, right])))


def load_territory_network(file: str | Path) -> keras.Model:
    """Return the network with the weights of a file, such as data/territories'.

    Raises
    ------
    IslesError
        The file is not there.
    """
    return load_weights(build_territory_network(), file, "territories")


def locations(probabilities: np.ndarray) -> Sequence[Location]:
    """Return side and artery (B,) of the highest sums of probabilities (B, 10).

    The probability of a side is the sum over its arteries, that of an artery the sum over sides.

    Examples
    --------
    >>> locations(np.array([[0.3, 0.1, 0, 0, 0, 0.1, 0.5, 0, 0, 0]]))
    [Location(side='right', artery='ACA')]
    """
    joint = np.reshape(probabilities, (-1, 2, len(ARTERIES)))
    sides, arteries = joint.sum(axis=2).argmax(axis=1), joint.sum(axis=1).argmax(axis=1)
    return [
        Location(("left", "right")[side], ARTERIES[artery])
        for side, artery in zip(sides, arteries, strict=True)
    ]
