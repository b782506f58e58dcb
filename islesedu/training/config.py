"""How a network is trained: every option once, with its default, its check and its help.

`TrainingConfig` is what `islesedu.training.fitting.train` takes and ``run.json`` keeps; the options
of ``islesedu train`` are made from it. A comparison and a cluster add options of their own
(`islesedu.comparison.config`, `islesedu.cluster.config`). Nothing heavy is imported here.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from islesedu import CHANNELS
from islesedu.common.arguments import Kind, number, one_of, optional, shown, whole
from islesedu.common.resources import check_memory
from islesedu.errors import TrainingError
from islesedu.networks.architecture import check_architecture, count_parameters
from islesedu.training.options import (
    MAP_HELP,
    Config,
    channels,
    documented,
    json_object,
    name_list,
    name_pairs,
    option,
    options,
)
from islesedu.training.recipe import Recipe, make_recipe

LOSSES = ("combined", "cross_entropy", "soft_dice")
OPTIMIZERS = ("adagrad", "adam", "sgd")
FUSIONS = ("film", "concat")
DECAYS = ("continuous", "stairs")
LARGEST_SEED = 2**32 - 1
"""Of NumPy's generator."""
_COPIES = {"adagrad": 3, "adam": 4, "sgd": 2}
"""How often the parameters lie in memory during a training."""


def _columns(value: Sequence[str] | None) -> tuple[str, ...]:
    from islesedu.isles.clinical_features import check_columns  # late: it imports NumPy

    return check_columns(value) if value else ()


def _is_json(value: Any) -> bool:
    """Tell whether a value is an object that JSON can hold."""
    try:
        return isinstance(value, Mapping) and bool(json.dumps(dict(value), allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        return False


_part = number(lambda value: 0 <= value < 1, "give a share in [0, 1)", "SHARE")
RATE = number(  # what a 32-bit float holds
    lambda value: 1e-37 < value < 1e37,
    "give a number above 0 that is finite, such as 0.01",
    "NUMBER",
)
_arguments = Kind(
    lambda value: json.loads(json.dumps(dict(value or {}))),  # tuples become lists, as in run.json
    "JSON",
    json_object,
    lambda value: value is None or _is_json(value),
    "give arguments of build_vnet by name, such as {'kernel_size': 3}",
)
_column_list = Kind(
    _columns,
    "A,B",
    name_list,
    lambda value: value is None or isinstance(value, str | tuple | list),
    "give names of columns in a tuple or list",
)


@documented
@dataclass(frozen=True)
class TrainingConfig(Config):
    """How a network is trained; each value is checked when the configuration is made.

    A wrong value is a TrainingError (a ClinicalError, a RecipeError) that names its option.
    """

    channels: tuple[str, ...] = option(CHANNELS, "maps the network sees", channels)
    filters: int = option(4, "channels of the first level; 16 is the original", whole(1))
    loss: str = option("combined", f"what is minimized: {', '.join(LOSSES)}", one_of(*LOSSES))
    steps: int = option(1000, "number of updates; each sees one case", whole(1))
    seed: int = option(
        2017, "fixes initial weights, order of cases and split", whole(0, LARGEST_SEED)
    )
    optimizer: str = option(
        "adagrad",
        f"{', '.join(OPTIMIZERS)}; the learning rate falls by 5 percent every 200 steps",
        one_of(*OPTIMIZERS),
    )
    learning_rate: float = option(0.01, "initial learning rate", RATE)
    decay: str = option(
        "continuous",
        "how the learning rate falls: continuous (a little each step, as the original's), stairs "
        "(every 200 steps, as that of runs begun before there was a choice)",
        one_of(*DECAYS),
    )
    validation_split: float = option(
        0.0, "share of the cases that is held out and scored at each checkpoint", _part
    )
    checkpoint_every: int | None = option(
        None, "steps from one checkpoint to the next", optional(whole(1)), unset="one epoch"
    )
    network: dict[str, Any] | None = option(
        None, """further arguments of the network, such as '{"kernel_size": 3}'""", _arguments
    )
    recipe: Recipe | str | Mapping[str, Any] | None = option(
        None,
        "beyond the original's protocol: best, or parts such as "
        "'flip=0.5;rotate=10;jitter=0.1;patch=48x48x19;lesion_share=0.5;mirror=true'",
        Kind(make_recipe, "NAME", str),
        unset="original",
    )
    clinical: tuple[str, ...] = option(
        (),
        "columns of the clinical table that the network is conditioned on: TICI,TSS,TTT",
        _column_list,
    )
    fusion: str = option(
        "film",
        "how it is: film (scale and shift the channels of every block), concat (at the bottom)",
        one_of(*FUSIONS),
    )

    names: Mapping[str, str] | None = option(
        None, MAP_HELP, name_pairs, unset="the names the kit knows", alias="map"
    )

    def __post_init__(self):
        super().__post_init__()
        if self.fusion != "film" and not self.clinical:
            raise TrainingError(f"fusion is {self.fusion!r}, but no clinical columns are given")
        try:
            check_architecture(len(self.channels), self.filters, self.network)
        except ValueError as error:
            raise TrainingError(f"network is {shown(self.network)}: {error}") from error
        self.check_memory(free=False)

    def check_memory(self, free: bool = True) -> None:
        """Raise a TrainingError if training the network takes more memory than there is.

        Parameters
        ----------
        free : bool
            Than there is free now, rather than than the machine has.
        """
        how = {"clinical_features": len(self.clinical), "fusion": self.fusion}
        count = count_parameters(len(self.channels), self.filters, self.network, **how)
        copies = _COPIES[self.optimizer]
        check_memory(
            f"filters is {self.filters}: to train a network of {count:,} parameters (4 bytes each; "
            f"{copies} times, for weights, gradients and optimizer)",
            4 * copies * count,
            "give fewer filters, or a smaller network",
            free=free,
            error=TrainingError,
        )

    def to_json(self) -> dict[str, Any]:
        """Return what ``run.json`` keeps: recipe and clinical columns as JSON can hold them."""
        kept = {o.name: getattr(self, o.name) for o in options(self) if o.metadata["recorded"]}
        kept.pop("fusion", None)
        if not self.names:  # few have any
            kept.pop("names")
        clinical = (
            {"columns": list(self.clinical), "fusion": self.fusion} if self.clinical else None
        )
        recipe = self.recipe.settings()
        return kept | {"channels": list(self.channels), "recipe": recipe, "clinical": clinical}

    @classmethod
    def completed(cls, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a folder keeps, with the options that there were not yet at their defaults.

        Examples
        --------
        >>> TrainingConfig.completed({"steps": 8, "versions": {}})["optimizer"]
        'adagrad'
        """
        config = cls.from_json(settings)
        added = config.to_json() | settings | {"recipe": config.recipe.settings()}
        return json.loads(json.dumps(added))  # tuples become lists

    @classmethod
    def from_json(cls, settings: Mapping[str, Any]) -> Self:
        """Return the configuration that ``run.json`` or ``compare.json`` keeps.

        What they keep besides is left alone; what an older version has not kept is the default,
        but for `decay`: it was "stairs" before there was a choice.

        Examples
        --------
        >>> config = TrainingConfig.from_json({"steps": 8, "versions": {}})
        >>> config.steps, config.decay
        (8, 'stairs')
        """
        clinical = settings.get("clinical") or {}
        given = {one.name: settings.get(one.name) for one in options(cls)}
        given["decay"] = settings.get("decay", "stairs")
        given |= {"clinical": clinical.get("columns"), "fusion": clinical.get("fusion")}
        return cls(**{name: value for name, value in given.items() if value is not None})
