"""How losses are compared: the options of a training, and those of a comparison."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from islesedu.comparison.search_space import NAMES, SAMPLERS, Spec, parse_search
from islesedu.errors import TrainingError
from islesedu.training.config import LOSSES, TrainingConfig
from islesedu.training.options import (
    Kind,
    documented,
    flag,
    name_list,
    one_of,
    option,
    share,
    whole,
)


def _losses(losses: str | Sequence[str]) -> tuple[str, ...]:
    losses = [losses] if isinstance(losses, str) else list(losses)
    if not losses or len(set(losses)) < len(losses):
        raise TrainingError(f"losses are {losses}; name at least one loss, and each once")
    return tuple(one_of(*LOSSES)("loss", loss) for loss in losses)


def _by_name(spec: Spec) -> dict[str, list] | None:
    names = {argument: name for name, argument in NAMES.items()}
    return {names[argument]: values for argument, values in spec.items()} or None


@documented
@dataclass(frozen=True)
class ComparisonConfig(TrainingConfig):
    """How losses are cross-validated; see `islesedu.training.config`.

    In one fold all losses start from the same weights, which `seed` and the number of the fold fix.
    """

    losses: tuple[str, ...] = option(LOSSES, "losses to compare", Kind(_losses, "A,B", name_list))
    folds: int = option(5, "number of parts; each is held out once", whole(2))
    stratify: bool = option(False, "deal small and large lesions out evenly", flag, unset="off")
    threshold: float = option(0.5, "probability above which a voxel is lesion", share)
    component_share: float = option(
        0.0, "drop components smaller than this share of the largest", share
    )
    search: str | Mapping[str, Sequence[float]] | None = option(
        None,
        "search inside the training cases of each fold, such as "
        "'rate=0.01,0.03;steps=500,1000;threshold=0.3,0.5;components=0,0.1'; also filters",
        Kind(lambda value: value, "SPEC", str),
    )
    sampler: str = option(
        "grid",
        "grid: all combinations; random, bayes: --trials of them, also out of ranges such as "
        "rate=0.001..0.1 (needs Optuna)",
        one_of(*SAMPLERS),
    )
    trials: int = option(
        20, "trainings of a random or Bayesian search, for each loss and fold", whole(1)
    )

    left_out = ("loss", "validation_split")

    def __post_init__(self):
        super().__post_init__()
        object.__setattr__(self, "search", _by_name(self.spec))
        if not self.search and self.sampler != "grid":
            raise TrainingError(f"sampler is {self.sampler!r}, but there is no search")

    @property
    def spec(self) -> Spec:
        """What to search, by the name of the option."""
        return parse_search(self.search, self.sampler)

    def to_json(self) -> dict[str, Any]:
        """Return what ``compare.json`` keeps."""
        trials = None if self.sampler == "grid" else self.trials
        kept = {"losses": list(self.losses), "search": self.spec, "trials": trials}
        return super().to_json() | kept

    @classmethod
    def from_json(cls, settings: Mapping[str, Any]) -> Self:
        """Return the configuration that ``compare.json`` keeps."""
        return super().from_json(dict(settings) | {"search": _by_name(settings["search"])})
