"""Cross-validate several losses on one folder, resumable, and read what came out.

``islesedu compare`` and lesson 13 share this module. Each case is predicted once under each loss,
by a network that has never seen it. `islesedu.compare_folder` says what lies in the folder.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from islesedu import CHANNELS
from islesedu.batches import TrainingError, cases_with_lesion, check_cases
from islesedu.compare_folder import CompareFolder, Task, read_scores
from islesedu.folds import lesion_volumes, make_folds
from islesedu.paired import compare_pairs
from islesedu.provenance import fingerprint
from islesedu.search import parse_search

LOSSES = ("combined", "cross_entropy", "soft_dice")
MEASURES = {
    "voxels": {"DC": "dice", "HD": "hausdorff_voxels", "ASSD": "assd_2017_voxels"},
    "mm": {"DC": "dice", "HD": "hausdorff_mm", "ASSD": "assd_2017_mm"},
}
"""Columns behind the table in each unit: voxels as on the slide, mm as in the challenge."""
NEARLY_ALL = 0.5
"""A prediction of more than this share of all voxels calls nearly everything lesion."""


class Comparison:
    """The results of a comparison. Made by `compare` and `read_comparison`.

    Attributes
    ----------
    path : Path
        The folder.
    settings : dict
        What ``compare.json`` holds; empty if there is none.
    cases : DataFrame
        One row a case and loss, by loss, then by case: loss, fold, case, the columns of
        `islesedu.workers.score`, and the hyper-parameters of the fold.
    """

    def __init__(self, path: Path, settings: dict[str, Any], cases: pd.DataFrame):
        self.path, self.settings, self.cases = path, settings, cases

    def __repr__(self) -> str:
        return f"Comparison({str(self.path)!r}, {', '.join(self.losses)}: {len(self.cases)} rows)"

    @property
    def losses(self) -> list[str]:
        """The losses compared."""
        return list(self.cases["loss"].unique())

    @property
    def missing(self) -> list[str]:
        """Names of the folds without results yet, such as "combined-fold_2"."""
        done = {(loss, int(fold)) for loss, fold in zip(*self.columns("loss", "fold"), strict=True)}
        return [t.name for t in self.tasks if (t.loss, t.fold.number) not in done]

    @property
    def tasks(self) -> list[Task]:
        """The losses and folds; empty without ``compare.json``."""
        return CompareFolder(self.path).tasks if self.settings else []

    def columns(self, *names: str) -> list[pd.Series]:
        """Return columns of `cases`."""
        return [self.cases[name] for name in names]

    def of(self, loss: str) -> pd.DataFrame:
        """Return the rows of one loss."""
        if loss not in self.losses:
            raise ValueError(f"loss is {loss!r}; this comparison has {', '.join(self.losses)}")
        return self.cases[self.cases["loss"] == loss]

    def summary(self, unit: str = "voxels") -> pd.DataFrame:
        """Return the table as numbers.

        Parameters
        ----------
        unit : {"voxels", "mm"}
            Voxels: an empty prediction scores the largest edge of the volume, as on the slide. Mm:
            it has no distance, and is left out of the means of HD and ASSD.

        Returns
        -------
        DataFrame
            One row a loss (index); DC, HD, ASSD and their standard deviations DC_std, HD_std,
            ASSD_std (of the population); cases; measured (cases with a distance); empty (empty
            predictions); failed (exactly one mask empty).
        """
        if unit not in MEASURES:
            raise ValueError(f"unit is {unit!r}; choose voxels or mm")
        rows = {}
        for loss in self.losses:
            own = self.of(loss)
            row = {"cases": len(own), "measured": int(own[MEASURES[unit]["HD"]].notna().sum())}
            row |= {
                "empty": int((own["predicted_ml"] == 0).sum()),
                "failed": int(own["failed"].sum()),
            }
            for name, column in MEASURES[unit].items():
                row |= {name: own[column].mean(), f"{name}_std": own[column].std(ddof=0)}
            rows[loss] = row
        return pd.DataFrame(rows).T.astype(
            {n: int for n in ("cases", "measured", "empty", "failed")}
        )

    def table(self, unit: str = "voxels") -> pd.DataFrame:
        """Return the table as on the slide: mean ± standard deviation, as text.

        Parameters
        ----------
        unit : {"voxels", "mm"}
            See `summary`.

        Returns
        -------
        DataFrame
            One row a loss; columns DC, HD (unit), ASSD (unit), cases, empty, and for mm measured.
        """
        numbers, rows = self.summary(unit), {}
        for loss, row in numbers.iterrows():
            rows[loss] = {"DC": plus_minus(row["DC"], row["DC_std"], 3)}
            for name in ("HD", "ASSD"):
                rows[loss][f"{name} ({unit})"] = plus_minus(row[name], row[f"{name}_std"], 1)
            counts = ("cases", "empty") + (("measured",) if unit == "mm" else ())
            rows[loss] |= {name: int(row[name]) for name in counts}
        return pd.DataFrame(rows.values(), index=pd.Index(rows, name="loss"))

    def pairs(self, unit: str = "voxels") -> pd.DataFrame:
        """Return paired tests between losses; see `islesedu.paired.compare_pairs`."""
        names = MEASURES[unit]
        table = compare_pairs(self.cases, list(names.values()))
        return table.replace({"measure": {column: name for name, column in names.items()}})

    def collapsed(self) -> list[str]:
        """Return a sentence for each loss, or folds of a loss, whose networks have collapsed.

        Collapsed is a network that predicts nothing in any case it is tested on, or nearly
        everything in all of them.
        """
        kinds = {
            "predicted nothing": self.cases["predicted_share"] == 0,
            f"called more than {NEARLY_ALL:.0%} of the volume lesion": self.cases["predicted_share"]
            > NEARLY_ALL,
        }
        sentences = []
        for loss in self.losses:
            own = self.of(loss)
            for words, is_so in kinds.items():
                whole = is_so[own.index].groupby(own["fold"]).all()
                folds = [int(fold) for fold in whole.index[whole]]
                if not folds:
                    continue
                if len(folds) == len(whole):
                    where = f"in all {len(own)} cases"
                else:
                    where = f"in all cases of fold {', '.join(map(str, folds))}"
                sentences.append(f"{loss} has collapsed: it {words} {where}.")
        return sentences

    def pick(self, loss: str) -> dict[str, str]:
        """Return the names of a loss's median, worst and best case by Dice.

        Of several with the same Dice, the one with the larger Hausdorff distance is the worse; of
        an even number, the median is the lower middle one.
        """
        own = self.of(loss)
        order = own.assign(away=-own["hausdorff_voxels"]).sort_values(
            ["dice", "away"], kind="stable"
        )
        names = order["case"].tolist()
        return {"median": names[(len(names) - 1) // 2], "worst": names[0], "best": names[-1]}

    def prediction(self, loss: str, case: str) -> tuple[np.ndarray, np.ndarray]:
        """Return what a network that had never seen a case predicted for it.

        Returns
        -------
        mask : ndarray of bool, (X, Y, Z)
            After threshold and component filter.
        probability : ndarray, (X, Y, Z), float32
            To within 1 / 510.
        """
        place = CompareFolder(self.path)
        for task in self.tasks:
            if task.loss == loss and case in task.fold.held_out:
                file = place.predictions_file(task)
                if file.exists():
                    with np.load(file) as kept:
                        steps = kept[f"{case}.probability"].astype(np.float32)
                        return kept[f"{case}.mask"], steps / 255
        raise ValueError(f"{self.path} keeps no prediction of {loss} for {case}")

    def history(self, loss: str, fold: int) -> pd.DataFrame:
        """Return the learning curve of one fold; empty if the run folder is not here."""
        place = CompareFolder(self.path)
        for task in self.tasks:
            if (task.loss, task.fold.number) == (loss, fold):
                return place.run(task).history
        raise ValueError(f"there is no fold {fold} of {loss!r} in {self.path}")


def plus_minus(mean: float, std: float, digits: int) -> str:
    """Return "0.357 ± 0.216"; "none" without a number."""
    return "none" if np.isnan(mean) else f"{mean:.{digits}f} ± {std:.{digits}f}"


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
        Folder of the comparison; `islesedu.compare_folder` says what is in it.
    losses : sequence of str
        Out of "combined", "cross_entropy", "soft_dice".
    folds : int
        Number of parts; each is held out once.
    channels, filters, steps, optimizer, learning_rate, checkpoint_every, network
        As for `islesedu.experiments.train`.
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
        `islesedu.search`.
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

    Returns
    -------
    Comparison

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
        from islesedu import workers

        with workers.Board(place, progress) as board:
            if jobs == 1:
                workers.work(place, folder, board)
            else:
                workers.work_together(place, folder, jobs, board)
    if report:
        from islesedu.report import write_report

        write_report(read_comparison(output), folder)
    return read_comparison(output)


def check_arguments(arguments: dict[str, Any]) -> None:
    """Raise a TrainingError about the first argument of `compare` that makes no sense."""
    from islesedu.experiments import check_training
    from islesedu.vnet import build_vnet

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
        from islesedu.bayes import import_optuna

        import_optuna()
    build_vnet(
        channels=len(arguments["channels"]), filters=arguments["filters"], **arguments["network"]
    )


def begin(place: CompareFolder, arguments: dict[str, Any], cases: Sequence) -> None:
    """Read all cases once, deal the folds out, and write both down with the arguments."""
    from islesedu.runs import versions

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


def read_comparison(output: str | os.PathLike[str]) -> Comparison:
    """Read the results of a comparison, finished or not, also where only its tables were kept.

    Parameters
    ----------
    output : path-like
        Folder that `compare` wrote; or one with ``cases.csv``, and perhaps ``compare.json``,
        copied from it.

    Returns
    -------
    Comparison
        `Comparison.missing` names the folds that have no results yet.

    Raises
    ------
    TrainingError
        There are no results.
    """
    place = CompareFolder(output)
    settings = place.settings if place.settings_file.exists() else {}
    tables = [table for _, table in place.finished()] if settings else []
    if tables:
        cases = pd.concat(tables, ignore_index=True)
        return Comparison(place.path, settings, in_order(cases, settings))
    for file in (place.report / "cases.csv", place.path / "cases.csv"):
        if file.exists():
            return Comparison(place.path, settings, read_scores(file))
    raise TrainingError(
        f"{place.path} holds no results yet; give a folder that 'islesedu compare --output' wrote, "
        "or one with its cases.csv"
    )


def in_order(cases: pd.DataFrame, settings: dict[str, Any]) -> pd.DataFrame:
    """Sort rows by loss, then by case, both as the settings name them."""
    loss = cases["loss"].map({name: place for place, name in enumerate(settings["losses"])})
    case = cases["case"].map({name: place for place, name in enumerate(settings["cases"])})
    order = np.lexsort([case, loss])
    return cases.iloc[order].reset_index(drop=True)
