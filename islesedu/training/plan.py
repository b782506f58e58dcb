"""What a training begins with: its arguments checked and written down, its cases, its network.

Training alone (`islesedu.training.fitting`), on a cluster (`islesedu.cluster`) and in a comparison
(`islesedu.comparison.cross_validation`) begin alike.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras

from islesedu.errors import TrainingError
from islesedu.isles.case import Case
from islesedu.isles.clinical_features import FUSIONS, check_columns, clinical_vector, fit_scale
from islesedu.networks import losses
from islesedu.networks.vnet import build_vnet
from islesedu.training.callbacks import dice
from islesedu.training.dataset import cases_with_lesion, check_cases, split_cases
from islesedu.training.provenance import fingerprint
from islesedu.training.recipe import Recipe, make_recipe

LOSSES = {
    "combined": losses.combined,
    "cross_entropy": losses.cross_entropy,
    "soft_dice": losses.soft_dice,
}
OPTIMIZERS = {
    "adagrad": keras.optimizers.Adagrad,
    "adam": keras.optimizers.Adam,
    "sgd": keras.optimizers.SGD,
}


def make_schedule(learning_rate: float) -> keras.optimizers.schedules.LearningRateSchedule:
    """Return the original's schedule: the rate times 0.95 after every 200 steps."""
    return keras.optimizers.schedules.ExponentialDecay(
        learning_rate, decay_steps=200, decay_rate=0.95, staircase=True
    )


def make_optimizer(name: str = "adagrad", learning_rate: float = 0.01) -> keras.Optimizer:
    """Return the original's optimiser: Adagrad, its rate times 0.95 after every 200 steps.

    Other names ("adam", "sgd") get the same schedule.
    """
    return OPTIMIZERS[name](make_schedule(learning_rate))


def plan_training(
    folder: str | os.PathLike[str],
    cases: Sequence[str] | None,
    *,
    channels: Sequence[str],
    filters: int,
    loss: str,
    steps: int,
    seed: int,
    optimizer: str,
    learning_rate: float,
    validation_split: float,
    checkpoint_every: int | None,
    network: dict | None,
    recipe: Recipe | str | dict | None,
    clinical: Sequence[str] | None = None,
    fusion: str = "film",
) -> tuple[dict[str, Any], list[Case], list[Case]]:
    """Check what a training was given, read every case once, and split them.

    Parameters
    ----------
    folder, cases, ...
        As for `islesedu.training.fitting.train`.

    Returns
    -------
    settings : dict
        What ``run.json`` keeps of it.
    training, validation : list of Case
    """
    check_training(
        loss=loss,
        steps=steps,
        seed=seed,
        optimizer=optimizer,
        learning_rate=learning_rate,
        checkpoint_every=checkpoint_every,
    )
    if not 0 <= validation_split < 1:
        raise TrainingError(f"validation_split is {validation_split}; give a share in [0, 1)")
    recipe = make_recipe(recipe)
    training, validation = split_cases(cases_with_lesion(folder, cases), validation_split, seed)
    check_cases([*training, *validation], channels)
    settings = {
        "folder": str(Path(folder).resolve()),
        "channels": list(channels),
        "filters": filters,
        "loss": loss,
        "seed": seed,
        "optimizer": optimizer,
        "learning_rate": learning_rate,
        "validation_split": validation_split,
        "checkpoint_every": checkpoint_every or len(training),
        "network": network or {},
        "recipe": recipe.settings(),
        "training": [case.name for case in training],
        "validation": [case.name for case in validation],
        "fingerprints": [fingerprint(case) for case in training],
        "clinical": plan_clinical(training, validation, clinical, fusion),
    }
    return settings, training, validation


def check_clinical(clinical: Sequence[str] | None, fusion: str) -> dict[str, Any] | None:
    """Return what a network is told, as JSON can hold it; None if nothing."""
    check_choice("fusion", fusion, dict.fromkeys(FUSIONS))
    if not clinical:
        return None
    return {"columns": list(check_columns(clinical)), "fusion": fusion}


def plan_clinical(
    training: Sequence[Case],
    validation: Sequence[Case],
    clinical: Sequence[str] | None,
    fusion: str,
) -> dict[str, Any] | None:
    """Return what a network is told, and how that is spread among the training cases.

    Raises
    ------
    ClinicalError
        A column that is no input, a cell that makes no sense, no training case with a value.
    """
    told = check_clinical(clinical, fusion)
    if told is None:
        return None
    columns = told["columns"]
    vectors = {
        case.name: clinical_vector(case.clinical, columns, case.name)
        for case in [*training, *validation]
    }
    return told | fit_scale([vectors[case.name] for case in training], columns)


def build_network(settings: dict[str, Any]) -> keras.Model:
    """Return the network that the settings of a run describe, not compiled."""
    told, how = settings.get("clinical"), dict(settings["network"])
    if told:
        how |= {"clinical_features": len(told["columns"]), "fusion": told["fusion"]}
    model = build_vnet(channels=len(settings["channels"]), filters=settings["filters"], **how)
    if told:
        model.get_layer("clinical_scale").set_scale(told)
    return model


def new_model(settings: dict[str, Any]) -> keras.Model:
    """Return the network that a run's settings begin with, compiled; its seed is set anew."""
    keras.utils.set_random_seed(settings["seed"])
    model = build_network(settings)
    model.compile(
        optimizer=make_optimizer(settings["optimizer"], settings["learning_rate"]),
        loss=LOSSES[settings["loss"]],
        metrics=[dice],
        jit_compile=False,  # XLA makes Conv3D 10 to 25 times slower on a CPU
    )
    return model


def check_training(
    *,
    loss: str,
    steps: int,
    seed: int,
    optimizer: str,
    learning_rate: float,
    checkpoint_every: int | None,
) -> None:
    """Raise a TrainingError about the first argument of a training that makes no sense."""
    check_choice("loss", loss, LOSSES)
    check_choice("optimizer", optimizer, OPTIMIZERS)
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise TrainingError(f"seed is {seed!r}; give a whole number from 0 up")
    counts = {"steps": steps, "checkpoint_every": checkpoint_every, "learning_rate": learning_rate}
    for argument, value in counts.items():
        if value is not None and not value > 0:
            raise TrainingError(f"{argument} is {value}; give a number above 0")


def check_choice(argument: str, value: str, choices: dict) -> None:
    """Raise a TrainingError that lists the choices if `value` is not one of them."""
    if value not in choices:
        raise TrainingError(f"{argument} is {value!r}; choose one of {', '.join(choices)}")
