"""What an argument may be: hostile values of every type are refused in one sentence."""

import math
import os

import numpy as np
import pytest

from islesedu import arguments
from islesedu.arguments import folder_to_write, names, number, one_of, optional, positive, whole


class Unshowable:
    def __repr__(self):
        raise RuntimeError("no")


JUNK = [None, True, "", "3", b"3", [], {}, math.nan, math.inf, -math.inf, 10**400, 10**9999]
JUNK += [Unshowable(), np.zeros(3), 1 + 1j, object]


@pytest.mark.parametrize("value", JUNK, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("kind", [whole(0), positive, arguments.share, one_of("a", "b")])
def test_a_kind_refuses_what_is_none_of_it_in_one_sentence(kind, value):
    with pytest.raises(ValueError, match="^steps is .*; (give|choose) ") as said:
        kind("steps", value)
    assert "\n" not in str(said.value) and len(str(said.value)) < 250


def test_a_kind_accepts_what_it_should():
    assert whole(1, 4)("n", np.int64(4)) == 4
    assert number(lambda value: value > 0, "", "")("x", np.float32(0.5)) == 0.5
    assert optional(positive)("wait", None) is None
    assert arguments.flag("packed", False) is False
    with pytest.raises(ValueError, match="n is 5; give a whole number from 1 up to 4"):
        whole(1, 4)("n", 5)


def test_names_are_told_apart_by_their_letters():
    assert names(["ADC", "CBF"])
    assert not any(map(names, ["ADC", ("ADC", "adc"), ("ADC", " "), (3,), (), None, {"ADC"}]))


@pytest.mark.parametrize("value", ["", " ", "\t\n", "a\0b", None, 3, b"run", ["run"]])
@pytest.mark.parametrize("check", [arguments.as_path, arguments.folder_to_read, folder_to_write])
def test_what_is_no_path_is_refused(check, value):
    with pytest.raises(ValueError, match="output is .*; give the name of a file or folder"):
        check("output", value)


def test_a_folder_to_write_can_be_made(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("nothing")
    assert folder_to_write("output", tmp_path) == tmp_path
    assert folder_to_write("output", tmp_path / "a" / "b") == tmp_path / "a" / "b"
    for name, words in [
        ("file", "file is a file"),
        ("file/a/b", "file is a file"),
        ("link", "link is a link to nothing"),
    ]:
        with pytest.raises(ValueError, match=f"{words}; give a folder"):
            folder_to_write("output", tmp_path / name)
    with pytest.raises(ValueError, match="File name too long"):
        folder_to_write("output", "x" * 5000)
    assert sorted(os.listdir(tmp_path)) == ["file", "link"]


def test_input_and_output_are_told_apart_also_through_links(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "same").symlink_to("data")
    with pytest.raises(ValueError, match="which is the folder to read"):
        arguments.check_apart("output", tmp_path / "same", tmp_path / "data")
    with pytest.raises(ValueError, match="would be read as cases"):
        arguments.check_apart("output", tmp_path / "same" / "run", tmp_path / "data", inside=True)
    arguments.check_apart("output", tmp_path / "data" / "run", tmp_path / "data")
    arguments.check_apart("output", tmp_path / "data2", tmp_path / "data", inside=True)
