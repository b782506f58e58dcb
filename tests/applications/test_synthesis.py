import numpy as np

from islesedu.applications.synthesis import paint, random_contrast, scan, uneven_coil

LABELS = np.kron(np.array([[0, 1], [2, 3]]), np.ones((24, 24), int))  # (48, 48)
SHARES = np.stack([LABELS == number for number in (1, 2, 3)], axis=-1).astype(float)


def test_paint_draws_each_tissue_with_its_mean_and_spread(rng):
    picture = paint(SHARES, [1, 2, 3], [0.1, 0.2, 0.3], rng)
    assert (picture[LABELS == 0] == 0).all()
    for number in (1, 2, 3):
        values = picture[LABELS == number]
        assert abs(values.mean() - number) < 0.06
        assert abs(values.std() - 0.1 * number) < 0.03


def test_a_voxel_of_two_tissues_has_the_mixture(rng):
    assert paint(np.array([0.25, 0.5, 0.0]), [4, 2, 8], np.zeros(3), rng) == 2


def test_coil_has_no_faults_at_strength_0(rng):
    assert (uneven_coil((5, 6), (2, 2), rng, 0) == 1).all()


def test_coil_is_smooth_and_as_uneven_as_asked(rng):
    fields = np.log([uneven_coil((40, 40), (6, 6), rng, 0.2) for _ in range(40)])
    assert abs(fields.std() - 0.2) < 0.03
    assert np.abs(np.diff(fields, axis=1)).max() < 0.1


def test_noise_of_a_black_picture_is_rayleigh(rng):
    noise = scan(np.zeros((200, 200)), (2, 2), rng, noise=0.05)
    assert noise.min() >= 0
    np.testing.assert_allclose(noise.mean(), 0.05 * np.sqrt(np.pi / 2), rtol=0.02)


def test_without_faults_a_scan_is_the_picture(rng):
    np.testing.assert_allclose(scan(LABELS, (2, 2), rng, 0, 0), LABELS)


def test_every_order_of_brightness_occurs(rng):
    orders = set()
    for _ in range(60):
        picture = random_contrast(SHARES, (2.4, 2.4), rng)
        assert picture[LABELS == 0].mean() < 0.2
        orders.add(tuple(np.argsort([picture[LABELS == n].mean() for n in (1, 2, 3)])))
    assert len(orders) == 6
