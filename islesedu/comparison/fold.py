"""One loss on one fold: search, train, predict the cases that the network never saw, score them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from islesedu import metrics
from islesedu.comparison.folder import CompareFolder, FoldTask
from islesedu.comparison.search import TRAINED, TUNED, Search, predict_each, search_steps
from islesedu.files import remove_unfinished, write_text
from islesedu.isles.case import Case
from islesedu.training.config import TrainingConfig
from islesedu.training.dataset import cases_with_lesion
from islesedu.training.evaluation import score_case
from islesedu.training.prediction import to_mask
from islesedu.training.run_folder import RunFolder


def do_task(
    place: CompareFolder, cases: Sequence[Case], task: FoldTask, on_step: Callable[[int], None]
) -> None:
    """Search, train, predict the held-out cases, score them; the scores are written last.

    Parameters
    ----------
    place : CompareFolder
        The comparison, begun.
    cases : sequence of Case
        Its cases, found and read.
    task : FoldTask
        What to do.
    on_step : callable of int
        Called after each step of a training with the number of steps done in this task.
    """
    settings = place.settings
    seed = settings["seed"] + task.fold.number  # one for all losses, which start from one network
    config = TrainingConfig.from_json(settings | {"loss": task.loss, "seed": seed})

    def train_on(path: Path, names: tuple[str, ...], done: int, **chosen: Any) -> RunFolder:
        from islesedu.training import fitting

        remove_unfinished(path)
        return fitting.train(
            cases,
            path,
            config,
            cases=names,
            resume=True,
            progress=False,
            on_step=lambda step: on_step(done + step),
            **chosen,
        )

    chosen = {name: settings[name] for name in TUNED}
    if settings["search"]:
        search = Search(cases, place.search(task), task.fold.training, settings, train_on)
        chosen = search.choose()
    training, done = {name: chosen[name] for name in TRAINED}, search_steps(settings)
    run = train_on(place.run(task).path, task.fold.training, done, **training)
    on_step(done + chosen["steps"])
    _score_held_out(place, cases, task, run, chosen)


def _score_held_out(
    place: CompareFolder,
    cases: Sequence[Case],
    task: FoldTask,
    run: RunFolder,
    chosen: dict[str, Any],
) -> None:
    """Predict and score the held-out cases of a task; keep both."""
    rows, predictions = [], {}
    held_out = cases_with_lesion(cases, task.fold.held_out)
    for patient, probability in predict_each(run.load_model(), run.config, held_out):
        mask = to_mask(probability, chosen["threshold"], chosen["component_share"])
        row = {"loss": task.loss, "fold": task.fold.number, "case": patient.name}
        rows.append(row | score(mask, patient.lesion, patient.spacing) | chosen)
        predictions[patient.name] = mask, probability
    place.write_predictions(task, predictions)
    write_text(place.scores_file(task), pd.DataFrame(rows).to_csv(index=False))


def score(
    mask: np.ndarray, truth: np.ndarray, spacing: tuple[float, float, float]
) -> dict[str, float]:
    """Return the scores of `score_case`, and what a comparison needs besides.

    Parameters
    ----------
    mask, truth : ndarray of bool, (X, Y, Z)
        Prediction and lesion.
    spacing : tuple of float
        Voxel size in mm.

    Returns
    -------
    dict
        Also ``assd_2017_voxels`` (with the penalty) and ``assd_2017_mm``, the mean of the two
        directed means, which the slide and the challenge had; and ``predicted_share`` of all
        voxels, 0 to 1.
    """
    how = {"convention": "directed_means"}
    return score_case(mask, truth, spacing) | {
        "assd_2017_voxels": metrics.assd(mask, truth, empty="max_dimension", **how),
        "assd_2017_mm": metrics.assd(mask, truth, spacing, **how),
        "predicted_share": float(mask.mean()),
    }
