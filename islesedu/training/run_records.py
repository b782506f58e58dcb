"""The records of a run or comparison, read with care: its options (JSON) and its curves (CSV)."""

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from islesedu.errors import TrainingError
from islesedu.training.config import TrainingConfig


def read_settings(
    file: Path, missing: str, command: str, forms: Mapping[str, type]
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
    forms : mapping of str to type
        What it must hold besides options that make sense: ``{"steps": int}``.

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
    ...     read_settings(file, "", "train", {"steps": int})
    {'steps': 8}
    """
    try:
        settings = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(settings, dict):
            raise ValueError(f"it holds a {type(settings).__name__} and no options")
        for name, form in forms.items():
            if not isinstance(settings.get(name), form) or isinstance(settings[name], bool):
                raise ValueError(f"{name} is {str(settings.get(name, 'missing'))[:40]}")
        TrainingConfig.from_json(settings)
    except FileNotFoundError:
        raise TrainingError(
            f"{missing}; give the folder that 'islesedu {command} --output' wrote"
        ) from None
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise TrainingError(
            f"{file} is damaged ({error}); put back a copy, or {command} anew in another folder"
        ) from error
    return settings


def read_curves(file: Path, columns: Sequence[str] = ("loss", "dice")) -> pd.DataFrame:
    """Return a table with a row a step or round; an empty one if there is no such file.

    Parameters
    ----------
    file : Path
        Such as ``history.csv``.
    columns : sequence of str
        Columns of finite numbers that it must have besides ``step``.

    Raises
    ------
    TrainingError
        It is damaged or cut off.

    Examples
    --------
    >>> read_curves(Path("no such file")).empty
    True
    """
    try:
        text = file.read_text(encoding="utf-8")
        table = pd.read_csv(io.StringIO(text))
        if not np.isfinite(table[["step", *columns]].to_numpy(float)).all():
            raise ValueError("a value is missing")
        if not text.endswith("\n"):
            raise ValueError("its last line is cut off")
    except FileNotFoundError:
        return pd.DataFrame()
    except (ValueError, TypeError, KeyError) as error:
        words = f"there is no column {error}" if isinstance(error, KeyError) else error
        raise TrainingError(
            f"{file} is damaged ({words}); put back a copy, or remove it: its rows are lost then, "
            "and the network stays"
        ) from error
    return table
