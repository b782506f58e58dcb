"""The parameters of lessons: what a lesson has, and whether given values fit, before it runs.

A value fits if it is of the type of the lesson's own value, and within the limits of its name.
"""

import ast
import json
import math
import os
import sys
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

from islesedu.common import environment
from islesedu.course.answers import short
from islesedu.course.first_cells import say_what_to_run_first
from islesedu.course.lessons import Lesson
from islesedu.errors import LessonError

_LIMITS: dict[str, tuple[float, float]] = {
    "seed": (0, 2**32 - 1),
    "cohort_seed": (0, 2**32 - 1),
    "test": (0, math.inf),
    "noise": (0, math.inf),
    "scale": (0.05, 2),
    "small_scale": (0.05, 2),
    "folds": (2, math.inf),
    "images": (2, math.inf),
    "z_mm": (-math.inf, math.inf),
    "starts": (-math.inf, math.inf),
    "hours": (0, math.inf),
}
"""Lowest and highest value by name; other whole numbers are 1 or more, other numbers above 0."""


def default_parameters(lesson: Lesson) -> dict[str, Any]:
    """Return a lesson's parameters with the values that its notebook gives them."""
    from papermill import inspect_notebook

    found = inspect_notebook(str(lesson.file))
    return {name: _evaluate(parameter["default"]) for name, parameter in found.items()}


def assign(lessons: Sequence[Lesson], given: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Give each lesson those of the parameters that it knows.

    Parameters
    ----------
    lessons : sequence of Lesson
        Those that will run.
    given : dict of str to str
        Parameters as typed.

    Returns
    -------
    dict of str to dict
        Parameters by the lesson's name.

    Raises
    ------
    LessonError
        No lesson knows the parameter, which papermill alone would pass over in silence; or a value
        does not fit.
    """
    if not given:
        return {lesson.name: {} for lesson in lessons}
    known = {lesson.name: default_parameters(lesson) for lesson in lessons}
    for name in given:
        if not any(name in own for own in known.values()):
            lists = "\n  ".join(
                f"{lesson}: {', '.join(own) or 'none'}" for lesson, own in known.items()
            )
            hint = "; write -p NAME VALUE, without =" if "=" in name else ""
            raise LessonError(f"no lesson has a parameter {name!r}{hint}; they have\n  {lists}")
    assigned = {}
    for lesson, own in known.items():
        values = {
            name: text if isinstance(own[name], str) else read_value(text)
            for name, text in given.items()
            if name in own
        }
        assigned[lesson] = check_values(values, own)
    return assigned


def read_value(text: str) -> Any:
    """Return the number, boolean, None or list that a text looks like, else the text.

    Examples
    --------
    >>> [read_value(text) for text in ("3", "0.4", "true", "../data")]
    [3, 0.4, True, '../data']
    """
    words = {"true": True, "false": False, "none": None}
    if text.lower() in words:
        return words[text.lower()]
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def check_values(given: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return given values in the types of a lesson's own, or a LessonError about one that is wrong.

    Examples
    --------
    >>> check_values({"steps": 20.0, "scale": 1}, {"steps": 1000, "scale": 0.4})
    {'steps': 20, 'scale': 1}
    >>> check_values({"scale": "0,2"}, {"scale": 0.4})
    Traceback (most recent call last):
    islesedu.errors.LessonError: the parameter scale is '0,2'; expected a number such as 0.4
    """
    if unknown := [name for name in given if name not in defaults]:
        raise LessonError(
            f"there is no parameter {unknown[0]!r}; this lesson has {', '.join(defaults)}"
        )
    values = {name: _check_value(name, value, defaults[name]) for name, value in given.items()}
    _check_together(values, {**defaults, **values})
    return values


def _check_value(name: str, value: Any, default: Any) -> Any:
    """Return a value in the type of a default."""
    found = f"the parameter {name} is {short(value)}; expected"
    if isinstance(default, bool):
        fits, expected = isinstance(value, bool), "true or false"
    elif isinstance(default, Real):
        return _check_number(found, name, value, default)
    elif isinstance(default, str):
        fits = isinstance(value, (str, os.PathLike)) and bool(str(value).strip())
        expected = f"text such as {default!r}"
    elif isinstance(default, list):
        fixed = name == "size"  # one number an axis
        if isinstance(value, (list, tuple)) and (len(value) == len(default) if fixed else value):
            return [_check_value(name, one, default[0]) for one in value]
        fits, expected = False, f"a list such as {default}"
    else:
        fits, expected = True, ""
    if not fits:
        raise LessonError(f"{found} {expected}")
    return value


def _check_number(found: str, name: str, value: Any, default: float) -> float:
    """Return a number, whole where the default is."""
    whole = isinstance(default, int)
    number = isinstance(value, Real) and not isinstance(value, bool) and abs(value) < math.inf
    if not number or (whole and value != int(value)):
        raise LessonError(f"{found} a {'whole ' * whole}number such as {default}")
    low, high = _LIMITS.get(name, (1 if whole else 0, math.inf))
    above_0 = name not in _LIMITS and not whole
    if not low <= value <= high or (above_0 and value == 0):
        limits = f"from {low:g} to {high:g}" if high < math.inf else f"from {low:g} up"
        raise LessonError(f"{found} a number {'above 0' if above_0 else limits}")
    return int(value) if whole else value


def _check_together(given: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Raise a LessonError for given values that do not fit the others of a lesson."""
    if "whom" in given and "training" in values:
        from islesedu.phantom.patient import case_numbers

        names = [f"training_{n}" for n in case_numbers("training", values["training"])]
        if values["whom"] not in names:
            raise LessonError(
                f"the parameter whom is {values['whom']!r}; with training = {values['training']} "
                f"there are {', '.join(names)}"
            )
    if "folds" in given and values["folds"] > values.get("patients", math.inf):
        raise LessonError(
            f"the parameter folds is {values['folds']}; there are {values['patients']} patients"
        )
    if {"cases_trained", "training"} & set(given) and "cases_trained" in values:
        count, training = values["cases_trained"], values["training"]
        if count % 4 or count % training:
            raise LessonError(
                f"the parameter cases_trained is {count}; expected a multiple of 4 and of "
                f"training, which is {training}"
            )


def check_parameters() -> None:
    """Check, in the first lines of a lesson, what papermill or its reader has put in its cell.

    The lesson's own values are those of its first cell; after it comes what papermill was given.
    What the shell has set is set aside as well, see `islesedu.common.environment`. From here on
    a NameError says which cells to run first, see `islesedu.course.first_cells`.

    Raises
    ------
    LessonError
        A value does not fit, there is no such parameter, or Keras was imported with a backend that
        lessons do not use.
    """
    from IPython import get_ipython

    environment.set_aside()
    keras, shell = sys.modules.get("keras"), get_ipython()
    say_what_to_run_first(shell)
    if keras is not None and (backend := keras.backend.backend()) != "tensorflow":
        raise LessonError(
            f"Keras runs on {backend} in this kernel; lessons need TensorFlow: restart the kernel "
            "and run the lesson from its first cell"
        )
    cells = [] if shell is None else [str(cell) for cell in shell.user_ns.get("In", [])]
    own = [_assignments(cell) for cell in cells]
    defaults = next((values for values in own if values), {})
    names = {*defaults}
    for cell, values in zip(cells, own, strict=True):
        names |= {*values} if cell.startswith("# Parameters") else set()
    now = {name: shell.user_ns.get(name) for name in names}
    changed = {n: v for n, v in now.items() if n not in defaults or v != defaults[n]}
    check_values(changed, defaults)
    for name, default in defaults.items():
        _check_value(name, now[name], default)


def _assignments(source: str) -> dict[str, Any]:
    """Return the values of a cell that does nothing but give names to literals; else nothing."""
    try:
        lines = ast.parse(source).body
        return {line.targets[0].id: ast.literal_eval(line.value) for line in lines}
    except (SyntaxError, ValueError, AttributeError):
        return {}


def _evaluate(text: str) -> Any:
    """Return the value that a piece of Python stands for, or the text if it is no literal."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
