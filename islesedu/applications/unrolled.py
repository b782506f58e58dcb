"""An unrolled network: gradient steps on the data, alternating with small learned networks.

One cascade is x <- x - rate (A^H A x - A^H y) + network(x): a step towards the measured lines, and
a correction that is learned, with a rate and weights of its own. Complex numbers are two channels,
real and imaginary part. Source: Hammernik et al., "Learning a variational network for
reconstruction of accelerated MRI data", Magnetic Resonance in Medicine 79:3055, 2018; Schlemper et
al., "A deep cascade of convolutional neural networks for dynamic MR image reconstruction", IEEE
Transactions on Medical Imaging 37:491, 2018.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np
from keras import KerasTensor, layers, ops

from islesedu.applications.parallel_imaging import zero_filled
from islesedu.applications.weights import load_weights
from islesedu.errors import IslesError
from islesedu.networks.backend import Tensor

SCALE = 10.0
"""Of the corrections: a network's output is divided by it, so that it begins near 0."""


def two_channels(image: np.ndarray) -> np.ndarray:
    """Return a complex array (..., H, W) as float32 (..., H, W, 2)."""
    return np.stack([image.real, image.imag], axis=-1).astype(np.float32)


def inputs_of(kspace: np.ndarray, maps: np.ndarray, lines: np.ndarray) -> dict[str, np.ndarray]:
    """Return one slice as the network takes it, without the axis of the batch.

    Parameters
    ----------
    kspace, maps : ndarray, (C, H, W)
        What was measured, and the sensitivities.
    lines : ndarray of bool, (H,)
        Which rows were measured.

    Returns
    -------
    dict
        "start" (H, W, 2), the zero-filled image; "maps" (C, H, W, 2); "lines" (H,).
    """
    return {
        "start": two_channels(zero_filled(kspace, maps)),
        "maps": two_channels(maps),
        "lines": lines.astype(np.float32),
    }


def _centred(
    transform: Callable[[Sequence[Tensor]], Sequence[Tensor]], pair: Sequence[Tensor], factor: float
) -> list[Tensor]:
    """Return the transform of (real, imaginary) parts (..., H, W), its centre in the middle."""
    half = [side // 2 for side in pair[0].shape[-2:]]
    pair = [ops.roll(part, half, axis=(-2, -1)) for part in pair]
    return [ops.roll(factor * part, half, axis=(-2, -1)) for part in transform(pair)]


@keras.saving.register_keras_serializable("islesedu")
class GradientStep(layers.Layer):
    """Turn (image, start, maps, lines) into image - rate (A^H A image - start).

    `start` is A^H y, the zero-filled image; the rate is learned. Shapes as in `inputs_of`.
    """

    def build(self, shapes: Sequence[tuple[int, ...]]) -> None:
        """Make the rate, 1 to begin with."""
        self.rate = self.add_weight(name="rate", initializer="ones")

    def call(self, parts: Sequence[Tensor]) -> Tensor:
        """Return the image (B, H, W, 2) after the step."""
        image, start, maps, lines = parts
        root = float(np.sqrt(np.prod(image.shape[1:3])))
        real, imaginary = image[:, None, ..., 0], image[:, None, ..., 1]  # (B, 1, H, W)
        a, b = maps[..., 0], maps[..., 1]  # (B, C, H, W)
        coils = (a * real - b * imaginary, a * imaginary + b * real)
        kspace = _centred(ops.fft2, coils, 1 / root)
        kspace = [part * lines[:, None, :, None] for part in kspace]  # the measured lines alone
        real, imaginary = _centred(ops.ifft2, kspace, root)
        back = ops.sum(a * real + b * imaginary, axis=1), ops.sum(a * imaginary - b * real, axis=1)
        return image - self.rate * (ops.stack(back, axis=-1) - start)

    def compute_output_shape(self, shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
        """Return the shape of the image."""
        return shapes[0]


def build_unrolled(
    size: tuple[int, int] = (64, 72), coils: int = 4, cascades: int = 5, filters: int = 24
) -> keras.Model:
    """Return the network: from a batch of `inputs_of` to images (B, H, W, 2).

    Parameters
    ----------
    size : tuple of int
        (H, W) of the slices, both even.
    coils, cascades, filters : int
        Numbers of coils, of repetitions, and of filters in each hidden layer.

    Raises
    ------
    IslesError
        A side of the slice is odd.
    """
    if any(side % 2 for side in size):
        raise IslesError(f"size is {size}; give even numbers of rows and columns")
    start = keras.Input((*size, 2), name="start")
    maps = keras.Input((coils, *size, 2), name="maps")
    lines = keras.Input((size[0],), name="lines")
    image: KerasTensor = start
    for number in range(cascades):
        x = layers.Concatenate()([image, start])
        for depth, dilation in enumerate((1, 2, 4, 1)):
            options = {"padding": "same", "activation": "relu", "dilation_rate": dilation}
            x = layers.Conv2D(filters, 3, **options, name=f"cascade{number}_conv{depth}")(x)
        x = layers.Conv2D(2, 3, padding="same", name=f"cascade{number}_correction")(x)
        step = GradientStep(name=f"cascade{number}_step")([image, start, maps, lines])
        image = layers.Add()([step, layers.Rescaling(1 / SCALE)(x)])
    return keras.Model({"start": start, "maps": maps, "lines": lines}, image, name="unrolled")


def load_unrolled(file: str | Path) -> keras.Model:
    """Return the network with the weights of a file, such as data/reconstruction's.

    Raises
    ------
    IslesError
        The file is not there.
    """
    return load_weights(build_unrolled(), file, "reconstruction")


def predict_unrolled(
    network: keras.Model, kspaces: np.ndarray, maps: np.ndarray, lines: np.ndarray
) -> np.ndarray:
    """Return complex images (N, H, W) of several slices.

    Parameters
    ----------
    network : keras.Model
        See `build_unrolled`.
    kspaces, maps : ndarray, (N, C, H, W)
        What was measured of each, and the sensitivities.
    lines : ndarray of bool, (H,)
        Which rows were measured.
    """
    each = [inputs_of(k, m, lines) for k, m in zip(kspaces, maps, strict=True)]
    stacked = {name: np.stack([one[name] for one in each]) for name in each[0]}
    found = network.predict(stacked, verbose=0, batch_size=8)
    return found[..., 0] + 1j * found[..., 1]
