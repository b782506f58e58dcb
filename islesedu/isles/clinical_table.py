"""The clinical table of ISLES 2017: what was known about the treatment."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from islesedu.errors import IslesError
from islesedu.isles.case import part_of
from islesedu.isles.clinical_values import KNOWN, Value, read_value
from islesedu.isles.text_table import Row, read_rows

_COLUMNS = (
    (r"days|time.*mrs|mrs.*time", "days_to_mRS"),
    (r"^(?!.*pre).*mrs", "mRS"),
    (r"tici(?!pa)", "TICI"),  # not "participant"
    (r"tss|since", "TSS"),
    (r"ttt|treatment", "TTT"),
)
"""What a heading contains (small letters only), and the kit's name of that column."""
_CASE_HEADING = re.compile(
    r"(isles)?(case|patient|subject|participant)s?(id|name|nr|no|number|code|identifier)?|id|name"
)
_NUMBER = r"0*(\d{1,18})(?:[.,]0+)?"
_FULL_NAME = re.compile(rf"(train|test)(?:ing)?[\s_.-]*{_NUMBER}", re.IGNORECASE)
_SHORT_NAME = re.compile(rf"(?:(?:case|patient|subject)[\s_-]*)?#?{_NUMBER}", re.IGNORECASE)

CaseId = tuple[str | None, int | str]
"""Part ("training", "test", or None) and number of a case; None and the name of another one."""


class ClinicalRow(NamedTuple):
    """A case's row: where it stands, whose it is, and what it says."""

    line: int
    name: str
    values: dict[str, Value]


class ClinicalTable(NamedTuple):
    """A clinical table; `is_clinical` if it has a column that the kit knows."""

    file: Path
    rows: dict[CaseId, ClinicalRow]
    is_clinical: bool


def read_clinical(file: str | os.PathLike[str]) -> dict[int | str, dict[str, Value]]:
    r"""Read a clinical table.

    Parameters
    ----------
    file : path-like
        CSV (commas, semicolons or tabs; UTF-8, UTF-16 or Latin-1) whose header names a case column,
        such as Case or Patient ID, and any of mRS (modified Rankin Scale after 90 days, 0-6), days
        to mRS, TICI (reperfusion, 0 to 3), TSS (time since stroke) and TTT (time to treatment). In
        a table whose name says training, rows of test cases are passed over, and the other way
        round.

    Returns
    -------
    dict of int or str to dict
        For each case the values that are there, under "mRS", "days_to_mRS", "TICI", "TSS" and
        "TTT"; see `islesedu.isles.clinical_values.read_value`. Columns the kit does not know keep
        their heading. The key is the number of training_1, 1, 01 or 1.0, the whole name of any
        other case, and of all where a table holds both training and test cases.

    Raises
    ------
    IslesError
        The file cannot be read or is no table, no column or more than one names the case, a case
        stands there twice, or a value makes no sense.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "ISLES2017_Training.csv"
    ...     _ = file.write_text("Case,mRS,TICI,TTT\ntraining_1,2,2B,95 min\n")
    ...     read_clinical(file)
    {1: {'mRS': 2, 'TICI': '2b', 'TTT': 95}}
    """
    rows = read_table(Path(file)).rows
    mixed = len({part for part, number in rows if isinstance(number, int)}) > 1
    names = {one: f"{one[0]}_{one[1]}" if mixed and one[0] else one[1] for one in rows}
    return {names[one]: row.values for one, row in rows.items()}


def read_table(file: Path) -> ClinicalTable:
    r"""Read a clinical table whose rows are known by the whole name of their case.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "clinical.csv"
    ...     _ = file.write_text("Case,TTT\ntraining_1,95\ntest_1,60\n")
    ...     list(read_table(file).rows)
    [('training', 1), ('test', 1)]
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise IslesError(
            f"{file} cannot be read ({error.strerror}); give a CSV file with a clinical table"
        ) from error
    (_, headings), *body = read_rows(content, str(file))
    names = _name_columns(file, headings)
    place = _case_column(file, headings, names, body)
    part, rows = part_of(Path(file.name)), {}
    for line, case, cells in _filled(file, body, place, len(headings)):
        own, number = case_id(case)
        if part and own and part != own:
            continue
        key = (own or part if isinstance(number, int) else None, number)
        if key in rows:
            lines = f"lines {rows[key].line} and {line}"
            raise IslesError(f"{file} has two rows for {case}, in {lines}; keep one of them")
        under = list(zip(names, headings, cells, strict=False))
        del under[place]
        where = f"{file}, line {line} ({case})"
        values = {
            name: read_value(name, cell, heading, where) for name, heading, cell in under if heading
        }
        known = {name: value for name, value in values.items() if value is not None}
        rows[key] = ClinicalRow(line, case, known)
    return ClinicalTable(file, rows, bool(KNOWN & set(names)))


def _filled(
    file: Path, body: list[Row], place: int, width: int
) -> Iterator[tuple[int, str, list[str]]]:
    """Yield line, case and cells of each row, once it is sure that its cells are under headings."""
    for line, cells in body:
        if len(cells) > width and any(cells[width:]):
            raise IslesError(
                f"{file}, line {line} has {len(cells)} cells under {width} headings, so they do "
                "not stand under their own (a decimal comma?); put a cell with a comma in quotes"
            )
        if place >= len(cells) or not cells[place]:
            raise IslesError(f"{file}, line {line} names no case; fill the cell or drop the row")
        yield line, cells[place], cells


def case_id(name: str) -> CaseId:
    """Return what a whole name says: training_1, Training 01, 1 and 1.0 are numbers of cases.

    Examples
    --------
    >>> case_id("training_1"), case_id("1.0"), case_id("training_1_v2")
    (('training', 1), (None, 1), (None, 'training_1_v2'))
    """
    name = name.strip()
    if full := _FULL_NAME.fullmatch(name):
        return "training" if full[1].lower() == "train" else "test", int(full[2])
    number = _SHORT_NAME.fullmatch(name)
    return None, int(number[1]) if number else name.lower()


def column(heading: str) -> str:
    """Return the kit's name of a column, or its heading if the kit has none.

    Examples
    --------
    >>> column("TICI scale"), column("age")
    ('TICI', 'age')
    """
    letters = _letters(heading)
    return next((name for words, name in _COLUMNS if re.search(words, letters)), heading.strip())


def _letters(heading: str) -> str:
    """Return the letters of a heading, small."""
    return re.sub(r"[^a-z]", "", heading.lower())


def _name_columns(file: Path, headings: list[str]) -> list[str]:
    """Return the name of each column; of several that could be one the exact heading is it."""
    names = [column(heading) for heading in headings]
    names = [
        h if _CASE_HEADING.fullmatch(_letters(h)) else n
        for n, h in zip(names, headings, strict=True)
    ]
    for name in KNOWN:
        same = [place for place, one in enumerate(names) if one == name]
        exact = [place for place in same if _letters(headings[place]) == _letters(name)]
        if len(same) > 1 and len(exact) != 1:
            both = " and ".join(repr(headings[place]) for place in same[:2])
            raise IslesError(f"{file} has two columns for {name}: {both}; rename or drop one")
        for place in same if len(same) > 1 else ():
            names[place] = name if place in exact else headings[place]
    return names


def _case_column(file: Path, headings: list[str], names: list[str], body: list[Row]) -> int:
    """Return the place of the column that names the case, or an IslesError if that is unclear."""
    shown = ", ".join(headings[:6])
    found = [p for p, heading in enumerate(headings) if _CASE_HEADING.fullmatch(_letters(heading))]
    if not found and not KNOWN & set(names):
        raise IslesError(
            f"{file} has no header: its first row is {shown}; begin with a row such as "
            "Case,mRS,Days to mRS,TICI,TSS,TTT"
        )
    columns = {
        p: [r.cells[p] for r in body if p < len(r.cells)] for p in found or range(len(names))
    }
    full = [p for p, cells in columns.items() if cells and all(map(_is_full_name, cells))]
    if len(full) == 1 or len(found) == 1:
        return found[0] if len(found) == 1 else full[0]
    said = {p: [case_id(cell)[1] for cell in cells] for p, cells in columns.items()}
    by_case = [p for p in found if _letters(headings[p]).startswith("case")]
    if found and all(said[p] == said[found[0]] for p in found):
        return found[0]
    if len(by_case) == 1 and not full:
        return by_case[0]
    which = " and ".join(repr(headings[p]) for p in found or full) or "none"
    raise IslesError(
        f"{file}: which column names the case is unclear ({which} of {shown}); head one column "
        "Case, with names such as training_1"
    )


def _is_full_name(cell: str) -> bool:
    """Tell whether a cell is a case's whole name, and not a number that may count anything."""
    return bool(_FULL_NAME.fullmatch(cell)) or cell.startswith("sub-")
