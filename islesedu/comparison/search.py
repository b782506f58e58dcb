"""Search hyperparameters inside the training cases of a fold; the held-out ones are never seen.

The training patients are split again, into inner folds. Each combination is trained on all but one
of them and scored on the one left out, by its mean Dice over the patients of all inner folds; the
best one is then trained on all training cases of the fold. With one inner fold, the default, a
quarter of the training patients is set apart once. Threshold and component filter need no training
of their own.
"""

import itertools
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from islesedu import metrics
from islesedu.common.files import write_text
from islesedu.common.stored import NUMBER, fields, read_json
from islesedu.common.tables import read_table
from islesedu.comparison import sampling
from islesedu.comparison.folds import Fold, make_folds
from islesedu.errors import DivergedError, TrainingError
from islesedu.isles.case import Case, Patient
from islesedu.isles.read import read_case
from islesedu.training import prediction
from islesedu.training.config import TrainingConfig
from islesedu.training.dataset import cases_with_lesion
from islesedu.training.patients import group_patients

if TYPE_CHECKING:
    import keras

_QUARTER = 4
"""With one inner fold, one in this many training patients is set apart for the search."""
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
        count = settings.get("inner_folds", 1)
        parts = min(_QUARTER, len(set(patients.values()))) if count == 1 else count
        volumes = settings.get("volumes")
        self.inner = make_folds(names, parts, settings["seed"], volumes, patients)[:count]
        self.file, self.chosen_file = path / "tried.csv", path / "chosen.json"
        self.rows = _read_tried(self.file)
        self.steps_of: dict[Path, int] = {}  # of each training so far

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

    def try_sampled(self, sampler: str, trials: int) -> None:
        """Try combinations until there are `trials` of them, those of earlier processes included.

        The sampler "bayes" is Optuna's tree-structured Parzen estimator. Each search has its own
        database, ``optuna.db``, so that no two processes write into one.
        """
        optuna = sampling.import_optuna()
        state = optuna.trial.TrialState
        self.path.mkdir(parents=True, exist_ok=True)
        study = sampling.open_study(self.path / "optuna.db")
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
            wanted = {name: sampling.suggest(trial, name, self.values(name)) for name in TRAINED}
            run = ",".join(f"{name}={value!r}" for name, value in wanted.items())
            best = max(row["dice"] for row in self.attempt(run, **wanted))
            if np.isnan(best):  # diverged: counts as tried, without a score
                study.tell(trial, state=state.PRUNED)
            else:
                study.tell(trial, best)

    def attempt(self, run: str, filters: int, learning_rate: float, steps: int) -> list[dict]:
        """Train and score, unless that has been done; a loss that diverges scores nan."""
        wanted = {"filters": filters, "learning_rate": learning_rate, "steps": steps}
        runs = self.path / "runs" / run
        if before := [row for row in self.rows if wanted.items() <= row.items()]:
            self._count(runs, steps)
            return before
        pairs = list(itertools.product(self.values("threshold"), self.values("component_share")))
        try:
            scores = self._cross_validate(runs, wanted, pairs)
        except DivergedError:
            scores = [np.nan] * len(pairs)
        self._count(runs, steps)
        rows = [
            wanted | {"threshold": at, "component_share": share, "dice": dice}
            for (at, share), dice in zip(pairs, scores, strict=True)
        ]
        self.rows += rows
        write_text(self.file, pd.DataFrame(self.rows).to_csv(index=False))
        return rows

    def _count(self, runs: Path, steps: int) -> None:
        """Take note that the trainings of a combination are done, whether here or before."""
        self.steps_of |= {runs / f"inner_{fold.number}": steps for fold in self.inner}

    def _cross_validate(
        self, runs: Path, wanted: dict[str, float], pairs: list[tuple[float, float]]
    ) -> list[float]:
        """Return the mean Dice over the cases of all inner folds, for each pair.

        A pair is a threshold and a share of components. Each case counts once, whatever the size of
        its fold; a combination that diverges in one inner fold has no score.
        """
        scores: list[list[float]] = []
        for fold in self.inner:
            place = runs / f"inner_{fold.number}"
            done = sum(steps for other, steps in self.steps_of.items() if other != place)
            run = self.train(place, fold.training, done, **wanted)
            self.steps_of[place] = wanted["steps"]
            scores += self._score(run.load_model(), fold, pairs)
        return [float(np.mean(of_pair)) for of_pair in zip(*scores, strict=True)]

    def _score(
        self, model: "keras.Model", fold: Fold, pairs: list[tuple[float, float]]
    ) -> list[list[float]]:
        """Return the Dice of each case of an inner fold for each pair of threshold and share."""
        cases = cases_with_lesion(self.cases, fold.held_out)
        return [
            [metrics.dice(prediction.to_mask(probability, *pair), patient.lesion) for pair in pairs]
            for patient, probability in predict_each(model, self.config, cases)
        ]


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
    inner = settings.get("inner_folds", 1)
    if settings["sampler"] != "grid":
        return settings["trials"] * inner * most_steps(settings)
    pairs = len(spec.get("filters", [0])) * len(spec.get("learning_rate", [0]))
    return pairs * inner * most_steps(settings)


def most_steps(settings: dict[str, Any]) -> int:
    """Return the number of steps of the longest training that a search may try."""
    steps = (settings["search"] or {}).get("steps", [settings["steps"]])
    return max(value for value in steps if value is not None)
