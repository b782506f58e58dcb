"""Curves and bars: the numbers that are drawn, and what is said where there is none."""

import numpy as np
import pandas as pd
import pytest

from islesedu import figures
from islesedu.figures import style


def legend_of(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_curves_show_what_there_is(ax):
    history = pd.DataFrame({"step": [4, 8, 12], "loss": [1, 0.5, 0.2], "dice": [0.1, 0.3, 0.5]})
    figures.learning_curves(history.assign(val_dice=[0.1, 0.2, 0.3]), ax)
    assert legend_of(ax) == ["loss", "Dice", "Dice, held out"]
    np.testing.assert_array_equal(ax.lines[0].get_xydata()[:, 1], history["loss"])
    assert len({line.get_linestyle() for line in ax.lines[:3]}) == 3
    assert "no unit" in ax.get_ylabel()


def test_cases_come_best_first_and_failures_are_marked(ax):
    table = pd.DataFrame(
        {"case": ["a", "b", "c"], "dice": [0.2, 0.9, 0.0], "failed": [False, False, True]}
    )
    figures.case_metrics(table, ax)
    assert [bar.get_height() for bar in ax.patches] == [0.9, 0.2, 0.0]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["b", "a", "c"]
    assert ax.patches[2].get_hatch() == "//"
    assert [text.get_text() for text in ax.texts] == ["failed"]
    assert ax.get_ylabel() == "Dice (0 to 1)" and legend_of(ax) == ["mean 0.37"]


def test_cases_without_a_number_say_so_and_do_not_count(ax):
    table = pd.DataFrame({"case": list("abc"), "assd_mm": [np.nan, 1.0, 3.0]})
    figures.case_metrics(table, ax, "assd_mm")
    assert legend_of(ax) == ["mean of 2 cases: 2.00"]
    (note,) = ax.texts
    assert note.get_text() == "no number" and note.xy[0] == pytest.approx(2)  # the last place
    assert ax.get_xlim()[1] > 2.4 and ax.get_ylabel() == "ASSD (mm)"


def test_cases_with_the_same_name_keep_their_bars(ax):
    table = pd.DataFrame({"case": ["a", "a"], "dice": [0.2, 0.4]})
    figures.case_metrics(table, ax)
    assert [bar.get_height() for bar in ax.patches] == [0.4, 0.2]
    assert ax.patches[0].get_x() != ax.patches[1].get_x()


@pytest.mark.filterwarnings("error")
def test_no_number_at_all_has_no_mean(ax):
    table = pd.DataFrame({"case": ["a"], "assd_mm": [np.nan], "failed": [True]})
    figures.case_metrics(table, ax, "assd_mm")
    assert ax.get_legend() is None


def test_models_are_compared_case_by_case(ax):
    table = pd.DataFrame(
        {"rule": [0.2, 0.5], "V-Net": [0.6, 0.1], "note": ["x", "y"]}, index=["a", "b"]
    )
    figures.compare_cases(table, ax, ["rule", "V-Net"])
    lines, rule, vnet = ax.collections
    assert rule.get_offsets().tolist() == [[0, 0.5], [1, 0.2]]  # ordered by the first
    assert vnet.get_offsets().tolist() == [[0, 0.1], [1, 0.6]]
    ends = [segment[:, 1].tolist() for segment in lines.get_segments()]
    np.testing.assert_allclose(ends, [[0.1, 0.5], [0.2, 0.6]])
    assert legend_of(ax) == ["rule, mean 0.35", "V-Net, mean 0.35"]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["b", "a"]
    corners = [len(points.get_paths()[0].vertices) for points in (rule, vnet)]
    assert corners[0] != corners[1]  # a disc and a square


def test_more_models_than_signs_are_refused(ax):
    table = pd.DataFrame(np.zeros((2, len(style.CURVES) + 1)))
    with pytest.raises(ValueError, match="choose 1 to 4 models"):
        figures.compare_cases(table, ax)
