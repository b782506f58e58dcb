"""Load the network of a run folder: never a damaged one, nor another one than the run's."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from islesedu.errors import TrainingError
from islesedu.isles.nifti import one_line
from islesedu.training.config import TrainingConfig

if TYPE_CHECKING:
    import keras


def load_network(file: Path, settings: Mapping[str, Any]) -> "keras.Model":
    """Load a network, and make sure that it takes and gives what the settings of its run say.

    Raises
    ------
    TrainingError
        The file is damaged, cut off or unsafe, or holds another network.
    """
    import keras

    from islesedu.networks import film, losses, vnet  # noqa: F401  (register what a file names)

    try:
        model = keras.models.load_model(file)
    except MemoryError:
        raise
    except Exception as error:  # whatever zip, HDF5, JSON and Keras may say
        raise TrainingError(
            f"{file} cannot be loaded as a network ({one_line(error)[:200]}); {remedy(file)}"
        ) from error
    config = TrainingConfig.from_json(settings)
    wanted = [(5, len(config.channels)), *([(2, len(config.clinical))] if config.clinical else [])]
    found = _shapes(model, "inputs"), _shapes(model, "outputs")
    if found != (wanted, [(5, 1)]):
        raise TrainingError(
            f"{file} holds another network than run.json describes: it takes "
            f"{_words(found[0])} and gives {_words(found[1])}, not {_words(wanted)} and 1 "
            f"channel; {remedy(file)}"
        )
    return model


def is_like(model: "keras.Model", other: "keras.Model") -> bool:
    """Tell whether two networks have weights of the same shapes, and optimizers of one kind."""
    shapes = [[tuple(weight.shape) for weight in one.weights] for one in (model, other)]
    kinds = [type(getattr(one, "optimizer", None)) for one in (model, other)]
    return shapes[0] == shapes[1] and kinds[0] is kinds[1]


def _shapes(model: "keras.Model", what: str) -> list[tuple[int, int]]:
    """Return number of axes and of channels of each input or output of a network."""
    tensors = getattr(model, what, None) or ()
    return [(len(tensor.shape), tensor.shape[-1]) for tensor in tensors if tensor.shape]


def _words(shapes: list[tuple[int, int]]) -> str:
    """Return shapes in words.

    Examples
    --------
    >>> _words([(5, 6), (2, 3)])
    '6 channels and 3 numbers'
    """
    kinds = {5: "channel", 2: "number"}
    words = [f"{n} {kinds.get(axes, 'value')}{'s' if n != 1 else ''}" for axes, n in shapes]
    return " and ".join(words) or "nothing"


def remedy(file: Path) -> str:
    """Return what to do about a file of a network, which a finished run has twice."""
    twin = {"checkpoint.keras": "model.keras", "model.keras": "checkpoint.keras"}.get(file.name)
    if twin and file.with_name(twin).exists():
        return f"move it away: {twin} beside it is used then"
    return "put back a copy, or train anew in another folder"
