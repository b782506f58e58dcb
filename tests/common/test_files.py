import doctest
import errno
import os
import subprocess
import sys

import pytest

from islesedu.common import files
from islesedu.errors import NoRoomError


def test_a_failure_leaves_the_old_file_and_no_rest(tmp_path):
    file = tmp_path / "a file.txt"
    files.write_text(file, "old")
    with pytest.raises(RuntimeError), files.whole(file) as place:
        place.write_text("half")
        assert file.read_text() == "old"
        raise RuntimeError
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_the_place_ends_like_the_file_and_folders_are_made(tmp_path):
    with files.whole(tmp_path / "new" / "map.nii.gz") as place:
        assert place.name.endswith("map.nii.gz") and place.name.startswith(".")
        place.write_bytes(b"x")
    assert (tmp_path / "new" / "map.nii.gz").read_bytes() == b"x"


def test_text_is_utf8(tmp_path):
    files.write_text(tmp_path / "unit.txt", "mm²/s")
    assert (tmp_path / "unit.txt").read_bytes() == "mm²/s".encode()


def test_examples_in_the_docstrings():
    assert doctest.testmod(files).failed == 0


def test_what_ended_processes_left_is_removed_and_nothing_else(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = [f".partial-{dead.pid}-run.json", f"sub/.partial-{dead.pid}-map.nii"]
    own = [f".partial-{os.getppid()}-run.json", ".partial-data", f".partial-{dead.pid}-", "a.txt"]
    own += [f".partial-{dead.pid}-thesis.json.txt", ".partial-run.json"]  # a stranger's
    (tmp_path / "sub").mkdir()
    (tmp_path / f".partial-{dead.pid}-folder" / "deep").mkdir(parents=True)
    for name in left + own:
        (tmp_path / name).touch()
    files.remove_partials(tmp_path, "*.json", "*.nii", "folder")
    assert {str(f.relative_to(tmp_path)) for f in tmp_path.rglob("*")} == {*own, "sub"}


def test_what_is_older_than_the_process_of_its_number_was_left_by_another(tmp_path):
    file = files.partial_of(tmp_path / "run.json")
    file.touch()
    files.remove_partials(tmp_path, "run.json")
    assert file.exists()
    os.utime(file, (1e9, 1e9))
    files.remove_partials(tmp_path, "run.json")
    assert not file.exists()


@pytest.mark.parametrize("name", [".lock", ".lock.claim-2", ".partial-1-run.json"])
def test_locks_and_unfinished_files_are_known_by_their_names(name):
    assert files.is_partial(name)
    assert not files.is_partial(f"{name[1:]}")


def test_a_folder_becomes_whole_or_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError), files.whole(tmp_path / "training_1") as place:
        files.write_text(place / "ADC.nii", "half")
        raise RuntimeError
    assert not list(tmp_path.iterdir())
    with files.whole(tmp_path / "training_1") as place:
        files.write_text(place / "ADC.nii", "all")
    assert (tmp_path / "training_1" / "ADC.nii").read_text() == "all"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said_with_the_folder_and_the_room_needed(tmp_path, monkeypatch, number):
    with pytest.raises(NoRoomError, match=r"run: .* a network: [\d,]+ MB are needed and"):
        with files.room_for(tmp_path / "run", 2**90, "a network"):
            raise AssertionError("it has begun")

    def refuse(*_, **__):
        raise OSError(number, "full")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(NoRoomError, match=r"run: .* a network: 0.01 MB .*free some, or give"):
        with files.room_for(tmp_path / "run", 9999, "a network"):
            try:
                files.write_text(tmp_path / "run" / "run.json", "{}")
            except OSError as error:
                raise ValueError("cannot be written") from error  # as a writer of volumes does
    assert not list((tmp_path / "run").iterdir())


def test_what_is_no_full_disk_stays_what_it_is(tmp_path):
    with pytest.raises(PermissionError), files.room_for(tmp_path, 1, "a network"):
        raise PermissionError(13, "refused")
