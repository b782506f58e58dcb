"""NetworkLab in JupyterLab: the kernel's own network predicts while its input is changed."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import numpy as np
import traitlets

from islesedu import CHANNELS
from islesedu.isles.case import Patient, finite
from islesedu.isles.clinical_features import check_columns
from islesedu.widgets import standalone
from islesedu.widgets.browser.packing import STEPS
from islesedu.widgets.lab.about import about
from islesedu.widgets.scripts import join_modules

if TYPE_CHECKING:
    import keras

_HERE = Path(__file__).parent
_NO_KERNEL = (
    "<p>NetworkLab asks the kernel's network, so it works in a running notebook. The course's site "
    'has the same element with a network of its own, in the page "Question a network".</p>'
)


class NetworkLab(anywidget.AnyWidget):
    """Question a network: change the maps of a patient and watch the prediction change.

    Maps can be switched off, scaled, shifted and made noisy, the patient flipped, a region
    occluded, replaced by the other side or moved, and a sweep of occlusions draws where the
    prediction depends on what is seen. Each change is predicted by `model`, in this kernel; a page
    of its own, without a kernel, is written by ``islesedu network-lab``.

    Parameters
    ----------
    model : keras.Model
        Takes standardized images (1, X, Y, Z, C) and gives probabilities (1, X, Y, Z, 1); with
        `clinical`, takes ``[image, (1, F)]``. Such as `islesedu.networks.build_vnet` makes.
    patients : Patient or sequence of Patient
        To choose from, read with the maps that the network takes.
    clinical : sequence of str
        Columns of the clinical table that the network is conditioned on.
    name : str
        Of the network, in the log.
    crop : bool
        Show the network only the box around the head, as ``crop`` of a recipe does in training.
    threshold : float, 0 to 1
        To begin with, such as one that was chosen on validation patients; in steps of 0.005.

    Attributes
    ----------
    log : list of dict
        What was tried: patient, network, what, input, threshold, dice, ml, reference, seconds.

    Raises
    ------
    ValueError
        No patient, or a patient with other maps than the network takes; clinical variables that
        it does not take; a threshold outside 0 to 1.

    Examples
    --------
    >>> from islesedu import data_folder
    >>> from islesedu.isles import find_cases, read_case
    >>> patient = read_case(find_cases(data_folder("sample"))[0])
    >>> NetworkLab(lambda image, training: image[..., :1], patient).log
    []
    """

    _esm = join_modules(_HERE / "lab.js")
    _css = "\n".join(
        file.read_text(encoding="utf-8")
        for file in (_HERE.parent / "browser" / "browser.css", _HERE / "lab.css")
    )

    about = traitlets.Dict().tag(sync=True)
    log = traitlets.List().tag(sync=True)

    def __init__(
        self,
        model: "keras.Model",
        patients: Patient | Sequence[Patient],
        clinical: Sequence[str] = (),
        name: str = "the kernel's network",
        crop: bool = False,
        threshold: float = 0.5,
    ):
        self.patients = [patients] if isinstance(patients, Patient) else list(patients)
        self.model, self.clinical = model, check_columns(clinical) if clinical else ()
        channels = _channels(model, self.patients)
        _check_inputs(model, self.clinical, threshold)
        network = {"name": name, "title": name, "channels": channels, "clinical": self.clinical}
        network["crop"] = bool(crop)
        listed = [_describe(patient) for patient in self.patients]
        super().__init__(about=about([network], listed, round(threshold * STEPS) / STEPS))
        self.on_msg(self._answer)

    def __repr__(self) -> str:
        names = ", ".join(patient.name for patient in self.patients)
        return f"NetworkLab of {names}: {len(self.log)} predictions tried"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict]:
        """Return the widget, and a sentence for pages without a kernel."""
        data, metadata = super()._repr_mimebundle_(**kwargs)
        data["text/plain"] = repr(self)
        if not standalone.run_by_jupyterlab():
            data["text/html"] = _NO_KERNEL
        return data, metadata

    def predict(
        self, image: np.ndarray, clinical: Sequence[float | None] | None = None
    ) -> np.ndarray:
        """Return the probability (X, Y, Z) that the network gives a standardized image.

        Parameters
        ----------
        image : ndarray, (1, X, Y, Z, C)
        clinical : sequence of float or None, optional
            None where a value is missing.

        Returns
        -------
        ndarray, (X, Y, Z), float32
        """
        given = image
        if clinical is not None:
            numbers = [np.nan if value is None else value for value in clinical]
            given = [image, np.array([numbers], np.float32)]
        output = self.model(given, training=False)
        if not isinstance(output, np.ndarray):
            from keras import ops

            output = ops.convert_to_numpy(output)
        return output[0, ..., 0].astype(np.float32, copy=False)

    def _answer(self, widget: Any, message: dict, buffers: Sequence[memoryview]) -> None:
        """Answer the page: a patient's voxels, or a prediction."""
        identity = {"id": message.get("id")}
        try:
            if message.get("what") == "patient":
                self.send(identity, self._voxels(self.patients[message["number"]]))
            elif message.get("what") == "predict":
                start = time.perf_counter()
                image = np.frombuffer(buffers[0], np.float32).reshape(message["dims"])
                found = np.ascontiguousarray(self.predict(image, message.get("clinical")))
                seconds = time.perf_counter() - start
                self.send(identity | {"seconds": seconds}, [found.tobytes()])
        except Exception as error:  # the page says it; a traceback in the log reaches nobody
            self.send(identity | {"error": f"{type(error).__name__}: {error}"})

    @staticmethod
    def _voxels(patient: Patient) -> list[bytes]:
        """Return the maps as float32, and the lesion as bytes, x running fastest."""
        maps = finite(np.asarray(patient.image, np.float32))
        arrays = [maps[..., number].tobytes("F") for number in range(maps.shape[-1])]
        lesion = [] if patient.lesion is None else [patient.lesion.astype(np.uint8).tobytes("F")]
        return arrays + lesion


def _channels(model: "keras.Model", patients: Sequence[Patient]) -> tuple[str, ...]:
    """Return the names of the maps; a ValueError if patients have others than the network takes."""
    if not patients:
        raise ValueError("patients is empty; give at least one")
    channels = tuple(patients[0].channels)
    for patient in patients:
        if tuple(patient.channels) != channels:
            raise ValueError(
                f"{patient.name} has the maps {', '.join(patient.channels)}, {patients[0].name} "
                f"{', '.join(channels)}; read all with the maps that the network takes"
            )
    takes = getattr(model, "inputs", None)
    if takes and takes[0].shape[-1] not in (None, len(channels)):
        raise ValueError(
            f"the network takes {takes[0].shape[-1]} maps, {patients[0].name} has "
            f"{len(channels)}: {', '.join(channels)}; the kit's networks take {', '.join(CHANNELS)}"
        )
    return channels


def _check_inputs(model: "keras.Model", clinical: Sequence[str], threshold: float) -> None:
    """Raise a ValueError if the network takes other clinical variables, or about the threshold."""
    takes = getattr(model, "inputs", None)
    if takes:
        count = takes[1].shape[-1] if len(takes) > 1 else 0
        if count != len(clinical):
            raise ValueError(
                f"the network takes {count} clinical variables, clinical names {len(clinical)}; "
                'name those that it was conditioned on, such as ("TICI", "TTT")'
            )
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold is {threshold}; a probability lies between 0 and 1")


def _describe(patient: Patient) -> dict[str, Any]:
    """Return all of a patient but its voxels."""
    clinical = {
        key: value.item() if isinstance(value, np.generic) else value
        for key, value in patient.clinical.items()
        if value == value  # not nan
    }
    return {
        "name": patient.name,
        "title": patient.name,
        "channels": tuple(patient.channels),
        "shape": patient.image.shape[:3],
        "affine": np.asarray(patient.affine, float).tolist(),
        "spacing": patient.spacing,
        "placed": patient.placed,
        "clinical": clinical,
    }
