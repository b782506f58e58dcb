"""What a training and a prediction may do beyond the original's protocol, and what is worth it.

The original shows each volume as it is and asks the network once. A `Recipe` says what to do
besides; docs/results.md has the measurements that "best" rests on.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from numbers import Integral
from typing import Any

from islesedu.common.arguments import Kind, flag, number, shown
from islesedu.errors import RecipeError
from islesedu.training.options import Config, documented, option


def _are_edges(patch: Any) -> bool:
    edges = patch if isinstance(patch, list | tuple) else ()
    whole = all(isinstance(e, Integral) and not isinstance(e, bool) and e > 0 for e in edges)
    return patch is None or (len(edges) == 3 and whole)


_share = number(lambda value: 0 <= value <= 1, "give a share between 0 and 1", "SHARE")
_degrees = number(lambda value: 0 <= value <= 180, "give a number from 0 up to 180", "DEGREES")
_spread = number(lambda value: value >= 0, "give a number from 0 up", "NUMBER")
_edges = Kind(
    lambda patch: patch and tuple(map(int, patch)),
    accepts=_are_edges,
    otherwise="give three edges in voxels, such as 48x48x19",
)


@documented
@dataclass(frozen=True)
class Recipe(Config):
    """Options beyond the original's protocol; all are off unless asked for."""

    flip: float = option(0.0, "share of the steps in which left and right are swapped", _share)
    rotate: float = option(
        0.0, "each step turns the head by up to this many degrees to either side", _degrees
    )
    jitter: float = option(
        0.0, "standard deviation of a factor (about 1) and a shift (about 0) of each map", _spread
    )
    patch: tuple[int, int, int] | None = option(
        None,
        "edges (x, y, z), in voxels, of the box each step sees; predictions are of whole volumes",
        _edges,
        unset="the whole volume",
    )
    lesion_share: float = option(0.5, "share of the boxes around a voxel of the lesion", _share)
    mirror: bool = option(
        False, "a prediction is averaged with that for the mirror image", flag, unset="off"
    )
    crop: bool = option(
        False,
        "steps and predictions see only the smallest box around the head; outside is no lesion",
        flag,
        unset="off",
    )

    def __post_init__(self):
        for one in fields(self):
            kind, value = one.metadata["kind"], getattr(self, one.name)
            if not kind.accepts(value):
                raise RecipeError(f"recipe has {one.name} = {shown(value)}; {kind.otherwise}")
            object.__setattr__(self, one.name, kind.keep(value))

    def __str__(self) -> str:
        given = self.changed()
        if self.patch:
            given["patch"] = "x".join(map(str, self.patch))
        return ";".join(f"{k}={str(v).lower()}" for k, v in given.items()) or "original"

    def of_predictions(self) -> "Recipe":
        """Return how cases that are not trained on are shown: whole or cropped, not augmented.

        Examples
        --------
        >>> Recipe(flip=0.5, crop=True).of_predictions() == Recipe(crop=True)
        True
        """
        return Recipe(crop=self.crop)

    def settings(self) -> dict[str, Any] | None:
        """Return the recipe as JSON can hold it; None is the original."""
        return None if self == Recipe() else asdict(self)


_PARTS = tuple(one.name for one in fields(Recipe))
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
    Recipe(flip=0.5, rotate=0.0, jitter=0.0, patch=None, lesion_share=0.5, mirror=True, crop=False)
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
        recipe = _split_text(recipe)
    if not isinstance(recipe, Mapping):
        raise RecipeError(f"recipe is {shown(recipe)}; give {' or '.join(RECIPES)}, or its parts")
    for name in recipe:
        if name not in _PARTS:
            raise RecipeError(f"recipe names {shown(name)}; its parts are {', '.join(_PARTS)}")
    return Recipe(**recipe)


def _split_text(text: str) -> dict[str, Any]:
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
        parts[name] = _as_value(value)
    return parts


def _as_value(text: str) -> Any:
    """Return "true" as True, "48x48x19" as three numbers, "0.5" as a number, else the text."""
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        return [int(edge) for edge in text.split("x")] if "x" in text else float(text)
    except ValueError:
        return text
