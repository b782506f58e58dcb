"""What is kept for the next process is read to the bit, and made anew if it is damaged."""

import numpy as np
import pytest

from islesedu.common.cache import kept

ARRAYS = [np.linspace(0, 1, 999, dtype=np.float32).reshape(9, 111), np.eye(4)]


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Ask for arrays; the list has an entry each time that they are made."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "a cache"))
    calls = []

    def ask(name="name"):
        arrays = kept(name, ["numpy"], lambda: calls.append(name) or ARRAYS)
        for mine, its in zip(arrays, ARRAYS, strict=True):
            assert mine.dtype == its.dtype
            np.testing.assert_array_equal(mine, its)
        return calls

    return ask


def test_they_are_made_once_for_each_name_and_version(made, tmp_path, monkeypatch):
    assert made() == made() == ["name"]
    assert made("other") == ["name", "other"]
    monkeypatch.setattr("islesedu.common.cache.version", lambda package: "99")
    assert made() == ["name", "other", "name"]
    names = [file.name for file in (tmp_path / "a cache" / "islesedu").iterdir()]
    assert len(names) == 3 and sum(name.startswith("name-numpy-99-") for name in names) == 1


def test_other_code_makes_them_anew(made):
    made()
    assert kept("name", ["numpy"], lambda: [np.zeros(2)])[0].tolist() == [0, 0]
    assert kept("name", ["numpy"], lambda: [np.ones(2)])[0].tolist() == [1, 1]
    assert len(made()) == 1


def test_a_damaged_file_is_written_anew(made, tmp_path):
    made()
    (file,) = (tmp_path / "a cache" / "islesedu").iterdir()
    content = file.read_bytes()
    middle = len(content) // 2
    turned = bytes([content[middle] ^ 0xFF])
    damages = (content[:-99], b"", b"<html>", content[:middle] + turned + content[middle + 1 :])
    for number, damaged in enumerate(damages, start=2):
        file.write_bytes(damaged)
        assert len(made()) == number
        assert len(made()) == number


def test_where_no_file_can_be_written_they_are_made_each_time(made, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    made()
    assert len(made()) == 2
