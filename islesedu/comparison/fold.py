"""One loss on one fold: search, train, predict the cases that the network never saw, score them."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from islesedu import metrics
from islesedu.comparison.folder import CompareFolder, Task
from islesedu.comparison.search import TUNED, Search, search_steps
from islesedu.files import remove_unfinished, write_text
from islesedu.isles.read import read_case
from islesedu.training import prediction
from islesedu.training.config import TrainingConfig
from islesedu.training.dataset import FoundCases, cases_with_lesion, check_cases
from islesedu.training.run_folder import RunFolder

OnStep = Callable[[int], None]


def do_task(
    place: CompareFolder, folder: str | os.PathLike[str] | FoundCases, task: Task, on_step: OnStep
) -> None:
    """Search, train, predict the held-out cases, score them; the scores are written last."""
    settings, names = place.settings, task.fold.training
    seed = settings["seed"] + task.fold.number  # one for all losses, which start from one network
    config = TrainingConfig.from_json(settings | {"loss": task.loss, "seed": seed})
    cases = folder
    if not isinstance(folder, FoundCases):
        cases = FoundCases(folder)
        check_cases(cases_with_lesion(cases, names), config.channels)

    def train_on(run: Path, names: tuple[str, ...], done: int, **chosen) -> RunFolder:
        from islesedu.training import fitting

        remove_unfinished(run)
        return fitting.train(
            cases,
            run,
            config,
            cases=names,
            resume=True,
            progress=False,
            on_step=lambda step: on_step(done + step),
            **chosen,
        )

    chosen = {name: settings[name] for name in TUNED}
    if spec := settings["search"]:
        volumes = settings["volumes"] if settings["stratify"] else None
        search = Search(cases, place.search(task), names, spec, settings, train_on, volumes)
        chosen = search.choose()
    training = {name: chosen[name] for name in ("filters", "learning_rate", "steps")}
    done = search_steps(spec, settings)
    run = train_on(place.run(task).path, names, done, **training)
    on_step(done + chosen["steps"])
    score_held_out(place, cases, task, run, chosen)


def score_held_out(
    place: CompareFolder, cases: FoundCases, task: Task, run: RunFolder, chosen: dict[str, Any]
) -> None:
    """Predict and score the held-out cases of a task; keep both."""
    model, config = run.load_model(), run.config
    rows, masks, probabilities = [], {}, {}
    for case in cases_with_lesion(cases, task.fold.held_out):
        patient = read_case(case, config.channels)
        probability = prediction.predict_mean(
            [model], patient, config.recipe.mirror, config.clinical
        )
        mask = prediction.to_mask(probability, chosen["threshold"], chosen["component_share"])
        who = {"loss": task.loss, "fold": task.fold.number, "case": case.name}
        rows.append(who | score(mask, patient.lesion, patient.spacing) | chosen)
        masks[case.name], probabilities[case.name] = mask, probability
    place.write_predictions(task, masks, probabilities)
    write_text(place.scores_file(task), pd.DataFrame(rows).to_csv(index=False))


def score(mask: np.ndarray, truth: np.ndarray, spacing: tuple) -> dict[str, float]:
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
    from islesedu.training.evaluation import score_case

    how = {"convention": "directed_means"}
    return score_case(mask, truth, spacing) | {
        "assd_2017_voxels": metrics.assd(mask, truth, empty="max_dimension", **how),
        "assd_2017_mm": metrics.assd(mask, truth, spacing, **how),
        "predicted_share": float(mask.mean()),
    }
