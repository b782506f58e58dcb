"""Pictures of a whole patient: every map, on the right side, at the right slice."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from islesedu import CHANNELS, figures
from islesedu.isles.case import Patient
from islesedu.isles.find import find_cases
from islesedu.isles.read import read_case

SHAPE = (20, 22, 8)


def make_patient(affine, lesion_at_mm, rng, channels=CHANNELS):
    """Patient with a lesion around a place in mm, which is bright in every map."""
    numbers = np.stack([*np.indices(SHAPE), np.ones(SHAPE)], axis=-1)
    places = numbers @ affine[:3].T
    lesion = (np.abs(places - lesion_at_mm) < [5, 5, 6]).all(axis=-1)
    image = rng.uniform(1, 2, (*SHAPE, len(channels))).astype("float32")
    image[lesion] = 10
    spacing = tuple(float(x) for x in np.linalg.norm(affine[:3, :3], axis=0))
    return Patient("training_1", image, lesion, spacing, affine, {}, channels)


def ras_or_las(sign):
    affine = np.diag([sign * 2.0, 2.0, 5.0, 1.0])
    affine[:3, 3] = [-sign * 20, -22, -20]  # the middle of the grid is at 0 mm
    return affine


@pytest.fixture
def six():
    figure, axes = plt.subplots(1, 6)
    yield list(axes)
    plt.close(figure)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("x", "on_the_left"), [(10, True), (-10, False)])
@pytest.mark.parametrize("plane", ["axial", "coronal"])
def test_lesion_stays_on_its_side(six, rng, sign, x, on_the_left, plane):
    patient = make_patient(ras_or_las(sign), (x, 0, 0), rng)
    assert figures.montage(patient, six, plane=plane) == six
    for ax in six:
        low, high = ax.get_xlim()
        columns = np.nonzero((ax.images[0].get_array() == 10).any(axis=0))[0]
        assert low < high and columns.size
        assert ((columns < (low + high) / 2) == on_the_left).all()
        line = ax.collections[0].get_paths()[0].vertices[:, 0]
        np.testing.assert_allclose([line.min(), line.max()], [columns[0] - 0.5, columns[-1] + 0.5])
        assert [text.get_text() for text in ax.texts] == ["R", "L"]


def test_montage_names_every_map_with_its_unit(six, rng):
    patient = make_patient(ras_or_las(1), (10, 0, 0), rng)
    figures.montage(patient, six, 2)
    assert [ax.get_title() for ax in six] == list(CHANNELS)
    units = [ax.get_ylabel() for ax in six[0].figure.axes[6:]]
    assert units[3:] == ["s", "s", "s"] and units[2] == "ml/100 g/min"
    np.testing.assert_array_equal(
        six[5].images[0].get_array(), figures.upright(patient.image[:, :, 2, 5])
    )


def test_montage_finds_the_slice_with_the_most_lesion(six, rng):
    patient = make_patient(ras_or_las(1), (0, 0, 10), rng)
    figures.montage(patient, six)
    z = figures.best_slice(patient.lesion)
    assert patient.lesion[:, :, z].any()
    np.testing.assert_array_equal(
        six[0].images[0].get_array(), figures.upright(patient.image[:, :, z, 0])
    )


def test_montage_draws_the_prediction_dashed_and_the_lesion_only_if_asked(six, rng):
    patient = make_patient(ras_or_las(1), (10, 0, 0), rng)
    figures.montage(patient, six, lesion=False, prediction=patient.lesion)
    for ax in six:
        (line,) = ax.collections
        assert line.get_linestyle()[0][1] is not None


def test_montage_leaves_air_out(six, rng):
    patient = make_patient(ras_or_las(1), (0, 0, 0), rng)
    patient.image[:6] = 0  # the left 6 of 20 columns
    figures.montage(patient, six)
    assert six[0].get_xlim() == pytest.approx((-0.5, 13 + 0.08 * 20 + 0.5))
    assert six[0].get_ylim() == (21.5, -0.5)


def test_montage_says_what_does_not_fit(six, rng):
    patient = make_patient(ras_or_las(1), (10, 0, 0), rng)
    with pytest.raises(ValueError, match="5 axes for the 6 maps of training_1"):
        figures.montage(patient, six[:5])
    with pytest.raises(ValueError, match=r"prediction has the grid \(2, 2, 2\)"):
        figures.montage(patient, six, prediction=np.zeros((2, 2, 2), bool))


def contour_points(ax):
    return np.concatenate([p.vertices for c in ax.collections for p in c.get_paths()])


def across(cut, points):
    """Where points of a cut are on the screen: 0 at its left, 1 at its right."""
    return cut.transAxes.inverted().transform(cut.transData.transform(points))[:, 0]


@pytest.mark.parametrize("number", ["0001", "0002", "0009"])
def test_real_patients_are_not_mirrored(shared, number):
    """Their arrays run to the left (LAS), which must not turn the picture round."""
    (case,) = find_cases(shared / "real" / "isles22" / f"isles22_case{number}")
    patient = read_case(case, ("ADC", "DWI"))
    figure, axes = plt.subplots(1, 2)
    figures.montage(patient, axes)
    z = figures.best_slice(patient.lesion)
    where = np.argwhere(patient.lesion[:, :, z])
    mm = np.c_[where, np.full(len(where), z), np.ones(len(where))] @ patient.affine[:3].T
    middle = (np.array(patient.image.shape[:3]) - 1) / 2
    right_of_middle = mm[:, 0].mean() - (patient.affine[:3] @ [*middle, 1])[0]  # mm
    lesion = contour_points(axes[1])
    columns = patient.image.shape[0]
    off = (columns - 1) / 2 - lesion[:, 0].mean()  # pixels left of the picture's middle
    plt.close(figure)
    assert abs(right_of_middle) > 4 and np.sign(off) == np.sign(right_of_middle)
    picture = axes[1].images[0].get_array()
    inside = figures.upright(patient.lesion[:, :, z], figures.view(patient.affine))
    assert picture[inside].mean() > 1.3 * picture[~inside & (picture > 0)].mean()
