"""Slices: what is drawn, where, in which look."""

import subprocess
import sys

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.patches import Rectangle

from islesedu import figures
from islesedu.figures import style


def legend_of(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_importing_figures_imports_neither_tensorflow_nor_nilearn_s_plotting():
    code = (
        "import sys, islesedu.figures, islesedu.course.map\n"
        "print([m for m in ('tensorflow', 'keras', 'nilearn.plotting') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_all_names_are_there_and_say_what_they_draw():
    for name in figures.__all__:
        thing = getattr(figures, name)
        if callable(thing) and "ax" in getattr(thing, "__annotations__", {}):
            assert "Caption:" in thing.__doc__ or name == "mark_sides", name


def test_front_is_up_and_right_is_left():
    marked = np.zeros((4, 6))
    marked[3, 5] = 1  # the patient's right, front
    assert figures.upright(marked).shape == (6, 4)
    assert figures.upright(marked)[0, 0] == 1  # top left of the picture
    channels = figures.upright(np.stack([marked, 2 * marked], axis=-1))
    assert channels.shape == (6, 4, 2) and channels[0, 0].tolist() == [1, 2]


def test_slice_is_drawn_upright_with_its_unit(ax, rng):
    picture = rng.random((5, 7))
    assert figures.show_slice(picture, ax, title="ADC", unit="s") is ax
    np.testing.assert_array_equal(ax.images[0].get_array(), figures.upright(picture))
    assert ax.get_title() == "ADC" and ax.figure.axes[1].get_ylabel() == "s"
    assert ax.get_aspect() == 1 and not ax.texts


def test_view_gives_a_slice_its_shape_and_its_sides(ax):
    how = figures.view(np.diag([2, 2, 5, 1]), "coronal")
    figures.show_slice(np.zeros((6, 4)), ax, colorbar=False, view=how)
    assert ax.get_aspect() == 2.5
    assert [text.get_text() for text in ax.texts] == ["R", "L"]
    assert ax.texts[0].get_position()[0] < ax.texts[1].get_position()[0]


def test_an_aspect_that_is_asked_for_wins(ax):
    how = figures.view(np.diag([2, 2, 5, 1]), "coronal")
    mask = np.eye(4, dtype=bool)
    figures.overlay(np.zeros((4, 4)), mask, mask, ax, aspect=3.0, view=how)
    assert ax.get_aspect() == 3
    figures.outcome_map(mask, mask, ax, aspect=4.0)
    assert ax.get_aspect() == 4


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("fill", [0, 1])
def test_empty_and_full_masks_have_no_outline(ax, fill):
    figures.outline(np.full((4, 4), fill), ax, label="truth")
    assert len(ax.collections) == 0


def inside_of(ax):
    """Middle of the only line of the axes, and whether it is closed."""
    (path,) = ax.collections[0].get_paths()
    points = path.vertices
    return points.min(axis=0) / 2 + points.max(axis=0) / 2, np.allclose(points[0], points[-1])


def test_outline_goes_round_its_mask(ax):
    mask = np.zeros((10, 8))
    mask[7:9, 1:4] = 1  # x 7-8: the picture's columns 2-1; y 1-3: rows 6-4
    figures.outline(mask, ax)
    middle, closed = inside_of(ax)
    np.testing.assert_allclose(middle, [1.5, 5])
    assert closed


def test_outline_closes_at_the_edge_and_stays_inside_the_picture(ax):
    mask = np.zeros((6, 6))
    mask[0:2, 2:4] = 1
    figures.show_slice(mask, ax)
    figures.outline(mask, ax)
    assert inside_of(ax)[1]
    assert ax.get_xlim() == (-0.5, 5.5) and ax.get_ylim() == (5.5, -0.5)
    points = ax.collections[0].get_paths()[0].vertices
    assert points.min() >= -0.5 and points.max() <= 5.5


def test_truth_and_prediction_differ_in_more_than_colour(ax, rng):
    mask = np.zeros((8, 9), bool)
    mask[2:4, 3:6] = True
    figures.overlay(rng.random((8, 9)), mask, np.roll(mask, 1, 0), ax, vmin=-1, vmax=3)
    truth, prediction = ax.collections
    assert truth.get_linestyle()[0][1] is None  # solid
    assert prediction.get_linestyle()[0][1] is not None  # dashed
    assert to_hex(truth.get_edgecolor()[0]) == figures.TRUTH.color.lower()
    assert to_hex(prediction.get_edgecolor()[0]) == figures.PREDICTION.color.lower()
    assert legend_of(ax) == ["reference mask", "prediction"]
    assert ax.images[0].get_clim() == (-1, 3)


def test_looks_differ_without_colour():
    pairs = [(figures.TRUTH, figures.PREDICTION), style.CURVES]
    for looks in pairs:
        assert len({one.linestyle for one in looks}) == len({one.marker for one in looks})
        assert len({one.linestyle for one in looks}) == len(looks)
    outcomes = (figures.TRUE_POSITIVE, figures.FALSE_NEGATIVE, figures.FALSE_POSITIVE)
    assert len({one.hatch for one in outcomes}) == len({one.marker for one in outcomes}) == 3


def test_outcomes_are_counted_and_signed(ax):
    truth, prediction = np.zeros((2, 5, 5), bool)
    truth[0, :3], prediction[0, 1:5] = True, True
    figures.outcome_map(truth, prediction, ax)
    assert legend_of(ax) == ["+ TP 2", "o FN 1", "x FP 2"]
    found, missed, _ = (points.get_offsets() for points in ax.collections)
    assert missed.tolist() == [[4, 4]]  # x 0, y 0: the patient's left, back
    assert sorted(found.tolist()) == [[4, 2], [4, 3]]
    picture = ax.images[0].get_array()
    np.testing.assert_allclose(picture[4, 4], to_rgb(figures.FALSE_NEGATIVE.color))
    np.testing.assert_allclose(picture[0, 4], to_rgb(figures.FALSE_POSITIVE.color))


def test_what_is_no_mask_is_named(ax):
    mask = np.eye(4, dtype=bool)
    with pytest.raises(ValueError, match="^prediction holds"):
        figures.outcome_map(mask, mask * 0.5, ax)
    with pytest.raises(ValueError, match="^truth holds"):
        figures.outcome_map(mask * 0.5, mask, ax)


def test_many_pixels_are_hatched_instead(ax):
    truth, prediction = np.zeros((2, 64, 64), bool)
    truth[10:30, 10:30], prediction[20:40, 10:30] = True, True
    figures.outcome_map(truth, prediction, ax)
    hatches = [area.hatches[0] for area in ax.collections]
    assert hatches == [
        figures.TRUE_POSITIVE.hatch,
        figures.FALSE_NEGATIVE.hatch,
        figures.FALSE_POSITIVE.hatch,
    ]
    handles = ax.get_legend().legend_handles
    assert all(isinstance(handle, Rectangle) for handle in handles)
    assert [handle.get_hatch() for handle in handles] == hatches
    assert legend_of(ax)[0] == "TP 200"


@pytest.mark.parametrize(
    ("factor", "unit", "high"),
    [(1, "1e-6 mm²/s", 1500), (1e-3, "1e-3 mm²/s", 1.5), (1e-6, "mm²/s", 0.0015)],
)
def test_gray_scale_of_adc_follows_its_unit(rng, factor, unit, high):
    scale = figures.gray_scale("ADC", rng.normal(800, 50, 100) * factor)
    assert scale.unit == unit and scale.vmax == pytest.approx(high)


def test_gray_scale_is_the_same_for_every_patient_unless_the_unit_is_wrong(rng):
    flow = rng.gamma(4, 5, 1000)
    assert figures.gray_scale("CBF", flow) == (*figures.RANGES["CBF"], "ml/100 g/min")
    wrong = figures.gray_scale("CBF", 1000 * flow)  # as in case 45 of ISLES 2017
    assert wrong.unit == "unit unknown"
    assert wrong.vmax == pytest.approx(np.percentile(1000 * flow, 99.5))


def test_gray_scale_of_other_maps_is_their_own():
    values = np.append(np.zeros(500), np.arange(1, 201))  # air does not count
    scale = figures.gray_scale("DWI", values)
    assert scale.vmin == 0 and scale.vmax == pytest.approx(np.percentile(values[500:], 99.5))
    assert figures.gray_scale("DWI", np.zeros(4))[:2] == (0, 1)
    assert figures.gray_scale("Tmax", np.full(4, np.nan)) == figures.gray_scale("Tmax")
