"""docs/results.md says what data/ holds, and lesson 13's prose what the recorded results give."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import (
    cluster_dice,
    cluster_links,
    cluster_scaling,
    cluster_slow,
    positive_control,
    rescue,
)
from benchmarks.clinical import ARMS, permute_table
from benchmarks.clinical_oracle import penumbra_fraction
from docs import results
from islesedu.comparison.cross_validation import read_comparison
from islesedu.comparison.report_tables import as_markdown
from islesedu.isles.clinical_features import INPUTS
from islesedu.isles.clinical_table import read_clinical
from islesedu.training.recipe import RECIPES, make_recipe

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def full():
    return read_comparison(ROOT / "data" / "compare")


def test_the_tables_of_the_page_are_those_of_the_data():
    page = results.PAGE.read_text(encoding="utf-8")
    assert results.filled(page) == page, "write it anew: .venv/bin/python -m docs.results"


def test_the_report_of_the_recorded_comparison_is_what_the_code_writes_today(full):
    kept = (full.path / "report" / "table.md").read_text(encoding="utf-8")
    assert kept == as_markdown(full)


def test_each_case_was_predicted_once_a_loss_and_kept(full):
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


def test_networks_with_and_without_clinical_variables_saw_the_same_patients_in_the_same_folds(full):
    table = pd.read_csv(ROOT / "data" / "results" / "clinical.csv")
    assert set(table["arm"]) >= {"none", "FiLM", "FiLM, permuted"} <= {"none", *ARMS}
    plain = full.of("combined").set_index("case")
    for _, arm in table.groupby("arm"):
        arm = arm.set_index("case")
        assert (arm["fold"] == plain["fold"].loc[arm.index]).all() and len(arm) == 43
    own = table[table.arm == "none"].set_index("case")["dice"]
    np.testing.assert_allclose(own, plain["dice"].loc[own.index], atol=1e-5)


def test_a_permuted_table_has_the_same_values_and_nobody_keeps_their_own(tmp_path):
    rows = [f"Training_{n},{n % 7},{90 + n},2a,{100 + n},{50 + n}" for n in range(1, 31)]
    content = "\n".join(["Case,mRS,Days to mRS,TICI,TSS,TTT", *rows, ""])
    for name, text in (("before", content), ("after", permute_table(content.encode()))):
        (tmp_path / f"{name}_training.csv").write_text(text)
    before, after = (read_clinical(tmp_path / f"{n}_training.csv") for n in ("before", "after"))
    assert list(before) == list(after)
    for number, row in after.items():
        assert row["mRS"] == before[number]["mRS"], "outcomes stay"
        assert row["TSS"] != before[number]["TSS"]
        assert row["TSS"] - row["TTT"] == 50, "rows travel whole"
    assert {tuple(r[i] for i in INPUTS) for r in after.values()} == {
        tuple(r[i] for i in INPUTS) for r in before.values()
    }


def test_the_oracle_is_of_the_same_patients(full):
    table = pd.read_csv(ROOT / "data" / "results" / "clinical_oracle.csv")
    assert set(table["case"]) == set(full.of("combined")["case"]) and len(table) == 4 * 43
    assert penumbra_fraction(table).between(0, 1).all()


def test_the_network_of_the_trial_has_seen_no_patient_that_chooses_thresholds():
    settings = json.loads((ROOT / "data" / "network_trial" / "run.json").read_text("utf-8"))
    assert settings["clinical"]["columns"] == list(positive_control.COLUMNS)
    assert settings["network"] == positive_control.ARMS["film"]["network"]
    assert len(settings["training"]) == 320 and "folder" not in settings


def test_the_positive_control_has_its_controls_and_every_test_patient():
    table = pd.read_csv(ROOT / "data" / "results" / "positive_control.csv")
    trainings = table.groupby("arm")["seed"].nunique()
    needed = {"none", "film", "permuted", "threshold by TICI", "simulation"}
    assert needed <= set(trainings.index)
    assert trainings["threshold by TICI"] == trainings["none"]
    assert (trainings[["none", "film", "concat"]] == len(positive_control.SEEDS)).all()
    assert trainings["permuted"] == positive_control.PERMUTATIONS
    assert 1 in set(table.loc[table["arm"] == "film", "seed"]), "the permutations' base"
    assert table.groupby(["arm", "seed"])["case"].nunique().eq(64).all()
    assert (table.loc[table["arm"] == "none", "predicted_saved_ml"] == 0).all()
    films = pd.read_csv(ROOT / "data" / "results" / "positive_control_film.csv")
    assert films.groupby(["arm", "seed"])["block"].nunique().eq(9).all()


def small_control(seeds, permutations):
    """Return a table of the positive control, as the benchmark writes it, with two patients."""
    trained = [("none", s) for s in seeds] + [("film", s) for s in seeds]
    trained += [("threshold by TICI", s) for s in seeds]
    trained += [("permuted", n + 1) for n in range(permutations)] + [("simulation", 0)]
    rng = np.random.default_rng(1)
    rows = [{"arm": a, "seed": s, "case": f"test_{n}"} for a, s in trained for n in (1, 2)]
    names = ["dice", "dice_saved", "saved_ml", "predicted_saved_ml"]
    table = pd.DataFrame(rows)
    table[names] = rng.random((len(table), 4))
    table.loc[table["arm"] == "permuted", names[:2]] = 0.5
    for seed, value in ((1, 0.9), (2, 0.1)):
        table.loc[(table["arm"] == "film") & (table["seed"] == seed), names[:2]] = value
    return table


@pytest.mark.parametrize(("seeds", "permutations", "least"), [([1], 3, 0.25), ([1, 2], 4, 0.2)])
def test_a_positive_control_in_part_says_how_many_networks_and_the_least_p(
    seeds, permutations, least
):
    table = small_control(seeds, permutations)
    found = positive_control.counted(table)
    assert f"Recorded networks: {2 * len(seeds) + permutations} " in found and "concat 0" in found
    assert f"1/{permutations + 1} = {least:.2f} is possible" in found
    ranks = positive_control.ranks(table)
    assert ranks.endswith(found)
    rows = [line for line in ranks.splitlines() if line.startswith("| Dice")]
    assert [row.split("|")[-2].strip() for row in rows] == [f"{least:.2f}"] * 2, "of seed 1 only"
    assert "threshold by TICI" in positive_control.summary(table)


def test_the_page_of_the_cluster_says_what_was_measured():
    page = (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")
    table = pd.read_csv(ROOT / "data" / "results" / "cluster_dice.csv")
    assert cluster_dice.summary(table) in page
    found = cluster_scaling.speeds()
    for _, row in found.iterrows():
        plain = row["plain, all cores"]
        assert " | ".join(f"{rate:.2f} ({rate / plain:.2f})" for rate in row) in page
    for filters, parameters in cluster_scaling.PARAMETERS.items():
        assert f"{parameters:,}" in page
        for label, rates in cluster_scaling.laws(filters).items():
            numbers = " | ".join(f"{rate:.1f}" for rate in rates)
            assert f"| {filters} | {label} | {numbers} |" in page


def test_the_page_of_the_cluster_has_the_tables_of_what_was_recorded():
    page = (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")
    assert rescue.summary(pd.read_csv(rescue.CURVES)) in page
    assert cluster_slow.summary(pd.read_csv(cluster_slow.FILE)) in page
    limit = pd.read_csv(ROOT / "data" / "results" / "cluster_limit.csv")
    for (workers, factor), run in limit.groupby(["workers", "factor"]):
        assert f"| {workers} | {factor} | {run['staleness'].mean():.2f} |" in page


def test_the_model_of_a_cluster_predicts_what_the_page_says():
    page = (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")
    assert cluster_scaling.comparison() in page
    table = pd.read_csv(cluster_links.FILE)
    again = cluster_links.predict(table.drop(columns="predicted"))
    pd.testing.assert_frame_equal(again, table, atol=1e-3)
    assert cluster_links.summary(table) in page
