"""What the operating system refuses is said with the file and a remedy."""

import errno
import os

import pytest

from islesedu.errors import explain

NAMES = """EACCES EPERM ENOENT EEXIST ENOTEMPTY ENOTDIR EISDIR ENAMETOOLONG ENOSPC EDQUOT EFBIG
EROFS EMFILE ENFILE ENOMEM ELOOP EIO ESTALE EBUSY EINVAL EXDEV""".split()


@pytest.mark.parametrize("name", NAMES)
def test_every_refusal_names_the_file_and_ends_with_a_remedy(name):
    number = getattr(errno, name)
    said = explain(OSError(number, os.strerror(number), "masks/.partial-17-scores.csv"))
    assert said.startswith("masks/scores.csv: ") and "Errno" not in said
    cause, remedy = said.removeprefix("masks/scores.csv: ").split("; ", 1)
    assert cause.lower() == os.strerror(number).lower()
    assert remedy.split()[0] in "change give move a free your its close another check".split()


@pytest.mark.parametrize("file", ["run/.lock.claim-1", "run/.partial-17-4711-.lock.claim-1"])
def test_files_that_only_the_kit_knows_are_named_by_their_folder(file):
    said = explain(PermissionError(errno.EACCES, "Permission denied", file))
    assert said.startswith("run: permission denied; ")


def test_the_name_that_a_file_was_to_get_is_said():
    error = OSError(errno.EISDIR, "Is a directory", "a/.partial-1-s.csv", None, "a/s.csv")
    assert explain(error).startswith("a/s.csv: is a directory; ")


def test_other_errors_say_it_themselves():
    assert explain(ValueError("steps is 0")) == "steps is 0"
    assert explain(OSError("masks is in use")) == "masks is in use"
    assert explain(ValueError()) == "ValueError"
    assert "too little memory; close" in explain(MemoryError())
    assert explain(OSError(errno.EIO, "Input/output error")).startswith("input/output error; its")
