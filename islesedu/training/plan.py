"""What a training begins with: its cases read and split, what it writes down, its network.

Training alone (`islesedu.training.fitting`), on a cluster (`islesedu.cluster`) and in a comparison
(`islesedu.comparison`) begin alike.
"""

import os
from collections.abc import Sequence
from typing import Any

import keras

from islesedu.errors import TrainingError
from islesedu.isles.case import Case
from islesedu.isles.clinical_features import clinical_vector, fit_scale
from islesedu.networks import losses
from islesedu.networks.vnet import build_vnet
from islesedu.training.config import LOSSES as LOSS_NAMES
from islesedu.training.config import TrainingConfig
from islesedu.training.dataset import (
    are_cases,
    cases_with_lesion,
    check_cases,
    folder_of,
    split_cases,
)
from islesedu.training.provenance import fingerprint

LOSSES = {name: getattr(losses, name) for name in LOSS_NAMES}
OPTIMIZERS = {
    "adagrad": keras.optimizers.Adagrad,
    "adam": keras.optimizers.Adam,
    "sgd": keras.optimizers.SGD,
}


def make_schedule(
    learning_rate: float, decay: str = "continuous"
) -> keras.optimizers.schedules.LearningRateSchedule:
    """Return the original's schedule: the learning rate times 0.95 ** (step / 200).

    Parameters
    ----------
    learning_rate : float
        Of the first step.
    decay : str
        "continuous", as the original's (``tf.train.exponential_decay`` with its defaults in
        ``trainer/model.py`` of github.com/MiguelMonteiro/ISLES2017); or "stairs", where the
        exponent is rounded down, so that the rate falls every 200 steps only.

    Examples
    --------
    >>> [round(float(make_schedule(0.01, how)(100)), 6) for how in ("continuous", "stairs")]
    [0.009747, 0.01]
    """
    return keras.optimizers.schedules.ExponentialDecay(
        learning_rate, decay_steps=200, decay_rate=0.95, staircase=decay == "stairs"
    )


def make_optimizer(
    name: str = "adagrad", learning_rate: float = 0.01, decay: str = "continuous"
) -> keras.Optimizer:
    """Return the original's optimizer: Adagrad, with the schedule of `make_schedule`.

    Other names ("adam", "sgd") get the same schedule. The original used Adagrad for the challenge
    and changed to Adam on 7 December 2017.
    """
    return OPTIMIZERS[name](make_schedule(learning_rate, decay))


def plan_training(
    folder: str | os.PathLike[str] | Sequence[Case],
    config: TrainingConfig,
    names: Sequence[str] | None = None,
) -> tuple[dict[str, Any], list[Case], list[Case]]:
    """Choose the cases of a training, split them, and read each once, unless they were given.

    Returns
    -------
    settings : dict
        What ``run.json`` keeps: the configuration, and what it has become with these cases.
    training, validation : list of Case
    """
    cases = cases_with_lesion(folder, names, config.names)
    prints = {case.name: fingerprint(case) for case in cases}
    training, validation = split_cases(cases, config.validation_split, config.seed, prints)
    if not are_cases(folder):
        check_cases(cases, config.channels)
    settings = {"folder": folder_of(folder)} | config.to_json()
    settings |= {
        "checkpoint_every": config.checkpoint_every or len(training),
        "training": [case.name for case in training],
        "validation": [case.name for case in validation],
        "fingerprints": [prints[case.name] for case in training],
    }
    if columns := config.clinical:
        for case in validation:  # their cells must make sense, too
            clinical_vector(case.clinical, columns, case.name)
        vectors = [clinical_vector(case.clinical, columns, case.name) for case in training]
        settings["clinical"] |= fit_scale(vectors, columns)
    return settings, training, validation


def build_network(settings: dict[str, Any]) -> keras.Model:
    """Return the network that the settings of a run describe, not compiled."""
    config = TrainingConfig.from_json(settings)
    how = dict(config.network)
    if config.clinical:
        how |= {"clinical_features": len(config.clinical), "fusion": config.fusion}
    try:
        model = build_vnet(channels=len(config.channels), filters=config.filters, **how)
    except TypeError as error:  # an argument that there is not
        raise TrainingError(
            f"network is {config.network}: {error}; give arguments of islesedu.networks.build_vnet"
        ) from error
    scale = settings.get("clinical") or {}
    if "mean" in scale:
        model.get_layer("clinical_scale").set_scale(scale)
    return model


def new_model(settings: dict[str, Any]) -> keras.Model:
    """Return the network that a run's settings begin with, compiled; its seed is set anew.

    The variables of optimizer and metric are made here. Those that ``fit`` makes while it traces
    its step make it trace that step twice, which takes longer than a short training.
    """
    keras.utils.set_random_seed(settings["seed"])
    model = build_network(settings)
    model.compile(
        optimizer=make_optimizer(
            settings["optimizer"], settings["learning_rate"], settings["decay"]
        ),
        loss=LOSSES[settings["loss"]],
        metrics=[keras.metrics.MeanMetricWrapper(losses.dice, name="dice")],
        jit_compile=False,  # XLA makes Conv3D 10 to 25 times slower on a CPU
    )
    model.optimizer.build(model.trainable_variables)
    return model
