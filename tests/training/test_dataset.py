import itertools
import os
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest

from islesedu import CHANNELS
from islesedu.errors import IslesError, TrainingError
from islesedu.isles.case import Case
from islesedu.isles.find import find_cases
from islesedu.isles.read import read_case
from islesedu.training import dataset


def first(stream, count):
    return list(itertools.islice(stream, count))


def test_a_pass_shows_each_case_once(cohort):
    cases = dataset.cases_with_lesion(cohort)
    found = [lesion.sum() for _, lesion in first(dataset.case_stream(cases), len(cases))]
    assert sorted(found) == sorted(read_case(case, ["ADC"]).lesion.sum() for case in cases)


def test_passes_come_in_different_orders(cohort):
    cases = dataset.cases_with_lesion(cohort)
    sums = [image[0, 0, 0].sum() for image, _ in first(dataset.case_stream(cases), 12)]
    assert len({tuple(sums[i : i + 4]) for i in (0, 4, 8)}) > 1


def test_a_stream_opened_later_goes_on_where_the_first_would_be(cohort):
    cases = dataset.cases_with_lesion(cohort)
    whole = first(dataset.case_stream(cases, seed=7), 7)
    tail = first(dataset.case_stream(cases, seed=7, start=5), 2)
    for (image, lesion), (late_image, late_lesion) in zip(whole[5:], tail, strict=True):
        np.testing.assert_array_equal(image, late_image)
        np.testing.assert_array_equal(lesion, late_lesion)


def test_a_batch_is_standardized_and_has_five_axes(cohort):
    image, lesion = next(dataset.case_stream(dataset.cases_with_lesion(cohort)))
    assert image.shape[0] == 1 and image.shape[-1] == len(CHANNELS)
    assert lesion.shape == (*image.shape[:-1], 1)
    np.testing.assert_allclose(image.mean(axis=(0, 1, 2, 3)), 0, atol=1e-4)
    np.testing.assert_allclose(image.std(axis=(0, 1, 2, 3)), 1, atol=1e-3)


def test_the_dataset_takes_volumes_of_different_sizes(cohort):
    cases = dataset.cases_with_lesion(cohort)
    shapes = {tuple(image.shape) for image, _ in dataset.case_dataset(cases).take(4)}
    assert len(shapes) > 1, "the fixture should hold more than one grid"


def test_split_is_a_partition_that_the_seed_fixes(cohort):
    cases = dataset.cases_with_lesion(cohort)
    training, held_out = dataset.split_cases(cases, 0.25, seed=1)
    assert len(held_out) == 1
    assert {case.name for case in training + held_out} == {case.name for case in cases}
    assert dataset.split_cases(cases, 0.25, seed=1) == (training, held_out)


def test_split_is_that_of_earlier_versions_without_repeated_patients():
    cases = [Case(f"training_{n}", Path(), "flat", {}) for n in range(20)]
    prints = {case.name: f"voxels-{n}" for n, case in enumerate(cases)}
    order = np.random.default_rng(7).permutation(20)[:6]
    _, validation = dataset.split_cases(cases, 0.3, 7, prints)
    assert validation == [cases[n] for n in sorted(order)]


def test_split_leaves_visits_and_copies_of_a_patient_on_one_side(cohort, tmp_path):
    for name, source in (("training_1", 1), ("training_9", 1), ("training_2", 2)):
        shutil.copytree(cohort / "training" / f"training_{source}", tmp_path / name)
    cases = dataset.cases_with_lesion(tmp_path)
    for seed in range(4):
        for side in dataset.split_cases(cases, 0.5, seed):
            assert {case.name for case in side} in ({"training_1", "training_9"}, {"training_2"})
    with pytest.raises(dataset.TrainingError, match="0.2 of 2 patients in 3 cases .* is 0; give"):
        dataset.split_cases(cases, 0.2, 1)
    visits = [Case(f"sub-{n}_ses-{v}", Path(), "isles2022", {}) for n in "12" for v in "12"]
    prints = {case.name: case.name for case in visits}
    _, validation = dataset.split_cases(visits, 0.5, 1, prints)
    assert len(validation) == 2 and len({case.name[:5] for case in validation}) == 1


def test_cases_without_lesion_are_left_out(cohort):
    names = [case.name for case in dataset.cases_with_lesion(cohort)]
    assert names == [case.name for case in find_cases(cohort) if case.lesion]
    with pytest.raises(dataset.TrainingError, match="no case with a lesion"):
        dataset.cases_with_lesion(cohort / "test")


def test_checking_cases_keeps_none_of_them(cohort, most_alive):
    patients = most_alive(dataset, "read_case")
    dataset.check_cases(dataset.cases_with_lesion(cohort), ["ADC"])
    assert patients == [1, 1, 1, 1]


def test_cases_can_be_chosen_by_name(cohort):
    assert [case.name for case in dataset.cases_with_lesion(cohort, ["training_4"])] == [
        "training_4"
    ]
    with pytest.raises(dataset.TrainingError, match=r"no case 'training_99'.*training_1"):
        dataset.cases_with_lesion(cohort, ["training_99"])


def test_cases_that_were_found_stand_for_their_folder(cohort, tmp_path, monkeypatch):
    from islesedu.training.evaluation import evaluate
    from islesedu.training.plan import plan_training

    folder = cohort / "training"
    cases = dataset.FoundCases(folder)
    assert os.fspath(cases) == str(folder) and list(cases) == dataset.cases_with_lesion(folder)
    config = dataset.TrainingConfig(channels=["ADC"])
    expected = plan_training(folder, config)
    monkeypatch.setattr(dataset, "find_cases", None)
    monkeypatch.setattr(dataset, "read_case", None)
    for found in (
        cases,
        list(cases),
        pickle.loads(pickle.dumps(cases)),
    ):  # neither looked for nor read
        assert plan_training(found, config) == expected
        assert dataset.cases_with_lesion(found, [cases[1].name]) == [cases[1]]
        with pytest.raises(IslesError, match="training_1"):
            evaluate(tmp_path, found)


@pytest.mark.parametrize("names", [[], (), "training_1", ["training_1", "training_1"]])
def test_names_of_cases_are_given_once_each(cohort, names):
    with pytest.raises(TrainingError, match="cases is .*; give names of cases, and each once"):
        dataset.cases_with_lesion(cohort, names)
