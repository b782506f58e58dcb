import json

import numpy as np
import pandas as pd
import pytest

from islesedu.comparison import search
from islesedu.comparison.search import Search, search_steps
from islesedu.comparison.search_space import parse_search
from islesedu.errors import DivergedError, TrainingError
from islesedu.isles.read import read_case
from islesedu.training import prediction
from islesedu.training.dataset import cases_with_lesion

SETTINGS = {
    "channels": ["ADC"],
    "seed": 1,
    "filters": 4,
    "learning_rate": 0.01,
    "steps": 1000,
    "threshold": 0.5,
    "component_share": 0.0,
    "sampler": "grid",
    "trials": 4,
}
NAMES = ["training_1", "training_2", "training_4", "training_5"]


def test_a_search_holds_out_whole_patients(cohort, tmp_path):
    cases, names = cases_with_lesion(cohort), [f"sub-{n}_ses-{v}" for n in range(4) for v in (1, 2)]
    images = {name: f"voxels-{number}" for number, name in enumerate(names)}
    images["sub-3_ses-1"] = images["sub-0_ses-1"]  # two names of one patient
    one_patient = {name: "0" if name[4] == "3" else name[4] for name in names}
    for inner_folds in (1, 3):
        settings = SETTINGS | {"cases": images, "inner_folds": inner_folds}
        inner = Search(cases, tmp_path, names, settings, train=None).inner
        assert len(inner) == inner_folds
        for fold in inner:
            assert len({one_patient[name] for name in fold.held_out}) == 1
            assert {one_patient[n] for n in fold.held_out}.isdisjoint(
                one_patient[n] for n in fold.training
            )
            assert sorted(fold.held_out + fold.training) == sorted(names)
    held_out = [name for fold in inner for name in fold.held_out]
    assert sorted(held_out) == sorted(names)  # three patients, three folds: each once


class FakeRun:
    def __init__(self, model):
        self.model = model

    def load_model(self):
        return self.model


@pytest.fixture
def make(cohort, tmp_path, monkeypatch):
    """Return a search whose trainings take no time, and the list of them."""
    trainings, cases = [], cases_with_lesion(cohort)

    def train(place, cases, done, *, filters, learning_rate, steps):
        trainings.append((filters, learning_rate, steps, done))
        if learning_rate > 1:
            raise DivergedError("the loss became nan at step 3; lower --learning-rate")
        place.mkdir(parents=True, exist_ok=True)
        return FakeRun((filters, learning_rate, steps))

    def predict(models, patient, mirror=False, clinical=(), crop=False):
        """A network whose prediction is the better, the nearer 0.1 its learning rate is."""
        ((_, rate, steps),) = models
        probability = np.full(patient.lesion.shape, 0.4 if rate == 0.1 else 0.1)
        probability[..., : 4 if steps >= 500 else 8] = 0.9
        return probability

    monkeypatch.setattr(prediction, "predict_mean", predict)

    def build(text, **changes):
        settings = SETTINGS | changes
        settings["search"] = parse_search(text, settings["sampler"])
        return Search(cases, tmp_path / "place", NAMES, settings, train)

    return build, trainings


def test_a_specification_is_read():
    spec = "rate=0.01, 0.03; steps=500,1000;threshold=0.3;components=0,0.1;filters=2"
    assert parse_search(spec) == {
        "learning_rate": [0.01, 0.03],
        "steps": [500, 1000],
        "threshold": [0.3],
        "component_share": [0.0, 0.1],
        "filters": [2],
    }
    assert parse_search({"rate": [0.01], "steps": [5]}) == {"learning_rate": [0.01], "steps": [5]}
    assert parse_search(None) == {}
    assert parse_search("rate=0.001..0.1", "random") == {"learning_rate": [0.001, None, 0.1]}


@pytest.mark.parametrize(
    "text, sampler, words",
    [
        ("speed=3", "grid", "search names 'speed'; what can be searched is rate, filters, steps"),
        ("rate", "grid", "search holds 'rate'; expected NAME=VALUE"),
        ("rate=fast", "grid", "search gives rate the value 'fast'; give a number above 0"),
        ("steps=1.5", "grid", "search gives steps the value '1.5'; give a whole number from 1 up"),
        ("rate=0", "grid", "search gives rate the value '0'; give a number above 0"),
        ("rate=inf", "grid", "the value 'inf'; give a number above 0"),
        ("rate=nan", "grid", "the value 'nan'; give a number above 0"),
        ("threshold=1.2", "grid", "the value '1.2'; give a number between 0 and 1"),
        ("rate=1;rate=2", "grid", "search names rate twice"),
        ("", "grid", "search is empty"),
        ("rate=0.1..0.2", "grid", "search gives rate as a range; a grid wants a list"),
        ("threshold=0.1..0.2", "bayes", "search gives threshold as a range; it wants a list"),
        ("rate=0.2..0.1", "bayes", "from 0.2 to 0.1; turn it round"),
        ("rate=0.1", "luck", "sampler is 'luck'; choose one of grid, random, bayes"),
    ],
)
def test_a_specification_without_sense_is_named(text, sampler, words):
    with pytest.raises(TrainingError, match=words):
        parse_search(text, sampler)


def test_a_grid_trains_once_for_each_rate_and_filters(make):
    build, trainings = make
    spec = "rate=0.01,0.1;filters=2,3;steps=1000,500;threshold=0.3,0.5;components=0,0.5"
    one = build(spec)
    one.choose()
    assert [t[:3] for t in trainings] == [
        (filters, rate, steps)
        for filters in (2, 3)
        for rate in (0.01, 0.1)
        for steps in (500, 1000)
    ]
    assert [t[3] for t in trainings] == [0, 0, 1000, 1000, 2000, 2000, 3000, 3000]
    assert search_steps(one.settings) == 4000
    assert len(pd.read_csv(one.file)) == 2 * 2 * 2 * 2 * 2


def test_inner_folds_train_each_combination_on_each_of_them(make):
    build, trainings = make
    one = build("rate=0.01,0.1;steps=500,1000", inner_folds=2)
    one.choose()
    assert [t[1:3] for t in trainings] == [
        (rate, steps) for rate in (0.01, 0.1) for steps in (500, 1000) for _ in range(2)
    ]
    assert [t[3] for t in trainings] == [0, 500, 500, 1000, 2000, 2500, 2500, 3000]
    assert search_steps(one.settings) == 4000 == 3000 + 1000  # the last one's end
    assert sorted(n for fold in one.inner for n in fold.held_out) == sorted(NAMES)


def test_an_interrupted_cross_validation_counts_what_was_done_before(make):
    build, trainings = make
    build("rate=0.01,0.1", inner_folds=2).attempt("filters=4,rate=0.01", 4, 0.01, 1000)
    trainings.clear()
    build("rate=0.01,0.1", inner_folds=2).choose()
    assert [t[1] for t in trainings] == [0.1, 0.1] and [t[3] for t in trainings] == [2000, 3000]


@pytest.mark.parametrize("inner_folds", [1, 2])
def test_the_best_mean_dice_wins_and_the_first_of_equals(make, inner_folds):
    build, _ = make
    one = build("rate=0.01,0.1;threshold=0.3,0.5", inner_folds=inner_folds)
    chosen, tried = one.choose(), pd.read_csv(one.file)
    best = tried["dice"].max()
    first = tried[tried["dice"] == best].iloc[0]
    assert tried["dice"].nunique() > 1 and first["dice"] == best
    assert {name: first[name] for name in search.TUNED} == chosen
    for _, row in tried.iterrows():  # by hand: all of the volume, or its lowest 4 slices
        assert row["dice"] == pytest.approx(hand_dice(one, row))


def hand_dice(one, row):
    scores = []
    held_out = [name for fold in one.inner for name in fold.held_out]
    for case in cases_with_lesion(one.cases, held_out):
        truth = read_case(case, ["ADC"]).lesion
        mask = np.zeros_like(truth)
        mask[..., :4] = True
        if row["learning_rate"] == 0.1 and row["threshold"] < 0.4:
            mask[:] = True
        scores.append(2 * (mask & truth).sum() / (mask.sum() + truth.sum()))
    return np.mean(scores)


def test_an_interrupted_grid_goes_on_and_a_finished_one_is_remembered(make):
    build, trainings = make
    spec = "rate=0.01,0.02,0.1"
    build(spec).attempt("filters=4,rate=0.01", 4, 0.01, 1000)
    chosen = build(spec).choose()
    assert [t[1] for t in trainings] == [0.01, 0.02, 0.1]
    assert build(spec).choose() == chosen and len(trainings) == 3
    json.loads((build(spec).path / "chosen.json").read_text())


def test_a_rate_that_diverges_loses_and_does_not_end_the_search(make):
    build, _ = make
    one = build("rate=9,0.01")
    assert one.choose()["learning_rate"] == 0.01
    assert np.isnan(pd.read_csv(one.file)["dice"].iloc[0])


def test_all_rates_diverge(make):
    build, _ = make
    with pytest.raises(TrainingError, match="every training of the search diverged"):
        build("rate=9,10").choose()


@pytest.mark.parametrize("sampler", ["random", "bayes"])
def test_optuna_samples_ranges_and_goes_on_from_its_database(make, sampler):
    optuna = pytest.importorskip("optuna")
    build, trainings = make
    spec = "rate=0.001..0.5;filters=2..5;threshold=0.3,0.5"
    first = build(spec, sampler=sampler, trials=3)
    first.choose()
    assert len(trainings) == 3 and len({t[1] for t in trainings}) == 3
    assert all(0.001 <= t[1] <= 0.5 and 2 <= t[0] <= 5 and t[2] == 1000 for t in trainings)
    assert len(pd.read_csv(first.file)) == 3 * 2
    first.chosen_file.unlink()  # as if killed before the end
    study = optuna.load_study(study_name="search", storage=f"sqlite:///{first.path / 'optuna.db'}")
    study.enqueue_trial({"learning_rate": 0.25, "filters": 2, "steps": 1000})
    killed = study.ask()  # a training that was never told about
    assert killed.suggest_float("learning_rate", 0.001, 0.5, log=True) == 0.25
    build(spec, sampler=sampler, trials=5).choose()
    assert len(trainings) == 5 and len({t[1] for t in trainings}) == 5  # none sampled again
    assert 0.25 in {t[1] for t in trainings}  # what was killed is done first
    assert search_steps(first.settings) == 3000


def test_without_optuna_the_message_says_how_to_get_it(make, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    build, _ = make
    with pytest.raises(TrainingError, match=r"need Optuna.*islesedu\[search\]"):
        build("rate=0.1", sampler="bayes").choose()
