"""Import Keras quietly, and only what a process needs.

TensorFlow 2.21 writes lines such as "I0000 ... oneDNN custom operations are on" when it is
imported, before it looks at TF_CPP_MIN_LOG_LEVEL, so no setting silences them; its errors still
come through. `import tensorflow` imports Keras if it is there, and Keras imports scikit-learn,
Matplotlib and IPython if they are there. A parameter server needs none of them: without them a
process of a cluster holds 65 to 105 MB less and comes up in two thirds of the time.
"""

import json
import logging
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any, TypeAlias

from islesedu.errors import TrainingError

Tensor: TypeAlias = Any
"""A tensor of whatever backend Keras has, or an array."""
_HINT = re.compile(r"^(?:I\d{4} \d\d:.*|WARNING: All log messages before absl.*)\n?", re.MULTILINE)
"""A line of TensorFlow's log that is information only."""
_NO_CUDA = re.compile(
    r"^(?:[EW]\d{4}|[-\d]+ [:.\d]+ [EW]) .*(?:failed call to cuInit"
    r"|Unable to register cu\w+ factory|computation placer already registered).*\n?",
    re.MULTILINE,
)
"""What TensorFlow says where there is no GPU; worth reading only where there is one."""


def _is_news(record: logging.LogRecord) -> bool:
    """Tell whether a remark of TensorFlow is worth reading.

    Training several networks in one process compiles several functions; TensorFlow takes that for
    one function compiled again and again, and says so at length.
    """
    return "triggered tf.function retracing" not in record.getMessage()


def import_keras() -> None:
    """Import Keras and its backend, and pass on what they write to stderr except hints.

    Raises
    ------
    TrainingError
        There is no such backend, or it is not installed.
    """
    logging.getLogger("tensorflow").addFilter(_is_news)
    try:
        stderr = os.dup(2)
    except OSError:  # there is no stderr
        _import_keras()
        return
    with tempfile.TemporaryFile() as log:
        os.dup2(log.fileno(), 2)
        try:
            _import_keras()
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            log.seek(0)
            os.write(2, without_hints(log.read().decode(errors="replace")).encode())


def _import_keras() -> None:
    try:
        import keras

        # What ~/.keras/keras.json may say otherwise, and the kit's layers rely on.
        keras.config.set_image_data_format("channels_last")
        keras.config.set_floatx("float32")
        keras.config.set_epsilon(1e-7)
        keras.ops.zeros(1)  # looks for a GPU now, and not in the middle of a lesson
    except (ImportError, ValueError) as error:
        name = backend_name()
        remedy = f"install {name}, or unset KERAS_BACKEND (and 'backend' in ~/.keras/keras.json)"
        raise TrainingError(f"Keras has no backend {name!r} here ({error}); {remedy}") from error


def backend_name() -> str:
    """Return the backend that Keras has, or will have when it is imported.

    Examples
    --------
    >>> backend_name() in ("tensorflow", "jax", "torch")
    True
    """
    if name := os.environ.get("KERAS_BACKEND"):
        return name
    place = Path(os.environ.get("KERAS_HOME") or Path("~/.keras").expanduser(), "keras.json")
    try:
        return dict(json.loads(place.read_text(encoding="utf-8")))["backend"]
    except (OSError, ValueError, TypeError, KeyError):
        return "tensorflow"


def require_tensorflow(what: str) -> None:
    """Raise a TrainingError unless Keras has the backend TensorFlow.

    `what` says who needs it, for the message: "islesedu cluster".
    """
    if backend_name() != "tensorflow":
        raise TrainingError(
            f"{what} needs Keras on TensorFlow, and its backend is {backend_name()!r}; give the "
            "same command with KERAS_BACKEND=tensorflow"
        )


def without_hints(text: str) -> str:
    r"""Return a log without the lines that are information only.

    Examples
    --------
    >>> without_hints("I0000 00:00:17.2 1 port.cc:153] oneDNN is on.\nE0000 00:00:17.3 no memory\n")
    'E0000 00:00:17.3 no memory\n'
    """
    has_gpu = any(os.path.exists(f"/dev/{device}") for device in ("nvidiactl", "dxg"))
    return _HINT.sub("", text if has_gpu else _NO_CUDA.sub("", text))


_UNUSED = {
    "chief": ("IPython", "matplotlib", "sklearn"),
    "worker": ("IPython", "matplotlib", "sklearn", "keras"),
    "ps": ("IPython", "matplotlib", "sklearn", "keras"),
}
"""What each process of a cluster can do without, by its role in TF_CONFIG."""


def leave_out(role: str) -> None:
    """Make packages look as if they were not installed, in this process; call it first of all.

    Parameters
    ----------
    role : {"chief", "worker", "ps"}
        Of the process in TF_CONFIG. What it has imported before stays.
    """
    for package in _UNUSED[role]:
        sys.modules.setdefault(package, None)  # an import of it raises ModuleNotFoundError
