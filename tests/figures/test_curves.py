"""Confusion, ROC, precision-recall, calibration, Bland-Altman: against hand-worked numbers."""

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sklearn

from islesedu import figures
from islesedu.metrics.statistics import bootstrap_interval


def texts_of(ax):
    return [text.get_text() for text in ax.texts]


def test_confusion_has_truth_in_rows_and_answers_in_columns(ax):
    truth = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 0], bool)
    answer = np.array([1, 1, 1, 0, 1, 0, 0, 0, 0, 0], bool)
    figures.confusion_matrix(truth, answer, ax)
    assert texts_of(ax) == ["5\n83.3%", "1\n16.7%", "1\n25.0%", "3\n75.0%"]
    places = [text.get_position() for text in ax.texts]
    assert places == [(0, 0), (1, 0), (0, 1), (1, 1)]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["no lesion", "lesion"]
    shares = sklearn.confusion_matrix(truth, answer, normalize="true")
    np.testing.assert_allclose(ax.images[0].get_array(), shares)


@pytest.mark.filterwarnings("error")
def test_confusion_of_many_kinds_and_of_kinds_that_do_not_occur(ax, rng):
    truth, answer = rng.integers(0, 2, (2, 40))
    figures.confusion_matrix(truth, answer, ax, names=("a", "b", "c"))
    assert texts_of(ax)[6:] == ["0\nnone"] * 3
    counts = [int(text.split("\n")[0]) for text in texts_of(ax)]
    expected = sklearn.confusion_matrix(truth, answer, labels=[0, 1, 2])
    np.testing.assert_array_equal(np.reshape(counts, (3, 3)), expected)


@pytest.mark.parametrize(
    ("truth", "answer", "words"),
    [([0, 1], [0, 1, 1], "shape"), ([0, 1], [0.3, 0.7], "prediction"), ([0, 2], [0, 1], "truth")],
)
def test_confusion_refuses_what_is_no_kind(ax, truth, answer, words):
    with pytest.raises(ValueError, match=words):
        figures.confusion_matrix(truth, answer, ax)


def test_roc_draws_its_points_and_its_area(ax):
    values, wanted = np.array([0.9, 0.7, 0.6, 0.2]), np.array([1, 0, 1, 0])
    figures.roc_curve(values, wanted, ax, label="V-Net")
    guess, curve = ax.lines
    points = [[0, 0], [0, 0.5], [0.5, 0.5], [0.5, 1], [1, 1]]
    assert curve.get_xydata().tolist() == points
    assert curve.get_label() == "V-Net, AUC 0.750"
    assert guess.get_xydata().tolist() == [[0, 0], [1, 1]]
    figures.roc_curve(-values, wanted, ax, label="the other way")
    assert [line.get_label() for line in ax.lines][2] == "the other way, AUC 0.250"
    assert ax.lines[1].get_linestyle() != ax.lines[2].get_linestyle()
    assert len(ax.lines) == 3 and ax.get_aspect() == 1


def test_precision_recall_draws_its_points_and_the_share(ax):
    values, wanted = np.array([0.9, 0.7, 0.6, 0.2]), np.array([1, 0, 1, 0])
    figures.precision_recall_curve(values, wanted, ax)
    guess, curve = ax.lines
    np.testing.assert_allclose(curve.get_xydata(), [[0.5, 1], [0.5, 0.5], [1, 2 / 3], [1, 0.5]])
    assert set(guess.get_ydata()) == {0.5}
    assert curve.get_label() == "network, AP 0.833"  # 1 / 2 + 2 / 3 / 2


def test_calibration_draws_its_bins_and_its_error(ax):
    predicted, true = np.repeat([0.1, 0.6], [8, 2]), np.repeat([0, 1], [7, 3])
    figures.calibration_diagram(predicted, true, ax, label="V-Net")
    diagonal, curve = ax.lines
    np.testing.assert_allclose(curve.get_xydata(), [[0.1, 1 / 8], [0.6, 1]])
    assert curve.get_label() == "V-Net, ECE 0.100"  # 0.8 x 0.025 + 0.2 x 0.4
    assert diagonal.get_xydata().tolist() == [[0, 0], [1, 1]]
    figures.calibration_diagram(predicted, true, ax, bins=1, label="one bin")
    assert ax.lines[2].get_xydata().tolist() == [[pytest.approx(0.2), pytest.approx(0.3)]]
    assert ax.lines[1].get_marker() != ax.lines[2].get_marker()


def test_long_curves_are_thinned_but_keep_their_ends(ax, rng):
    wanted = rng.random((50, 50, 4)) < 0.1
    figures.roc_curve(rng.random(wanted.shape) + wanted, wanted, ax)
    points = ax.lines[1].get_xydata()
    assert len(points) <= 2000
    assert points[0].tolist() == [0, 0] and points[-1].tolist() == [1, 1]


@pytest.mark.filterwarnings("error")
def test_one_kind_only_has_no_curve_but_a_picture(ax):
    figures.roc_curve(np.arange(4.0), np.zeros(4, bool), ax)
    assert ax.lines[1].get_label() == "network, AUC nan"
    ax.figure.canvas.draw()


def test_limits_of_agreement_by_hand():
    # differences 2, 4, 6: mean 4, standard deviation 2
    limits = figures.limits_of_agreement([12, 24, 36], [10, 20, 30])
    assert limits == pytest.approx((4, 4 - 3.92, 4 + 3.92))
    assert limits.bias == 4 and limits.lower < limits.upper
    with_gap = figures.limits_of_agreement([12, np.nan, 24, 36], [10, 1, 20, 30])
    assert with_gap == pytest.approx(limits)


def test_bland_altman_draws_differences_against_means(ax):
    figures.bland_altman([12, 24, 36], [10, 20, 30], ax)
    (points,) = ax.collections
    assert points.get_offsets().tolist() == [[11, 2], [22, 4], [33, 6]]
    heights = [line.get_ydata()[0] for line in ax.lines]
    assert heights == pytest.approx([0, 4, 0.08, 7.92])
    assert [line.get_linestyle() for line in ax.lines[1:]] == ["-", "--", "--"]
    assert texts_of(ax) == ["mean +4.0", "lower limit +0.1", "upper limit +7.9"]
    low, high = ax.get_ylim()
    assert low < 0 and high > 7.92
    assert "(ml)" in ax.get_xlabel() and "(ml)" in ax.get_ylabel()


def test_too_few_pairs_are_refused():
    with pytest.raises(ValueError, match="1 pairs? .*at least two"):
        figures.limits_of_agreement([1, np.nan], [2, 3])
    with pytest.raises(ValueError, match="two equal lists"):
        figures.limits_of_agreement([1, 2], [2, 3, 4])


def test_paired_differences_draws_each_case_the_mean_and_its_interval(ax):
    dice = {"plain": [0.2, 0.4, 0.6], "told": [0.3, 0.3, 0.9], "shuffled": [0.1, 0.4, np.nan]}
    rows = [
        {"arm": arm, "case": case, "dice": value}
        for arm, values in dice.items()
        for case, value in enumerate(values)
    ]
    table = pd.DataFrame(rows)
    figures.paired_differences(table, ax, against="plain")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["told", "shuffled"]
    told, shuffled = (points.get_offsets()[:, 0] for points in ax.collections)
    np.testing.assert_allclose(told, [0.1, -0.1, 0.3])
    np.testing.assert_allclose(shuffled, [-0.1, 0.0])  # the case without a number is left out
    means = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "D"]
    np.testing.assert_allclose(means, [0.1, -0.05])
    bars = [line.get_xdata() for line in ax.lines if line.get_linewidth() == 3]
    np.testing.assert_allclose(bars[0], bootstrap_interval(told))
    with pytest.raises(ValueError, match="arm has no 'nothing'; it has plain, told, shuffled"):
        figures.paired_differences(table, ax, against="nothing")
