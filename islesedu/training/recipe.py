"""What a training and a prediction may do beyond the original's protocol, and what is worth it.

The original shows each volume as it is and asks the network once. A `Recipe` says what to do
besides; docs/results.md has the measurements that "best" rests on.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from numbers import Integral, Real
from typing import Any

from islesedu.errors import RecipeError


def is_number(value: Any) -> bool:
    """Tell whether a value is a number (True is none)."""
    return isinstance(value, Real) and not isinstance(value, bool)


@dataclass(frozen=True)
class Recipe:
    """Options beyond the original's protocol; all are off unless asked for.

    Attributes
    ----------
    flip : float
        Share of the training steps, 0 to 1, in which left and right are swapped.
    rotate : float
        Each training step turns the head by an angle up to this many degrees to either side.
    jitter : float
        Standard deviation of a factor (about 1) and a shift (about 0) of each standardized map.
    patch : tuple of int, or None
        Edges (x, y, z), in voxels, of the box each training step sees; None is the whole volume.
        Predictions are of whole volumes in any case.
    lesion_share : float
        Share of the boxes that are laid around a voxel of the lesion.
    mirror : bool
        A prediction is the mean of the network's answers to the image and to its mirror image.
    """

    flip: float = 0.0
    rotate: float = 0.0
    jitter: float = 0.0
    patch: tuple[int, int, int] | None = None
    lesion_share: float = 0.5
    mirror: bool = False

    def __post_init__(self):
        shares = {"flip": self.flip, "lesion_share": self.lesion_share}
        for name, value in shares.items():
            if not is_number(value) or not 0 <= value <= 1:
                raise RecipeError(f"recipe has {name} = {value!r}; give a share between 0 and 1")
        for name, most in (("rotate", 180), ("jitter", math.inf)):
            value = getattr(self, name)
            if not is_number(value) or not 0 <= value <= most or value == math.inf:
                raise RecipeError(f"recipe has {name} = {value!r}; give a number from 0 up")
        if not isinstance(self.mirror, bool):
            raise RecipeError(f"recipe has mirror = {self.mirror!r}; give true or false")
        if self.patch is not None:
            edges = self.patch if isinstance(self.patch, list | tuple) else ()
            whole = all(isinstance(e, Integral) and not isinstance(e, bool) for e in edges)
            if len(edges) != 3 or not whole or min(edges) < 1:
                raise RecipeError(
                    f"recipe has patch = {self.patch!r}; give three "
                    "edges in voxels, such as 48x48x19"
                )
            object.__setattr__(self, "patch", tuple(int(edge) for edge in edges))

    def __str__(self) -> str:
        given = {name: value for name, value in asdict(self).items() if value != DEFAULTS[name]}
        if self.patch:
            given["patch"] = "x".join(map(str, self.patch))
        return ";".join(f"{k}={str(v).lower()}" for k, v in given.items()) or "original"

    def settings(self) -> dict[str, Any] | None:
        """Return the recipe as JSON can hold it; None is the original."""
        return None if self == Recipe() else asdict(self)


DEFAULTS = {field.name: field.default for field in fields(Recipe)}
RECIPES = {"original": Recipe(), "best": Recipe(flip=0.5, rotate=10.0, jitter=0.1, mirror=True)}
"""Recipes by name; "best" had the best mean Dice of a single network in docs/results.md."""


def make_recipe(recipe: "Recipe | str | Mapping[str, Any] | None") -> Recipe:
    """Return a recipe from its name, from a text, or from what a run folder keeps.

    Parameters
    ----------
    recipe : Recipe, str, mapping or None
        "original" (also None), "best", a text such as ``"flip=0.5;rotate=10;patch=48x48x19"``, or
        the same as a mapping.

    Raises
    ------
    RecipeError
        A name that no recipe or part of one has, or a value out of its bounds.

    Examples
    --------
    >>> make_recipe("flip=0.5;mirror=true")
    Recipe(flip=0.5, rotate=0.0, jitter=0.0, patch=None, lesion_share=0.5, mirror=True)
    >>> str(make_recipe({"patch": [48, 48, 19]}))
    'patch=48x48x19'
    """
    if isinstance(recipe, Recipe):
        return recipe
    if recipe is None:
        return Recipe()
    if isinstance(recipe, str):
        if recipe in RECIPES:
            return RECIPES[recipe]
        recipe = split_text(recipe)
    for name in recipe:
        if name not in DEFAULTS:
            raise RecipeError(f"recipe names {name!r}; its parts are {', '.join(DEFAULTS)}")
    return Recipe(**recipe)


def split_text(text: str) -> dict[str, Any]:
    """Return the parts of a text such as "flip=0.5;patch=48x48x19;mirror=true"."""
    parts: dict[str, Any] = {}
    for part in text.split(";"):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise RecipeError(
                f"recipe is {text!r}; give {' or '.join(RECIPES)}, or parts such as "
                "'flip=0.5;rotate=10;patch=48x48x19;mirror=true'"
            )
        if name in parts:
            raise RecipeError(f"recipe {text!r} gives {name} twice")
        parts[name] = as_value(value)
    return parts


def as_value(text: str) -> Any:
    """Return "true" as True, "48x48x19" as three numbers, "0.5" as a number, else the text."""
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        return [int(edge) for edge in text.split("x")] if "x" in text else float(text)
    except ValueError:
        return text
