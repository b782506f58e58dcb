"""From trained networks to lesion probabilities, and to masks on disk."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from islesedu.isles.case import Patient
from islesedu.isles.clinical_features import clinical_vector
from islesedu.isles.find import find_cases
from islesedu.isles.nifti import write_map
from islesedu.isles.read import read_case
from islesedu.isles.write import write_prediction
from islesedu.training import provenance
from islesedu.training.augmentation import side_axis
from islesedu.training.postprocess import to_mask
from islesedu.training.recipe import make_recipe
from islesedu.training.run_folder import find_runs, told


def predict_probability(
    model, image: np.ndarray, mirror_axis: int | None = None, clinical: np.ndarray | None = None
) -> np.ndarray:
    """Return the lesion probability of every voxel.

    Parameters
    ----------
    model : keras.Model
        Network of `islesedu.networks.vnet.build_vnet`.
    image : ndarray, (X, Y, Z, C)
        Maps in their own units, in the order the network was trained with.
    mirror_axis : int, optional
        Average with the answer to the image mirrored along this axis, mirrored back.
    clinical : ndarray, (F,), optional
        What a network that asks for it is told, see
        `islesedu.isles.clinical_features.clinical_vector`.

    Returns
    -------
    ndarray, (X, Y, Z), float32
    """
    from keras import ops

    from islesedu.training.preprocess import standardize

    inputs = standardize(image)[None]
    if clinical is not None:
        inputs = [inputs, clinical[None]]
    output = model(inputs, training=False)  # -> (1, X, Y, Z, 1)
    probability = ops.convert_to_numpy(output)[0, ..., 0]
    if mirror_axis is None:
        return probability
    mirrored = predict_probability(model, np.flip(image, mirror_axis), clinical=clinical)
    return (probability + np.flip(mirrored, mirror_axis)) / 2


def forecast(
    models: Sequence, patient: Patient, mirror: bool = False, clinical: Sequence[str] = ()
) -> np.ndarray:
    """Return the mean of several networks' lesion probabilities.

    Parameters
    ----------
    models : sequence of keras.Model
        One or more, trained with the maps that the patient was read with.
    patient : Patient
        Image (X, Y, Z, C) in the maps' own units.
    mirror : bool
        Ask each network about the mirrored image, too.
    clinical : sequence of str
        Columns of the clinical table that the networks are told (see
        `islesedu.training.run_folder.told`).

    Returns
    -------
    ndarray, (X, Y, Z), float32
    """
    axis = side_axis(patient.affine) if mirror else None
    told = clinical_vector(patient.clinical, clinical, patient.name) if clinical else None
    return np.mean([predict_probability(m, patient.image, axis, told) for m in models], axis=0)


def predict(
    run: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    threshold: float = 0.5,
    component_share: float = 0.0,
    mirror: bool | None = None,
    probabilities: bool = False,
    progress: bool = True,
) -> list[Path]:
    """Write a lesion mask for every case of a folder.

    Parameters
    ----------
    run : path-like
        Run folder written by `islesedu.training.fitting.train`; or a folder of run folders, such as
        ``combined/`` of a comparison, whose networks' probabilities are averaged.
    folder : path-like
        ISLES folder; lesions, if any, are not looked at.
    output : path-like
        Folder for the masks, and for ``predictions.json``, which names the run and the options of
        each (see `islesedu.training.provenance`).
    threshold : float
        Probability above which a voxel is lesion.
    component_share : float
        Drop connected components smaller than this share of the largest; 0 keeps all.
    mirror : bool, optional
        Average with the answer to the mirrored image; if None, as the run's recipe says.
    probabilities : bool
        Also write ``<case>_probability.nii.gz``.
    progress : bool
        Show a progress bar.

    Returns
    -------
    list of Path
        The masks, in the order of the cases.
    """
    runs, run, output = find_runs(run), Path(run), Path(output)
    channels, models = runs[0].settings["channels"], [one.load_model() for one in runs]
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold is {threshold}; give a probability between 0 and 1")
    clinical = told(runs[0].settings)
    trained_on = {name for one in runs for name in one.settings["fingerprints"]}
    if mirror is None:
        mirror = any(make_recipe(one.settings.get("recipe")).mirror for one in runs)
    cases, files = find_cases(folder), []
    for case in tqdm(cases, desc="predict", unit="case", disable=not progress):
        patient = read_case(case, channels)
        probability = forecast(models, patient, mirror, clinical)
        mask = to_mask(probability, threshold, component_share)
        files.append(write_prediction(patient, mask, output))
        if probabilities:
            file = output / f"{case.name}_probability.nii.gz"
            write_map(file, probability, patient.affine, patient.spacing, np.float32)
        whose = provenance.fingerprint(case)
        entry = {
            "run": str(run.resolve()),
            "networks": len(runs),
            "threshold": threshold,
            "component_share": component_share,
            "mirror": mirror,
            "clinical": {name: patient.clinical.get(name) for name in clinical} or None,
            "fingerprint": whose,
            "seen": whose in trained_on,
        }
        provenance.note(output, case, entry)
    return files
