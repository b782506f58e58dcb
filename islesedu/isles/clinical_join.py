"""Give each case its row of the clinical table that lies beside or above it."""

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from islesedu.errors import IslesError
from islesedu.isles.case import Case, Problem, part_of
from islesedu.isles.clinical_table import CaseId, ClinicalTable, case_id, read_table

_TABLE = re.compile(r"(isles.*|.*clinical.*)\.(csv|tsv)", re.IGNORECASE)
_LEVELS = 3
"""How many folders above a case are searched: training, the data set, the one around it."""
_LIKE_A_CASE = re.compile(r"(train|test)(ing)?[\s_.-]*\d", re.IGNORECASE)


def join_clinical(cases: Sequence[Case]) -> tuple[list[Case], list[Problem]]:
    """Give each case its row of the nearest clinical table beside or above it.

    A table whose name says "train" serves training cases only, one that says "test" test cases
    only: the numbers of the two overlap. One that says neither ("clinical.csv") has to name cases
    in full. Each folder is listed once and each table read once, however many cases there are.

    Returns
    -------
    cases : list of Case
        In their order.
    problems : list of Problem
        Tables that cannot be used (fatal), and tables in which some cases are missing.

    Examples
    --------
    >>> cases, problems = join_clinical([Case("training_1", Path("no/training_1"), "flat", {})])
    >>> cases[0].clinical, problems
    ({}, [])
    """
    read, tables_in = cache(_read), cache(_tables_in)
    served: dict[Path, list[Case]] = defaultdict(list)
    problems: dict[str, bool] = {}  # sentences, and whether they are fatal
    for case in cases:
        try:
            if table := _nearest_table(case, read, tables_in):
                served[table.file].append(case)
        except IslesError as error:
            problems[str(error)] = True
    rows: dict[int, dict] = {}
    for file, own in served.items():
        try:
            found = _match(read(file), own)
            problems |= _missing(read(file), own, found)
            rows |= found
        except IslesError as error:
            problems[str(error)] = True
    joined = [replace(case, clinical=dict(rows.get(id(case), {}))) for case in cases]
    return joined, [Problem(sentence, fatal) for sentence, fatal in problems.items()]


def _read(file: Path) -> ClinicalTable | IslesError:
    """Return a table, or why it cannot be read: a failure is to be remembered, too."""
    try:
        return read_table(file)
    except IslesError as error:
        return error


def _tables_in(folder: Path) -> list[str]:
    """Return the names of what may be a clinical table in a folder, sorted."""
    try:
        names = os.listdir(folder)
    except OSError:  # a folder above the data that we may pass through, but not list
        return []
    return sorted(n for n in names if _TABLE.fullmatch(n) and not n.startswith("."))


def _nearest_table(
    case: Case, read: Callable[[Path], ClinicalTable | IslesError], tables_in: Callable
) -> ClinicalTable | None:
    """Return the clinical table that is nearest above a case, if there is one."""
    part = None if case.layout == "isles2022" else part_of(case.folder)  # tables are of ISLES 2017
    for folder in case.folder.parents[:_LEVELS]:
        for wanted in (part, None) if part else (None,):
            names = [name for name in tables_in(folder) if part_of(Path(name)) == wanted]
            if wanted is None:  # such as isles_scores.csv
                names = [name for name in names if "clinical" in name.lower()]
            tables = [read(folder / name) for name in names]
            for error in tables:
                if isinstance(error, IslesError):
                    raise error
            tables = [table for table in tables if table.is_clinical]
            if len(tables) > 1:
                raise IslesError(
                    f"{folder} has two clinical tables for {wanted or 'all'} cases, "
                    f"{tables[0].file.name} and {tables[1].file.name}; keep one of them there"
                )
            if tables:
                return tables[0]
    return None


def _own_id(case: Case) -> CaseId:
    """Return what a table may call a case: its name, and the part that its folder says."""
    part, number = case_id(case.name)
    return (part or part_of(case.folder) if isinstance(number, int) else None), number


def _match(table: ClinicalTable, cases: Sequence[Case]) -> dict[int, dict]:
    """Return the values of each case that has a row, by the id of the object."""
    names = {case.name.lower() for case in cases}
    for row in table.rows.values():
        if _LIKE_A_CASE.match(row.name) and isinstance(case_id(row.name)[1], str):
            if row.name.lower() not in names:
                raise IslesError(
                    f"{table.file}, line {row.line}: {row.name} is the name of no case; write a "
                    "whole name such as training_1, or drop the row"
                )
    found: dict[int, dict] = {}
    for case in cases:
        part, number = own = _own_id(case)
        bare = table.rows.get((None, number)) if part else None
        if bare:
            raise IslesError(
                f"{table.file}, line {bare.line}: {bare.name} may be a training or a test case; "
                "write training_1 and test_1, or say training or test in the name of the table"
            )
        if row := table.rows.get(own):
            found[id(case)] = row.values
    return found


def _missing(
    table: ClinicalTable, cases: Sequence[Case], found: dict[int, dict]
) -> dict[str, bool]:
    """Return a sentence about the cases that a table has no row for, and whether it is fatal."""
    lost = [case.name for case in cases if id(case) not in found]
    if not lost:
        return {}
    more = f" and {len(lost) - 5} others" if len(lost) > 5 else ""
    names = ", ".join(lost[:5]) + more
    if found or any(name in table.rows for name in _beside(cases)):
        return {f"{table.file} has no row for {len(lost)} of {len(cases)} cases: {names}": False}
    shown = ", ".join(row.name for row in list(table.rows.values())[:3]) or "no row"
    return {
        f"{table.file} has a row for none of the cases ({names}); it has {shown}: write the names "
        "of the cases into its case column, or move the table elsewhere": True
    }


def _beside(cases: Sequence[Case]) -> Iterator[CaseId]:
    """Yield what lies beside some cases: a table may be of a larger set than was asked for."""
    for folder in {case.folder.parent for case in cases}:
        for name in sorted(os.listdir(folder)):
            yield _own_id(Case(name, folder / name, "flat", {}))
