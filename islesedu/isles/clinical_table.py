"""The clinical table of ISLES 2017: what was known about the treatment."""

import csv
import io
import math
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from islesedu.errors import IslesError
from islesedu.isles.case import Case, part_of

_COLUMNS = (
    (r"days|time.*mrs|mrs.*time", "days_to_mRS"),
    (r"mrs", "mRS"),
    (r"tici", "TICI"),
    (r"tss|since", "TSS"),
    (r"ttt|treatment", "TTT"),
)
"""What a heading contains (small letters only), and the kit's name of that column."""
_MISSING = {"", "-", "n/a", "na", "nan", "none", "null", "?"}
_TABLE = re.compile(r"(isles.*|.*clinical.*)\.csv", re.IGNORECASE)
_LEVELS = 3
"""How many folders above a case are searched: training, the data set, the one around it."""


def read_clinical(file: str | os.PathLike[str]) -> dict[int, dict]:
    r"""Read a clinical table.

    Parameters
    ----------
    file : path-like
        CSV with a case column first and any of mRS (modified Rankin Scale after 90 days, 0-6),
        days to mRS, TICI (reperfusion, 0 to 3), TSS (time since stroke, minutes) and TTT (time
        to treatment, minutes). What is not UTF-8 is read as Latin-1. In a table whose name
        says training, rows of test cases are passed over, and the other way round.

    Returns
    -------
    dict of int to dict
        For each case number the values that are there, under "mRS", "days_to_mRS", "TICI", "TSS"
        and "TTT"; numbers are numbers, TICI is text, because of its grades "2a" and "2b". Columns
        the kit does not know keep their heading.

    Raises
    ------
    IslesError
        The file cannot be read.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "ISLES2017_Training.csv"
    ...     _ = file.write_text("Case,mRS,TICI,TTT\ntraining_1,2,2b,95\n")
    ...     read_clinical(file)
    {1: {'mRS': 2, 'TICI': '2b', 'TTT': 95}}
    """
    file = Path(file)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise IslesError(
            f"{file} cannot be read ({error.strerror}); give a CSV file with a clinical table"
        ) from error
    rows, part, table = parse(content), part_of(Path(file.name)), {}
    names = [column(heading) for heading in next(rows, [])]
    for row in rows:
        number = case_number(row[0]) if row else None
        if number is None or {part, part_of(Path(row[0].strip()))} == {"training", "test"}:
            continue
        cells = zip(names[1:], row[1:], strict=False)
        found = {name: _value(name, cell) for name, cell in cells}
        table[number] = {name: known for name, known in found.items() if known is not None}
    return table


def parse(content: bytes) -> Iterator[list[str]]:
    """Yield the rows of a CSV file in an unknown encoding, split at commas or semicolons.

    Examples
    --------
    >>> list(parse(b"Case;mRS"))
    [['Case', 'mRS']]
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    text = text.replace("\0", "").replace("\xa0", " ")
    heading = text.partition("\n")[0]
    delimiter = ";" if heading.count(";") > heading.count(",") else ","
    # Not str.splitlines: it would also break rows at odd bytes such as 0x85.
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error:  # no table from here on; the rows before stay
        return


def column(heading: str) -> str:
    """Return the kit's name of a column, or its heading if the kit has none.

    Examples
    --------
    >>> column("TICI scale"), column("age")
    ('TICI', 'age')
    """
    letters = re.sub(r"[^a-z]", "", heading.lower())
    return next((name for words, name in _COLUMNS if re.search(words, letters)), heading.strip())


def case_number(name: str) -> int | None:
    """Return the last whole number in a name.

    Examples
    --------
    >>> case_number("training_12")
    12
    """
    numbers = re.findall(r"\d+", name)
    return int(numbers[-1]) if numbers else None


def _value(name: str, cell: str) -> int | float | str | None:
    """Return a cell as the simplest type that holds it; None if it says that nothing is known."""
    cell = cell.strip()
    if cell.lower() in _MISSING:
        return None
    if name == "TICI":
        return cell
    for kind in (int, float):
        try:
            number = kind(cell)
        except ValueError:
            continue
        return number if math.isfinite(number) else None
    return cell


def join_clinical(cases: list[Case]) -> list[Case]:
    """Give each ISLES 2017 case its row of the nearest table beside or above it.

    A table whose name says "train" serves training cases only, one that says "test" test cases
    only: the numbers of the two overlap. Each folder is listed once and each table read once,
    however many cases there are.

    Examples
    --------
    >>> join_clinical([Case("training_1", Path("nowhere/training_1"), "flat", {})])[0].clinical
    {}
    """
    read, tables_in = cache(read_clinical), cache(_tables_in)
    joined = []
    for case in cases:
        file = None if case.layout == "isles2022" else _nearest_table(case, tables_in)
        row = read(file).get(case_number(case.name), {}) if file else {}
        joined.append(replace(case, clinical=dict(row)))
    return joined


def _tables_in(folder: Path) -> list[str]:
    """Return the names of the clinical tables in a folder, sorted."""
    try:
        names = os.listdir(folder)
    except OSError:  # a folder above the data that we may pass through, but not list
        return []
    return sorted(n for n in names if _TABLE.fullmatch(n) and not n.startswith("."))


def _nearest_table(case: Case, tables_in: Callable[[Path], Sequence[str]]) -> Path | None:
    """Return the clinical table that is nearest above a case, if there is one."""
    part = part_of(case.folder)
    for folder in case.folder.parents[:_LEVELS] if part else ():
        for name in tables_in(folder):
            if part_of(Path(name)) == part:
                return folder / name
    return None
