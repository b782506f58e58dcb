"""Search hyperparameters inside the training cases of a fold; the held-out ones are never seen.

A quarter of the training patients is set apart. Each combination is trained on the others and
scored on that quarter by its mean Dice; the best one is then trained on all training cases of the
fold. Threshold and component filter need no training of their own.
"""

import itertools
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from islesedu import metrics
from islesedu.common.files import write_text
from islesedu.common.stored import NUMBER, damaged, fields, read_json
from islesedu.common.tables import read_table
from islesedu.comparison.folds import make_folds
from islesedu.errors import DivergedError, TrainingError
from islesedu.isles.case import Case, Patient
from islesedu.isles.read import read_case
from islesedu.training import prediction
from islesedu.training.config import TrainingConfig
from islesedu.training.dataset import cases_with_lesion
from islesedu.training.patients import group_patients

if TYPE_CHECKING:
    import keras
    import optuna

_INNER = 4
"""One in this many training patients is set apart for the search."""
TRAINED = ("filters", "learning_rate", "steps")
"""What a network is trained with, of a combination."""
TUNED = (*TRAINED, "threshold", "component_share")
"""What makes a combination, by argument name."""
_CHOSEN = fields({name: NUMBER for name in TUNED})


def _read_tried(file: Path) -> list[dict[str, float]]:
    """Return the rows of ``tried.csv``; what is not whole will be tried again."""
    mend = "the search tries the others again"
    try:
        table = read_table(
            file, TUNED, (), ("dice",), mend=mend, error=TrainingError, keep_whole=True
        )
    except FileNotFoundError:
        return []
    return table.to_dict("records")


class Search:
    """The search of one fold, and what it has tried so far.

    Parameters
    ----------
    cases : sequence of Case
        Cases of the comparison.
    path : Path
        Where trainings and records of this search lie.
    names : sequence of str
        Training cases of the fold.
    settings : dict
        Of the comparison. ``search`` holds what is searched; the rest is fixed.
    train : callable
        ``train(path, names, done, filters=, learning_rate=, steps=)`` -> RunFolder; `done` is the
        number of steps of this search before this training.
    """

    def __init__(
        self,
        cases: Sequence[Case],
        path: Path,
        names: Sequence[str],
        settings: dict[str, Any],
        train: Callable,
    ):
        self.cases, self.path, self.settings, self.train = cases, path, settings, train
        self.config = TrainingConfig.from_json(settings)
        images = settings.get("cases", {})
        patients = group_patients({name: images.get(name) for name in names})
        parts = min(_INNER, len(set(patients.values())))
        volumes = settings.get("volumes")
        inner = make_folds(names, parts, settings["seed"], volumes, patients)[0]
        self.training, self.held_out = inner.training, inner.held_out
        self.file, self.chosen_file = path / "tried.csv", path / "chosen.json"
        self.rows = _read_tried(self.file)
        self.done = 0

    def values(self, argument: str) -> list:
        """Return the values to try of one argument."""
        return self.settings["search"].get(argument, [self.settings[argument]])

    def choose(self) -> dict[str, Any]:
        """Search, unless that has been done; return the best combination by argument name.

        The first of equally good ones wins. The trainings are removed, their scores stay.
        """
        if not self.chosen_file.exists():
            if self.settings["sampler"] == "grid":
                self.try_all()
            else:
                self.try_sampled(self.settings["sampler"], self.settings["trials"])
            dice = metrics.merge_ties([row["dice"] for row in self.rows])
            best = self.rows[int(np.nan_to_num(dice, nan=-1).argmax())]
            if np.isnan(best["dice"]):
                raise TrainingError(
                    "every training of the search diverged; give lower rates to --search"
                )
            write_text(self.chosen_file, json.dumps(best) + "\n")
        shutil.rmtree(self.path / "runs", ignore_errors=True)
        chosen = read_json(
            self.chosen_file, _CHOSEN, "remove it: the search goes on", TrainingError
        )
        return {name: chosen[name] for name in TUNED}

    def try_all(self) -> None:
        """Try every combination.

        Not with Optuna's grid sampler, which would train each number of steps from the start: a
        training of 1000 steps passes step 500, so each pair of filters and rate costs one training.
        """
        for filters, rate in itertools.product(*map(self.values, ("filters", "learning_rate"))):
            for steps in sorted(self.values("steps")):
                self.attempt(f"filters={filters},rate={rate!r}", filters, rate, steps)
            self.done += max(self.values("steps"))

    def try_sampled(self, sampler: str, trials: int) -> None:
        """Try combinations until there are `trials` of them, those of earlier processes included.

        The sampler "bayes" is Optuna's tree-structured Parzen estimator. Each search has its own
        database, ``optuna.db``, so that no two processes write into one.
        """
        optuna = import_optuna()
        state = optuna.trial.TrialState
        self.path.mkdir(parents=True, exist_ok=True)
        study = _open_study(self.path / "optuna.db")
        for trial in study.get_trials(states=[state.RUNNING]):  # of a process that was killed
            study.tell(trial.number, state=state.FAIL)
            if trial.params:
                study.enqueue_trial(trial.params)
        finished = (state.COMPLETE, state.PRUNED)
        samplers = {"random": optuna.samplers.RandomSampler, "bayes": optuna.samplers.TPESampler}
        while (done := len(study.get_trials(deepcopy=False, states=finished))) < trials:
            # Seeded by the number of trials, or a resumed search would sample the first ones again.
            study.sampler = samplers[sampler](seed=self.settings["seed"] + done)
            trial = study.ask()
            wanted = {name: _suggest(trial, name, self.values(name)) for name in TRAINED}
            run = ",".join(f"{name}={value!r}" for name, value in wanted.items())
            best = max(row["dice"] for row in self.attempt(run, **wanted))
            self.done += wanted["steps"]
            if np.isnan(best):  # diverged: counts as tried, without a score
                study.tell(trial, state=state.PRUNED)
            else:
                study.tell(trial, best)

    def attempt(self, run: str, filters: int, learning_rate: float, steps: int) -> list[dict]:
        """Train and score, unless that has been done; a loss that diverges scores nan."""
        wanted = {"filters": filters, "learning_rate": learning_rate, "steps": steps}
        if before := [row for row in self.rows if wanted.items() <= row.items()]:
            return before
        pairs = list(itertools.product(self.values("threshold"), self.values("component_share")))
        try:
            trained = self.train(self.path / "runs" / run, self.training, self.done, **wanted)
        except DivergedError:
            scores = [np.nan] * len(pairs)
        else:
            scores = self._score(trained.load_model(), pairs)
        rows = [
            wanted | {"threshold": at, "component_share": share, "dice": dice}
            for (at, share), dice in zip(pairs, scores, strict=True)
        ]
        self.rows += rows
        write_text(self.file, pd.DataFrame(self.rows).to_csv(index=False))
        return rows

    def _score(self, model: "keras.Model", pairs: list[tuple[float, float]]) -> list[float]:
        """Return the mean Dice of the cases set apart for each pair of threshold and share."""
        cases = cases_with_lesion(self.cases, self.held_out)
        scores = [
            [metrics.dice(prediction.to_mask(probability, *pair), patient.lesion) for pair in pairs]
            for patient, probability in predict_each(model, self.config, cases)
        ]
        return [float(np.mean(of_pair)) for of_pair in zip(*scores, strict=True)]


def predict_each(
    model: "keras.Model", config: TrainingConfig, cases: Sequence[Case]
) -> Iterator[tuple[Patient, np.ndarray]]:
    """Yield each case, read, with the probability map (X, Y, Z) that a network predicts for it."""
    recipe = config.recipe
    how = {"mirror": recipe.mirror, "clinical": config.clinical, "crop": recipe.crop}
    for case in cases:
        patient = read_case(case, config.channels)
        yield patient, prediction.predict_mean([model], patient, **how)


def search_steps(settings: dict[str, Any]) -> int:
    """Return how many steps the trainings of one fold's search take, at most."""
    if not (spec := settings["search"]):
        return 0
    if settings["sampler"] != "grid":
        return settings["trials"] * most_steps(settings)
    trainings = len(spec.get("filters", [0])) * len(spec.get("learning_rate", [0]))
    return trainings * most_steps(settings)


def most_steps(settings: dict[str, Any]) -> int:
    """Return the number of steps of the longest training that a search may try."""
    steps = (settings["search"] or {}).get("steps", [settings["steps"]])
    return max(value for value in steps if value is not None)


def import_optuna() -> ModuleType:
    """Return the module, or a TrainingError that says how to get it."""
    try:
        import optuna
    except ImportError as error:
        raise TrainingError(
            "random and Bayesian search need Optuna, which is not installed; run "
            'pip install "islesedu[search]", or search with --sampler grid'
        ) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def _open_study(file: Path) -> "optuna.Study":
    """Return the study of a database, a new one if there is none."""
    optuna = import_optuna()
    how = {"study_name": "search", "direction": "maximize", "load_if_exists": True}
    try:
        return optuna.create_study(storage=f"sqlite:///{file}", **how)
    except Exception as error:  # whatever Optuna, SQLAlchemy and SQLite may say
        mend = "remove it: the search begins anew, and what was tried is not trained again"
        raise damaged(file, str(error).splitlines()[0], mend, TrainingError) from error


def _suggest(trial: "optuna.Trial", name: str, values: list) -> float:
    """Return a value out of a list, or out of a range [low, None, high]."""
    if None not in values:
        return trial.suggest_categorical(name, values)
    low, _, high = values
    if isinstance(low, int):
        return trial.suggest_int(name, low, high)
    return trial.suggest_float(name, low, high, log=True)
