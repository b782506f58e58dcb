import codecs

import pytest

from islesedu.errors import IslesError
from islesedu.isles.text_table import read_rows

TEXT = "Case,mRS,Größe\ntraining_1,2,ä\n\ntraining_2,,\n"
CELLS = [["Case", "mRS", "Größe"], ["training_1", "2", "ä"], ["training_2", "", ""]]


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("latin-1"),
        TEXT.encode("utf-16"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        ("\n  \n" + TEXT).encode(),
        TEXT.replace(",", ";").encode(),
        TEXT.replace(",", "\t").encode("utf-16"),
        TEXT.replace(",", "|").encode(),
        ("sep=;\r\n" + TEXT.replace(",", ";")).encode(),
        TEXT.replace(",", " , ").encode(),
        b'"Case", "mRS","Gr\xf6\xdfe"\n"training_1","2","\xe4"\n"training_2","",""\n',
    ],
)
def test_encodings_separators_line_ends_and_quotes_make_no_difference(content):
    assert [row.cells for row in read_rows(content, "t.csv")] == CELLS


def test_lines_are_those_of_the_file_and_a_blank_heading_keeps_its_place():
    rows = read_rows(b"\n\tCase\tTTT\n\n0\ttraining_1\t95\n", "t.csv")
    assert rows == [(2, ["", "Case", "TTT"]), (4, ["0", "training_1", "95"])]


def test_thousands_of_columns_are_read():
    header = "Case," + ",".join(f"x{n}" for n in range(5000))
    rows = read_rows(f"{header}\n1{',7' * 5000}\n".encode(), "t.csv")
    assert [len(row.cells) for row in rows] == [5001, 5001]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "t.csv is empty"),
        (b" \r\n\n", "t.csv is empty"),
        (b"Case\ntraining_1\n", "t.csv has one column only; give a table with commas"),
        (b'Case,mRS\ntraining_1,"2\ntraining_2,3\n', "a quote is opened and not closed"),
        (b'Case,mRS,x\ntraining_1,"2,a\ntraining_2,"3",b\n', "a quote is opened and not closed"),
        (b"Case,mRS\n1," + b"x" * 200_000, "is no table .field larger"),
        (bytes(range(256)) * 900, "is no text; export the table as CSV"),
        (b"PK\x03\x04\0\0\0\0ab\0", "is an Excel workbook or another archive; export the table"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(content, words):
    with pytest.raises(IslesError, match=words):
        read_rows(content, "t.csv")
