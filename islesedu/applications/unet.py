"""A small 2-D U-Net, as lessons 21 and 23 use it.

Source: Ronneberger, Fischer, Brox, "U-Net: convolutional networks for biomedical image
segmentation", MICCAI 2015.
"""

from pathlib import Path

import keras
from keras import layers

from islesedu.applications.weights import load_weights


def build_unet(outputs: int, activation: str | None = "softmax", filters: int = 8) -> keras.Model:
    """Return a U-Net from images (B, X, Y, 1) to maps (B, X, Y, outputs).

    Parameters
    ----------
    outputs : int
        Channels of the output, such as one a class.
    activation : str or None
        Of the output.
    filters : int
        Of the first level; two and four times as many below. X and Y must be divisible by 8.

    Examples
    --------
    >>> build_unet(4).output_shape
    (None, None, None, 4)
    """
    same = {"padding": "same", "activation": "relu"}
    x = inputs = keras.Input((None, None, 1))
    skips = []
    for level in (1, 2, 4):
        for _ in range(2):
            x = layers.Conv2D(filters * level, 3, **same)(x)
        skips.append(x)
        x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(filters * 4, 3, **same)(x)
    for level in (4, 2, 1):
        x = layers.Concatenate()([layers.UpSampling2D(2)(x), skips.pop()])
        x = layers.Conv2D(filters * level, 3, **same)(x)
    return keras.Model(inputs, layers.Conv2D(outputs, 1, activation=activation)(x))


def load_unet(file: str | Path, outputs: int = 4, filters: int = 16) -> keras.Model:
    """Return a U-Net with the weights of a file, such as data/synthesis'.

    Raises
    ------
    IslesError
        The file is not there.
    """
    return load_weights(build_unet(outputs, filters=filters), file, "synthesis")
