"""Paths that are given: what is none, is a file, or is the folder to read is refused."""

import os

import pytest

from islesedu.common import paths
from islesedu.common.paths import folder_to_write


@pytest.mark.parametrize("value", ["", " ", "\t\n", "a\0b", None, 3, b"run", ["run"]])
@pytest.mark.parametrize("check", [paths.as_path, paths.folder_to_read, folder_to_write])
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
        paths.check_apart("output", tmp_path / "same", tmp_path / "data")
    with pytest.raises(ValueError, match="would be read as cases"):
        paths.check_apart("output", tmp_path / "same" / "run", tmp_path / "data", inside=True)
    paths.check_apart("output", tmp_path / "data" / "run", tmp_path / "data")
    paths.check_apart("output", tmp_path / "data2", tmp_path / "data", inside=True)
