"""What came out of a comparison: every case's scores, the table, tests, and what has collapsed."""

import os
import warnings
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from islesedu.comparison.folder import CompareFolder, FoldTask, read_scores
from islesedu.errors import TrainingError
from islesedu.metrics.fold_statistics import add_fold_p
from islesedu.metrics.statistics import compare_pairs

_MEASURES = {
    "voxels": {"DC": "dice", "HD": "hausdorff_voxels", "ASSD": "assd_2017_voxels"},
    "mm": {"DC": "dice", "HD": "hausdorff_mm", "ASSD": "assd_2017_mm"},
}
"""Columns behind the table in each unit: voxels as on the slide, mm as in the challenge."""
NEARLY_ALL = 0.5
"""A prediction of more than this share of all voxels counts as collapsed to all lesion."""


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
        `islesedu.metrics.score_case`, and the hyperparameters of the fold.
    """

    def __init__(self, path: Path, settings: dict[str, Any], cases: pd.DataFrame):
        self.path, self.settings, self.cases = path, settings, cases

    def __repr__(self) -> str:
        return f"Comparison({str(self.path)!r}, {', '.join(self.losses)}: {len(self.cases)} rows)"

    @cached_property
    def _folder(self) -> CompareFolder:
        folder = CompareFolder(self.path)
        folder.settings = self.settings  # they have been read
        return folder

    @property
    def losses(self) -> list[str]:
        """The losses compared."""
        return list(self.cases["loss"].unique())

    @property
    def tasks(self) -> list[FoldTask]:
        """The losses and folds; empty without ``compare.json``."""
        return self._folder.tasks if self.settings else []

    @property
    def missing(self) -> list[str]:
        """Names of the folds without results yet, such as "combined-fold_2"."""
        done = set(zip(self.cases["loss"], self.cases["fold"], strict=True))
        return [task.name for task in self.tasks if (task.loss, task.fold.number) not in done]

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
        if unit not in _MEASURES:
            raise ValueError(f"unit is {unit!r}; choose voxels or mm")
        rows = {}
        for loss in self.losses:
            own = self.of(loss)
            rows[loss] = {
                "cases": len(own),
                "measured": int(own[_MEASURES[unit]["HD"]].notna().sum()),
                "empty": int((own["predicted_ml"] == 0).sum()),
                "failed": int(own["failed"].sum()),
            }
            for name, column in _MEASURES[unit].items():
                rows[loss] |= {name: own[column].mean(), f"{name}_std": own[column].std(ddof=0)}
        return pd.DataFrame.from_dict(rows, orient="index")

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
        numbers = self.summary(unit)
        table = pd.DataFrame(index=numbers.index.rename("loss"))
        for name, digits in (("DC", 3), ("HD", 1), ("ASSD", 1)):
            pairs = zip(numbers[name], numbers[f"{name}_std"], strict=True)
            column = name if name == "DC" else f"{name} ({unit})"
            table[column] = [_mean_and_std(mean, std, digits) for mean, std in pairs]
        return table.join(numbers[["cases", "empty"] + ["measured"] * (unit == "mm")])

    def pairs(self, unit: str = "voxels") -> pd.DataFrame:
        """Return paired tests between losses; see `compare_pairs`, and `add_fold_p` for p_folds."""
        names = {column: name for name, column in _MEASURES[unit].items()}
        tests = compare_pairs(self.cases, list(names))
        return add_fold_p(tests, self.cases).replace({"measure": names})

    def collapsed(self) -> list[str]:
        """Return a sentence for each loss, or folds of a loss, whose networks have collapsed.

        Such a network predicts nothing in any case of its fold, or nearly everything in all.
        """
        share = self.cases["predicted_share"]
        kinds = {
            "predicted nothing": share == 0,
            f"labelled more than {NEARLY_ALL:.0%} of the volume as lesion": share > NEARLY_ALL,
        }
        sentences = []
        for loss in self.losses:
            own = self.of(loss)
            for words, is_so in kinds.items():
                in_all = is_so[own.index].groupby(own["fold"]).all()
                folds = [str(fold) for fold in in_all.index[in_all]]
                where = f"cases of fold {', '.join(folds)}"
                if len(folds) == len(in_all):
                    where = f"{len(own)} cases"
                if folds:
                    sentences.append(f"{loss} has collapsed: it {words} in all {where}.")
        return sentences

    def pick(self, loss: str) -> dict[str, str]:
        """Return the names of a loss's median, worst and best case by Dice.

        Of several with the same Dice, the one with the larger Hausdorff distance is the worse; of
        an even number, the median is the lower middle one.
        """
        how = {"ascending": [True, False], "kind": "stable"}
        names = self.of(loss).sort_values(["dice", "hausdorff_voxels"], **how)["case"].tolist()
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
        for task in self.tasks:
            if task.loss == loss and case in task.fold.held_out:
                if self._folder.predictions_file(task).exists():
                    return self._folder.read_prediction(task, case)
        raise ValueError(f"{self.path} keeps no prediction of {loss} for {case}")

    def history(self, loss: str, fold: int) -> pd.DataFrame:
        """Return the learning curve of one fold; empty if it is not here, or damaged (warned)."""
        for task in self.tasks:
            if (task.loss, task.fold.number) == (loss, fold):
                try:
                    return self._folder.run(task).history
                except TrainingError as error:
                    warnings.warn(str(error), stacklevel=2)
                    return pd.DataFrame()
        raise ValueError(f"there is no fold {fold} of {loss!r} in {self.path}")


def _mean_and_std(mean: float, std: float, digits: int) -> str:
    """Return such as "0.357 ± 0.216"; "none" without a number."""
    return "none" if np.isnan(mean) else f"{mean:.{digits}f} ± {std:.{digits}f}"


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
    finished = filter(place.is_finished, place.tasks if settings else ())
    if tables := _read_all(place.scores_file(task) for task in finished):
        cases = pd.concat(tables, ignore_index=True)
        return Comparison(place.path, settings, _sorted(cases, settings))
    for file in (place.report / "cases.csv", place.path / "cases.csv"):
        if file.exists():
            return Comparison(place.path, settings, read_scores(file, keep_whole=True))
    raise TrainingError(
        f"{place.path} holds no results yet; give a folder that 'islesedu compare --output' wrote, "
        "or one with its cases.csv"
    )


def _read_all(files: Iterable[Path]) -> list[pd.DataFrame]:
    """Return the tables of scores that have a whole row; what is damaged is a warning."""
    tables = []
    for file in files:
        try:
            tables.append(read_scores(file, keep_whole=True))
        except TrainingError as error:
            warnings.warn(str(error), stacklevel=3)
    return [table for table in tables if len(table)]


def _sorted(cases: pd.DataFrame, settings: dict[str, Any]) -> pd.DataFrame:
    """Sort rows by loss, then by case, both as the settings name them."""
    named = {"loss": settings["losses"], "case": settings["cases"]}
    places = {name: {one: place for place, one in enumerate(of)} for name, of in named.items()}
    return cases.sort_values(
        list(places), key=lambda column: column.map(places[column.name]), ignore_index=True
    )
