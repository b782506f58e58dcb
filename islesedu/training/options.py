"""The machinery of configurations: options with default, check and help, once for all uses.

A configuration is a frozen dataclass whose fields are made by `option`; the command line, the files
and ``help()`` are made from them. Nothing heavy is imported here.
"""

import json
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from numbers import Integral, Real
from typing import Any, Self

from islesedu import CHANNELS
from islesedu.errors import TrainingError

Check = Callable[[str, Any], Any]
"""Takes the name and the value of an option; returns the value to keep, or raises."""


def option(
    default: Any, description: str, check: Check | None = None, metavar: str = "", **how: Any
) -> Any:
    """Return the field of a configuration, from which its command-line option is made.

    Parameters
    ----------
    default, description, metavar
        Its value if nothing is said, its help text, and what stands for a value there.
    check : callable, optional
        See `Check`.
    **how
        ``parse``, from text to value (the type of the default if not given); ``unset``, what the
        help says of a default that is None or empty; ``recorded=False`` if no file keeps it.
    """
    known = {"parse": type(default), "unset": "none", "recorded": True} | how
    known |= {"help": description, "check": check, "metavar": metavar or None}
    return field(default=default, metadata=known)


def accept(test: Callable[[Any], bool], otherwise: str, kind: Callable[[Any], Any]) -> Check:
    """Return a check: values that pass a test are kept as `kind`, others are a TrainingError."""

    def check(name: str, value: Any) -> Any:
        if isinstance(value, bool) or not test(value):
            raise TrainingError(f"{name} is {value!r}; {otherwise}")
        return kind(value)

    return check


def optional(check: Check) -> Check:
    """Return a check that accepts None, too."""
    return lambda name, value: value if value is None else check(name, value)


def one_of(*choices: str) -> Check:
    """Return a check that accepts one of some names."""
    return accept(lambda value: value in choices, f"choose one of {', '.join(choices)}", str)


def whole(least: int) -> Check:
    """Return a check that accepts whole numbers from `least` up."""
    return accept(
        lambda value: isinstance(value, Integral) and value >= least,
        f"give a whole number from {least} up",
        int,
    )


def number(test: Callable[[float], bool], otherwise: str) -> Check:
    """Return a check that accepts numbers that pass a test."""
    return accept(lambda value: isinstance(value, Real) and test(value), otherwise, float)


share = number(lambda value: 0 <= value <= 1, "give a number between 0 and 1")
part = number(lambda value: 0 <= value < 1, "give a share in [0, 1)")
positive = number(lambda value: value > 0, "give a number above 0")
names = accept(
    lambda value: (
        isinstance(value, list | tuple) and value and all(isinstance(n, str) for n in value)
    ),
    "give at least one name, in a tuple or list",
    tuple,
)


def name_list(text: str) -> tuple[str, ...]:
    """Return the names in a text such as "TICI, TTT"."""
    return tuple(name.strip() for name in text.split(","))


def channel_list(text: str) -> tuple[str, ...]:
    """Return the channels named in a text such as "ADC,DWI", however their letters are written.

    Examples
    --------
    >>> channel_list("adc, TMAX")
    ('ADC', 'Tmax')
    """
    known = {name.lower(): name for name in (*CHANNELS, "DWI", "FLAIR")}
    for name in name_list(text):
        if name.lower() not in known:
            raise ArgumentTypeError(f"no map {name!r}; maps are {', '.join(known.values())}")
    return tuple(known[name.lower()] for name in name_list(text))


def json_object(text: str) -> dict[str, Any]:
    """Return a JSON object such as {"initial_bias": 0.0}."""
    try:
        return dict(json.loads(text))
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError(
            f"{text!r} is no JSON object; expected such as '{{\"kernel_size\": 3}}'"
        ) from error


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
    cls.__doc__ = "\n".join([cls.__doc__, "Attributes", "----------", *lines])
    return cls


@dataclass(frozen=True)
class Config:
    """A configuration; each value is checked when it is made."""

    left_out = ()
    """Fields that a subclass has no use for."""

    def __post_init__(self):
        for one in fields(self):
            if check := one.metadata["check"]:
                object.__setattr__(self, one.name, check(one.name, getattr(self, one.name)))

    @classmethod
    def make(cls, config: Self | None, given: Mapping[str, Any]) -> Self:
        """Return a configuration (the default one if None) with some options replaced.

        Raises
        ------
        TypeError
            An option that there is not.
        """
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
