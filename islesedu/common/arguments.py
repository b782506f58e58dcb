"""What an argument may be: kinds of values (those of paths are in `islesedu.common.paths`).

The command line and the functions behind it check with the same kinds, before anything is read,
imported or written. Nothing heavy is imported here.
"""

import math
from argparse import Action, ArgumentTypeError
from collections.abc import Callable
from dataclasses import dataclass, replace
from numbers import Integral, Real
from typing import Any

_SHOWN = 100
"""Characters of a value that a message shows."""
LARGEST = 2**31 - 1
"""The largest whole number of steps, seeds and the like: TensorFlow counts in 32 bits."""


@dataclass(frozen=True)
class Kind:
    """What an argument may be.

    Attributes
    ----------
    keep : callable
        From a value to what is kept of it; it may raise.
    metavar : str or None
        What stands for a value in the help.
    parse : callable or None
        From the text on the command line to a value; `keep` if None.
    accepts : callable
        Whether a value, of any type, is accepted.
    otherwise : str
        What a message tells to give instead.
    action : type of argparse.Action or None
        What the command line does with a value; it replaces an earlier one if None.
    """

    keep: Callable[[Any], Any]
    metavar: str | None = None
    parse: Callable[[str], Any] | None = None
    accepts: Callable[[Any], bool] = lambda value: True
    otherwise: str = ""
    action: type[Action] | None = None

    def __call__(self, name: str, value: Any, error: type[ValueError] = ValueError) -> Any:
        """Return what is kept of a value; an error that names the argument if it is wrong."""
        if not self.accepts(value):
            raise error(f"{name} is {shown(value)}; {self.otherwise}")
        return self.keep(value)


def shown(value: object) -> str:
    """Return a value as a message shows it, cut short if it is long.

    Examples
    --------
    >>> shown("ADC"), len(shown("x" * 1000)), shown(10**9999)
    ("'ADC'", 103, 'an int too long to show')
    """
    try:
        text = repr(value)
    except Exception:
        return f"an {type(value).__name__} too long to show"
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def one_of(*choices: str) -> Kind:
    """Return the kind of one of some names.

    Examples
    --------
    >>> one_of("adam", "sgd")("optimizer", "adam")
    'adam'
    """
    otherwise = f"choose one of {', '.join(choices)}"
    accepts = lambda value: isinstance(value, str) and value in choices  # noqa: E731
    return Kind(str, "NAME", accepts=accepts, otherwise=otherwise)


def whole(least: int, most: int = LARGEST) -> Kind:
    """Return the kind of whole numbers from `least` up to `most`.

    Examples
    --------
    >>> whole(1)("steps", 0)
    Traceback (most recent call last):
    ValueError: steps is 0; give a whole number from 1 up to 2147483647
    """

    def accepts(value: Any) -> bool:
        is_whole = isinstance(value, Integral) and not isinstance(value, bool)
        return is_whole and least <= value <= most

    return Kind(int, "N", as_whole, accepts, f"give a whole number from {least} up to {most}")


def number(test: Callable[[float], bool], otherwise: str, metavar: str) -> Kind:
    """Return the kind of finite numbers that pass a test.

    Examples
    --------
    >>> number(lambda value: value > 0, "give a number above 0", "NUMBER")("wait", 3)
    3.0
    """

    def accepts(value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, Real):
            return False
        try:
            return math.isfinite(value) and test(float(value))
        except OverflowError:  # a whole number beyond every float
            return False

    return Kind(float, metavar, as_number, accepts, otherwise)


def as_whole(text: str) -> int:
    """Return the whole number that is typed; for ``type`` of argparse.

    Examples
    --------
    >>> as_whole("8")
    8
    """
    try:
        return int(text)
    except ValueError:
        raise ArgumentTypeError(f"{shown(text)} is no whole number; give one such as 8") from None


def as_number(text: str) -> float:
    """Return the number that is typed; for ``type`` of argparse.

    Examples
    --------
    >>> as_number("0.5")
    0.5
    """
    try:
        return float(text)
    except ValueError:
        raise ArgumentTypeError(f"{shown(text)} is no number; give one such as 0.5") from None


def optional(kind: Kind) -> Kind:
    """Return the kind that is None, too.

    Examples
    --------
    >>> optional(whole(1))("threads", None) is None
    True
    """
    return replace(
        kind,
        keep=lambda value: None if value is None else kind.keep(value),
        parse=kind.parse or kind.keep,
        accepts=lambda value: value is None or kind.accepts(value),
    )


share = number(lambda value: 0 <= value <= 1, "give a number between 0 and 1", "SHARE")
positive = number(lambda value: value > 0, "give a number above 0 that is finite", "NUMBER")
flag = Kind(bool, None, None, lambda value: isinstance(value, bool), "give true or false")


def names(value: Any) -> bool:
    """Tell whether a value is a tuple or list of names, at least one, and each once.

    Examples
    --------
    >>> names(("ADC", "CBF")), names(["ADC", "adc"]), names("ADC"), names([])
    (True, False, False, False)
    """
    if not isinstance(value, list | tuple) or not value:
        return False
    if not all(isinstance(name, str) and name.strip() for name in value):
        return False
    return len({name.casefold() for name in value}) == len(value)
