from argparse import Namespace

import numpy as np
import pandas as pd
import pytest

from benchmarks.nested_search import CHOSEN, check_options, score_tables, summary, tasks_of

NAMES = [f"training_{number}" for number in range(1, 13)]
OPTIONS = Namespace(folds=3, inner=2, rates=[0.01, 0.1], seed=2017)


def test_no_training_sees_a_patient_that_it_or_its_outer_fold_is_scored_on():
    tasks = tasks_of(NAMES, OPTIONS)
    assert len(tasks) == 3 * (2 + 1) * 2
    for task in tasks:
        assert not set(task["training"]) & set(task["scored"])
        (test,) = {
            one["scored"] for one in tasks if one["outer"] == task["outer"] and one["inner"] == 0
        }
        seen = set(task["training"]) | (set(task["scored"]) if task["inner"] else set())
        assert not seen & set(test)
    scored = [name for one in tasks[::2] if one["inner"] == 0 for name in one["scored"]]
    assert sorted(scored) == sorted(NAMES)


@pytest.fixture
def table():
    """Return scores in which each inner fold prefers rate 0.1, and the outer ones rate 0.01."""
    rows = [
        {name: task[name] for name in ("outer", "inner", "rate")}
        | {"steps": steps, "case": case, "0.2": 0.1, "0.35": 0.2}
        | {"0.5": 0.3 + steps / 1000 + (task["rate"] if task["inner"] else -task["rate"])}
        for task in tasks_of(NAMES, OPTIONS)
        for steps in (50, 100)
        for case in task["scored"]
    ]
    return pd.DataFrame(rows)


def test_scores_are_means_over_the_patients_of_a_fold(table):
    inner, outer = score_tables(table)
    assert inner.shape == outer.shape == (3, 2 * 2 * 3) and list(inner.columns.names) == CHOSEN
    np.testing.assert_allclose(inner[0.1, 100, 0.5], 0.5)
    np.testing.assert_allclose(outer[0.01, 50, 0.5], 0.34)


def test_the_summary_names_choice_estimate_and_optimism(table):
    text = summary(table)
    assert text.count("| 0.1 | 100 | 0.5 | 0.500 | 0.300 |") == 3
    assert (
        "Nested estimate: 0.300" in text and "(rate 0.01, steps 100, threshold 0.5): 0.390" in text
    )
    assert "Optimism: +0.090" in text and "1 distinct setting(s)" in text


def test_a_folder_of_other_options_is_refused(tmp_path):
    options = Namespace(runs=tmp_path / "runs", steps=[50, 100], filters=4, **vars(OPTIONS))
    check_options(options)
    check_options(options)
    options.rates = [0.3]  # more rates are more trainings, none of the old ones changes
    check_options(options)
    options.steps = [50]
    with pytest.raises(SystemExit, match=r"was begun with .*100.*; give another folder"):
        check_options(options)
