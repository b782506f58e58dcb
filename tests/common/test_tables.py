"""Stored CSV: whole rows, or one sentence that names the file and the line."""

import warnings

import pandas as pd
import pytest

from islesedu.common.tables import read_table
from islesedu.errors import IslesError

HEAD = "case,step,loss,val"


def read(tmp_path, content, **how):
    file = tmp_path / "history.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(file, ("step", "loss"), ("case",), ("val",), mend="remove it", **how)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty"),
        (b"\xff\xfea\0", "it is no UTF-8 text"),
        ("step,loss\n1,2\n", "its first line names 'case' 0 times"),
        (f"{HEAD},loss\na,1,2,3,4\n", "its first line names 'loss' 2 times"),
        (f"{HEAD}\na,1,0.5\n", "line 2 has 3 cells, not 4"),
        (f"{HEAD}\na,1,0.5,\na,1,0.5,,7\n", "line 3 has 5 cells, not 4"),
        (f"{HEAD}\na,1,x,\n", "line 2 has 'x' for loss, no number"),
        (f"{HEAD}\na,,1,\n", "line 2 has '' for step, no number"),
        (f"{HEAD}\na,1,nan,\n", "line 2 has 'nan' for loss, no number"),
        (f"{HEAD}\na,1,1,y\n", "line 2 has 'y' for val, no number"),
        (f"{HEAD}\n,1,1,\n", "line 2 has no case"),
        (f"{HEAD}\na,1,0.5,\nb,2,0.2,0", "line 3 has no end: 'b,2,0.2,0' is cut off"),
        (f'{HEAD}\n"a,1,0.5,\nb,2,0.2,0\n', "line 3 has 1 cells, not 4"),
    ],
)
def test_a_damaged_table_is_named_with_its_line(tmp_path, content, words):
    with pytest.raises(IslesError) as said:
        read(tmp_path, content)
    assert str(said.value) == f"{tmp_path / 'history.csv'} is damaged: {words}; remove it"


def test_rows_that_are_whole_are_used_and_the_others_named(tmp_path):
    content = f"{HEAD}\na,1,0.1,\nb,2\nc,x,0.3,1\nd,4,0.4,True\n"
    with pytest.warns(UserWarning, match="line 3 has 2 cells, not 4 and 1 more; of its rows 2 are"):
        table = read(tmp_path, content, keep_whole=True)
    assert table["case"].tolist() == ["a", "d"] and table["step"].tolist() == [1, 4]


def test_a_whole_table_is_read_to_the_last_digit(tmp_path):
    rows = pd.DataFrame({"case": ["a", "b"], "step": [1, 2], "loss": [0.1 + 0.2, 1 / 3]})
    rows["val"] = [None, 2.5e-9]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = read(tmp_path, rows.to_csv(index=False))
    assert table["loss"].tolist() == rows["loss"].tolist() and table["val"].tolist()[1] == 2.5e-9
    assert table["step"].dtype == int
