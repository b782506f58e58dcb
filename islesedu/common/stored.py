"""Read the JSON that the kit has stored: in its right form, or not at all.

A form is a JSON Schema (https://json-schema.org), checked by fastjsonschema.
"""

import json
import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from islesedu.common.arguments import shown
from islesedu.errors import IslesError

TEXT, NUMBER, FLAG, COUNT = ({"type": name} for name in ("string", "number", "boolean", "integer"))


def list_of(form: dict[str, Any]) -> dict[str, Any]:
    """Return the form of a list.

    Examples
    --------
    >>> parse_json("[1, 2]", list_of(NUMBER))
    [1, 2]
    """
    return {"type": "array", "items": form}


def dict_of(form: dict[str, Any]) -> dict[str, Any]:
    """Return the form of a mapping from names to values of one form.

    Examples
    --------
    >>> parse_json('{"right": 1}', dict_of(NUMBER))
    {'right': 1}
    """
    return {"type": "object", "additionalProperties": form}


def fields(needed: Mapping[str, dict], others: Mapping[str, dict] | None = None) -> dict[str, Any]:
    """Return the form of an object: fields that it has, and those that it may have.

    Examples
    --------
    >>> parse_json("{}", fields({"seen": FLAG}))
    Traceback (most recent call last):
    ValueError: it must contain ['seen'] properties
    """
    properties = {**needed, **(others or {})}
    return {"type": "object", "required": list(needed), "properties": properties}


def decode(content: bytes) -> str:
    """Return a text from its bytes: UTF-8, with or without a byte-order mark.

    Examples
    --------
    >>> decode(b"steps,loss")
    'steps,loss'
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("it is no UTF-8 text") from None
    if not text.strip("\0 \t\r\n"):
        raise ValueError("it is empty")
    return text


def parse_json(content: str | bytes, form: dict[str, Any]) -> Any:
    """Return what a JSON text holds.

    Parameters
    ----------
    content : str or bytes
        The text; bytes are UTF-8, with or without a byte-order mark.
    form : dict
        JSON Schema of what is expected.

    Raises
    ------
    ValueError
        It is no JSON, holds a number that is not finite, or has another form; the sentence says
        where, what was found, and what was expected.

    Examples
    --------
    >>> parse_json('{"steps": "many"}', fields({"steps": COUNT}))
    Traceback (most recent call last):
    ValueError: steps must be integer, found 'many'
    """
    text = decode(content) if isinstance(content, bytes) else content
    try:
        value = json.loads(text, parse_constant=_finite, parse_float=_finite)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"it is no JSON: {error}") from None
    _checker(json.dumps(form))(value)
    return value


def _finite(text: str) -> float:
    value = float(text)
    if not abs(value) < float("inf"):
        raise ValueError(f"it holds the number {text}, which is not finite")
    return value


@cache
def _checker(form: str) -> Callable[[Any], None]:
    """Return what raises a ValueError if a value has not the form."""
    import fastjsonschema

    compiled = fastjsonschema.compile(json.loads(form))

    def check(value: Any) -> None:
        try:
            compiled(value)
        except fastjsonschema.JsonSchemaValueException as error:
            what = error.message.removeprefix(error.name)
            name = error.name.removeprefix("data").removeprefix(".") or "it"
            found = "" if error.rule == "required" else f", found {shown(error.value)}"
            raise ValueError(f"{name}{what}{found}") from None

    return check


def damaged(
    file: str | os.PathLike[str], why: object, mend: str, error: type[ValueError] = IslesError
) -> ValueError:
    """Return the error about a stored file that cannot be used.

    Examples
    --------
    >>> str(damaged("run.json", "it is empty", "train anew"))
    'run.json is damaged: it is empty; train anew'
    """
    return error(f"{file} is damaged: {why}; {mend}")


def read_json(
    file: str | os.PathLike[str],
    form: dict[str, Any],
    mend: str,
    error: type[ValueError] = IslesError,
) -> Any:
    """Return what a JSON file holds.

    Parameters
    ----------
    file : path-like
    form : dict
        JSON Schema of what is expected.
    mend : str
        What to do if it is damaged.
    error : type
        Of the error then.

    Raises
    ------
    FileNotFoundError
        There is no such file.

    Examples
    --------
    >>> import tempfile
    >>> place = tempfile.NamedTemporaryFile(suffix=".json")
    >>> try:
    ...     read_json(place.name, TEXT, "write it anew")
    ... except IslesError as said:
    ...     print(str(said).removeprefix(place.name))
     is damaged: it is empty; write it anew
    """
    try:
        return parse_json(Path(file).read_bytes(), form)
    except IsADirectoryError:
        raise damaged(file, "it is a folder", mend, error) from None
    except ValueError as found:
        raise damaged(file, found, mend, error) from None
