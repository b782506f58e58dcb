"""From masks to the table of scores, and to words about it."""

import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from islesedu.common.files import write_text
from islesedu.common.paths import as_path, folder_to_read, folder_to_write
from islesedu.errors import IslesError, explain
from islesedu.isles.case import Case
from islesedu.isles.name_map import NameMap
from islesedu.isles.read import read_case
from islesedu.isles.write import list_predictions, read_prediction
from islesedu.metrics.scores import score_case
from islesedu.training import provenance
from islesedu.training.dataset import cases_with_lesion

_SUMMARY = {
    "dice": "DC",
    "hausdorff_mm": "HD (mm)",
    "assd_mm": "ASSD (mm)",
    "hausdorff_voxels": "HD (voxels)",
    "assd_voxels": "ASSD (voxels)",
    "precision": "precision",
    "recall": "recall",
}
_STATUS = {
    "held out": "held out",
    "seen in training": "seen in training: flatters",
    "unknown": "no record of the network's training: may be held out or not",
}


def evaluate(
    predictions: str | os.PathLike[str],
    folder: str | os.PathLike[str] | Sequence[Case],
    csv: str | os.PathLike[str] | None = None,
    names: NameMap | None = None,
) -> pd.DataFrame:
    """Score the masks of a folder against the lesions of an ISLES folder.

    Parameters
    ----------
    predictions : path-like
        Folder that `predict` wrote, or one with masks under the same names.
    folder : path-like or sequence of Case
        ISLES folder with lesions, or cases that have been found in one.
    csv : path-like, optional
        Also write the table there.
    names : dict of str to str, optional
        As for `islesedu.isles.find_cases`.

    Returns
    -------
    DataFrame
        One row a case, the columns of `islesedu.metrics.score_case`, and ``status``: "held out";
        "seen in training", which says nothing about new patients; or "unknown" for masks from
        elsewhere, from a run of an earlier version, or of a training patient's other visit.

    Raises
    ------
    ValueError
        No lesion in `folder`, a case without prediction, or one that lies elsewhere.
    """
    _check_arguments(predictions, folder, csv)
    record, masks = provenance.read_record(predictions), list_predictions(predictions)
    rows = []
    for case in cases_with_lesion(folder, mapping=names):
        patient = read_case(case, (case.reference,))
        mask = read_prediction(predictions, case, listed=masks)
        scores = score_case(mask, patient.lesion, patient.spacing)
        rows.append({"case": case.name, **scores, "status": provenance.status(record, case)})
    table = pd.DataFrame(rows)
    if csv is not None:
        write_scores(table, csv)
    return table


def write_scores(table: pd.DataFrame, csv: str | os.PathLike[str]) -> None:
    r"""Write the table of `evaluate` as CSV.

    Raises
    ------
    IslesError
        It cannot be written there, and why.

    Examples
    --------
    >>> write_scores(pd.DataFrame(), f"{__file__}/scores.csv")
    Traceback (most recent call last):
    islesedu.errors.IslesError: the scores are not written: ...
    """
    try:
        write_text(Path(csv), table.to_csv(index=False))
    except (OSError, ValueError) as error:
        raise IslesError(
            f"the scores are not written: {explain(error)}; name another file with --csv FILE"
        ) from error


def _check_arguments(predictions: object, folder: object, csv: object) -> None:
    """Raise an error about the first argument of `evaluate` without sense."""
    if isinstance(folder, str | os.PathLike):
        folder_to_read("folder", folder, IslesError)
    if not as_path("predictions", predictions).is_dir():
        raise IslesError(f"{predictions} is not a folder; give the one that predict wrote")
    if csv is None:
        return
    file = as_path("csv", csv)
    folder_to_write("csv", file.parent)
    if file.is_dir():
        raise ValueError(f"csv is {file}, which is a folder; give the name of a file")
    if file.exists() and not file.read_bytes()[:100].startswith(b"case,dice,"):
        raise ValueError(f"csv is {file}, which is there and no table of scores; give another name")


def summarize(table: pd.DataFrame) -> str:
    """Put the table of `evaluate` in words: mean and standard deviation of each measure.

    Held-out cases and others are summed up apart. Millimetre distances are means
    over the cases that have one; the failed ones are counted beside. The standard deviation is
    the population's, as on the slide.
    """
    parts = []
    for status, label in _STATUS.items():
        part = table[table["status"] == status]
        if part.empty:
            continue
        lines = [f"{_plural(len(part), 'case')} ({label}), {int(part['failed'].sum())} failed"]
        for column, name in _SUMMARY.items():
            values = part[column].dropna()
            found = f"{values.mean():8.3f} +- {values.std(ddof=0):.3f}" if len(values) else "none"
            lines.append(f"  {name:14s} {found}  ({_plural(len(values), 'case')})")
        parts.append("\n".join(lines))
    return "\n".join(parts)


def _plural(count: int, noun: str) -> str:
    """Return "1 case", "2 cases"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
