import numpy as np
import pytest
from sklearn import metrics as sklearn

from islesedu.metrics.discrimination import (
    auc,
    average_precision,
    precision_recall_points,
    roc_points,
)


def test_auc_is_the_share_of_pairs_and_ties_count_half(rng):
    values, wanted = rng.integers(0, 9, 200), rng.random(200) < 0.3
    pairs = values[wanted][:, None] - values[~wanted][None]
    assert auc(values, wanted) == pytest.approx(((pairs > 0) + 0.5 * (pairs == 0)).mean())
    assert np.isnan(auc(values, np.zeros(200, bool)))


@pytest.fixture(params=["ties", "no ties"])
def ranked(request, rng):
    """Values and wanted places; whole numbers have many equal ones."""
    wanted = rng.random(300) < 0.2
    values = rng.normal(size=300) + wanted
    return (values.round() if request.param == "ties" else values), wanted


def test_roc_points_are_scikit_learn_s(ranked):
    values, wanted = ranked
    expected = sklearn.roc_curve(wanted, values, drop_intermediate=False)
    for ours, theirs in zip(roc_points(values, wanted), expected, strict=True):
        np.testing.assert_allclose(ours, theirs)


def test_area_under_the_points_is_the_auc(ranked):
    values, wanted = ranked
    alarms, found, _ = roc_points(values, wanted)
    assert np.trapezoid(found, alarms) == pytest.approx(auc(values, wanted))


def test_precision_and_recall_are_scikit_learn_s(ranked):
    values, wanted = ranked
    precision, recall, thresholds = sklearn.precision_recall_curve(wanted, values)
    ours = precision_recall_points(values, wanted)
    expected = (recall[:-1], precision[:-1], thresholds)  # without its made-up last point
    for mine, theirs in zip(ours, expected, strict=True):
        np.testing.assert_allclose(mine, theirs[::-1])
    expected = sklearn.average_precision_score(wanted, values)
    assert average_precision(values, wanted) == pytest.approx(expected)


@pytest.mark.filterwarnings("error")
def test_rates_of_nothing_are_nan():
    values = np.array([2.0, 1.0])
    alarms, found, _ = roc_points(values, np.zeros(2, bool))
    assert np.isnan(found).all() and alarms.tolist() == [0, 0.5, 1]
    assert np.isnan(roc_points(values, np.ones(2, bool))[0]).all()
    assert np.isnan(average_precision(values, np.zeros(2, bool)))
    assert np.isnan(average_precision(values[:0], np.zeros(0, bool)))


def test_volumes_and_bools_can_be_ranked(rng):
    wanted = rng.random((4, 5, 6)) < 0.5
    assert roc_points(wanted, wanted)[1].tolist() == [0, 1, 1]


def test_what_cannot_be_ranked_is_refused():
    with pytest.raises(ValueError, match=r"values is \(3,\) and truth \(4,\)"):
        roc_points(np.zeros(3), np.zeros(4, bool))
    with pytest.raises(ValueError, match="nan"):
        precision_recall_points(np.array([1, np.nan]), np.array([True, False]))
