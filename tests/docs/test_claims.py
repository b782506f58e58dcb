"""Numbers in the sentences of docs/results.md and docs/cluster.md, computed again from data/."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import cluster_links, cluster_scaling, rescue
from benchmarks.cluster_slow import FILE as SLOW
from islesedu.comparison.cross_validation import read_comparison
from islesedu.metrics import bootstrap_interval

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "data" / "results"


def page(name):
    """Return a page as one line, so that a sentence may be broken anywhere."""
    return re.sub(r"\s+", " ", (ROOT / "docs" / name).read_text(encoding="utf-8"))


def table(name):
    return pd.read_csv(RESULTS / f"{name}.csv")


@pytest.fixture(scope="module")
def cluster():
    return page("cluster.md")


@pytest.fixture(scope="module")
def results():
    return page("results.md")


def span(values, digits=2):
    """Return the least and the largest of some numbers, as a page writes them."""
    return f"{min(values):.{digits}f} to {max(values):.{digits}f}"


def test_what_a_cluster_costs_on_one_machine(cluster):
    rates = cluster_scaling.speeds()
    one, two = rates["async, 1 worker"], rates["async, 2 workers"]
    plain, alone = rates["plain, all cores"], rates["plain, 1 core"]
    assert f"one worker trains {span(one / plain)} times as many cases a second" in cluster
    costs = [f"{cost:.3f}" for cost in 1 / one - 1 / alone]
    assert f"({costs[0]}, {costs[1]} and {costs[2]} s for the three networks" in cluster
    assert f"gain {min(two / one):.2f} to {max(two / one):.1f} times over one" in cluster
    assert f"and {span(two / plain)} times over plain training" in cluster
    second = plain / alone
    assert f"gains only {min(second):.1f} to {max(second):.2f} times from the second one" in cluster


def test_how_far_the_model_of_links_is_off(cluster):
    links = pd.read_csv(cluster_links.FILE)
    error = (links["predicted"] / links["measured"] - 1)[links["mbit"] > 0].abs()
    assert len(error) == 9
    assert f"off by at most {error.max():.0%}".replace("%", " %") in cluster
    assert f"by {error.mean():.0%} on average".replace("%", " %") in cluster


def test_what_the_log_of_a_slow_worker_says(cluster):
    log = pd.read_csv(SLOW)
    assert f"This is one log of {len(log)} updates." in cluster


def test_how_near_the_slide_our_comparison_is(results):
    full = read_comparison(ROOT / "data" / "compare")
    dice = full.summary()["DC"]
    assert abs(dice["combined"] - 0.357) < 0.03 and abs(dice["cross_entropy"] - 0.179) < 0.03
    empty = full.cases.groupby("loss")["predicted_ml"].agg(lambda ml: (ml == 0).sum())
    assert f"({empty['cross_entropy']} of 43; the slide's means imply 6 or 7, lesson 13)" in results
    assert f"than the combined loss ({empty['combined']})" in results
    tests = full.pairs("voxels")
    assert "none does: five trainings of each loss" in results and (tests["p_folds"] > 0.05).all()


def test_how_the_gradients_of_the_starts_compare(results):
    starts = table("starts").set_index("fold")
    ratio = starts["cross_entropy_gradient"] / starts["soft_dice_gradient"]
    assert f"{ratio[4]:.1f} times in fold 4" in results and ratio.idxmin() == 4
    assert "some 40,000 times in fold 5" in results and 35_000 < ratio[5] < 45_000
    assert starts["soft_dice_gradient"].idxmax() == 4


def test_what_the_factorial_of_the_collapse_shows(results):
    rows = table("collapse").groupby(["loss", "bias", "optimizer", "input"], sort=False)["dice"]
    dice = rows.mean().reset_index()
    soft = dice[dice["loss"] == "soft_dice"]
    whole = soft.loc[soft["input"] == "whole volume", "dice"]
    boxes = soft.loc[soft["input"] != "whole volume", "dice"].sort_values()
    assert len(whole) == len(boxes) == 8
    assert f"fails in all eight settings (Dice {whole.max():.3f} at best)" in results
    assert f"a Dice of {span(boxes[1:])} in seven of the eight" in results and boxes.iloc[0] < 0.01
    others = dice[dice["loss"] != "soft_dice"].set_index("loss")["dice"]
    assert (
        f"reaches {others['combined']:.3f}, cross-entropy {others['cross_entropy']:.3f}" in results
    )


def test_what_the_options_of_a_training_bring(results):
    cases = table("recipes")
    mean = cases.groupby("option")["dice"].mean()
    plain = mean[[name for name in mean.index if not name.endswith("mirror")]]
    mirrored = [mean[f"{name} + mirror"] - mean[name] for name in plain.index]
    assert f"mirrored averaging {span(np.abs(mirrored), 3)}" in results and min(mirrored) > -5e-4
    volumes = cases.groupby("option")[["predicted_ml", "true_ml"]].mean().round().astype(int)
    assert (
        f"these networks predict {volumes.loc['patch', 'predicted_ml']} ml on average, against "
        f"{volumes.loc['original', 'predicted_ml']} ml without boxes and "
        f"{volumes.loc['original', 'true_ml']} ml in truth"
    ) in results
    best = mean.drop([name for name in mean.index if name.startswith("five")]).max()
    assert f"the highest mean Dice of a single network, {best:.3f}" in results


def test_what_more_patients_bring(results):
    mean = table("learning_curve").groupby("patients")["dice"].mean()
    assert f"From 20 to 43 it rises by {mean[43] - mean[20]:.3f}" in results
    assert f"from 43 to 100 by {mean[100] - mean[43]:.3f}" in results and mean[200] <= mean[100]


def test_how_optimistic_a_picked_checkpoint_is(results):
    course = table("checkpoints").pivot(index="step", columns="case", values="dice").to_numpy()
    rng, gains = np.random.default_rng(2017), []
    for _ in range(2000):
        order = rng.permutation(course.shape[1])
        nine, rest = course[:, order[:9]].mean(axis=1), course[:, order[9:]].mean(axis=1)
        gains.append((nine.max() - nine[-1], rest[nine.argmax()] - rest[-1]))
    reported, real = np.mean(gains, axis=0)
    assert "gains 0.035 for the nine against the last checkpoint and 0.010 for the other" in results
    assert (reported, real) == pytest.approx((0.035, 0.010), abs=0.002)


def test_how_much_paired_differences_vary(results):
    wide = table("clinical").pivot(index="case", columns="arm", values="dice")
    found = [(wide[arm] - wide["none"]).std() for arm in ("FiLM", "FiLM, permuted")]
    assert "paired differences have a standard deviation of 0.045" in results
    assert np.mean(found) == pytest.approx(0.045, abs=0.004)


def test_the_nested_search_chose_at_the_end_of_its_range(results):
    cases = table("nested_search")
    thresholds = [name for name in cases if name.replace(".", "").isdigit()]
    inner = cases[cases["inner"] > 0].groupby(["outer", "rate", "steps"])[thresholds].mean()
    chosen = inner.stack().groupby(level="outer").idxmax()
    assert {(steps, float(threshold)) for _, _, steps, threshold in chosen} == {(200, 0.2)}
    assert cases["steps"].max() == 200 and min(map(float, thresholds)) == 0.2
    assert "the largest number of steps (200) and the lowest threshold (0.2)" in results


def test_which_starts_end_collapsed(cluster):
    runs = rescue.of_each_run(table("rescue")).pivot(index="seed", columns="way")
    ends, epochs = runs["last"], runs["collapsed"]
    careful = [way for way in rescue.WAYS if way != "as it is"]
    assert len(ends) == 5 and not ends.isna().any(axis=None)
    assert (ends.loc[2018, careful].round(3) == 0).all()
    assert (ends.drop(2018) > 0.2).all(axis=None)
    assert "Under each of them it ends at a Dice of 0.000" in cluster
    assert epochs.loc[2018, ["as it is", rescue.PLAIN]].tolist() == [3, 1]
    assert (
        "collapses for three epochs and then comes back, and plain training collapses for one"
        in cluster
    )
    assert (epochs.loc[[2017, 2021]] == 0).all(axis=None)
    assert (epochs.loc[[2019, 2020]].max(axis=1) == 1).all()
    assert "Seeds 2017 and 2021 never collapse, seeds 2019 and 2020 for one epoch" in cluster


def test_what_the_positive_control_has_found(results):
    control = table("positive_control")
    by_case = control.groupby(["arm", "case"])[["dice_saved", "dice"]].mean().unstack("arm")
    for endpoint, other, said in (
        ("dice_saved", "none", "{:.3f} ({:.3f} to {:.3f})"),
        ("dice_saved", "threshold by TICI", "{:.3f} ({:.3f} to {:.3f}; bootstrap"),
        ("dice", "none", "{:+.3f} ({:+.3f} to {:+.3f})"),
    ):
        difference = by_case[endpoint]["film"] - by_case[endpoint][other]
        interval = bootstrap_interval(difference)
        assert said.format(difference.mean(), *interval) in results
    means = control.groupby(["arm", "seed"])[["dice_saved", "dice"]].mean()
    film, permuted = means.loc["film", "dice_saved"], means.loc["permuted", "dice_saved"]
    assert len(film) == 3 and len(permuted) == 19 and film.min() > permuted.max()
    others = control[~control["arm"].isin(["film", "simulation", "simulation without TICI"])]
    assert means.loc["film", "dice"].min() < others.groupby("arm")["dice"].mean().min()
    bottom = table("positive_control_film").query("block == 'bottom'")
    own = bottom.loc[bottom["arm"] == "film", "change"]
    chance = bottom.loc[bottom["arm"] == "permuted", "change"].median()
    assert own.max() < 0.1
    assert f"({span(own, 3)}, and {chance:.3f} in the median of the permuted networks)" in results
