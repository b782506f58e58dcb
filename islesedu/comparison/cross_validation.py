"""Cross-validate several losses on one folder, resumable, and read what came out.

``islesedu compare`` and lesson 13 share this module. Each case is predicted once under each loss,
by a network that has never seen it. `islesedu.comparison.folder` says what lies in the folder.
"""

import os
from typing import Any

from islesedu.common.files import remove_partials
from islesedu.comparison.config import ComparisonConfig, check_comparison
from islesedu.comparison.folder import CompareFolder
from islesedu.comparison.folds import check_apart, lesion_volumes, make_folds
from islesedu.comparison.results import Comparison, read_comparison
from islesedu.errors import TrainingError
from islesedu.training.dataset import FoundCases, check_cases
from islesedu.training.patients import count_patients, group_patients
from islesedu.training.provenance import fingerprint, renew, renewed
from islesedu.training.resume import as_begun

__all__ = ["Comparison", "compare", "read_comparison"]


def compare(
    folder: str | os.PathLike[str],
    output: str | os.PathLike[str],
    config: ComparisonConfig | None = None,
    *,
    jobs: int = 1,
    progress: bool = True,
    report: bool = True,
    **options: Any,
) -> Comparison:
    """Cross-validate losses by patient; go on where an earlier call of the same options stopped.

    Any number of processes, on any number of machines, may run the same call with one `output`
    that they all see: each takes folds that nobody else works on. When killed, a fold goes on from
    its last checkpoint, and the results are those of an uninterrupted run.

    Parameters
    ----------
    folder : path-like
        ISLES folder with lesions.
    output : path-like
        Folder of the comparison; `islesedu.comparison.folder` says what is in it.
    config : ComparisonConfig, optional
        What to compare: losses, folds, stratify, threshold, component_share, search,
        inner_folds, sampler, trials, and the options of a training. See
        ``help(islesedu.comparison.ComparisonConfig)``.
    jobs : int
        Processes side by side on this machine. A script that asks for more than one needs
        ``if __name__ == "__main__":`` around the call.
    progress : bool
        Show a bar over the steps of all folds.
    report : bool
        Write ``report/`` at the end.
    **options
        Fields of the configuration to replace, such as ``folds=3, steps=100``.

    Raises
    ------
    TypeError
        An option that there is not.
    TrainingError
        A wrong value, other options than `output` was begun with, a loss that is no longer a
        number.
    IslesError
        A case that cannot be read.
    """
    config = ComparisonConfig.make(config, options)
    check_comparison(folder, output, config, jobs)
    from islesedu.training.plan import build_network  # late: it imports Keras

    build_network(config.to_json())  # may complain
    if config.sampler != "grid":
        from islesedu.comparison.sampling import import_optuna

        import_optuna()
    cases = FoundCases(folder, names=config.names)
    place = CompareFolder(output)
    place.check_new()
    remove_partials(place.path, place.settings_file.name)
    config = as_begun(config, place.settings_file, resume=True)
    arguments = config.to_json() | {"cases": {case.name: fingerprint(case) for case in cases}}
    is_new = not place.settings_file.exists()
    if is_new:
        _begin(place, arguments, cases)
    else:
        place.settings = renewed(place.settings, cases)
    place.check_arguments(arguments)
    check_apart((task.fold for task in place.tasks), group_patients(arguments["cases"]))
    for file in () if is_new else (place.settings_file, *place.path.glob("*/fold_*/run.json")):
        renew(file, cases)
    if place.unfinished():
        from islesedu.comparison import workers
        from islesedu.comparison.progress import Progress

        if not is_new:
            check_cases(cases, config.channels)
        with Progress(place, progress) as bar:
            if jobs == 1:
                workers.work(place, cases, bar)
            else:
                workers.work_together(place, cases, jobs, bar)
    if report:
        from islesedu.comparison.report import write_report

        write_report(read_comparison(output), cases)
    return read_comparison(output)


def _begin(place: CompareFolder, arguments: dict[str, Any], cases: FoundCases) -> None:
    """Read all cases once, deal the folds out, and write both down with the arguments."""
    from islesedu.training.run_folder import versions

    names, patients = [case.name for case in cases], group_patients(arguments["cases"])
    how = {"folds": arguments["folds"], "seed": arguments["seed"], "patients": patients}
    make_folds(names, **how)  # complains before anything is read
    check_cases(cases, arguments["channels"])
    volumes = lesion_volumes(cases) if arguments["stratify"] else None
    folds = make_folds(names, volumes=volumes, **how)
    smallest = min(len({patients[name] for name in fold.training}) for fold in folds)
    needed = max(2, arguments["inner_folds"])
    if arguments["search"] and smallest < needed:
        raise TrainingError(
            f"search needs {needed} training patients in each fold, and with "
            f"{count_patients(names, patients)} in {len(folds)} folds there is {smallest}; give "
            "more patients" + " or fewer inner folds" * (needed > 2)
        )
    held_out = [list(fold.held_out) for fold in folds]
    place.begin(arguments | {"volumes": volumes, "held_out": held_out, "versions": versions()})
