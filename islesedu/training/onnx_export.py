"""Write a trained network as an ONNX file, for programs without Keras, such as a browser's page.

Keras does the conversion (``keras.Model.export``). What is added here: convolutions are written as
plain ones, weights may be stored in half precision, and the file is kept only if it computes what
Keras computes.
"""

import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from islesedu.common.files import whole
from islesedu.common.paths import as_path, folder_to_write
from islesedu.errors import TrainingError
from islesedu.training.onnx_model import convert, describe, halve
from islesedu.training.run_folder import RunFolder

if TYPE_CHECKING:
    import keras

TOLERANCE = 1e-4
"""Largest difference from Keras, in probability, with which a file is kept: float32 sums that are
added up in another order differ by about 1e-7, so ten times more than that is no rounding."""
GRIDS = ((16, 16, 8), (21, 18, 7), (33, 25, 13))
"""Grids (X, Y, Z) on which the two are compared: even ones, odd ones, of several levels."""
_PACKAGES = ("onnx", "onnxruntime", "tf2onnx")


@dataclass(frozen=True)
class Exported:
    """An ONNX file that was checked against Keras.

    Attributes
    ----------
    file : Path
    size : int
        Bytes.
    difference : float
        Largest difference of a probability from Keras, with the weights that the file holds.
    rounding : float
        What half precision alone changes in Keras' probabilities at most; 0 without it.
    """

    file: Path
    size: int
    difference: float
    rounding: float


def export_network(
    run: str | os.PathLike[str], file: str | os.PathLike[str], half: bool = False
) -> Exported:
    """Write the network of a run as ONNX, checked against Keras.

    Inputs of the file are "image", (1, X, Y, Z, C), and, of a network that is conditioned on
    clinical variables, "clinical", (1, F); its output is "probability", (1, X, Y, Z, 1). Any X, Y,
    Z, as in Keras. The image must be standardized as `islesedu.training.standardize` does.

    Parameters
    ----------
    run : path-like
        Run folder.
    file : path-like
        Where to write; ends in .onnx.
    half : bool
        Store the weights with 16 bits: half the size. Computing stays in 32 bits.

    Returns
    -------
    Exported

    Raises
    ------
    TrainingError
        No run, packages that are missing, a file that would differ from Keras by more than
        `TOLERANCE`: it is not kept then.
    """
    check_export(run, file)
    check_packages()
    file, folder = Path(file), RunFolder(run)
    network = plain_network(folder.load_model())
    before = [_predict(network, inputs) for inputs in _probes(network)]
    if half:
        for weight in network.weights:
            if len(weight.shape) > 1:  # kernels; the rest is small, and FiLM's range is infinite
                rounded = np.asarray(weight).astype(np.float16).astype(np.float32)
                weight.assign(rounded)
    after = [_predict(network, inputs) for inputs in _probes(network)]
    with whole(file) as partial:
        model = convert(network)
        describe(model, folder.config, half)
        if half:
            halve(model)
        partial.write_bytes(model.SerializeToString())
        difference = _largest(after, run_onnx(partial, _probes(network)))
        if not difference <= TOLERANCE:
            raise TrainingError(
                f"{file} would differ from Keras by {difference:.2g} in probability, more than "
                f"{TOLERANCE:g}; it is not kept. Other versions of {', '.join(_PACKAGES)} may "
                "convert it: take those of constraints.txt"
            )
    return Exported(file, file.stat().st_size, difference, _largest(before, after))


def check_export(run: str | os.PathLike[str], file: str | os.PathLike[str]) -> None:
    """Raise a TrainingError about the first argument of `export_network` without sense.

    Examples
    --------
    >>> check_export("run", "network.pb")
    Traceback (most recent call last):
    islesedu.errors.TrainingError: network.pb has not the name of an ONNX file; give one that ...
    """
    as_path("run", run, TrainingError)
    file = as_path("output", file, TrainingError)
    if file.suffix != ".onnx":
        raise TrainingError(f"{file} has not the name of an ONNX file; give one that ends in .onnx")
    if file.is_dir():
        raise TrainingError(f"{file} is a folder; give the name of a file")
    folder_to_write("output's folder", file.parent, TrainingError)
    RunFolder(run).settings  # noqa: B018  (raises if this is no run folder)


def check_packages() -> None:
    """Raise a TrainingError that says how to install what is missing, or another backend in use."""
    missing = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise TrainingError(
            f"writing ONNX needs {', '.join(missing)}: install them with "
            "pip install 'islesedu[onnx]'"
        )
    import keras

    if keras.config.backend() != "tensorflow":
        raise TrainingError(
            f"the backend of Keras is {keras.config.backend()}; ONNX is written by that of "
            "TensorFlow: leave KERAS_BACKEND away"
        )


def plain_network(model: "keras.Model") -> "keras.Model":
    """Return the same network, its packed convolutions as Keras' own, with the same weights.

    Packing is quick on one kind of processor (`islesedu.networks.packing`); others do better with
    the convolution itself, and it makes a smaller graph.
    """
    import keras

    from islesedu.networks.packing import Conv3D

    def plain(layer: keras.layers.Layer) -> keras.layers.Layer:
        kind = keras.layers.Conv3D if isinstance(layer, Conv3D) else type(layer)
        return kind.from_config(layer.get_config())

    copy = keras.models.clone_model(model, clone_function=plain)
    copy.set_weights(model.get_weights())
    return copy


def _probes(network: "keras.Model") -> list[list[np.ndarray]]:
    """Return inputs to compare with, one list for each of `GRIDS`: noise of z-scores, smoothed."""
    rng = np.random.default_rng(2017)
    channels, *numbers = [tensor.shape[-1] for tensor in network.inputs]
    probes = []
    for grid in GRIDS:
        image = rng.normal(size=(1, *grid, channels))
        image += np.cumsum(image, axis=1) / 3  # some of it large and smooth, as in a head
        image = ((image - image.mean()) / image.std()).astype(np.float32)
        clinical = [np.array([[*range(2, n + 1), np.nan]], np.float32) for n in numbers]
        probes.append([image, *clinical])
    return probes


def _predict(network: "keras.Model", inputs: list[np.ndarray]) -> np.ndarray:
    """Return what Keras predicts."""
    from keras import ops

    given = inputs if len(inputs) > 1 else inputs[0]
    return ops.convert_to_numpy(network(given, training=False))


def run_onnx(file: str | os.PathLike[str], probes: list[list[np.ndarray]]) -> list[np.ndarray]:
    """Return what an ONNX file predicts for each list of inputs, by ONNX Runtime."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_inputs()]
    return [session.run(None, dict(zip(names, inputs, strict=True)))[0] for inputs in probes]


def _largest(some: list[np.ndarray], others: list[np.ndarray]) -> float:
    """Return the largest difference between two lists of arrays."""
    pairs = zip(some, others, strict=True)
    return max(float(np.abs(one - other).max()) for one, other in pairs)
