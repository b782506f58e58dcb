"""Cross-validate several losses on one folder, resumable, and read what came out.

``islesedu compare`` and lesson 13 share this module. Each case is predicted once under each loss,
by a network that has never seen it. `islesedu.comparison.folder` says what lies in the folder.
"""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from islesedu import CHANNELS
from islesedu.comparison.folder import CompareFolder
from islesedu.comparison.folds import lesion_volumes, make_folds
from islesedu.comparison.results import Comparison, read_comparison
from islesedu.comparison.search_space import parse_search
from islesedu.errors import TrainingError
from islesedu.training.dataset import cases_with_lesion, check_cases
from islesedu.training.provenance import fingerprint
from islesedu.training.recipe import Recipe, make_recipe

__all__ = ["LOSSES", "Comparison", "compare", "read_comparison"]

LOSSES = ("combined", "cross_entropy", "soft_dice")


def compare(
    folder: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    losses: Sequence[str] = LOSSES,
    folds: int = 5,
    channels: Sequence[str] = CHANNELS,
    filters: int = 4,
    steps: int = 1000,
    seed: int = 2017,
    optimizer: str = "adagrad",
    learning_rate: float = 0.01,
    checkpoint_every: int | None = None,
    network: dict | None = None,
    recipe: Recipe | str | dict | None = None,
    clinical: Sequence[str] | None = None,
    fusion: str = "film",
    stratify: bool = False,
    threshold: float = 0.5,
    component_share: float = 0.0,
    search: str | Mapping[str, Sequence[float]] | None = None,
    sampler: str = "grid",
    trials: int = 20,
    jobs: int = 1,
    progress: bool = True,
    report: bool = True,
) -> Comparison:
    """Cross-validate losses by patient; go on where an earlier call of the same arguments stopped.

    Any number of processes, on any number of machines, may run the same call with one `output`
    that they all see: each takes folds that nobody else works on. When killed, a fold goes on from
    its last checkpoint, and the results are those of an uninterrupted run.

    Parameters
    ----------
    folder : path-like
        ISLES folder with lesions.
    output : path-like
        Folder of the comparison; `islesedu.comparison.folder` says what is in it.
    losses : sequence of str
        Out of "combined", "cross_entropy", "soft_dice".
    folds : int
        Number of parts; each is held out once.
    channels, filters, steps, optimizer, learning_rate, checkpoint_every, network
        As for `islesedu.training.fitting.train`.
    recipe, clinical, fusion
        As for `islesedu.training.fitting.train`.
    seed : int
        Fixes folds, weights and order. In one fold all losses start from the same weights.
    stratify : bool
        Deal small and large lesions out evenly.
    threshold, component_share : float
        Probability above which a voxel is lesion; components smaller than this share of the
        largest are dropped.
    search : str or mapping, optional
        What to search inside the training cases of each fold, such as
        ``"rate=0.01,0.03;steps=500,1000;threshold=0.3,0.5;components=0,0.1"``; see
        `islesedu.comparison.search`.
    sampler : {"grid", "random", "bayes"}
        Try all combinations, or `trials` of them (with Optuna).
    trials : int
        Trainings of a random or Bayesian search, for each loss and fold.
    jobs : int
        Processes side by side on this machine. A script that asks for more than one needs
        ``if __name__ == "__main__":`` around the call.
    progress : bool
        Show a bar over the steps of all folds.
    report : bool
        Write ``report/`` at the end.

    Raises
    ------
    TrainingError
        A wrong argument, other arguments than `output` was begun with, a loss that is no longer a
        number.
    IslesError
        A case that cannot be read.
    """
    if isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 1:
        raise TrainingError(f"jobs is {jobs!r}; give the number of processes, 1 or more")
    from islesedu.training.plan import check_clinical  # late: it imports Keras

    arguments = {
        "losses": [losses] if isinstance(losses, str) else list(losses),
        "folds": folds,
        "channels": list(channels),
        "filters": filters,
        "steps": steps,
        "seed": seed,
        "optimizer": optimizer,
        "learning_rate": learning_rate,
        "checkpoint_every": checkpoint_every,
        "network": network or {},
        "recipe": make_recipe(recipe).settings(),
        "clinical": check_clinical(clinical, fusion),
        "stratify": stratify,
        "threshold": threshold,
        "component_share": component_share,
        "search": parse_search(search, sampler),
        "sampler": sampler,
        "trials": trials if sampler != "grid" else None,
    }
    check_arguments(arguments)
    cases = cases_with_lesion(folder)
    arguments["cases"] = {case.name: fingerprint(case) for case in cases}
    place = CompareFolder(output)
    place.check_new()
    if not place.settings_file.exists():
        begin(place, arguments, cases)
    place.compare(arguments)
    if not all(place.is_finished(task) for task in place.tasks):
        from islesedu.comparison import workers

        with workers.Board(place, progress) as board:
            if jobs == 1:
                workers.work(place, folder, board)
            else:
                workers.work_together(place, folder, jobs, board)
    if report:
        from islesedu.comparison.report import write_report

        write_report(read_comparison(output), folder)
    return read_comparison(output)


def check_arguments(arguments: dict[str, Any]) -> None:
    """Raise a TrainingError about the first argument of `compare` that makes no sense."""
    from islesedu.networks.vnet import build_vnet
    from islesedu.training.plan import check_training

    losses = arguments["losses"]
    if not losses or len(set(losses)) < len(losses):
        raise TrainingError(f"losses are {losses}; name at least one loss, and each once")
    names = ("steps", "seed", "optimizer", "learning_rate", "checkpoint_every")
    for loss in losses:
        check_training(loss=loss, **{name: arguments[name] for name in names})
    for name in ("threshold", "component_share"):
        if not 0 <= arguments[name] <= 1:
            raise TrainingError(f"{name} is {arguments[name]}; give a number between 0 and 1")
    trials = arguments["trials"]
    if arguments["sampler"] != "grid":
        if not isinstance(trials, int) or trials < 1:
            raise TrainingError(f"trials is {trials!r}; give a whole number from 1 up")
        if not arguments["search"]:
            raise TrainingError(f"sampler is {arguments['sampler']!r}, but there is no search")
        from islesedu.comparison.bayes import import_optuna

        import_optuna()
    build_vnet(
        channels=len(arguments["channels"]), filters=arguments["filters"], **arguments["network"]
    )


def begin(place: CompareFolder, arguments: dict[str, Any], cases: Sequence) -> None:
    """Read all cases once, deal the folds out, and write both down with the arguments."""
    from islesedu.training.run_folder import versions

    names = [case.name for case in cases]
    make_folds(names, arguments["folds"], arguments["seed"])  # complains before anything is read
    check_cases(cases, arguments["channels"])
    volumes = lesion_volumes(cases) if arguments["stratify"] else None
    folds = make_folds(names, arguments["folds"], arguments["seed"], volumes)
    smallest = min(len(fold.training) for fold in folds)
    if arguments["search"] and smallest < 2:
        raise TrainingError(
            f"search needs 2 training cases in each fold, and with {len(names)} cases in "
            f"{len(folds)} folds there is {smallest}; give more cases"
        )
    held_out = [list(fold.held_out) for fold in folds]
    place.begin(arguments | {"volumes": volumes, "held_out": held_out, "versions": versions()})
