"""From trained networks to lesion probabilities, and to masks on disk."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage
from tqdm.auto import tqdm

from islesedu.common.arguments import share as _share_of_one
from islesedu.isles.case import Case, Patient
from islesedu.isles.find import find_cases
from islesedu.isles.name_map import NameMap
from islesedu.isles.read import read_case
from islesedu.isles.write import write_patient_map, write_prediction
from islesedu.metrics.masks import Mask, as_mask
from islesedu.training import provenance
from islesedu.training.augmentation import side_axis
from islesedu.training.prediction_folder import prediction_folder
from islesedu.training.preprocess import clinical_input, head_box, prepare_arrays, uncrop
from islesedu.training.run_folder import find_runs
from islesedu.training.start import check_prediction

if TYPE_CHECKING:
    import keras


def predict_probability(
    model: "keras.Model",
    image: np.ndarray,
    mirror_axis: int | None = None,
    clinical: np.ndarray | None = None,
    crop: bool = False,
) -> np.ndarray:
    """Return the lesion probability of every voxel.

    Parameters
    ----------
    model : keras.Model
        Network of `islesedu.networks.vnet.build_vnet`.
    image : ndarray, (X, Y, Z, C)
        Maps in their own units, in the order the network was trained with.
    mirror_axis : int, optional
        Average with the prediction for the image mirrored along this axis, mirrored back.
    clinical : ndarray, (F,), optional
        Clinical variables of a network that is conditioned on them, see
        `islesedu.isles.clinical_features.clinical_vector`.
    crop : bool
        Show the network only the box around the head, as ``crop`` of a recipe does in training;
        outside the probability is 0.

    Returns
    -------
    ndarray, (X, Y, Z), float32
    """
    from keras import ops

    inputs = prepare_arrays(image, clinical)
    volume, *numbers = inputs if isinstance(inputs, tuple) else (inputs,)
    box = head_box(image) if crop else (slice(None),) * 3
    volume = volume[:, *box]
    output = model([volume, *numbers] if numbers else volume, training=False)
    probability = ops.convert_to_numpy(output)[0, ..., 0]  # (1, X, Y, Z, 1) -> (X, Y, Z)
    if crop:
        probability = uncrop(probability, box, image.shape[:3])
    if mirror_axis is None:
        return probability
    mirrored = np.flip(image, mirror_axis)
    mirrored = predict_probability(model, mirrored, clinical=clinical, crop=crop)
    return (probability + np.flip(mirrored, mirror_axis)) / 2


def predict_mean(
    models: Sequence["keras.Model"],
    patient: Patient,
    mirror: bool = False,
    clinical: Sequence[str] = (),
    crop: bool = False,
) -> np.ndarray:
    """Return the probability map of a patient: the mean of what several networks predict.

    Parameters
    ----------
    models : sequence of keras.Model
        One or more, trained with the maps that the patient was read with.
    patient : Patient
        Image (X, Y, Z, C) in the maps' own units.
    mirror : bool
        Average each network's prediction with that for the mirrored image.
    clinical : sequence of str
        Columns of the clinical table that the networks are conditioned on.
    crop : bool
        See `predict_probability`.

    Returns
    -------
    ndarray, (X, Y, Z), float32
    """
    axis = side_axis(patient.affine) if mirror else None
    vector = clinical_input(patient, clinical)
    maps = [predict_probability(m, patient.image, axis, vector, crop) for m in models]
    return np.mean(maps, axis=0)


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
    names: NameMap | None = None,
) -> list[Path]:
    """Write a lesion mask for every case of a folder.

    Parameters
    ----------
    run : path-like
        Run folder; or a folder of run folders, such as ``combined/`` of a comparison, whose
        networks' probabilities are averaged.
    folder : path-like
        ISLES folder; lesions, if any, are not looked at.
    output : path-like
        Folder for the masks and for ``predictions.json``, see `islesedu.training.provenance`.
    threshold : float
        Probability above which a voxel is lesion.
    component_share : float
        Drop connected components smaller than this share of the largest; 0 keeps all.
    mirror : bool, optional
        Average with the prediction for the mirrored image; if None, as the run's recipe says.
    probabilities : bool
        Also write ``<case>_probability.nii.gz``.
    progress : bool
        Show a progress bar.
    names : dict of str to str, optional
        As for `islesedu.isles.find_cases`; if None, as in the run's training.

    Returns
    -------
    list of Path
        The masks, in the order of the cases.

    Raises
    ------
    ValueError
        An argument without sense, a folder without a finished or begun run, a case that cannot be
        read.
    """
    check_prediction(run, folder, output, threshold, component_share)
    runs, output = find_runs(run), Path(output)
    configs = [one.config for one in runs]
    channels, clinical = configs[0].channels, configs[0].clinical
    models = [one.load_model() for one in runs]
    if mirror is None:
        mirror = any(config.recipe.mirror for config in configs)
    crop = any(config.recipe.crop for config in configs)
    cases, settings = (
        find_cases(folder, names or configs[0].names),
        {
            "run": str(Path(run).resolve()),
            "networks": len(runs),
            "threshold": threshold,
            "component_share": component_share,
            "mirror": mirror,
            "crop": crop,
        },
    )

    def predict_case(case: Case) -> Path:
        patient = read_case(case, channels)
        probability = predict_mean(models, patient, mirror, clinical, crop)
        mask = to_mask(probability, threshold, component_share)
        file = write_prediction(patient, mask, output)
        if probabilities:
            place = output / f"{case.name}_probability.nii.gz"
            write_patient_map(patient, place, probability)
        own = provenance.fingerprint(case)
        entry = settings | {
            "clinical": {name: patient.clinical.get(name) for name in clinical} or None,
            "fingerprint": own,
            "seen": provenance.was_seen(case, own, [one.settings for one in runs]),
        }
        provenance.note(output, case, entry)
        return file

    provenance.read_record(output)  # may complain
    with prediction_folder(output, cases, probabilities):
        bar = tqdm(cases, desc="predict", unit="case", disable=not progress)
        return [predict_case(case) for case in bar]


def drop_small_components(mask: Mask, share: float = 0.1) -> np.ndarray:
    """Drop the connected components smaller than a share of the largest, as the original does.

    Parameters
    ----------
    mask : array-like, (X, Y, Z)
        Mask, see `islesedu.metrics.as_mask`; voxels that touch by a face belong together.
    share : float
        Between 0 (keep all) and 1 (keep only the largest, and those of its size).

    Returns
    -------
    ndarray of bool, (X, Y, Z)

    Examples
    --------
    >>> drop_small_components(np.array([1, 1, 1, 0, 1], bool), share=0.5).tolist()
    [True, True, True, False, False]
    """
    _share_of_one("component_share", share)
    mask = as_mask("mask", mask)
    labels, count = ndimage.label(mask)
    if count == 0:
        return np.zeros_like(mask)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0  # the background is no component
    return (sizes >= share * sizes.max())[labels] & (labels > 0)


def to_mask(probability: np.ndarray, at: float = 0.5, share: float = 0.0) -> np.ndarray:
    """Return the mask that is handed in: threshold, then `drop_small_components`.

    Parameters
    ----------
    probability : ndarray, (X, Y, Z)
        Between 0 and 1.
    at, share : float
        Probability above which a voxel is lesion, and share of the largest component.

    Returns
    -------
    ndarray of bool, (X, Y, Z)

    Examples
    --------
    >>> to_mask(np.array([0.9, 0.9, 0.9, 0.5, 0.9]), share=0.5).tolist()
    [True, True, True, False, False]
    """
    _share_of_one("threshold", at)
    return drop_small_components(np.asarray(probability) > at, share)
