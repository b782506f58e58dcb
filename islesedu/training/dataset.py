"""From cases on disk to the batches a network is trained on: choose, split, shuffle, read."""

import itertools
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from islesedu.common.arguments import shown
from islesedu.errors import TrainingError
from islesedu.isles.case import Case, Patient, part_of
from islesedu.isles.find import find_cases
from islesedu.isles.name_map import NameMap
from islesedu.isles.read import read_case
from islesedu.training.augmentation import mirror, patch_slices, recolour, turn
from islesedu.training.config import TrainingConfig
from islesedu.training.patients import count_patients, group_patients
from islesedu.training.preprocess import Inputs, head_box, prepare
from islesedu.training.provenance import fingerprint

if TYPE_CHECKING:
    import tensorflow as tf


class FoundCases(tuple[Case, ...]):
    """The cases with a lesion of an ISLES folder, found once; they may stand for the folder."""

    def __new__(
        cls,
        folder: str | os.PathLike[str],
        cases: Sequence[Case] | None = None,
        names: NameMap | None = None,
    ):
        """Find the cases, or take those that have been; see `find_cases`."""
        found = super().__new__(cls, cases or cases_with_lesion(folder, mapping=names))
        found.folder = os.fspath(folder)
        return found

    def __getnewargs__(self) -> tuple:  # for a process that they are handed to
        return self.folder, tuple(self)

    def __fspath__(self) -> str:
        return self.folder


def are_cases(folder: str | os.PathLike[str] | Sequence[Case]) -> bool:
    """Tell whether cases are given, and not the folder they lie in."""
    return isinstance(folder, Sequence) and not isinstance(folder, str)


def folder_of(folder: str | os.PathLike[str] | Sequence[Case]) -> str:
    """Return the whole path of an ISLES folder, or of the one that cases lie in."""
    if are_cases(folder) and not isinstance(folder, FoundCases):
        folder = os.path.commonpath([case.folder for case in folder])
    return str(Path(folder).resolve())


def cases_with_lesion(
    folder: str | os.PathLike[str] | Sequence[Case],
    names: Sequence[str] | None = None,
    mapping: NameMap | None = None,
) -> list[Case]:
    """Find the cases with a lesion; a warning names training cases that have none.

    Parameters
    ----------
    folder : path-like or sequence of Case
        ISLES folder, or cases that have been found in one.
    names : sequence of str, optional
        Take these cases only, in this order.
    mapping : dict of str to str, optional
        Channels of files with other names, the `names` of `islesedu.isles.find_cases`.

    Raises
    ------
    TrainingError
        No case has a lesion, or a name is not among those that have.
    """
    cases = folder if are_cases(folder) else find_cases(folder, mapping)
    found = {case.name: case for case in cases if case.lesion is not None}
    if not found:
        raise TrainingError(
            f"{folder} holds no case with a lesion mask, so there is nothing to learn from or to "
            "score against; give a training folder"
        )
    if names is None:
        _warn_of([c.name for c in cases if not c.lesion and part_of(c.folder) == "training"])
        return list(found.values())
    if isinstance(names, str) or not names or len(set(names)) < len(names):
        raise TrainingError(f"cases is {shown(names)}; give names of cases, and each once")
    if unknown := [name for name in names if name not in found]:
        raise TrainingError(
            f"{folder} has no case {unknown[0]!r} with a lesion; it has {', '.join(found)}"
        )
    return [found[name] for name in names]


def _warn_of(left_out: list[str]) -> None:
    if names := ", ".join(left_out[:5]) + " and others" * (len(left_out) > 5):
        warnings.warn(f"without a lesion mask, and left out: {names}", stacklevel=3)


def check_cases(cases: Sequence[Case], channels: Sequence[str]) -> None:
    """Read every case once, so that a bad file ends a training before its first step, not late."""
    for case in cases:
        read_case(case, channels)


def split_cases(
    cases: Sequence[Case],
    validation_split: float,
    seed: int,
    fingerprints: Mapping[str, str] | None = None,
) -> tuple[list[Case], list[Case]]:
    """Split cases at random into training and validation, all cases of a patient on one side.

    The share is rounded to whole patients. The fingerprint of each case, by its name, is made from
    its files unless it is given.
    """
    if not validation_split:
        return list(cases), []
    prints = fingerprints or {case.name: fingerprint(case) for case in cases}
    patients = group_patients({case.name: prints[case.name] for case in cases})
    units = list(dict.fromkeys(patients.values()))
    held_out = round(validation_split * len(units))
    if not 0 < held_out < len(units):
        raise TrainingError(
            f"validation_split {validation_split} of {count_patients(patients, patients)} is "
            f"{held_out}; give a share that leaves at least one on either side"
        )
    order = np.random.default_rng(seed).permutation(len(units))
    validation = {units[number] for number in order[:held_out]}
    return (
        [case for case in cases if patients[case.name] not in validation],
        [case for case in cases if patients[case.name] in validation],
    )


def case_stream(
    cases: Sequence[Case],
    config: TrainingConfig | None = None,
    *,
    start: int = 0,
    shuffle: bool = True,
    **options: Any,
) -> Iterator[tuple[Inputs, np.ndarray]]:
    """Yield training batches of one case, for ever, each case once per epoch.

    The order of an epoch depends on the seed and the number of the epoch alone, and what a recipe
    draws on the seed and the number of the step, so a stream opened at step `start` goes on exactly
    where an interrupted one stopped.

    Parameters
    ----------
    cases : sequence of Case
        Cases with a lesion.
    config : TrainingConfig, optional
        Its channels, seed, recipe and clinical columns count.
    start : int
        Number of batches to skip.
    shuffle : bool
        False keeps the order of `cases` in each epoch.
    **options
        Fields of the configuration to replace, such as ``seed=1``.

    Yields
    ------
    inputs, lesion : ndarray, (1, X, Y, Z, C) and (1, X, Y, Z, 1)
        With clinical columns the first is a pair: the image, and (1, F), nan where a value is
        missing.
    """
    config = TrainingConfig.make(config, options)
    for step in itertools.count(start):
        case = case_of_step(cases, step, config.seed) if shuffle else cases[step % len(cases)]
        yield case_batch(case, config, step)


def case_of_step(cases: Sequence[Case], step: int, seed: int) -> Case:
    """Return the case that a training sees in a step (from 0): each once an epoch, shuffled."""
    epoch, place = divmod(step, len(cases))
    order = np.random.default_rng([seed, epoch]).permutation(len(cases))
    return cases[order[place]]


def case_batch(case: Case, config: TrainingConfig, step: int) -> tuple[Inputs, np.ndarray]:
    """Read a case and return what a training sees of it in a step, see `augmented_batch`."""
    rng = np.random.default_rng([config.seed, 1, step])
    return augmented_batch(read_case(case, config.channels), config, rng)


def augmented_batch(
    patient: Patient, config: TrainingConfig, rng: np.random.Generator
) -> tuple[Inputs, np.ndarray]:
    """Turn a patient into what one training step sees, by the recipe of a configuration.

    Returns
    -------
    inputs : ndarray, (1, X', Y', Z', C), float32, or a pair
        See `islesedu.training.preprocess.prepare`; standardized over the whole volume, also where
        only a box of it is left.
    lesion : ndarray, (1, X', Y', Z', 1), float32
    """
    recipe = config.recipe
    if rng.random() < recipe.flip:
        patient = mirror(patient)
    if recipe.rotate:
        patient = turn(patient, rng.uniform(-recipe.rotate, recipe.rotate))
    inputs, lesion = prepare(patient, config), patient.lesion
    image, *clinical = inputs if config.clinical else (inputs,)
    if recipe.jitter:
        image = recolour(image, recipe.jitter, rng)
    if recipe.crop:
        box = head_box(patient.image)
        image, lesion = image[:, *box], lesion[box]
    if recipe.patch:
        box = patch_slices(lesion, recipe.patch, recipe.lesion_share, rng)
        image, lesion = image[:, *box], lesion[box]
    lesion = lesion[None, ..., None].astype(np.float32)
    return (image, *clinical) if clinical else image, lesion


def case_dataset(
    cases: Sequence[Case], config: TrainingConfig | None = None, **options: Any
) -> "tf.data.Dataset":
    """Return `case_stream` as a tf.data.Dataset whose volumes may differ in size.

    Arguments and batches are those of `case_stream`. Keras fixes the size of a plain generator's
    batches from the first two; here the three spatial axes are declared open. One case is read
    ahead while the network works on another.
    """
    try:
        import tensorflow as tf
    except ImportError as error:
        raise TrainingError(
            "a training reads its cases with TensorFlow's tf.data, whatever the backend of Keras, "
            "and TensorFlow is not installed; run 'pip install tensorflow'"
        ) from error
    how = {name: options.pop(name) for name in ("start", "shuffle") if name in options}
    config = TrainingConfig.make(config, options)
    open_axes = (1, None, None, None)
    inputs = tf.TensorSpec((*open_axes, len(config.channels)), tf.float32)
    if config.clinical:
        inputs = inputs, tf.TensorSpec((1, len(config.clinical)), tf.float32)
    return tf.data.Dataset.from_generator(
        lambda: case_stream(cases, config, **how),
        output_signature=(inputs, tf.TensorSpec((*open_axes, 1), tf.float32)),
    ).prefetch(1)
