"""How losses are compared: the options of a training, and those of a comparison."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from islesedu.common.arguments import Kind, flag, names, one_of, share, shown, whole
from islesedu.comparison.search_space import SAMPLERS, parse_search
from islesedu.errors import TrainingError
from islesedu.training.config import LARGEST_SEED, LOSSES, TrainingConfig
from islesedu.training.options import documented, name_list, option
from islesedu.training.start import check_start


def _losses(losses: str | Sequence[str]) -> tuple[str, ...]:
    losses = [losses] if isinstance(losses, str) else losses
    if not names(losses):
        raise TrainingError(f"losses are {shown(losses)}; name at least one loss, and each once")
    return tuple(one_of(*LOSSES)("loss", loss, TrainingError) for loss in losses)


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
    inner_folds: int = option(
        1,
        "inner folds of the search: 3 is nested cross-validation; 1 sets a quarter of the "
        "training patients apart once",
        whole(1),
    )
    sampler: str = option(
        "grid",
        "grid: all combinations; random, bayes: --trials of them, also out of ranges such as "
        "rate=0.001..0.1 (needs Optuna)",
        one_of(*SAMPLERS),
    )
    trials: int = option(
        20, "combinations that a random or Bayesian search tries, for each loss and fold", whole(1)
    )

    left_out = ("loss", "validation_split")

    def __post_init__(self):
        super().__post_init__()
        object.__setattr__(self, "search", parse_search(self.search, self.sampler))
        if not self.search and self.sampler != "grid":
            raise TrainingError(f"sampler is {self.sampler!r}, but there is no search")
        if not self.search and self.inner_folds != 1:
            raise TrainingError(f"inner_folds is {self.inner_folds}, but there is no search")
        if (most := LARGEST_SEED - max(self.folds, self.trials)) < self.seed:  # each has its own
            raise TrainingError(f"seed is {self.seed}; give a whole number from 0 up to {most}")
        for filters in filter(None, self.search.get("filters", ())):
            replace(
                self, filters=filters, search=None, inner_folds=1, sampler="grid"
            )  # may complain

    def to_json(self) -> dict[str, Any]:
        """Return what ``compare.json`` keeps."""
        trials = None if self.sampler == "grid" else self.trials
        return super().to_json() | {"losses": list(self.losses), "trials": trials}


def check_comparison(
    folder: str | os.PathLike[str],
    output: str | os.PathLike[str],
    config: ComparisonConfig,
    jobs: int = 1,
) -> None:
    """Raise an error unless a comparison can begin here, see `islesedu.training.start`.

    Examples
    --------
    >>> check_comparison(".", "a new folder", ComparisonConfig(), jobs=0)
    Traceback (most recent call last):
    islesedu.errors.TrainingError: jobs is 0; give a whole number from 1 up to 2147483647
    """
    whole(1)("jobs", jobs, TrainingError)
    check_start(folder, output, config, min(jobs, config.folds * len(config.losses)))
