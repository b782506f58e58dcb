"""Random and Bayesian search with Optuna, which is imported only here.

Each fold's search has its own database, ``optuna.db`` in its folder, so that no two processes write
into one. Filters, rate and steps are sampled; thresholds and component shares cost nothing, so all
of those listed are tried on each network.
"""

from islesedu.comparison.search import Search
from islesedu.comparison.search_space import WHOLE
from islesedu.errors import TrainingError

SAMPLED = ("filters", "learning_rate", "steps")


def import_optuna():
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


def suggest(trial, name: str, values: list):
    """Return a value out of a list, or out of a range [low, None, high]."""
    if None not in values:
        return trial.suggest_categorical(name, values)
    low, _, high = values
    if name in WHOLE:
        return trial.suggest_int(name, low, high)
    return trial.suggest_float(name, low, high, log=True)
