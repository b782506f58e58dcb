import pytest

from islesedu.common import resources
from islesedu.errors import TrainingError


def test_what_does_not_fit_is_said_with_what_it_needs_and_what_there_is(tmp_path):
    with pytest.raises(
        TrainingError, match=r"^a is 9: b needs about 5 EB of memory, and .* are free; c$"
    ):
        resources.check_memory("a is 9: b", 5 * 10**18, "c", error=TrainingError)
    with pytest.raises(ValueError, match=r"is what this machine has; c$"):
        resources.check_memory("b", 10**400, "c", free=False)
    with pytest.raises(
        ValueError, match=r"^b needs about 1 EB on the disk of .*, and .* are free; c$"
    ):
        resources.check_disk("b", 10**18, tmp_path / "not" / "made", "c")


def test_what_fits_is_not_refused(tmp_path):
    resources.check_memory("b", 1000, "c")
    resources.check_disk("b", 1000, tmp_path, "c")
