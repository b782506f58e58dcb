"""The ONNX model of a network: converted by Keras, with what a reader must know, halved."""

import os
import warnings
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from islesedu import __version__
from islesedu.errors import TrainingError
from islesedu.isles.nifti import one_line
from islesedu.training.config import TrainingConfig

if TYPE_CHECKING:
    import keras
    import onnx


_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
"""What tf2onnx sets in the environment when it is imported: later processes would inherit it."""


@contextmanager
def _around_tf2onnx():
    """Silence what the converter, made for an older numpy, asks of it; undo what it sets."""
    before = os.environ.get(_LEVEL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            yield
    finally:
        os.environ.pop(_LEVEL, None)
        if before is not None:
            os.environ[_LEVEL] = before


def convert(network: "keras.Model") -> "onnx.ModelProto":
    """Return a network, which has been called before, as ONNX."""
    import onnx

    with TemporaryDirectory() as folder, _around_tf2onnx():
        place = Path(folder) / "network.onnx"
        try:
            network.export(place, format="onnx", verbose=False)
        except Exception as error:  # whatever Keras, TensorFlow and tf2onnx may say
            raise TrainingError(
                f"Keras could not write this network as ONNX ({one_line(error)[:200]})"
            ) from error
        model = onnx.load(place)
    old = model.graph.output[0].name
    model.graph.output[0].name = "probability"
    for node in model.graph.node:
        node.output[:] = ["probability" if name == old else name for name in node.output]
        node.input[:] = ["probability" if name == old else name for name in node.input]
    return model


def describe(model: "onnx.ModelProto", config: TrainingConfig, half: bool) -> None:
    """Note in the file what a reader of it must know."""
    import onnx

    facts: dict[str, Any] = {
        "channels": ",".join(config.channels),
        "clinical": ",".join(config.clinical),
        "standardize": "each channel: (x - mean) / standard deviation over the whole volume",
        "weights": "float16" if half else "float32",
        "purpose": "teaching; not a medical device",
    }
    onnx.helper.set_model_props(model, facts)
    model.producer_name, model.producer_version = "islesedu", __version__


def halve(model: "onnx.ModelProto", least: int = 256) -> None:
    """Store the large float32 constants of an ONNX model with 16 bits; nodes cast them back."""
    import onnx
    from onnx import numpy_helper

    casts = []
    for constant in model.graph.initializer:
        values = numpy_helper.to_array(constant)
        if values.dtype != np.float32 or values.size < least:
            continue
        name, stored = constant.name, f"{constant.name}_half"
        constant.CopyFrom(numpy_helper.from_array(values.astype(np.float16), stored))
        cast = onnx.helper.make_node("Cast", [stored], [name], to=onnx.TensorProto.FLOAT)
        casts.append(cast)
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
