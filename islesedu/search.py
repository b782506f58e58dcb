"""Search hyper-parameters inside the training cases of a fold; the held-out ones are never seen.

A quarter of the training cases is set apart. Each combination is trained on the others and scored
on that quarter by its mean Dice; the best one is then trained on all training cases of the fold.
Threshold and component filter need no training of their own, and a training of 1000 steps passes
step 500, so a grid costs one training for each pair of filters and rate.
"""

import itertools
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from islesedu import metrics
from islesedu.batches import TrainingError, cases_with_lesion
from islesedu.compare_folder import read_scores
from islesedu.files import write_text
from islesedu.folds import make_folds
from islesedu.isles import read_case
from islesedu.postprocess import to_mask

NAMES = {
    "rate": "learning_rate",
    "filters": "filters",
    "steps": "steps",
    "threshold": "threshold",
    "components": "component_share",
}
"""What can be searched: its name in a specification, and that of the argument."""
WHOLE = ("filters", "steps")
SHARES = ("threshold", "component_share")
SAMPLERS = ("grid", "random", "bayes")
INNER = 4
"""One in this many training cases is set apart for the search."""
TUNED = ("filters", "learning_rate", "steps", "threshold", "component_share")
"""What makes a combination, by argument name."""
Spec = dict[str, list]


def parse_search(text: str | Mapping[str, Sequence[float]] | None, sampler: str = "grid") -> Spec:
    """Return what to search, by the name of the argument.

    Parameters
    ----------
    text : str, mapping or None
        Such as ``"rate=0.01,0.03;steps=500,1000;threshold=0.3,0.5"``, or the same as a mapping.
        Names are those of `NAMES`. None means no search.
    sampler : {"grid", "random", "bayes"}
        The last two also take a range, ``rate=0.001..0.1``, for rate (in logarithms), filters and
        steps.

    Returns
    -------
    dict of str to list
        The values; for a range ``[low, ..., high]`` with None in the middle.

    Raises
    ------
    TrainingError
        A name that cannot be searched, or a value out of its bounds.

    Examples
    --------
    >>> parse_search("rate=0.01,0.03;steps=500")
    {'learning_rate': [0.01, 0.03], 'steps': [500]}
    """
    if sampler not in SAMPLERS:
        raise TrainingError(f"sampler is {sampler!r}; choose one of {', '.join(SAMPLERS)}")
    if text is None:
        return {}
    parts = text.items() if isinstance(text, Mapping) else split_parts(text)
    spec: Spec = {}
    for name, values in parts:
        if name not in NAMES:
            raise TrainingError(
                f"search names {name!r}; what can be searched is {', '.join(NAMES)}, such as "
                "'rate=0.01,0.03;steps=500,1000'"
            )
        if NAMES[name] in spec:
            raise TrainingError(f"search names {name} twice; give all its values in one list")
        spec[NAMES[name]] = read_values(name, values, sampler)
    if not spec:
        raise TrainingError("search is empty; give such as 'rate=0.01,0.03', or no search")
    return spec


def split_parts(text: str) -> list[tuple[str, list[str]]]:
    """Return names and texts of values in a specification."""
    parts = []
    for part in filter(None, (p.strip() for p in text.split(";"))):
        name, sign, values = part.partition("=")
        if not sign:
            raise TrainingError(f"search holds {part!r}; expected NAME=VALUE,VALUE;NAME=...")
        low, dots, high = values.partition("..")
        parts.append((name.strip(), [low, None, high] if dots else values.split(",")))
    return parts


def read_values(name: str, values: Sequence, sampler: str) -> list:
    """Return the values of one name as numbers, or a TrainingError about the first odd one."""
    argument, numbers = NAMES[name], []
    is_range = len(values) == 3 and values[1] is None
    if is_range and (sampler == "grid" or argument in SHARES):
        raise TrainingError(
            f"search gives {name} as a range; "
            + ("a grid" if sampler == "grid" else "it")
            + " wants a list, such as 0.3,0.5 (ranges: rate, filters and steps, with the sampler "
            "random or bayes)"
        )
    for value in values:
        if value is None:
            numbers.append(None)
            continue
        try:
            number = int(value) if argument in WHOLE else float(value)
        except (TypeError, ValueError):
            kind = "a whole number" if argument in WHOLE else "a number"
            raise TrainingError(
                f"search gives {name} the value {value!r}; expected {kind}"
            ) from None
        fits = 0 <= number <= 1 if argument in SHARES else 0 < number < float("inf")
        if not fits:
            bounds = "between 0 and 1" if argument in SHARES else "above 0"
            raise TrainingError(f"search gives {name} the value {number}; give one {bounds}")
        numbers.append(number)
    if is_range and not numbers[0] < numbers[2]:
        raise TrainingError(f"search gives {name} from {numbers[0]} to {numbers[2]}; turn it round")
    return numbers


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
        except TrainingError as error:
            if "the loss became" not in str(error):
                raise
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

    def score(self, model) -> dict[tuple[float, float], float]:
        """Return the mean Dice on the cases set apart, for each of `pairs`."""
        from islesedu.evaluation import predict_probability

        scores: dict[tuple, list[float]] = {pair: [] for pair in self.pairs()}
        for case in cases_with_lesion(self.folder, self.held_out):
            patient = read_case(case, self.settings["channels"])
            probability = predict_probability(model, patient.image)
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
                from islesedu.bayes import sample

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
