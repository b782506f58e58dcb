"""docs/results.md says what data/ holds, and lesson 13's prose what the recorded results give."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from docs import results
from islesedu.compare import read_comparison
from islesedu.recipe import RECIPES, make_recipe

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def full():
    return read_comparison(ROOT / "data" / "compare")


def test_the_tables_of_the_page_are_those_of_the_data():
    page = results.PAGE.read_text(encoding="utf-8")
    assert results.filled(page) == page, "write it anew: .venv/bin/python -m docs.results"


def test_each_case_was_forecast_once_a_loss_and_kept(full):
    assert not full.missing and len(full.cases) == 3 * 43
    assert full.settings["folds"] == 5 and full.settings["optimizer"] == "adagrad"
    for loss in full.losses:
        row = full.of(loss).iloc[7]
        mask, probability = full.prediction(loss, row["case"])
        assert mask.mean() == pytest.approx(row["predicted_share"])
        assert 0 <= probability.min() and probability.max() <= 1
        history = full.history(loss, 1)
        assert history["step"].iloc[-1] == 1000


def test_the_order_is_the_slides(full):
    dice, mm = full.summary()["DC"], full.summary("mm")
    assert dice["combined"] > dice["cross_entropy"] > dice["soft_dice"]
    assert mm["empty"]["combined"] < mm["empty"]["cross_entropy"] < mm["empty"]["soft_dice"]


def test_every_experiment_names_the_same_patients():
    names = {
        file: set(pd.read_csv(ROOT / "data" / "results" / file)["case"])
        for file in ("recipes.csv", "learning_curve.csv", "checkpoints.csv")
    }
    assert len(set(map(frozenset, names.values()))) == 1
    assert len(names["recipes.csv"]) == 32


def test_the_last_checkpoint_is_the_plain_run_of_the_recipes():
    course = pd.read_csv(ROOT / "data" / "results" / "checkpoints.csv")
    last = course[course["step"] == 1000].set_index("case")["dice"]
    table = pd.read_csv(ROOT / "data" / "results" / "recipes.csv")
    plain = table[table["option"] == "original"].set_index("case")["dice"]
    np.testing.assert_allclose(last.sort_index(), plain.sort_index(), atol=1e-5)


def test_the_network_that_ships_was_made_by_the_best_recipe():
    settings = json.loads((ROOT / "data" / "network" / "run.json").read_text(encoding="utf-8"))
    assert make_recipe(settings["recipe"]) == RECIPES["best"]
    assert "folder" not in settings, "a folder of the machine it was trained on"
