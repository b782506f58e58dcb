"""Curves and bars: the numbers that are drawn, and what is said where there is none."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from islesedu import figures
from islesedu.figures import style


def legend_of(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_curves_of_training_and_validation_against_the_epoch():
    epochs = pd.Index([4, 8, 12])
    columns = {"loss": [1, 0.5, 0.2], "dice": [0.1, 0.3, 0.5]}
    columns |= {"val_loss": [1, 0.7, 0.8], "val_dice": [0.1, 0.3, 0.2]}
    figure, axes = plt.subplots(1, 2)
    figures.loss_and_dice(pd.DataFrame(columns, epochs), axes, best=8)
    assert legend_of(axes[1]) == ["training", "validation", "highest validation Dice"]
    for ax, name in zip(axes, ("loss", "dice"), strict=True):
        training, validation, line = ax.lines
        np.testing.assert_array_equal(training.get_xydata().T, [epochs, columns[name]])
        np.testing.assert_array_equal(validation.get_xydata().T, [epochs, columns[f"val_{name}"]])
        assert line.get_xdata() == [8, 8] and ax.get_xlabel() == "epoch"
    plt.close(figure)


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
