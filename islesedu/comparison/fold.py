"""One loss on one fold: search, train, predict the cases that the network never saw, score them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from islesedu.common.files import write_text
from islesedu.comparison.folder import CompareFolder, FoldTask
from islesedu.comparison.search import TRAINED, TUNED, Search, predict_each, search_steps
from islesedu.isles.case import Case
from islesedu.metrics.scores import score_case
from islesedu.training.config import TrainingConfig
from islesedu.training.dataset import cases_with_lesion
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
        rows.append(row | score_case(mask, patient.lesion, patient.spacing) | chosen)
        predictions[patient.name] = mask, probability
    place.write_predictions(task, predictions)
    write_text(place.scores_file(task), pd.DataFrame(rows).to_csv(index=False))
