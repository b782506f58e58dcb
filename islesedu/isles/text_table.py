"""Read a table of text whose encoding and separator nobody has told."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import NamedTuple

from islesedu.errors import IslesError

_SEPARATORS = ",;\t|"
_BEFORE_HEADER = re.compile(r"(?: *[\r\n]+)*(?:sep=.\s*)?", re.IGNORECASE)
"""Blank lines, and the line that tells Excel the separator."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, with whose mark it begins
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Row(NamedTuple):
    """One row: the line of the file that it ends on, from 1, and its cells."""

    line: int
    cells: list[str]


def read_rows(content: bytes, name: str) -> list[Row]:
    r"""Return the rows of a table that are not blank; the first is its header.

    Parameters
    ----------
    content : bytes
        Of the file: UTF-8, UTF-16 or UTF-32, what is none of them is read as Latin-1. Cells are
        separated by commas, semicolons, tabs or bars: whichever makes the most of the header.
    name : str
        Of the file, for messages.

    Raises
    ------
    IslesError
        No text, no rows, one column only, or a quote that is not closed.

    Examples
    --------
    >>> [row.cells for row in read_rows(b"\n Case;TSS\n1;2,5\n", "table.csv")]
    [['Case', 'TSS'], ['1', '2,5']]
    """
    text = _decode(content, name)
    before = _BEFORE_HEADER.match(text)[0]
    header = text[len(before) :].splitlines()[0] if text[len(before) :] else ""
    separator = max(_SEPARATORS, key=lambda one: len(next(csv.reader([header], delimiter=one), [])))
    try:
        rows = list(_split(text[len(before) :], separator, before.count("\n")))
    except csv.Error as error:
        raise IslesError(
            f"{name} is no table ({error}): perhaps a quote is opened and not closed; save it anew "
            "as CSV"
        ) from error
    if not rows or len(rows[0].cells) < 2:
        what = "has one column only" if rows else "is empty"
        raise IslesError(f"{name} {what}; give a table with commas, semicolons or tabs")
    return rows


def _split(text: str, separator: str, skipped: int) -> Iterator[Row]:
    """Yield rows that are not blank, with stripped cells; `skipped` lines came before them."""
    # Not str.splitlines: it would also break rows at odd bytes such as 0x85.
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=separator, strict=True, skipinitialspace=True)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield Row(skipped + reader.line_num, [cell.strip() for cell in cells])


def _decode(content: bytes, name: str) -> str:
    """Return the text of a file, or an IslesError if it is none."""
    encoding = next((one for mark, one in _MARKS if content.startswith(mark)), None)
    if encoding is None and b"\0" in content:  # every other byte of UTF-16 in Western writing
        odd, even = (content[place::2].count(0) > len(content) / 4 for place in (1, 0))
        encoding = "utf-16-le" if odd and not even else "utf-16-be" if even and not odd else None
    try:
        text = content.decode(encoding or "utf-8")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    if "\0" in text:
        what = "an Excel workbook or another archive" if content.startswith(b"PK") else "no text"
        raise IslesError(f"{name} is {what}; export the table as CSV")
    return text.replace("\xa0", " ")
