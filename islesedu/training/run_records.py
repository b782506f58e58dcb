"""The records of a run or comparison, read with care: its options (JSON) and its curves (CSV)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from islesedu.common.stored import COUNT, NUMBER, TEXT, damaged, dict_of, fields, list_of, read_json
from islesedu.common.tables import read_table
from islesedu.errors import TrainingError
from islesedu.training.config import TrainingConfig

_CLINICAL = fields(
    {"columns": list_of(TEXT), "fusion": TEXT},
    {name: list_of(NUMBER) for name in ("mean", "std", "low", "high")},
)
OPTIONS = {"clinical": _CLINICAL | {"type": ["object", "null"]}, "versions": dict_of(TEXT)}
"""What any record may hold besides options, which `TrainingConfig` checks."""
RUN = fields(
    {"steps": COUNT, "channels": list_of(TEXT), "training": list_of(TEXT)}
    | {"fingerprints": list_of(TEXT)},
    OPTIONS | {"validation": list_of(TEXT), "folder": TEXT},
)
"""The form of ``run.json``."""


def read_settings(
    file: Path,
    missing: str,
    command: str,
    form: Mapping[str, Any],
    config: type[TrainingConfig] = TrainingConfig,
) -> dict[str, Any]:
    """Return what a folder keeps of its options.

    Parameters
    ----------
    file : Path
        Such as ``run.json``.
    missing : str
        What to say if there is no such file.
    command : str
        The command that writes it.
    form : mapping
        JSON Schema of it, see `islesedu.common.stored`.
    config : type
        The configuration that it must make.

    Raises
    ------
    TrainingError
        It is missing or damaged.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "run.json")
    ...     _ = file.write_text('{"steps": 8}')
    ...     read_settings(file, "", "train", fields({"steps": COUNT}))
    {'steps': 8}
    """
    mend = f"put back a copy, or {command} anew in another folder"
    try:
        settings = read_json(file, form, mend, TrainingError)
    except (FileNotFoundError, NotADirectoryError):
        raise TrainingError(
            f"{missing}; give the folder that 'islesedu {command} --output' wrote"
        ) from None
    try:
        config.from_json(settings)
    except ValueError as error:
        raise damaged(file, error, mend, TrainingError) from error
    return settings


def read_curves(file: Path, numbers: tuple[str, ...] = ("step", "loss", "dice")) -> pd.DataFrame:
    """Return a table with a row a step or round; an empty one if there is no such file.

    Parameters
    ----------
    file : Path
        Such as ``history.csv``.
    numbers : tuple of str
        Columns that hold a number in every row.

    Raises
    ------
    TrainingError
        It is damaged or cut off.

    Examples
    --------
    >>> read_curves(Path("no such file")).empty
    True
    """
    mend = "put back a copy, or remove it: its rows are lost then, and the network stays"
    try:
        return read_table(file, numbers, mend=mend, error=TrainingError)
    except FileNotFoundError:
        return pd.DataFrame()
