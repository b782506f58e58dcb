import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from islesedu import CHANNELS, figures
from islesedu.isles import Patient


@pytest.fixture
def ax():
    """Axes that are closed again."""
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


@pytest.fixture
def patient(rng):
    lesion = np.zeros((8, 9, 4), bool)
    lesion[2:4, 3:6, 2] = True
    return Patient(
        "training_1",
        rng.random((8, 9, 4, 6)).astype("float32"),
        lesion,
        (2.0, 2.0, 5.0),
        np.eye(4),
        {},
        CHANNELS,
    )


def test_front_is_up_and_right_is_left():
    marked = np.zeros((4, 6))
    marked[3, 5] = 1  # the patient's right, front
    assert figures.upright(marked).shape == (6, 4)
    assert figures.upright(marked)[0, 0] == 1  # top left of the picture
    channels = figures.upright(np.stack([marked, 2 * marked], axis=-1))
    assert channels.shape == (6, 4, 2) and channels[0, 0].tolist() == [1, 2]


def test_best_slice_has_the_most_lesion(patient):
    assert figures.best_slice(patient.lesion) == 2
    assert figures.best_slice(np.zeros((3, 3, 5), bool)) == 2


def test_slice_is_drawn_upright_with_its_unit(ax, rng):
    picture = rng.random((5, 7))
    assert figures.show_slice(picture, ax, title="ADC", unit="s") is ax
    np.testing.assert_array_equal(ax.images[0].get_array(), figures.upright(picture))
    assert ax.get_title() == "ADC" and ax.figure.axes[1].get_ylabel() == "s"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("fill", [0, 1])
def test_empty_and_full_masks_have_no_outline(ax, fill):
    figures.outline(np.full((4, 4), fill), ax, label="truth")
    assert len(ax.collections) == 0


def test_truth_and_prediction_differ_in_more_than_colour(ax, patient):
    mask = patient.lesion[..., 2]
    figures.overlay(patient.image[..., 2, 0], mask, np.roll(mask, 1, 0), ax)
    styles = {collection.get_linestyle()[0][1] is None for collection in ax.collections}
    assert styles == {True, False}  # one solid, one dashed
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["truth", "prediction"]


def test_outcomes_are_counted(ax):
    truth, prediction = np.zeros((2, 5, 5), bool)
    truth[0, :3], prediction[0, 1:5] = True, True
    figures.outcome_map(truth, prediction, ax)
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["+ found: 2", "o missed: 1", "x false alarm: 2"]


def test_montage_shows_every_map_with_unit(patient):
    figure, axes = plt.subplots(1, 6)
    figures.montage(patient, axes, 2)
    assert [ax.get_title() for ax in axes] == list(CHANNELS)
    assert all(len(ax.collections) == 1 for ax in axes)
    plt.close(figure)


def test_curves_show_what_there_is(ax):
    history = pd.DataFrame({"step": [4, 8, 12], "loss": [1, 0.5, 0.2], "dice": [0.1, 0.3, 0.5]})
    figures.learning_curves(history.assign(val_dice=[0.1, 0.2, 0.3]), ax)
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["loss", "Dice", "Dice, held out"]
    np.testing.assert_array_equal(ax.lines[0].get_xydata()[:, 1], history["loss"])


def test_cases_come_best_first_and_failures_are_marked(ax):
    table = pd.DataFrame(
        {"case": ["a", "b", "c"], "dice": [0.2, 0.9, 0.0], "failed": [False, False, True]}
    )
    figures.case_metrics(table, ax)
    assert [bar.get_height() for bar in ax.patches] == [0.9, 0.2, 0.0]
    assert ax.patches[2].get_hatch() == "//"
    assert [text.get_text() for text in ax.texts] == ["failed"]
