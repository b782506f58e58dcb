import itertools

import numpy as np
import pytest

from islesedu.errors import RecipeError
from islesedu.isles.find import find_cases
from islesedu.isles.read import read_case
from islesedu.training import dataset
from islesedu.training.config import TrainingConfig
from islesedu.training.preprocess import head_box, standardize
from islesedu.training.recipe import RECIPES, Recipe, make_recipe

ALL = "flip=0.5;rotate=10;jitter=0.1;patch=24x24x6;lesion_share=1;mirror=true;crop=true"


def test_the_original_shows_the_volume_as_it_is(cohort, rng):
    patient = read_case(find_cases(cohort)[0])
    image, lesion = dataset.augmented_batch(patient, TrainingConfig(), rng)
    np.testing.assert_array_equal(image[0], standardize(patient.image))
    np.testing.assert_array_equal(lesion[0, ..., 0], patient.lesion)
    assert image.dtype == lesion.dtype == np.float32


def test_a_recipe_survives_text_and_json():
    recipe = make_recipe(ALL)
    assert recipe == Recipe(0.5, 10, 0.1, (24, 24, 6), 1, True, True)
    assert make_recipe(str(recipe)) == make_recipe(recipe.settings()) == recipe
    assert Recipe().settings() is None and make_recipe(None) == RECIPES["original"] == Recipe()
    assert str(Recipe()) == "original"


def test_a_patch_is_cut_after_the_volume_was_standardized(cohort, rng):
    patient = read_case(find_cases(cohort)[0])
    config = TrainingConfig(recipe="patch=12x12x6;lesion_share=1")
    image, lesion = dataset.augmented_batch(patient, config, rng)
    assert image.shape == (1, 12, 12, 6, 6) and lesion.any()
    values = standardize(patient.image)[..., 0].ravel()
    assert np.isin(image[..., 0].ravel(), values).all()


def test_a_crop_is_the_head_of_the_volume_that_was_standardized_whole(cohort, rng):
    patient = read_case(find_cases(cohort)[0])
    (image, lesion), box = (
        dataset.augmented_batch(patient, TrainingConfig(recipe="crop=true"), rng),
        head_box(patient.image),
    )
    assert image.size < patient.image.size  # there is air
    np.testing.assert_array_equal(image[0], standardize(patient.image)[box])
    np.testing.assert_array_equal(lesion[0, ..., 0], patient.lesion[box])
    assert lesion.sum() == patient.lesion.sum() > 0


def test_a_patch_may_be_cut_out_of_a_crop(cohort, rng):
    patient = read_case(find_cases(cohort)[0])
    config = TrainingConfig(recipe="crop=true;patch=9999x8x9999;lesion_share=1")
    image, lesion = dataset.augmented_batch(patient, config, rng)
    x, _, z = (part.stop - part.start for part in head_box(patient.image))
    assert image.shape == (1, x, 8, z, 6) and lesion.any()


def test_what_a_step_draws_depends_on_seed_and_step_alone(cohort):
    cases = dataset.cases_with_lesion(cohort)
    whole = list(itertools.islice(dataset.case_stream(cases, seed=3, recipe=ALL), 6))
    later = list(itertools.islice(dataset.case_stream(cases, seed=3, recipe=ALL, start=4), 2))
    for (image, lesion), (again, lesion_again) in zip(whole[4:], later, strict=True):
        np.testing.assert_array_equal(image, again)
        np.testing.assert_array_equal(lesion, lesion_again)
    other = next(dataset.case_stream(cases, seed=4, recipe=ALL))
    assert not np.array_equal(whole[0][0], other[0])


def test_half_of_the_steps_are_mirrored(cohort):
    cases = dataset.cases_with_lesion(cohort)[:1]
    plain = next(dataset.case_stream(cases))[0]
    stream = dataset.case_stream(cases, recipe="flip=0.5")
    same = [np.array_equal(image, plain) for image, _ in itertools.islice(stream, 60)]
    assert 0.3 < np.mean(same) < 0.7


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("bst", "give original or best, or parts such as"),
        ("flop=1", "names 'flop'; its parts are flip, rotate"),
        ("flip=2", "flip = 2.0; give a share between 0 and 1"),
        ("flip=often", "flip = 'often'"),
        ("rotate=-3", "rotate = -3.0; give a number from 0 up"),
        ("jitter=nan", "jitter = nan"),
        ("patch=24x24", r"patch = \[24, 24\]; give three edges"),
        ("patch=0x4x4", "patch"),
        ("mirror=1", "mirror = 1.0; give true or false"),
        ("crop=4", "crop = 4.0; give true or false"),
        ("flip=1;flip=0", "gives flip twice"),
    ],
)
def test_a_wrong_recipe_is_told_what_is_wrong(text, words):
    with pytest.raises(RecipeError, match=words):
        make_recipe(text)
