"""The clinical table of ISLES 2017: what was known about the treatment."""

import csv
import os
import re
from dataclasses import replace
from pathlib import Path

from islesedu.isles.model import Case

COLUMNS = {
    "mrs": "mRS",
    "daystomrs": "days_to_mRS",
    "mrsdays": "days_to_mRS",
    "tici": "TICI",
    "ticiscaleafterintervention": "TICI",
    "tss": "TSS",
    "timesincestroke": "TSS",
    "ttt": "TTT",
    "timetotreatment": "TTT",
}
MISSING = {"", "-", "n/a", "na", "nan", "none", "null", "?"}


def read_clinical(file: str | os.PathLike[str]) -> dict[int, dict]:
    """Read a clinical table.

    Parameters
    ----------
    file : path-like
        CSV with a case column first and any of mRS (modified Rankin Scale after 90 days, 0-6),
        days to mRS, TICI (reperfusion, 0 to 3), TSS (time since stroke, minutes) and TTT (time
        to treatment, minutes). Odd bytes are read as best one can.

    Returns
    -------
    dict of int to dict
        For each case number the values that are there: numbers as numbers, "2b" as text. Columns
        the kit does not know keep their name.
    """
    text = Path(file).read_bytes()
    try:
        text = text.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = text.decode("latin-1")
    lines = text.replace("\0", "").splitlines()
    delimiter = ";" if lines and lines[0].count(";") > lines[0].count(",") else ","
    rows = list(csv.reader(lines, delimiter=delimiter))
    if not rows:
        return {}
    names = [COLUMNS.get(re.sub(r"[^a-z]", "", name.lower()), name.strip()) for name in rows[0]]
    table = {}
    for row in rows[1:]:
        if row and (number := case_number(row[0])) is not None:
            cells = zip(names[1:], row[1:], strict=False)
            table[number] = {
                name: value(cell) for name, cell in cells if cell.strip().lower() not in MISSING
            }
    return table


def case_number(name: str) -> int | None:
    """Return the last whole number in a name: 12 for "training_12"."""
    numbers = re.findall(r"\d+", name)
    return int(numbers[-1]) if numbers else None


def value(cell: str) -> int | float | str:
    """Return a cell as the simplest type that holds it."""
    for kind in (int, float):
        try:
            return kind(cell.strip())
        except ValueError:
            pass
    return cell.strip()


def join_clinical(cases: list[Case], root: Path) -> list[Case]:
    """Give each ISLES 2017 case its row of the nearest table beside or above it.

    A table whose name says "train" serves training cases only, one that says "test" test cases
    only. The search goes up to the folder above `root`, where a table lies if `root` is one part
    of the data set.
    """
    tables: dict[Path, dict[int, dict]] = {}
    joined = []
    for case in cases:
        file = None if case.layout == "isles2022" else nearest_table(case, root.resolve())
        if file is not None and file not in tables:
            tables[file] = read_clinical(file)
        row = tables[file].get(case_number(case.name), {}) if file else {}
        joined.append(replace(case, clinical=row))
    return joined


def nearest_table(case: Case, root: Path) -> Path | None:
    """Return the clinical table that is nearest above a case, if there is one."""
    for folder in case.folder.parents:
        if not folder.is_relative_to(root.parent):
            return None
        for file in sorted(folder.glob("ISLES*.csv")) + sorted(folder.glob("*linical*.csv")):
            if fits(file.name.lower(), case.name.lower()):
                return file
    return None


def fits(table: str, case: str) -> bool:
    """Tell whether a table of this name may speak about a case of this name."""
    return not any(
        word in table and other in case for word, other in (("train", "test"), ("test", "train"))
    )
