"""Weights that come with the kit, into the networks that they belong to."""

from pathlib import Path

import keras

from islesedu.errors import IslesError


def load_weights(network: keras.Model, file: str | Path, name: str) -> keras.Model:
    """Return a network with the weights of a file.

    Parameters
    ----------
    network : keras.Model
        Built as it was for the training.
    file : path-like
        Ending in ``.weights.h5``.
    name : str
        What benchmarks/train_applications.py calls it.

    Raises
    ------
    IslesError
        The file is not there.
    """
    if not Path(file).is_file():
        raise IslesError(
            f"{file}: no weights; benchmarks/train_applications.py makes them ({name!r})"
        )
    network.load_weights(file)
    return network
