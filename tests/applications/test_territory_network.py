from dataclasses import replace

import numpy as np
import pytest

from islesedu import data_folder
from islesedu.applications.territories import Location, artery
from islesedu.applications.territory_network import (
    ARTERIES,
    CLASSES,
    build_territory_network,
    load_territory_network,
    locations,
    on_template,
)
from islesedu.errors import IslesError
from islesedu.phantom import make_patient


@pytest.fixture(scope="module")
def patient():
    return make_patient(5, "training", 1, 0.15)


def test_maps_keep_left_and_right_and_their_difference(patient):
    seen = on_template(patient.as_patient("one"))
    assert seen.shape == (16, 19, 14, 6) and seen.dtype == np.float32
    np.testing.assert_allclose(seen[..., 3:], seen[..., :3] - seen[::-1, ..., :3])
    whole = patient.as_patient("one")
    image = whole.image.copy()
    image[image.shape[0] // 2 :, ..., whole.channels.index("Tmax")] += 20  # x runs to the right
    late = on_template(replace(whole, image=image))[..., 5]
    assert late[8:, 4:-4, 4:-4].mean() > 1 > -1 > late[:8, 4:-4, 4:-4].mean()


def test_a_mirror_image_has_the_same_probabilities_on_the_other_side(patient):
    seen = on_template(patient.as_patient("one"))
    mirrored = seen[::-1].copy()
    np.testing.assert_allclose(mirrored[..., 3:], mirrored[..., :3] - mirrored[::-1, ..., :3])
    one, other = np.asarray(build_territory_network(2)(np.stack([seen, mirrored])))
    np.testing.assert_allclose(one[:5], other[5:], rtol=1e-4)
    np.testing.assert_allclose(one[5:], other[:5], rtol=1e-4)
    assert [CLASSES[n].side for n in (0, 5)] == ["left", "right"]


def test_answers_are_sums_over_the_other_question():
    probabilities = np.zeros((2, 10))
    probabilities[0, [0, 2, 7]] = 0.35, 0.25, 0.4  # left 0.6; PCA 0.65
    probabilities[1, 9] = 1
    assert locations(probabilities) == [Location("left", "PCA"), Location("right", ARTERIES[4])]


def test_the_shipped_weights_know_patients_that_they_have_not_seen():
    network = load_territory_network(data_folder("territories") / "network.weights.h5")
    made = [make_patient(77, "test", number, 0.15) for number in range(1, 9)]
    seen = np.stack([on_template(one.as_patient("one")) for one in made])
    found = locations(network.predict(seen, verbose=0))
    sides = [
        one.side == ("right" if p.stroke.side > 0 else "left")
        for one, p in zip(found, made, strict=True)
    ]
    arteries = [
        one.artery == artery(p.stroke.territory) for one, p in zip(found, made, strict=True)
    ]
    assert np.mean(sides) > 0.7 and np.mean(arteries) > 0.5


def test_errors_say_what_to_do(tmp_path, patient):
    with pytest.raises(IslesError, match="territories"):
        load_territory_network(tmp_path / "none.weights.h5")
    whole = patient.as_patient("one")
    with pytest.raises(IslesError, match="no Tmax among"):
        on_template(replace(whole, image=whole.image[..., :2], channels=("ADC", "CBF")))
