"""The gradients that lesson 10 derives are those of the losses the network trains with."""

import numpy as np
import pytest
import tensorflow as tf

from islesedu import losses
from islesedu.networks.loss_gradients import (
    combined_gradient,
    cross_entropy_gradient,
    soft_dice_gradient,
)

PAIRS = [
    (losses.cross_entropy, cross_entropy_gradient),
    (losses.soft_dice, soft_dice_gradient),
    (losses.combined, combined_gradient),
]


@pytest.mark.parametrize(("loss", "gradient"), PAIRS)
def test_as_automatic_differentiation(loss, gradient, rng):
    y, z = (
        (rng.random(40) > 0.8).astype("float32"),
        tf.Variable(rng.normal(0, 3, 40), dtype="float32"),
    )
    with tf.GradientTape() as tape:
        value = loss(y, z, from_logits=True)
    np.testing.assert_allclose(gradient(y, z.numpy()), tape.gradient(value, z), atol=1e-6)


@pytest.mark.parametrize(("loss", "gradient"), PAIRS)
def test_rows_are_independent(loss, gradient, rng):
    y, z = (rng.random(10) > 0.5).astype(float), rng.normal(size=(3, 10))
    np.testing.assert_allclose(gradient(y, z), [gradient(y, row) for row in z])


@pytest.mark.parametrize(("loss", "gradient"), PAIRS)
@pytest.mark.parametrize("z", [-1e4, -40, 40, 1e4])
def test_saturated_logits_give_finite_gradients(loss, gradient, z):
    for y in (np.zeros(5), np.eye(5)[0], np.ones(5)):
        assert np.isfinite(gradient(y, np.full(5, float(z)))).all()


def test_soft_dice_of_an_empty_reference_has_no_gradient(rng):
    assert not soft_dice_gradient(np.zeros(6), rng.normal(size=6)).any()


def test_soft_dice_raises_a_voxel_where_the_posterior_exceeds_half_the_dice(rng):
    """The sign of the expected gradient, for labels drawn with the posterior q."""
    q, z = np.full(4000, 0.3), rng.normal(size=4000)
    y = (rng.random(4000) < q).astype(float)
    p = 1 / (1 + np.exp(-z))
    half_dice = (p * q).sum() / (p.sum() + q.sum())
    assert half_dice < 0.3 and soft_dice_gradient(y, z).sum() < 0
