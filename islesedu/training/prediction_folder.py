"""The folder of predictions: one process at a time writes into it, and only if there is room."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from islesedu.common.files import remove_partials, room_for
from islesedu.common.locks import folder_lock
from islesedu.isles.case import Case

_OWN = ("SMIR.*", "*_prediction.nii.gz", "*_probability.nii.gz", "predictions.json", "scores.csv")
"""What is written into it, by name."""


@contextmanager
def prediction_folder(
    output: Path, cases: Sequence[Case], probabilities: bool = False
) -> Iterator[None]:
    """Keep a folder for the masks of cases: made, locked, cleared of what was left unfinished.

    If nothing comes into it, it does not stay.

    Raises
    ------
    FolderInUseError
        Another process predicts into it.
    NoRoomError
        Its disk has no room for the masks, and how much they take.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with prediction_folder(Path(folder, "masks"), []):
    ...         inside = Path(folder, "masks").exists()
    ...     inside, Path(folder, "masks").exists()
    (True, False)
    """
    files = [case.maps[case.reference] for case in cases if case.reference]
    sizes = [file.stat().st_size for file in files if file.exists()]  # reading says what is wrong
    needed = sum(sizes) * (0.25 + 0.5 * probabilities)  # maps mostly have four bytes a voxel
    try:
        words = f"the masks of {len(cases)} case{'s' if len(cases) != 1 else ''}"
        with room_for(output, needed, words), folder_lock(output, "predicted into"):
            remove_partials(output, *_OWN)
            yield
    finally:
        with suppress(OSError):  # masks lie in it
            output.rmdir()
