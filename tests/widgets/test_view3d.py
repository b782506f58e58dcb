"""The 3-D view: where surfaces lie, with k3d and with a stand-in for it."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from islesedu.widgets.browser.browser import SliceBrowser
from islesedu.widgets.browser.inputs import BrowserError
from islesedu.widgets.view3d import FINEST, show_3d, surface_field
from tests.widgets.test_browser import made_patient


class Plot:
    """As much of k3d.Plot as is used."""

    def __init__(self, **options):
        self.options, self.objects, self.axes = options, [], []

    def __iadd__(self, thing):
        self.objects.append(thing)
        return self


@pytest.fixture
def stand_in(monkeypatch):
    cubes = lambda field, **options: SimpleNamespace(field=field, **options)  # noqa: E731
    monkeypatch.setitem(sys.modules, "k3d", SimpleNamespace(plot=Plot, marching_cubes=cubes))


@pytest.fixture
def patient(rng):
    return made_patient(rng)


@pytest.mark.parametrize("orientation", ["RAS", "LPS", "SAR"])
def test_a_surface_lies_where_its_voxels_lie(rng, orientation):
    patient = made_patient(rng, orientation)
    field, bounds = surface_field(patient.lesion, patient.affine)
    assert field.sum() == patient.lesion.sum()
    middle = []
    for axis in range(3):  # x, y, z are the field's axes 2, 1, 0
        others = tuple(a for a in range(3) if a != 2 - axis)
        weights = field.sum(axis=others)
        assert weights[0] == weights[-1] == 0  # closed
        places = np.linspace(bounds[2 * axis], bounds[2 * axis + 1], len(weights))
        middle.append((weights * places).sum() / weights.sum())
    voxels = np.argwhere(patient.lesion).mean(axis=0)
    np.testing.assert_allclose(middle, (patient.affine @ [*voxels, 1])[:3], atol=1e-5)


def test_a_large_brain_is_sampled_more_coarsely():
    ball = np.zeros((256, 256, 24), bool)
    ball[60:200, 40:220, 3:20] = True
    field, bounds = surface_field(ball, np.diag([1, 1, 5, 1.0]), coarse=True)
    assert max(field.shape) <= FINEST + 2
    xs = np.linspace(bounds[0], bounds[1], field.shape[2])[field.max(axis=(0, 1)) > 0.5]
    assert 55 <= xs.min() <= 65 and 195 <= xs.max() <= 205


def test_brain_truth_and_prediction_look_different(stand_in, patient):
    browser = SliceBrowser(patient, probability=patient.lesion * 0.6, threshold=0.3)
    brain, truth, found = show_3d(browser, opacity=0.1).objects
    assert (brain.name, brain.opacity) == ("brain", 0.1)
    assert truth.name == "truth" and found.wireframe and truth.color != found.color
    browser.threshold = 0.7
    assert len(show_3d(browser).objects) == 2  # nothing is predicted any more


def test_a_patient_without_browser(stand_in, patient):
    plot = show_3d(patient, prediction=~patient.lesion)
    assert [thing.name for thing in plot.objects] == ["brain", "truth", "prediction"]
    with pytest.raises(BrowserError, match="nothing to show"):
        show_3d(np.zeros((3, 3, 3)))
    with pytest.raises(BrowserError, match="prediction has the shape"):
        show_3d(patient, prediction=np.ones((2, 2, 2)))


def test_without_k3d_it_says_how_to_get_it(monkeypatch, patient):
    monkeypatch.setitem(sys.modules, "k3d", None)
    with pytest.raises(ImportError, match=r"pip install 'islesedu\[view3d\]'"):
        show_3d(patient)


def test_with_k3d_itself(patient):
    k3d = pytest.importorskip("k3d")
    plot = show_3d(patient, prediction=np.roll(patient.lesion, 1, axis=0))
    assert isinstance(plot, k3d.Plot)
    brain, truth, found = plot.objects
    assert (truth.name, truth.level, truth.scalar_field.sum()) == (
        "truth",
        0.5,
        patient.lesion.sum(),
    )
    corner = np.reshape(truth.model_matrix, (4, 4)) @ [0.5, 0.5, 0.5, 1]
    _, bounds = surface_field(patient.lesion, patient.affine)
    np.testing.assert_allclose(corner[:3], bounds[1::2], atol=1e-4)
