"""Grid, random and Bayesian search of continuous hyperparameters, trial by trial.

For searches that train in seconds and keep nothing. `islesedu.comparison.search` is the search of a
comparison, which writes each trial to a folder and can be resumed.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from math import prod

import numpy as np
import pandas as pd

from islesedu.comparison.sampling import import_optuna
from islesedu.errors import TrainingError

SAMPLERS = ("grid", "random", "bayes")
FIRST = 6
"""Random trials of a Bayesian search before its model proposes the first."""


def try_settings(
    score: Callable[..., float],
    ranges: Mapping[str, tuple[float, float]],
    sampler: str,
    levels: Sequence[int],
    *,
    log: Sequence[str] = (),
    seed: int = 2017,
) -> pd.DataFrame:
    """Try settings, equally many with each sampler, and return their scores.

    Parameters
    ----------
    score : callable
        Takes a value of each hyperparameter by name; returns a number, the larger the better.
    ranges : mapping of str to (low, high)
        Lowest and highest value of each hyperparameter.
    sampler : {"grid", "random", "bayes"}
        The last is Optuna's tree-structured Parzen estimator.
    levels : sequence of int
        How many values of each hyperparameter a grid has; their product is the number of trials.
    log : sequence of str
        Hyperparameters on a logarithmic scale.
    seed : int
        Of the order of the grid, and of what is drawn.

    Returns
    -------
    DataFrame
        A row a trial in the order tried: the setting, and its score.

    Raises
    ------
    TrainingError
        An unknown sampler; not one number of levels for each range; Optuna is not installed.

    Examples
    --------
    >>> try_settings(lambda x: -(x**2), {"x": (0, 3)}, "grid", [3])["x"].sort_values().tolist()
    [0.5, 1.5, 2.5]
    """
    if sampler not in SAMPLERS:
        raise TrainingError(f"sampler is {sampler!r}; choose one of {', '.join(SAMPLERS)}")
    if len(levels) != len(ranges) or min(levels, default=0) < 1:
        raise TrainingError(f"levels is {levels}; give a number above 0 for each of {[*ranges]}")
    trials = prod(levels)
    if sampler == "bayes":
        return _proposed(score, ranges, log, trials, seed)
    rng = np.random.default_rng(seed)
    if sampler == "grid":  # the middle of each of so many equal parts of the range
        unit = rng.permutation(list(product(*((np.arange(n) + 0.5) / n for n in levels))))
    else:
        unit = rng.random((trials, len(ranges)))
    columns = {
        name: _stretch(share, *ranges[name], name in log)
        for name, share in zip(ranges, unit.T, strict=True)
    }
    table = pd.DataFrame(columns)
    return table.assign(score=[score(**row) for row in table.to_dict("records")])


def _stretch(share: np.ndarray, low: float, high: float, log: bool) -> np.ndarray:
    """Return the values at some shares (0 to 1) of a range."""
    return low * (high / low) ** share if log else low + (high - low) * share


def _proposed(
    score: Callable[..., float],
    ranges: Mapping[str, tuple[float, float]],
    log: Sequence[str],
    trials: int,
    seed: int,
) -> pd.DataFrame:
    """Return the settings that Optuna proposes, one after the other, and their scores."""
    optuna = import_optuna()
    sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=FIRST)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    rows = []
    for _ in range(trials):
        trial = study.ask()
        row = {name: trial.suggest_float(name, *ranges[name], log=name in log) for name in ranges}
        rows.append(row | {"score": score(**row)})
        study.tell(trial, rows[-1]["score"])
    return pd.DataFrame(rows)
