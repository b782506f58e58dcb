"""Voxelwise features change with the treatment only where they are conditioned on it."""

from dataclasses import replace

import numpy as np
import pytest

from islesedu.phantom import make_patient
from islesedu.training import predict_voxels, voxel_features


class Sum:
    """A classifier whose probability of lesion grows with the sum of the features."""

    def predict_proba(self, features):
        """Return both probabilities, (N, 2)."""
        lesion = 1 / (1 + np.exp(-features.sum(axis=1)))
        return np.column_stack([1 - lesion, lesion])


@pytest.fixture(scope="module")
def patient():
    made = make_patient(2017, "training", 1, 0.1, "trial").as_patient("training_1")
    return replace(made, clinical={"TTT": 90})


def test_interactions_are_the_features_times_reopened_and_times_hours(patient):
    plain, brain = voxel_features(patient, "3", conditioned=False)
    full, _ = voxel_features(patient, "3", conditioned=True)
    with_one = np.column_stack([np.ones(brain.sum()), plain])
    np.testing.assert_allclose(full, np.concatenate([plain, with_one, 1.5 * with_one], axis=1))
    closed, _ = voxel_features(patient, "0", conditioned=True)
    np.testing.assert_array_equal(closed[:, :3], plain)
    assert not closed[:, 3:].any()


def test_a_constant_map_stays_constant_up_to_the_border_of_the_brain(patient):
    image = patient.image.copy()
    image[..., patient.channels.index("ADC")] = np.where(image[..., 0] > 0, 700, 0)
    features, _ = voxel_features(replace(patient, image=image), "0", conditioned=False)
    np.testing.assert_allclose(features[:, 0], 1, rtol=1e-5)


def test_only_a_conditioned_prediction_depends_on_the_treatment(patient):
    for conditioned in (False, True):
        closed, opened = (
            predict_voxels(Sum(), patient, tici, conditioned=conditioned) for tici in ("0", "3")
        )
        assert (closed[patient.image[..., 0] <= 0] == 0).all()
        assert np.array_equal(closed, opened) != conditioned
