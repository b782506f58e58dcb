"""The machinery of configurations: frozen dataclasses whose fields are made by `option`.

Each field has a default, a help text and a kind (`islesedu.common.arguments.Kind`); checks, files,
``help()`` and the command line come from them. Nothing heavy is imported here.
"""

import argparse
from argparse import ArgumentTypeError
from collections.abc import Iterator, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from typing import Any, Self

from islesedu.common.arguments import Kind, names, shown
from islesedu.common.stored import parse_json
from islesedu.errors import IslesError, TrainingError
from islesedu.isles.channels import canonical
from islesedu.isles.name_map import check_name_map, read_name_map


def name_list(text: str) -> tuple[str, ...]:
    """Return the names in a text such as "TICI, TTT"."""
    return tuple(name.strip() for name in text.split(","))


def channel_list(text: str) -> tuple[str, ...]:
    """Return the channels named in a text such as "ADC,DWI", however their letters are written.

    Whether the cases have such maps is seen when they are read.

    Examples
    --------
    >>> channel_list("adc, TMAX, SWI")
    ('ADC', 'Tmax', 'SWI')
    """
    if not all(name_list(text)):
        raise ArgumentTypeError(f"no map '' in {text!r}; give names with a comma between them")
    found = tuple(canonical(name) for name in name_list(text))
    if not names(found):
        raise ArgumentTypeError(f"{text!r} names a map twice; name each once")
    return found


def name_map(text: str) -> dict[str, str]:
    """Return what one ``--map`` says, see `islesedu.isles.name_map.read_name_map`."""
    try:
        return read_name_map(text)
    except IslesError as error:
        raise ArgumentTypeError(str(error)) from None


class Merge(argparse.Action):
    """An option that may be repeated; each adds to what the others map."""

    def __call__(self, parser, namespace, values, option_string=None):
        """Add one mapping."""
        setattr(namespace, self.dest, (getattr(namespace, self.dest) or {}) | values)


MAP_HELP = (
    "channel of files whose names the kit does not know, such as perf=Tmax or "
    "'masks/{case}.nii.gz=lesion'; or a JSON file of such pairs; may be repeated"
)


def add_map(command: argparse.ArgumentParser) -> None:
    """Add ``--map`` to a command that has no configuration of a training."""
    how = {"dest": "names", "type": name_map, "action": Merge, "metavar": name_pairs.metavar}
    command.add_argument("--map", **how, help=MAP_HELP)


def json_object(text: str) -> dict[str, Any]:
    """Return a JSON object such as {"initial_bias": 0.0}."""
    try:
        return parse_json(text, {"type": "object"})
    except ValueError as error:
        raise ArgumentTypeError(
            f"{shown(text)} is no JSON object ({error}); expected such as '{{\"kernel_size\": 3}}'"
        ) from error


channels = Kind(
    tuple, "A,B", channel_list, names, "give at least one name, in a tuple or list, and each once"
)
name_pairs = Kind(check_name_map, "PART=CHANNEL", name_map, action=Merge)


def option(
    default: Any,
    text: str,
    kind: Kind,
    unset: str = "none",
    recorded: bool = True,
    alias: str | None = None,
) -> Any:
    """Return the field of a configuration.

    Parameters
    ----------
    default, text, kind
        Its value if nothing is said, its help text, and what it may be.
    unset : str
        What the help says of a default that is None or empty.
    recorded : bool
        Whether files keep it.
    alias : str, optional
        A shorter name of it on the command line.
    """
    known = {"help": text, "kind": kind, "unset": unset, "recorded": recorded, "alias": alias}
    return field(default=default, metadata=known)


def options(config: Any) -> Iterator[Field]:
    """Yield the fields of a configuration that may be given."""
    return (one for one in fields(config) if one.name not in config.left_out)


def help_text(one: Field) -> str:
    """Return the help text of an option, with its default."""
    default = ",".join(one.default) if isinstance(one.default, tuple) else one.default
    unset = default is None or default is False or default == ""
    return f"{one.metadata['help']} (default: {one.metadata['unset'] if unset else default})"


def documented(cls: type) -> type:
    """Add the help texts of a configuration's fields to its docstring."""
    lines = [f"{one.name}\n    {help_text(one)}" for one in options(cls)]
    cls.__doc__ = "\n".join([cls.__doc__, "", "Attributes", "----------", *lines])
    return cls


@dataclass(frozen=True)
class Config:
    """A configuration; each value is checked when it is made."""

    left_out = ()
    """Fields that a subclass has no use for."""

    def __post_init__(self):
        for one in fields(self):
            value = one.metadata["kind"](one.name, getattr(self, one.name), TrainingError)
            object.__setattr__(self, one.name, value)

    @classmethod
    def make(cls, config: Self | None, given: Mapping[str, Any]) -> Self:
        """Return a configuration (the default one if None) with some options replaced.

        Raises
        ------
        TypeError
            An option that there is not, or another configuration.
        """
        if config is not None and not isinstance(config, cls):
            raise TypeError(f"config is {shown(config)}; give a {cls.__name__}")
        known = [one.name for one in options(cls)]
        for name in given:
            if name not in known:
                raise TypeError(f"there is no option {name!r}; options are {', '.join(known)}")
        return replace(config or cls(), **given)

    def changed(self) -> dict[str, Any]:
        """Return the options that are not at their default."""
        default = type(self)()
        given = {one.name: getattr(self, one.name) for one in options(self)}
        return {name: value for name, value in given.items() if value != getattr(default, name)}
