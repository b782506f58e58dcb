"""The exercise bank: one module a lesson, with the answers, slips, hints and solutions.

A notebook holds only the reader's answer and ``check("01.3", your_shape)``. What is right, which
mistakes are known, which hints unfold and how a student would write the solution stands here, in
``lesson_01.EXERCISES``. From it follow the checks, the solved edition and the table of slips.

The open tasks at the end of a lesson, "On your own", have no check. What a good answer says, with
numbers that were measured, stands in ``on_your_own_01.ANSWERS``, for the instructor's edition.
Exercises that each student can be asked with other numbers are in ``own_numbers_*``.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from islesedu.course.exercise import Exercise
from islesedu.course.own_numbers import OwnNumbers


@cache
def exercises_of(lesson: str) -> dict[str, Exercise]:
    """Return the exercises of a lesson by name, such as "01.3".

    Parameters
    ----------
    lesson : str
        Two digits, "01".

    Raises
    ------
    KeyError
        The bank has no such lesson.

    Examples
    --------
    >>> list(exercises_of("01"))[0]
    '01.1'
    """
    if lesson not in lessons():
        raise KeyError(f"the exercise bank has no lesson {lesson!r}; it has {', '.join(lessons())}")
    return import_module(f"{__name__}.lesson_{lesson}").EXERCISES


def answers_on_your_own(lesson: str) -> dict[str, str]:
    """Return what a good answer to each task of "On your own" says, in the order of the lesson.

    Parameters
    ----------
    lesson : str
        Two digits, "01".

    Returns
    -------
    dict of str to str
        Answers in Markdown, by words that occur in their task and in no other; empty if the bank
        has none for this lesson.

    Examples
    --------
    >>> list(answers_on_your_own("01"))[0]
    'three pixels down'
    """
    if f"on_your_own_{lesson}" not in _modules():
        return {}
    return dict(import_module(f"{__name__}.on_your_own_{lesson}").ANSWERS)


@cache
def own_numbers() -> dict[str, OwnNumbers]:
    """Return what can be asked with other numbers for each student, by the exercise's name.

    Examples
    --------
    >>> "01.4" in own_numbers()
    True
    """
    modules = sorted(name for name in _modules() if name.startswith("own_numbers_"))
    parts = [import_module(f"{__name__}.{name}").OWN_NUMBERS for name in modules]
    return dict(sorted((name, own) for part in parts for name, own in part.items()))


def lessons() -> list[str]:
    """Return the numbers of the lessons that the bank has exercises for.

    Examples
    --------
    >>> "01" in lessons()
    True
    """
    names = (name for name in _modules() if name.startswith("lesson_"))
    return sorted(name.removeprefix("lesson_") for name in names)


def _modules() -> set[str]:
    """Return the names of this folder's modules."""
    return {module.name for module in iter_modules(__path__)}


def find(name: str) -> Exercise:
    """Return an exercise by its name, such as "01.3".

    Raises
    ------
    KeyError
        The bank has no such exercise.

    Examples
    --------
    >>> find("01.1").points
    1
    """
    known = exercises_of(name.partition(".")[0])
    if name not in known:
        raise KeyError(f"there is no exercise {name!r}; the lesson has {', '.join(known)}")
    return known[name]
