"""Optuna for the search: its import, its database, and how it samples one value."""

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from islesedu.common.stored import damaged
from islesedu.errors import TrainingError

if TYPE_CHECKING:
    import optuna


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


def open_study(file: Path) -> "optuna.Study":
    """Return the study of a database, a new one if there is none."""
    optuna = import_optuna()
    how = {"study_name": "search", "direction": "maximize", "load_if_exists": True}
    try:
        return optuna.create_study(storage=f"sqlite:///{file}", **how)
    except Exception as error:  # whatever Optuna, SQLAlchemy and SQLite may say
        mend = "remove it: the search begins anew, and what was tried is not trained again"
        raise damaged(file, str(error).splitlines()[0], mend, TrainingError) from error


def suggest(trial: "optuna.Trial", name: str, values: list) -> float:
    """Return a value out of a list, or out of a range [low, None, high]."""
    if None not in values:
        return trial.suggest_categorical(name, values)
    low, _, high = values
    if isinstance(low, int):
        return trial.suggest_int(name, low, high)
    return trial.suggest_float(name, low, high, log=True)
