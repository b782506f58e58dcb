"""Learned registration in 2-D: a network that predicts the displacement field of a pair at once.

It is trained without true displacements: its loss is the difference between the fixed slice and the
moved one, plus a penalty for a field that is not smooth. Source: Balakrishnan et al., "VoxelMorph:
a learning framework for deformable medical image registration", IEEE Transactions on Medical
Imaging 38:1788, 2019.
"""

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras import layers, ops
from scipy import ndimage

from islesedu.applications.labelled_brains import label
from islesedu.applications.weights import load_weights
from islesedu.networks.backend import Tensor
from islesedu.phantom.template import smooth_noise, t1_template, templates

GRID, SPACING = (64, 72), (3.0, 3.0)
"""Pixels (X, Y) of a slice, and their size in mm."""
SMOOTHNESS = 0.01
"""Weight of the penalty: mean squared change of the displacement (pixels) from pixel to pixel."""


@dataclass(frozen=True)
class DeformedSlice:
    """A slice of the template, turned, stretched and bent in its plane.

    Attributes
    ----------
    t1 : ndarray, (X, Y), float32
        Image, 0 to 1.
    place : ndarray, (3, X, Y)
        Where in the template each pixel comes from: to the right, to the front and up, mm.
    """

    t1: np.ndarray
    place: np.ndarray

    @property
    def labels(self) -> np.ndarray:
        """Return the number in `CLASSES` of each pixel (X, Y)."""
        shares, affine = templates()
        return label(np.stack([_sample(one, affine, self.place) for one in shares], axis=-1))


def _sample(volume: np.ndarray, affine: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Return the values (X, Y) of a volume at places (3, X, Y) in mm."""
    inverse = np.linalg.inv(affine)
    where = np.tensordot(inverse[:3, :3], place, axes=1) + inverse[:3, 3, None, None]
    return ndimage.map_coordinates(volume, where, order=1)


def deform_slice(height: float, rng: np.random.Generator, strength: float = 1.0) -> DeformedSlice:
    """Return a random deformation of the template's slice.

    Parameters
    ----------
    height : float
        Of the slice in the template, mm; two slices of one height show the same anatomy.
    rng : Generator
        Draws rotation, shift, size and a smooth displacement.
    strength : float
        Of rotation, shift and size: standard deviations of 5 degrees, 4 mm and 4 % at 1. The
        smooth displacement, 4 mm along each axis, does not depend on it.
    """
    points = (np.indices(GRID) - np.reshape(GRID, (2, 1, 1)) / 2) * SPACING[0]  # mm
    angle, (shift_x, shift_y) = rng.normal(0, np.radians(5 * strength)), rng.normal(0, 4, 2)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    size = rng.normal(1, 0.04 * strength, (2, 1, 1))
    place = np.tensordot(turn, points, axes=1) / size
    place += strength * np.reshape((shift_x, shift_y), (2, 1, 1))
    place += np.reshape((0, -18), (2, 1, 1))  # the middle of the brain in the template
    place += 4 * np.stack([smooth_noise(rng, GRID, SPACING, 22) for _ in range(2)])
    place = np.concatenate([place, np.full((1, *GRID), height)])
    return DeformedSlice(_sample(*t1_template(), place).astype(np.float32), place)


@keras.saving.register_keras_serializable("islesedu")
class Warp(layers.Layer):
    """Turn (image (B, X, Y, 1), displacement in pixels (B, X, Y, 2)) into the moved image.

    Each pixel takes the value at its own position plus the displacement, linear between pixels;
    positions outside are moved to the edge.
    """

    def call(self, parts: tuple[Tensor, Tensor]) -> Tensor:
        """Return the moved image (B, X, Y, 1)."""
        image, shift = parts
        columns, rows = image.shape[1:3]
        grid = np.stack(np.meshgrid(np.arange(columns), np.arange(rows), indexing="ij"), axis=-1)
        where = shift + grid.astype(np.float32)
        where = ops.clip(where, 0.0, np.array([columns - 1.001, rows - 1.001], np.float32))
        first = ops.floor(where)
        rest, first = where - first, ops.cast(first, "int32")  # (B, X, Y, 2)
        flat = ops.reshape(image, (-1, columns * rows))
        moved = 0.0
        for i in (0, 1):
            for j in (0, 1):
                number = (first[..., 0] + i) * rows + first[..., 1] + j
                value = ops.take_along_axis(flat, ops.reshape(number, (-1, columns * rows)), axis=1)
                x, y = rest[..., 0], rest[..., 1]
                weight = (x if i else 1 - x) * (y if j else 1 - y)
                moved = moved + weight * ops.reshape(value, (-1, columns, rows))
        return moved[..., None]

    def compute_output_shape(self, shapes: tuple) -> tuple[int, ...]:
        """Return the shape of the image."""
        return shapes[0]


def build_voxelmorph(filters: int = 16) -> keras.Model:
    """Return the network: from a fixed and a moving slice (B, X, Y, 2) to (B, X, Y, 3).

    The first channel of the output is the moved slice, the others are the displacement in pixels.
    """
    inputs = keras.Input((*GRID, 2))
    options = {"padding": "same", "activation": "leaky_relu"}
    skips = [layers.Conv2D(filters, 3, **options)(inputs)]
    for _ in range(3):
        skips.append(layers.Conv2D(2 * filters, 3, strides=2, **options)(skips[-1]))
    x = layers.Conv2D(2 * filters, 3, **options)(skips.pop())
    for width in (2, 2, 1):
        x = layers.Concatenate()([layers.UpSampling2D(2)(x), skips.pop()])
        x = layers.Conv2D(width * filters, 3, **options)(x)
    small = keras.initializers.RandomNormal(stddev=1e-5)  # the field begins near 0
    shift = layers.Conv2D(2, 3, padding="same", kernel_initializer=small)(x)
    moved = Warp()([inputs[..., 1:], shift])
    return keras.Model(inputs, layers.Concatenate()([moved, shift]), name="voxelmorph")


def registration_loss(fixed: Tensor, output: Tensor) -> Tensor:
    """Return mean squared difference of the slices plus the penalty for an uneven field."""
    image = ops.mean((fixed[..., 0] - output[..., 0]) ** 2)
    shift = output[..., 1:]
    along_x, along_y = shift[:, 1:] - shift[:, :-1], shift[:, :, 1:] - shift[:, :, :-1]
    return image + SMOOTHNESS * (ops.mean(along_x**2) + ops.mean(along_y**2))


def load_voxelmorph(file: str | Path) -> keras.Model:
    """Return the network with the weights of a file, such as data/registration's.

    Raises
    ------
    IslesError
        The file is not there.
    """
    return load_weights(build_voxelmorph(), file, "registration")


def predict_displacement(network: keras.Model, fixed: np.ndarray, moving: np.ndarray) -> np.ndarray:
    """Return the displacement (2, X, Y) in mm that fits a moving slice (X, Y) to a fixed one."""
    pair = np.stack([fixed, moving], axis=-1).astype(np.float32)[None]
    shift = network.predict(pair, verbose=0)[0, ..., 1:]
    return np.moveaxis(shift, -1, 0) * np.reshape(SPACING, (2, 1, 1))
