import pytest

from islesedu import files


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
