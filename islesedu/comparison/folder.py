"""The folder of a comparison: what a cross-validation of several losses leaves on disk.

``compare.json``
    all arguments, the cases, who is held out in which fold, and versions;
``<loss>/fold_<n>/``
    a run folder (`islesedu.training.run_folder`) that ``islesedu predict`` reads, and beside its
    files ``predictions.npz`` (masks and probabilities of the held-out cases) and ``scores.csv``
    (one row a case; its presence means: this fold is finished);
``<loss>/search/fold_<n>/``
    what the search inside the training cases of that fold tried and chose;
``claims/``
    who works on what (`islesedu.common.locks`);
``report/``
    ``cases.csv``, ``table.md`` and ``index.html``.
"""

import itertools
import json
import os
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from islesedu.common.files import is_partial, whole, write_first
from islesedu.common.stored import NUMBER, TEXT, damaged, dict_of, fields, list_of
from islesedu.common.tables import read_table
from islesedu.comparison.config import ComparisonConfig
from islesedu.comparison.folds import Fold
from islesedu.errors import TrainingError
from islesedu.training.config import TrainingConfig
from islesedu.training.run_folder import RunFolder
from islesedu.training.run_records import OPTIONS, read_settings

_FORM = fields(
    {"losses": list_of(TEXT), "cases": dict_of(TEXT), "held_out": list_of(list_of(TEXT))},
    OPTIONS | {"volumes": dict_of(NUMBER) | {"type": ["object", "null"]}},
)
_MEND = "put back a copy, or compare anew in another folder"
_DISTANCES = ("failed", "hausdorff_voxels", "assd_2017_voxels", "hausdorff_mm", "assd_2017_mm")
_SCORES = ("fold", "dice", "predicted_ml", "true_ml", "predicted_share")


@dataclass(frozen=True)
class FoldTask:
    """One loss on one fold: what a process takes on as a whole."""

    loss: str
    fold: Fold

    @property
    def name(self) -> str:
        """Name of its claim, such as "combined-fold_1"."""
        return f"{self.loss}-fold_{self.fold.number}"


class CompareFolder:
    """Paths and records of one comparison.

    Parameters
    ----------
    path : path-like
        The folder; it need not exist yet.
    """

    def __init__(self, path: str | os.PathLike[str]):
        self.path = Path(path)
        self.settings_file = self.path / "compare.json"
        self.claims = self.path / "claims"
        self.report = self.path / "report"

    def run(self, task: FoldTask) -> RunFolder:
        """Return the run folder of a task."""
        return RunFolder(self.path / task.loss / f"fold_{task.fold.number}")

    def search(self, task: FoldTask) -> Path:
        """Return the folder of a task's search."""
        return self.path / task.loss / "search" / f"fold_{task.fold.number}"

    def scores_file(self, task: FoldTask) -> Path:
        """Return the file with the scores of a task's held-out cases."""
        return self.run(task).path / "scores.csv"

    def predictions_file(self, task: FoldTask) -> Path:
        """Return the file with the predictions of a task's held-out cases."""
        return self.run(task).path / "predictions.npz"

    @cached_property
    def settings(self) -> dict[str, Any]:
        """What ``compare.json`` holds, read once; a TrainingError if there is none."""
        missing = f"{self.path} holds no compare.json"
        return read_settings(self.settings_file, missing, "compare", _FORM, ComparisonConfig)

    @cached_property
    def tasks(self) -> list[FoldTask]:
        """All tasks, fold by fold, so that early results can be compared between losses."""
        names, parts = list(self.settings["cases"]), self.settings["held_out"]
        if sorted(itertools.chain(*parts)) != sorted(names):
            words = "held_out does not name each of its cases once"
            raise damaged(self.settings_file, words, _MEND, TrainingError)
        folds = []
        for number, held_out in enumerate(parts, start=1):
            left_out = frozenset(held_out)  # a search of the list would be quadratic in the cases
            training = tuple(name for name in names if name not in left_out)
            folds.append(Fold(number, training, tuple(held_out)))
        return [FoldTask(loss, fold) for fold in folds for loss in self.settings["losses"]]

    def is_finished(self, task: FoldTask) -> bool:
        """Tell whether a task is done."""
        return self.scores_file(task).exists()

    def unfinished(self) -> list[FoldTask]:
        """Return the tasks that are not done."""
        return [task for task in self.tasks if not self.is_finished(task)]

    def check_new(self) -> None:
        """Raise a TrainingError if the folder holds something else than a comparison."""
        for file in self.path.iterdir() if self.path.exists() else ():
            # The marker is looked for last: another process may just have written it.
            if not is_partial(file) and not self.settings_file.exists():
                raise TrainingError(
                    f"{self.path} holds {file.name} and is no comparison; give an empty or new "
                    "--output"
                )

    def begin(self, settings: dict[str, Any]) -> None:
        """Write ``compare.json``, unless another process was first."""
        write_first(self.settings_file, json.dumps(settings, indent=1) + "\n")
        for read in ("settings", "tasks"):  # again, from what is there now
            vars(self).pop(read, None)

    def check_arguments(self, arguments: dict[str, Any]) -> None:
        """Raise a TrainingError that names the first argument the folder was not begun with."""
        kept = TrainingConfig.completed(self.settings)
        for name, value in json.loads(json.dumps(arguments)).items():  # tuples become lists
            if kept.get(name) == value:
                continue
            how = f"{name} = {kept.get(name)!r}, not {value!r}; give the same arguments"
            if name == "cases":
                how = f"other patients ({len(kept['cases'])} cases, now {len(value)}, or other "
                how += "images); give the same folder"
            raise TrainingError(f"{self.path} was begun with {how}, or another --output")

    def write_predictions(
        self, task: FoldTask, predictions: dict[str, tuple[np.ndarray, np.ndarray]]
    ) -> None:
        """Keep mask and probability (X, Y, Z) by case, the latter in steps of 1 / 255."""
        arrays = {f"{case}.mask": mask for case, (mask, _) in predictions.items()}
        for case, (_, probability) in predictions.items():
            arrays[f"{case}.probability"] = np.round(255 * probability).astype(np.uint8)
        with whole(self.predictions_file(task)) as partial:
            np.savez_compressed(partial, **arrays)

    def read_prediction(self, task: FoldTask, case: str) -> tuple[np.ndarray, np.ndarray]:
        """Return mask and probability (X, Y, Z) of a case."""
        file = self.predictions_file(task)
        try:
            with np.load(file) as kept:
                mask, levels = (kept[f"{case}.{what}"] for what in ("mask", "probability"))
                if mask.dtype != bool or levels.dtype != np.uint8 or mask.shape != levels.shape:
                    raise ValueError(f"{case} has a mask and a probability that are none")
        except (
            ValueError,
            KeyError,
            OSError,
            EOFError,
            AttributeError,
            BadZipFile,
            zlib.error,
        ) as error:
            if isinstance(error, FileNotFoundError):
                raise
            mend = "remove it and scores.csv beside it, and give the same 'islesedu compare' again"
            raise damaged(file, error, mend, TrainingError) from error
        return mask, levels.astype(np.float32) / 255


def read_scores(file: Path, keep_whole: bool = False) -> pd.DataFrame:
    """Return the scores of cases exactly as they were written, to the last digit.

    Parameters
    ----------
    file : Path
        Such as ``scores.csv`` of a fold.
    keep_whole : bool
        Use the rows that are whole, and name the first of the others in a warning.

    Raises
    ------
    TrainingError
        It is damaged.
    """
    mend = "remove it and give the same 'islesedu compare' again, which scores that fold anew"
    how = {"mend": mend, "error": TrainingError, "keep_whole": keep_whole}
    table = read_table(file, _SCORES, ("loss", "case"), _DISTANCES, **how)
    if (twice := table.duplicated(["loss", "case"])).any():
        row = table[twice].iloc[0]
        raise damaged(file, f"it has {row['case']} of {row['loss']} twice", mend, TrainingError)
    return table
