import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from islesedu.training import preprocess


def test_mean_and_spread_of_each_channel(rng):
    image = rng.normal([5, -300, 0.01], [2, 40, 0.001], (8, 9, 7, 3))
    prepared = preprocess.standardize(image)
    assert prepared.dtype == np.float32
    np.testing.assert_allclose(prepared.mean(axis=(0, 1, 2)), 0, atol=1e-4)
    np.testing.assert_allclose(prepared.std(axis=(0, 1, 2)), 1, atol=1e-3)


def test_unit_and_offset_do_not_matter(rng):
    image = rng.normal(800, 100, (6, 6, 6, 1))
    for scaled in (image * 1e-6, image * 1000 + 7):
        np.testing.assert_allclose(
            preprocess.standardize(scaled), preprocess.standardize(image), atol=1e-3
        )


@pytest.mark.filterwarnings("error")
def test_constant_and_odd_values():
    image = np.zeros((4, 4, 4, 3))
    image[..., 1] = 0.1  # not exact in binary: its spread is not exactly 0
    image[0, 0, 0, 2], image[1, 0, 0, 2], image[2, 0, 0, 2] = np.nan, np.inf, 8
    prepared = preprocess.standardize(image)
    assert (prepared[..., :2] == 0).all()
    assert np.isfinite(prepared).all() and prepared[2, 0, 0, 2] > 7
    assert prepared[0, 0, 0, 2] == prepared[3, 3, 3, 2]


def test_large_volumes_are_summed_exactly():
    # float32 sums of ten million numbers near 30,000 would be off by percents
    image = np.full((100, 100, 1000, 1), 30_000, np.float32)
    image[::2] += 1
    prepared = preprocess.standardize(image)
    assert prepared[0, 0, 0, 0] == pytest.approx(1) and prepared[1, 0, 0, 0] == pytest.approx(-1)


def test_stack_keeps_the_order_asked_for(rng):
    maps = {"ADC": rng.random((2, 3, 4)), "Tmax": rng.random((2, 3, 4))}
    stacked = preprocess.stack(maps, ["Tmax", "ADC"])
    np.testing.assert_allclose(stacked[..., 0], maps["Tmax"], rtol=1e-6)
    with pytest.raises(ValueError, match="map 'CBF' is missing; there are ADC, Tmax"):
        preprocess.stack(maps, ["CBF"])
    with pytest.raises(ValueError, match=r"maps differ in shape: .*\(2, 3, 5\)"):
        preprocess.stack(maps | {"CBF": np.zeros((2, 3, 5))}, ["ADC", "CBF"])


@settings(max_examples=40, deadline=None)
@given(st.tuples(*[st.integers(1, 6)] * 3), st.integers(0, 3), st.integers(0, 1000))
def test_crop_can_be_undone(shape, margin, seed):
    rng = np.random.default_rng(seed)
    image = rng.random((*shape, 2)) * (rng.random((*shape, 1)) > 0.8)
    cropped, place = preprocess.crop_to_brain(image, margin)
    np.testing.assert_array_equal(preprocess.uncrop(cropped, place, shape), image)


def test_crop_is_the_smallest_box():
    image = np.zeros((9, 9, 9, 1))
    image[3:5, 2, 4:8] = -1
    cropped, place = preprocess.crop_to_brain(image)
    assert cropped.shape == (2, 1, 4, 1) and place[0] == slice(3, 5)
    assert preprocess.crop_to_brain(image, margin=2)[0].shape == (6, 5, 7, 1)


def test_wrong_arguments_are_named():
    image = np.ones((3, 3, 3, 1))
    with pytest.raises(ValueError, match="margin is -1"):
        preprocess.crop_to_brain(image, -1)
    with pytest.raises(ValueError, match=r"array is \(3, 3, 2\), but the slices cut \(1, 3, 2\)"):
        preprocess.uncrop(np.ones((3, 3, 2)), (slice(0, 1), slice(0, 3), slice(0, 2)), (5, 5, 5))


def test_training_validation_cluster_and_prediction_prepare_alike(cohort, monkeypatch):
    """Replace the standardization in one place: every network input changes."""
    from islesedu.cluster.orders import CaseReader, make_orders
    from islesedu.isles.read import read_case
    from islesedu.training import prediction
    from islesedu.training.config import TrainingConfig
    from islesedu.training.dataset import case_dataset, case_stream, cases_with_lesion
    from islesedu.training.provenance import fingerprint

    cases = cases_with_lesion(cohort / "training")
    patient, config = read_case(cases[0]), TrainingConfig(clinical=["TICI"])
    prints = [fingerprint(case) for case in cases]
    settings = {"training": [case.name for case in cases], "fingerprints": prints}
    (order,) = make_orders(cases, 0, 1, settings | TrainingConfig().to_json())
    asked = []

    def model(inputs, training):
        asked.append(np.array(inputs[0] if isinstance(inputs, list) else inputs))
        return asked[-1][..., :1]

    def inputs():
        asked.clear()
        (image, vector), _ = next(case_stream(cases, config, shuffle=False))
        (from_dataset, _), _ = next(iter(case_dataset(cases, config, shuffle=False)))
        prediction.predict_probability(model, patient.image, mirror_axis=0)
        prediction.predict_mean([model], patient, mirror=True, clinical=["TICI"])
        of_worker = CaseReader(cohort / "training", 0)(order.text.encode())[0]
        prepared = preprocess.prepare(patient, config)
        for mine, its in zip(prepared, (image, vector), strict=True):
            np.testing.assert_array_equal(mine, its)
        return [image, np.array(from_dataset), *asked, of_worker]

    before = inputs()
    assert len(before) == 7
    for image in before[:2]:
        np.testing.assert_array_equal(image, before[2])
    with monkeypatch.context() as patch:
        patch.setattr(preprocess, "standardize", lambda image: np.full_like(image, 7))
        for image, its in zip(inputs(), before, strict=True):
            assert (image == 7).all() and image.shape == its.shape


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_air_that_is_not_finite_is_cropped_as_0_is(rng, odd):
    image = np.zeros((6, 5, 4, 2))
    image[2:4, 1:3] = rng.random((2, 2, 4, 2)) + 1
    other = np.where(image == 0, odd, image)
    assert preprocess.head_box(other) == preprocess.head_box(image)
    np.testing.assert_array_equal(preprocess.standardize(other), preprocess.standardize(image))
