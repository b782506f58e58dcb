"""From a trained run to masks on disk, and from masks to the table of scores."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from islesedu import metrics, provenance
from islesedu.augmentation import side_axis
from islesedu.batches import cases_with_lesion
from islesedu.clinical import clinical_vector
from islesedu.files import write_text
from islesedu.isles import (
    Patient,
    find_cases,
    read_case,
    read_prediction,
    write_map,
    write_prediction,
)
from islesedu.postprocess import to_mask
from islesedu.recipe import make_recipe
from islesedu.runs import find_runs, told

SUMMARY = {
    "dice": "DC",
    "hausdorff_mm": "HD (mm)",
    "assd_mm": "ASSD (mm)",
    "hausdorff_voxels": "HD (voxels)",
    "assd_voxels": "ASSD (voxels)",
    "precision": "precision",
    "recall": "recall",
}
STATUS = {
    "held out": "held out",
    "seen in training": "seen in training: flatters",
    "unknown": "no record of the network's training: may be held out or not",
}


def predict_probability(
    model,
    image: np.ndarray,
    mirror_axis: int | None = None,
    clinical: np.ndarray | None = None,
) -> np.ndarray:
    """Return the lesion probability of every voxel.

    Parameters
    ----------
    model : keras.Model
        Network of `islesedu.vnet.build_vnet`.
    image : ndarray, (X, Y, Z, C)
        Maps in their own units, in the order the network was trained with.
    mirror_axis : int, optional
        Average with the answer to the image mirrored along this axis, mirrored back.
    clinical : ndarray, (F,), optional
        What a network that asks for it is told, see `islesedu.clinical.clinical_vector`.

    Returns
    -------
    ndarray, (X, Y, Z), float32
    """
    from keras import ops

    from islesedu.preprocess import standardize

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
        Columns of the clinical table that the networks are told (see `islesedu.runs.told`).

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
        Run folder written by `islesedu.experiments.train`; or a folder of run folders, such as
        ``combined/`` of a comparison, whose networks' probabilities are averaged.
    folder : path-like
        ISLES folder; lesions, if any, are not looked at.
    output : path-like
        Folder for the masks, and for ``predictions.json``, which names the run and the options of
        each (see `islesedu.provenance`).
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


def score_case(prediction: np.ndarray, truth: np.ndarray, spacing: tuple) -> dict[str, float]:
    """Score one mask as the slide does (voxels, penalty) and as the challenge does (mm).

    Parameters
    ----------
    prediction, truth : ndarray of bool, (X, Y, Z)
        Masks on one grid.
    spacing : tuple of float
        Voxel size in mm.

    Returns
    -------
    dict
        Overlaps; distances in mm (nan for a failed case) and in voxels (largest array dimension
        for a failed case); volumes in ml; ``failed`` where exactly one mask is empty.
    """
    return {
        "dice": metrics.dice(prediction, truth),
        "precision": metrics.precision(prediction, truth),
        "recall": metrics.recall(prediction, truth),
        "hausdorff_mm": metrics.hausdorff(prediction, truth, spacing),
        "assd_mm": metrics.assd(prediction, truth, spacing),
        "hausdorff_voxels": metrics.hausdorff(prediction, truth, empty="max_dimension"),
        "assd_voxels": metrics.assd(prediction, truth, empty="max_dimension"),
        "predicted_ml": metrics.volume_ml(prediction, spacing=spacing),
        "true_ml": metrics.volume_ml(truth, spacing=spacing),
        "failed": bool(prediction.any() != truth.any()),
    }


def evaluate(
    predictions: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    csv: str | os.PathLike[str] | None = None,
) -> pd.DataFrame:
    """Score the masks of a folder against the lesions of an ISLES folder.

    Parameters
    ----------
    predictions : path-like
        Folder that `predict` wrote, or one with masks under the same names.
    folder : path-like
        ISLES folder with lesions.
    csv : path-like, optional
        Also write the table there.

    Returns
    -------
    DataFrame
        One row a case, the columns of `score_case`, and ``status``: "held out"; "seen in
        training", which says nothing about new patients; or "unknown" for masks from elsewhere.

    Raises
    ------
    ValueError
        No lesion in `folder`, a case without prediction, or one that lies elsewhere.
    """
    record = provenance.read_record(predictions)
    rows = []
    for case in cases_with_lesion(folder):
        patient = read_case(case, (case.reference,))
        mask = read_prediction(predictions, case)
        scores = score_case(mask, patient.lesion, patient.spacing)
        rows.append({"case": case.name, **scores, "status": provenance.status(record, case)})
    table = pd.DataFrame(rows)
    if csv is not None:
        write_text(Path(csv), table.to_csv(index=False))
    return table


def summarize(table: pd.DataFrame) -> str:
    """Put the table of `evaluate` in words: mean and standard deviation of each measure.

    Held-out cases and others are summed up apart. Millimetre distances are means
    over the cases that have one; the failed ones are counted beside. The standard deviation is
    the population's, as on the slide.
    """
    parts = []
    for status, label in STATUS.items():
        part = table[table["status"] == status]
        if part.empty:
            continue
        lines = [f"{plural(len(part), 'case')} ({label}), {int(part['failed'].sum())} failed"]
        for column, name in SUMMARY.items():
            values = part[column].dropna()
            found = f"{values.mean():8.3f} +- {values.std(ddof=0):.3f}" if len(values) else "none"
            lines.append(f"  {name:14s} {found}  ({plural(len(values), 'case')})")
        parts.append("\n".join(lines))
    return "\n".join(parts)


def plural(count: int, noun: str) -> str:
    """Return "1 case", "2 cases"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
