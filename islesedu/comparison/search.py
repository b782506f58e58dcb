"""Search hyperparameters inside the training cases of a fold; the held-out ones are never seen.

A quarter of the training cases is set apart. Each combination is trained on the others and scored
on that quarter by its mean Dice; the best one is then trained on all training cases of the fold.
Threshold and component filter need no training of their own, and a training of 1000 steps passes
step 500, so a grid costs one training for each pair of filters and rate (Optuna's grid sampler
would train each step count by itself). Random and Bayesian search are Optuna's, which is imported
only here; each fold's search has its own database, ``optuna.db`` in its folder, so that no two
processes write into one.
"""

import itertools
import json
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from islesedu import metrics
from islesedu.comparison.folder import read_scores
from islesedu.comparison.folds import make_folds
from islesedu.comparison.search_space import WHOLE, Spec
from islesedu.errors import DivergedError, TrainingError
from islesedu.files import write_text
from islesedu.isles.read import read_case
from islesedu.training.config import TrainingConfig
from islesedu.training.dataset import cases_with_lesion
from islesedu.training.prediction import predict_mean, to_mask

INNER = 4
"""One in this many training cases is set apart for the search."""
TUNED = ("filters", "learning_rate", "steps", "threshold", "component_share")
"""What makes a combination, by argument name."""


class Search:
    """The search of one fold, and what it has tried so far.

    Parameters
    ----------
    folder : path-like
        ISLES folder.
    place : Path
        Where trainings and records of this search lie.
    names : sequence of str
        Training cases of the fold.
    spec : dict
        Of `parse_search`.
    settings : dict
        Arguments of the comparison; what is not searched comes from here.
    train : callable
        ``train(place, cases, filters=, learning_rate=, steps=, done=)`` -> RunFolder; `done` is
        the number of steps of this search before this training.
    volumes : dict, optional
        Lesion volumes in ml, to stratify the inner split, too.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        place: Path,
        names: Sequence[str],
        spec: Spec,
        settings: dict[str, Any],
        train: Callable,
        volumes: dict[str, float] | None = None,
    ):
        self.folder, self.place, self.spec, self.settings = folder, place, spec, settings
        self.train = train
        inner = make_folds(names, min(INNER, len(names)), settings["seed"], volumes)[0]
        self.training, self.held_out = inner.training, inner.held_out
        self.file, self.chosen_file = place / "tried.csv", place / "chosen.json"
        self.rows = self.read()
        self.done = 0

    def read(self) -> list[dict]:
        """Return what an earlier process has tried."""
        if not self.file.exists():
            return []
        return read_scores(self.file).to_dict("records")

    def values(self, argument: str) -> list:
        """Return the values to try of one argument."""
        return self.spec.get(argument, [self.settings[argument]])

    def attempt(self, run: str, filters: int, learning_rate: float, steps: int) -> list[dict]:
        """Train and score, unless that has been done; a loss that diverges scores nan."""
        wanted = {"filters": filters, "learning_rate": learning_rate, "steps": steps}
        before = [row for row in self.rows if wanted.items() <= row.items()]
        if before:
            return before
        try:
            place = self.place / "runs" / run
            trained = self.train(place, self.training, done=self.done, **wanted)
        except DivergedError:
            scores = {pair: np.nan for pair in self.pairs()}
        else:
            scores = self.score(trained.load_model())
        rows = [
            wanted | {"threshold": at, "component_share": share, "dice": dice}
            for (at, share), dice in scores.items()
        ]
        self.rows += rows
        write_text(self.file, pd.DataFrame(self.rows).to_csv(index=False))
        return rows

    def pairs(self) -> list[tuple[float, float]]:
        """Return the pairs of threshold and component share to try on each network."""
        return list(itertools.product(self.values("threshold"), self.values("component_share")))

    def score(self, model: Any) -> dict[tuple[float, float], float]:
        """Return the mean Dice on the cases set apart, for each of `pairs`."""
        config = TrainingConfig.from_json(self.settings)
        scores: dict[tuple, list[float]] = {pair: [] for pair in self.pairs()}
        for case in cases_with_lesion(self.folder, self.held_out):
            patient = read_case(case, config.channels)
            probability = predict_mean([model], patient, config.recipe.mirror, config.clinical)
            for pair, found in scores.items():
                found.append(metrics.dice(to_mask(probability, *pair), patient.lesion))
        return {pair: float(np.mean(found)) for pair, found in scores.items()}

    def grid(self) -> None:
        """Try every combination."""
        for filters, rate in itertools.product(*map(self.values, ("filters", "learning_rate"))):
            for steps in sorted(self.values("steps")):  # one training passes them all
                self.attempt(f"filters={filters},rate={rate!r}", filters, rate, steps)
            self.done += max(self.values("steps"))

    def choose(self) -> dict[str, Any]:
        """Search, unless that has been done; return the best combination by argument name.

        The first of equally good ones wins. The trainings are removed, their scores stay.
        """
        if not self.chosen_file.exists():
            if self.settings["sampler"] == "grid":
                self.grid()
            else:
                sample(self, self.settings["sampler"], self.settings["trials"])
            best = max(self.rows, key=lambda row: -1 if np.isnan(row["dice"]) else row["dice"])
            if np.isnan(best["dice"]):
                raise TrainingError(
                    "every training of the search diverged; give lower rates to --search"
                )
            write_text(self.chosen_file, json.dumps(best) + "\n")
        shutil.rmtree(self.place / "runs", ignore_errors=True)
        chosen = json.loads(self.chosen_file.read_text(encoding="utf-8"))
        return {name: chosen[name] for name in TUNED}


def search_steps(spec: Spec, settings: dict[str, Any]) -> int:
    """Return how many steps the trainings of one fold's search take, at most."""
    if not spec:
        return 0
    longest = max(filter(None, spec.get("steps", [settings["steps"]])))
    if settings["sampler"] != "grid":
        return settings["trials"] * longest
    return len(spec.get("filters", [0])) * len(spec.get("learning_rate", [0])) * longest


SAMPLED = ("filters", "learning_rate", "steps")


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


def sample(search: Search, sampler: str, trials: int) -> None:
    """Try combinations until there are `trials` of them, those of earlier processes included.

    Parameters
    ----------
    search : Search
        What to search; its `attempt` trains and scores.
    sampler : {"random", "bayes"}
        "bayes" is Optuna's tree-structured Parzen estimator.
    trials : int
        Number of trainings.
    """
    optuna = import_optuna()
    state = optuna.trial.TrialState
    search.place.mkdir(parents=True, exist_ok=True)
    study = optuna.create_study(
        study_name="search",
        storage=f"sqlite:///{search.place / 'optuna.db'}",
        direction="maximize",
        load_if_exists=True,
    )
    for trial in study.get_trials(states=[state.RUNNING]):  # of a process that was killed
        study.tell(trial.number, state=state.FAIL)
        if trial.params:
            study.enqueue_trial(trial.params)
    finished = (state.COMPLETE, state.PRUNED)
    samplers = {"random": optuna.samplers.RandomSampler, "bayes": optuna.samplers.TPESampler}
    while (done := len(study.get_trials(deepcopy=False, states=finished))) < trials:
        # Seeded by the number of trials, or a resumed search would sample the first ones again.
        study.sampler = samplers[sampler](seed=search.settings["seed"] + done)
        trial = study.ask()
        wanted = {name: suggest(trial, name, search.values(name)) for name in SAMPLED}
        run = ",".join(f"{name}={value!r}" for name, value in wanted.items())
        rows = search.attempt(run, **wanted)
        search.done += wanted["steps"]
        best = max(row["dice"] for row in rows)
        if best == best:
            study.tell(trial, best)
        else:  # diverged: counts as tried, without a score
            study.tell(trial, state=state.PRUNED)


def suggest(trial: Any, name: str, values: list) -> Any:
    """Return a value out of a list, or out of a range [low, None, high]."""
    if None not in values:
        return trial.suggest_categorical(name, values)
    low, _, high = values
    if name in WHOLE:
        return trial.suggest_int(name, low, high)
    return trial.suggest_float(name, low, high, log=True)
