"""Read the CSV files that the kit has stored: whole rows, or not at all."""

import csv
import io
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from islesedu.common.arguments import shown
from islesedu.common.stored import damaged, decode
from islesedu.errors import IslesError

if TYPE_CHECKING:
    import pandas as pd


def read_table(
    file: str | os.PathLike[str],
    numbers: tuple[str, ...],
    texts: tuple[str, ...] = (),
    others: tuple[str, ...] = (),
    *,
    mend: str,
    error: type[ValueError] = IslesError,
    keep_whole: bool = False,
) -> "pd.DataFrame":
    r"""Return the rows of a CSV file that the kit wrote, exactly as they were, to the last digit.

    Parameters
    ----------
    file : path-like
    numbers, texts : tuple of str
        Columns that hold a number, or a text, in every row.
    others : tuple of str
        Columns that there are besides; each of the rest holds a number, True, False or nothing.
    mend : str
        What to do if it is damaged.
    error : type
        Of the error then.
    keep_whole : bool
        Use the rows that are whole, and name the first of the others in a warning.

    Raises
    ------
    FileNotFoundError
        There is no such file.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / "history.csv"
    >>> _ = place.write_text("step,loss\n2,0.5\n4,\n")
    >>> try:
    ...     read_table(place, ("step", "loss"), mend="delete it")
    ... except IslesError as said:
    ...     print(str(said).removeprefix(f"{place} "))
    is damaged: line 3 has '' for loss, no number; delete it
    """
    try:
        head, rows, broken = _split(Path(file).read_bytes(), numbers, texts, others)
    except IsADirectoryError:
        raise damaged(file, "it is a folder", mend, error) from None
    except (ValueError, csv.Error) as found:
        raise damaged(file, found, mend, error) from None
    if broken and not keep_whole:
        raise damaged(file, broken[0], mend, error)
    if broken:
        also = f" and {len(broken) - 1} more" if len(broken) > 1 else ""
        kept = f"{broken[0]}{also}; of its rows {len(rows)} are whole and used"
        warnings.warn(str(damaged(file, kept, mend)), stacklevel=3)
    return _as_table(head, rows)


def _split(
    content: bytes, numbers: tuple[str, ...], texts: tuple[str, ...], others: tuple[str, ...]
) -> tuple[list[str], list[list[str]], list[str]]:
    """Return the columns' names, the rows that are whole, and what is wrong with the others."""
    text = decode(content)
    lines = csv.reader(io.StringIO(text, newline=""))
    head, rows, broken = next(lines), [], []
    for name in (*numbers, *texts, *others, *head):
        if head.count(name) != 1:
            raise ValueError(f"its first line names {shown(name)} {head.count(name)} times")
    for row in lines:
        wrong = _wrong(head, row, numbers, texts) if row else ""
        if wrong:
            broken.append(f"line {lines.line_num} has {wrong}")
        elif row:
            rows.append(row)
    if rows and not broken and not text.endswith("\n"):
        broken.append(f"line {lines.line_num} has no end: {shown(','.join(rows.pop()))} is cut off")
    return head, rows, broken


def _wrong(
    head: list[str], row: list[str], numbers: tuple[str, ...], texts: tuple[str, ...]
) -> str:
    """Return what is wrong with a row, or nothing."""
    if len(row) != len(head):
        return f"{len(row)} cells, not {len(head)}"
    for name, cell in zip(head, row, strict=True):
        if name in texts:
            if not cell.strip():
                return f"no {name}"
        elif not _is_number(cell) and (name in numbers or cell not in ("", "True", "False")):
            return f"{shown(cell)} for {name}, no number"
    return ""


def _is_number(cell: str) -> bool:
    try:
        return float(cell) == float(cell)
    except ValueError:
        return False


def _as_table(head: list[str], rows: list[list[str]]) -> "pd.DataFrame":
    """Return rows of text as pandas reads them."""
    import pandas as pd

    text = io.StringIO()
    csv.writer(text).writerows([head, *rows])
    with warnings.catch_warnings():  # pandas 3 does so by itself, and warns
        warnings.simplefilter("ignore")
        return pd.read_csv(io.StringIO(text.getvalue()), float_precision="round_trip")
