"""From cases on disk to the batches a network is trained on: choose, split, shuffle, read."""

import itertools
import os
from collections.abc import Iterator, Sequence

import numpy as np

from islesedu import CHANNELS
from islesedu.errors import TrainingError
from islesedu.isles.case import Case
from islesedu.isles.clinical_features import clinical_vector
from islesedu.isles.find import find_cases
from islesedu.isles.read import read_case
from islesedu.training.recipe import Recipe, make_recipe


def cases_with_lesion(
    folder: str | os.PathLike[str], names: Sequence[str] | None = None
) -> list[Case]:
    """Find the cases of a folder that can be learned from or scored against.

    Parameters
    ----------
    folder : path-like
        ISLES folder.
    names : sequence of str, optional
        Take these cases only, in this order.

    Raises
    ------
    TrainingError
        No case has a lesion, or a name is not among those that have.
    """
    found = {case.name: case for case in find_cases(folder) if case.lesion is not None}
    if not found:
        raise TrainingError(
            f"{folder} holds no case with a lesion mask, so there is nothing to learn from or to "
            "score against; give a training folder"
        )
    unknown = [name for name in names or () if name not in found]
    if unknown:
        raise TrainingError(
            f"{folder} has no case {unknown[0]!r} with a lesion; it has {', '.join(found)}"
        )
    return list(found.values()) if names is None else [found[name] for name in names]


def check_cases(cases: Sequence[Case], channels: Sequence[str]) -> None:
    """Read every case once, so that a bad file ends a training before its first step, not late.

    Raises
    ------
    IslesError
        A case cannot be read with these channels.
    """
    for case in cases:
        read_case(case, channels)


def split_cases(
    cases: Sequence[Case], validation_split: float, seed: int
) -> tuple[list[Case], list[Case]]:
    """Split cases at random into training and validation; the share is rounded to whole cases."""
    held_out = round(validation_split * len(cases))
    if validation_split and not 0 < held_out < len(cases):
        raise TrainingError(
            f"validation_split {validation_split} of {len(cases)} cases is {held_out} cases; give "
            "a share that leaves at least one on either side"
        )
    order = np.random.default_rng(seed).permutation(len(cases))
    validation = set(order[:held_out].tolist())
    return (
        [case for number, case in enumerate(cases) if number not in validation],
        [case for number, case in enumerate(cases) if number in validation],
    )


def case_stream(
    cases: Sequence[Case],
    channels: Sequence[str] = CHANNELS,
    *,
    seed: int = 2017,
    start: int = 0,
    shuffle: bool = True,
    recipe: Recipe | str | None = None,
    clinical: Sequence[str] = (),
) -> Iterator[tuple]:
    """Yield training batches of one case, for ever, each case once per pass.

    The order of a pass depends on `seed` and the number of the pass alone, and what a recipe draws
    on `seed` and the number of the step, so a stream opened at step `start` goes on exactly where
    an interrupted one stopped.

    Parameters
    ----------
    cases : sequence of Case
        Cases with a lesion.
    channels : sequence of str
        Maps to read, in the order of the last axis.
    seed, start : int
        Seed of the shuffling; number of batches to skip.
    shuffle : bool
        False keeps the order of `cases` in each pass.
    recipe : Recipe or str, optional
        What to do with each case first, see `islesedu.training.recipe`; nothing, as the original,
        if None.
    clinical : sequence of str
        Columns of the clinical table that the network is told.

    Yields
    ------
    image, lesion : ndarray, (1, X, Y, Z, C) and (1, X, Y, Z, 1)
        With clinical columns the first is a pair: the image, and (1, F), nan where unknown.
    """
    recipe = make_recipe(recipe)
    for step in itertools.count(start):
        case = case_of_step(cases, step, seed) if shuffle else cases[step % len(cases)]
        image, lesion = case_batch(case, channels, seed=seed, step=step, recipe=recipe)
        told = clinical_vector(case.clinical, clinical, case.name)[None] if clinical else None
        yield (image if told is None else (image, told)), lesion


def case_of_step(cases: Sequence[Case], step: int, seed: int) -> Case:
    """Return the case that a training sees in a step (from 0): each once a pass, shuffled."""
    passes, place = divmod(step, len(cases))
    order = np.random.default_rng([seed, passes]).permutation(len(cases))
    return cases[order[place]]


def case_batch(
    case: Case, channels: Sequence[str], *, seed: int, step: int, recipe: Recipe
) -> tuple[np.ndarray, np.ndarray]:
    """Read a case as a step sees it: (1, X, Y, Z, C) and (1, X, Y, Z, 1), float32."""
    return recipe.batch(read_case(case, channels), np.random.default_rng([seed, 1, step]))


def case_dataset(cases: Sequence[Case], channels: Sequence[str] = CHANNELS, **options):
    """Return `case_stream` as a tf.data.Dataset whose volumes may differ in size.

    Keras fixes the size of a plain generator's batches from the first two; here the three spatial
    axes are declared open. One case is read ahead while the network works on another.

    Parameters
    ----------
    cases, channels, **options
        See `case_stream`.

    Returns
    -------
    tf.data.Dataset
        Of pairs (1, X, Y, Z, C), (1, X, Y, Z, 1), float32; of ((image, clinical), lesion) with
        clinical columns.
    """
    import tensorflow as tf

    open_axes = (1, None, None, None)
    image = tf.TensorSpec((*open_axes, len(channels)), tf.float32)
    clinical = options.get("clinical")
    told = tf.TensorSpec((1, len(clinical)), tf.float32) if clinical else None
    return tf.data.Dataset.from_generator(
        lambda: case_stream(cases, channels, **options),
        output_signature=(
            image if told is None else (image, told),
            tf.TensorSpec((*open_axes, 1), tf.float32),
        ),
    ).prefetch(1)
